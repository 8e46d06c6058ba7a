"""SQL of persons. What is personal is sealed here, and opened again; no other module reads the table `persons`.

A data key is read with its person, so that one that is destroyed opens nothing more from that moment on. It is joined laterally, behind an
`offset 0`, so that it is looked up by its id whatever the planner believes of the size of the tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import asyncpg

from services.intake.keys import store as keys
from services.intake.keys.domain import Indexes, IndexKey, MasterKeys, Ring
from services.intake.keys.secrets import index_key, master_keys
from services.intake.persons import fields
from services.intake.persons.domain import Address, Person, PersonDetails, household
from services.intake.persons.register import Register, learned
from shared.db import Connection, Transaction


async def load(tx: Transaction, told: Sequence[Person]) -> Register:
    """Who is known under the national numbers of these, or is like them. Nobody else can enter, join or change them until this transaction ends."""
    index = index_key()
    numbers = {index.of("number", number) for person in told if (number := person.details.national_number)}
    alike = {index.of("likeness", person.likeness) for person in told if person.likeness}
    if not numbers and not alike:
        return Register()
    await _lock_numbers(tx, numbers)
    rows = await tx.fetch(
        """select persons.*, master, wrapped from persons
           left join lateral (select master, wrapped from keys.data_keys where data_keys.id = persons.id offset 0) as data_key on true
           where persons.id = any(array(
               select data_keys.id from keys.data_keys where number_index = any($1::bytea[]) or likeness = any($2::bytea[])))
           order by persons.id for update of persons""",
        list(numbers),
        list(alike),
    )
    ring: Ring = {}
    register = Register.of(_opened(rows, ring).values())
    register.ring = ring
    return register


async def _lock_numbers(tx: Transaction, numbers: Iterable[bytes]) -> None:
    """Let nobody else enter or join somebody under these national numbers, given as blind indexes, until this transaction ends."""
    # locks can be seen by whoever looks after the server: the index tells nothing; sorted, so that two batches never deadlock
    locks = sorted(int.from_bytes(number[:8], "big", signed=True) for number in numbers)
    if locks:
        await tx.execute("select pg_advisory_xact_lock(lock) from unnest($1::bigint[]) as lock", locks)


async def lock(tx: Transaction, ids: Sequence[UUID]) -> dict[UUID, Person]:
    """These persons; nobody else can join or change them until this transaction ends."""
    before, index = await read(tx, ids), index_key()
    await _lock_numbers(tx, [index.of("number", number) for person in before.values() if (number := person.details.national_number)])
    return await _locked(tx, ids)


async def _locked(tx: Transaction, ids: Sequence[UUID]) -> dict[UUID, Person]:
    rows = await tx.fetch(
        """select persons.*, master, wrapped from persons
           left join lateral (select master, wrapped from keys.data_keys where data_keys.id = persons.id offset 0) as data_key on true
           where persons.id = any($1::uuid[]) order by persons.id for update of persons""",
        ids,
    )
    return _opened(rows, {})


async def save(tx: Transaction, register: Register) -> None:
    """Add the new persons, with a data key each, and write those that changed."""
    register.ring |= await add(tx, list(register.added.values()))
    await replace(tx, list(register.changed.values()), register.ring)


async def add(tx: Transaction, persons: Sequence[Person]) -> Ring:
    """Write new persons, with a data key each; the keys."""
    if not persons:
        return {}
    index = index_key()
    ring = await keys.make(tx, [(person.id, indexes(person, index)) for person in persons])
    await tx.copy_records_to_table(
        "persons", records=[fields.sealed(person, ring[person.id]) for person in persons], columns=fields.COLUMNS
    )
    return ring


async def replace(tx: Transaction, persons: Sequence[Person], ring: Ring | None = None) -> None:
    """Write persons that changed, as they are now; not those whose data key was destroyed meanwhile."""
    if ring is None:
        ring = await keys.ring_of(tx, [person.id for person in persons])
    kept = [person for person in persons if person.id in ring and not person.erased]
    if not kept:
        return
    await tx.execute(
        """update persons set given_name = new.given_name, family_name = new.family_name, birth_date = new.birth_date,
                  due_date = new.due_date, sex = new.sex, national_number = new.national_number, street = new.street,
                  house_number = new.house_number, postcode = new.postcode, nis = new.nis, phone = new.phone, email = new.email,
                  language = new.language, interpreter = new.interpreter, reach = new.reach, voicemail = new.voicemail,
                  household_id = new.household_id
           from unnest($1::uuid[], $2::bytea[], $3::bytea[], $4::bytea[], $5::bytea[], $6::bytea[], $7::bytea[], $8::bytea[], $9::bytea[],
                       $10::bytea[], $11::bytea[], $12::bytea[], $13::bytea[], $14::text[], $15::text[], $16::bool[], $17::bool[], $18::uuid[])
                as new(id, given_name, family_name, birth_date, due_date, sex, national_number, street, house_number, postcode,
                       phone, email, reach, nis, language, interpreter, voicemail, household_id)
           where persons.id = new.id""",
        *zip(*[fields.sealed(person, ring[person.id]) for person in kept], strict=True),
    )
    index = index_key()
    await keys.reindex(tx, [(person.id, indexes(person, index)) for person in kept])


async def remove(tx: Transaction, ids: Sequence[UUID]) -> None:
    """Forget persons, once nothing of them is to be read any more: their data keys are destroyed before."""
    await tx.execute("delete from persons where id = any($1::uuid[])", ids)


async def learn(tx: Transaction, told: Mapping[UUID, PersonDetails]) -> None:
    """Fill in the dates and the sex that were not known of persons."""
    if told:
        known = await _locked(tx, list(told))
        changed = [after for id, before in known.items() if (after := learned(before, told[id])) != before]
        await replace(tx, changed)


async def read(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, Person]:
    """The persons that exist among these ids; one whose data key was destroyed says so."""
    rows = await connection.fetch(
        """select persons.*, master, wrapped from persons
           left join lateral (select master, wrapped from keys.data_keys where data_keys.id = persons.id offset 0) as data_key on true
           where persons.id = any($1::uuid[])""",
        ids,
    )
    return _opened(rows, {})


def _opened(rows: Iterable[asyncpg.Record], ring: Ring) -> dict[UUID, Person]:
    """The persons of rows; their data keys are added to the ring."""
    master: MasterKeys = master_keys()
    found = {}
    for row in rows:
        key = keys.key_in(row, row["id"], master)
        if key is not None:
            ring[row["id"]] = key
        found[row["id"]] = fields.opened(row, key)
    return found


def indexes(person: Person, index: IndexKey) -> Indexes:
    """What finds a person."""
    number = person.details.national_number
    return Indexes(
        number=index.of("number", number) if number else None, likeness=index.of("likeness", person.likeness) if person.likeness else None
    )


def household_id(address: Address) -> UUID | None:
    """The same for everyone at the same address, however it is typed; without the key it leads to no address. None where nobody shares it."""
    place = household(address)
    return None if place is None else UUID(bytes=index_key().of("household", place))
