"""SQL of persons. Every column of the table `persons` may be personal; no other module reads it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import asyncpg

from services.intake.persons.domain import Address, Person, PersonDetails, Register
from shared.db import Connection, Transaction


async def load(tx: Transaction, numbers: Iterable[str]) -> Register:
    """Who is known under these national numbers. Nobody else can enter or join them until this transaction ends."""
    asked = sorted(set(numbers))
    if not asked:
        return Register()
    # hashed, because locks can be seen by whoever looks after the server; sorted, so that two batches never deadlock
    await tx.execute(
        """select pg_advisory_xact_lock(hash) from
           (select distinct hashtextextended(number, 26) as hash from unnest($1::text[]) as number order by hash) as ordered""",
        asked,
    )
    rows = await tx.fetch("select national_number, id from persons where national_number = any($1::text[])", asked)
    return Register({row["national_number"]: row["id"] for row in rows})


async def save(tx: Transaction, register: Register) -> None:
    """Add the new persons; give the known ones the newer details, keeping what the newer sender left out.

    How a person is reached safely is never forgotten: one sender's "no message" or "not through the parents" stays beside the other's words.
    """
    if register.added:
        await tx.copy_records_to_table("persons", records=map(_row, register.added.values()), columns=COLUMNS)
    if register.joined:
        ordered = sorted(register.joined.values(), key=lambda person: person.id)
        await tx.execute(
            """update persons set given_name = new.given_name, family_name = new.family_name,
                      birth_date = coalesce(new.birth_date, persons.birth_date), due_date = coalesce(new.due_date, persons.due_date),
                      sex = case when new.sex = 'unknown' then persons.sex else new.sex end,
                      street = case when new.street is null and new.postcode = persons.postcode then persons.street else new.street end,
                      house_number = case when new.street is null and new.postcode = persons.postcode then persons.house_number else new.house_number end,
                      postcode = new.postcode, nis = new.nis,
                      phone = coalesce(new.phone, persons.phone), email = coalesce(new.email, persons.email), language = new.language,
                      interpreter = new.interpreter, voicemail = persons.voicemail and new.voicemail,
                      reach = case when new.reach = persons.reach then new.reach else nullif(concat_ws(' / ', persons.reach, new.reach), '') end,
                      household_id = case when new.street is null and new.postcode = persons.postcode then persons.household_id else new.household_id end
               from unnest($1::uuid[], $2::text[], $3::text[], $4::date[], $5::date[], $6::text[], $7::text[], $8::text[], $9::text[],
                           $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::bool[], $16::text[], $17::bool[],
                           $18::uuid[])
                    as new(id, given_name, family_name, birth_date, due_date, sex, national_number, street, house_number, postcode,
                           nis, phone, email, language, interpreter, reach, voicemail, household_id)
               where persons.id = new.id""",
            *zip(*map(_row, ordered), strict=True),
        )


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
    return Person(row["id"], details, row["nis"], row["household_id"])
