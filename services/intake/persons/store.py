"""SQL of persons. Every column of the table `persons` may be personal; no other module reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

import asyncpg

from services.intake.persons.domain import Address, Person, PersonDetails
from services.intake.persons.register import Register
from shared.db import Connection, Transaction


async def load(tx: Transaction, told: Sequence[Person]) -> Register:
    """Who is known under the national numbers of these, or is like them. Nobody else can enter, join or change them until this transaction ends."""
    numbers = sorted({number for person in told if (number := person.details.national_number)})
    alike = list({person.likeness for person in told if person.likeness})
    if not numbers and not alike:
        return Register()
    await lock_numbers(tx, numbers)
    rows = await tx.fetch(
        "select * from persons where national_number = any($1::text[]) or likeness = any($2::uuid[]) order by id for update", numbers, alike
    )
    return Register.of(map(person_from, rows))


async def lock_numbers(tx: Transaction, numbers: Sequence[str]) -> None:
    """Let nobody else enter or join somebody under these national numbers until this transaction ends."""
    if numbers:
        # hashed, because locks can be seen by whoever looks after the server; sorted, so that two batches never deadlock
        await tx.execute(
            """select pg_advisory_xact_lock(hash) from
               (select distinct hashtextextended(number, 26) as hash from unnest($1::text[]) as number order by hash) as ordered""",
            numbers,
        )


async def lock(tx: Transaction, ids: Sequence[UUID]) -> dict[UUID, Person]:
    """These persons; nobody else can join or change them until this transaction ends."""
    before = await read(tx, ids)
    await lock_numbers(tx, sorted(number for person in before.values() if (number := person.details.national_number)))
    rows = await tx.fetch("select * from persons where id = any($1::uuid[]) order by id for update", ids)
    return {row["id"]: person_from(row) for row in rows}


async def save(tx: Transaction, register: Register) -> None:
    """Add the new persons and write those that changed."""
    await add(tx, list(register.added.values()))
    await replace(tx, list(register.changed.values()))


async def add(tx: Transaction, persons: Sequence[Person]) -> None:
    """Write new persons."""
    if persons:
        await tx.copy_records_to_table("persons", records=map(_row, persons), columns=COLUMNS)


async def replace(tx: Transaction, persons: Sequence[Person]) -> None:
    """Write persons that changed, as they are now."""
    if persons:
        await tx.execute(
            """update persons set given_name = new.given_name, family_name = new.family_name, birth_date = new.birth_date,
                      due_date = new.due_date, sex = new.sex, national_number = new.national_number, street = new.street,
                      house_number = new.house_number, postcode = new.postcode, nis = new.nis, phone = new.phone, email = new.email,
                      language = new.language, interpreter = new.interpreter, reach = new.reach, voicemail = new.voicemail,
                      household_id = new.household_id, likeness = new.likeness
               from unnest($1::uuid[], $2::text[], $3::text[], $4::date[], $5::date[], $6::text[], $7::text[], $8::text[], $9::text[],
                           $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::bool[], $16::text[], $17::bool[],
                           $18::uuid[], $19::uuid[])
                    as new(id, given_name, family_name, birth_date, due_date, sex, national_number, street, house_number, postcode,
                           nis, phone, email, language, interpreter, reach, voicemail, household_id, likeness)
               where persons.id = new.id""",
            *zip(*map(_row, persons), strict=True),
        )


async def remove(tx: Transaction, ids: Sequence[UUID]) -> None:
    """Forget persons who turned out to be somebody known."""
    await tx.execute("delete from persons where id = any($1::uuid[])", ids)


def _row(person: Person) -> tuple[object, ...]:
    told, address = person.details, person.details.address
    return (
        person.id,
        told.given_name,
        told.family_name,
        told.birth_date,
        told.due_date,
        told.sex,
        told.national_number,
        address.street,
        address.number,
        address.postcode,
        person.nis,
        told.phone,
        told.email,
        told.language,
        told.interpreter,
        told.reach,
        told.voicemail,
        person.household_id,
        person.likeness,
    )


COLUMNS = (
    "id",
    "given_name",
    "family_name",
    "birth_date",
    "due_date",
    "sex",
    "national_number",
    "street",
    "house_number",
    "postcode",
    "nis",
    "phone",
    "email",
    "language",
    "interpreter",
    "reach",
    "voicemail",
    "household_id",
    "likeness",
)


async def learn(tx: Transaction, told: Mapping[UUID, PersonDetails]) -> None:
    """Fill in the dates and the sex that were not known of persons."""
    if told:
        await tx.execute(
            """update persons set birth_date = coalesce(persons.birth_date, new.birth_date), due_date = coalesce(persons.due_date, new.due_date),
                      sex = case when persons.sex = 'unknown' then new.sex else persons.sex end
               from unnest($1::uuid[], $2::date[], $3::date[], $4::text[]) as new(id, birth_date, due_date, sex) where persons.id = new.id""",
            *zip(*[(id, each.birth_date, each.due_date, each.sex) for id, each in sorted(told.items())], strict=True),
        )


async def read(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, Person]:
    """The persons that exist among these ids."""
    rows = await connection.fetch("select * from persons where id = any($1::uuid[])", ids)
    return {row["id"]: person_from(row) for row in rows}


def person_from(row: asyncpg.Record) -> Person:
    # built without checks: what was accepted once stays readable when the checks become stricter
    address = Address.model_construct(street=row["street"], number=row["house_number"], postcode=row["postcode"], municipality=row["nis"])
    details = PersonDetails.model_construct(
        given_name=row["given_name"],
        family_name=row["family_name"],
        birth_date=row["birth_date"],
        due_date=row["due_date"],
        sex=row["sex"],
        national_number=row["national_number"],
        address=address,
        phone=row["phone"],
        email=row["email"],
        language=row["language"],
        interpreter=row["interpreter"],
        reach=row["reach"],
        voicemail=row["voicemail"],
    )
    return Person(row["id"], details, row["nis"], row["household_id"], row["likeness"])
