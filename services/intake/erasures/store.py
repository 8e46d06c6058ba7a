"""SQL of erasing: what is found of a person beside persons and records, the ledger, and what stays for the count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from services.intake.erasures.domain import Erasure
from services.intake.erasures.ledger import Line
from shared.db import Connection, Transaction
from shared.ids import pseudonym

AnyConnection = Any  # of a pool or alone


async def persons_named(tx: Transaction, named: str) -> list[UUID]:
    """The person of an id, also one given up since, of a referral by its id or reference, or of a case by its reference. A reference of a case
    could be that of several, where a case was moved; it is looked for only where it is one, in all referrals."""
    rows = await tx.fetch(
        """select id from persons where id = $1
           union select person_id from referrals where id = $1
           union select person_id from referrals where reference = $2
           union select person_id from referrals where $2 ~ '^[0-9]{4}-[0-9]+$' and case_reference = $2
           union select persons.id from joined join persons on persons.id = stays where gone = $1""",
        _id(named),
        named,
    )
    return [row["id"] for row in rows]


async def extent(connection: Connection, persons: Sequence[UUID]) -> tuple[int, int]:
    """How many referrals these persons have, and how many cases those became."""
    row = await connection.fetchrow("select count(*), count(distinct case_id) from referrals where person_id = any($1::uuid[])", persons)
    return row[0], row[1]


def _id(named: str) -> UUID | None:
    try:
        return UUID(named)
    except ValueError:
        return None


async def referrals_of(tx: Transaction, person_id: UUID) -> list[asyncpg.Record]:
    """The referrals of a person, locked in id order; `place` is where coordination must have each."""
    rows: list[asyncpg.Record] = await tx.fetch(
        """select id, sender_organisation_id, received_at, judged_at, case_id,
                  (select place from referral_places where referral_places.id = referrals.id) as place
           from referrals where person_id = $1 order by id for update""",
        person_id,
    )
    return rows


async def drafts_of(tx: Transaction, organisations: Sequence[UUID]) -> list[UUID]:
    """What these organisations have not sent yet."""
    rows = await tx.fetch("select id from drafts where sender_organisation_id = any($1::uuid[]) order by id for update", organisations)
    return [row["id"] for row in rows]


async def open_questions(tx: Transaction, person_id: UUID) -> list[asyncpg.Record]:
    """Referrals of others of which it is asked whether they are about this person."""
    rows: list[asyncpg.Record] = await tx.fetch(
        """select matches.referral_id, matches.zone, referrals.person_id from matches join referrals on referrals.id = matches.referral_id
           where known_id = $1 and answered_at is null and referrals.person_id <> $1 order by referral_id""",
        person_id,
    )
    return rows


async def drop_referrals(tx: Transaction, pseudonym_: UUID, referrals: Sequence[asyncpg.Record]) -> None:
    """Referrals go, with their history and the questions about them; what the count needs of them stays under the pseudonym."""
    ids = [row["id"] for row in referrals]
    await tx.execute(
        """insert into erased_referrals (id, pseudonym, received_at, judged_at, case_id, in_coordination)
           select id, $1, received_at, judged_at, case_id, in_coordination
           from unnest($2::uuid[], $3::timestamptz[], $4::timestamptz[], $5::uuid[], $6::bool[])
                as gone(id, received_at, judged_at, case_id, in_coordination)
           on conflict do nothing""",
        pseudonym_,
        *([row[name] for row in referrals] for name in ("id", "received_at", "judged_at", "case_id")),
        [row["place"] is not None for row in referrals],
    )
    await tx.execute("delete from referral_steps where referral_id = any($1::uuid[])", ids)
    await tx.execute("delete from matches where referral_id = any($1::uuid[])", ids)
    await tx.execute("delete from referrals where id = any($1::uuid[])", ids)


async def drop_as_known(tx: Transaction, ids: Sequence[UUID]) -> None:
    """Answered questions whether somebody else was one of these stay, about a pseudonym."""
    await tx.execute(
        """update matches set known_id = pseudonym from unnest($1::uuid[], $2::uuid[]) as erased(id, pseudonym)
           where known_id = erased.id""",
        ids,
        [pseudonym(id) for id in ids],
    )


async def read(connection: Connection, pseudonyms: Sequence[UUID]) -> dict[UUID, Erasure]:
    """Rows of the ledger, by pseudonym."""
    rows = await connection.fetch("select * from erasures where pseudonym = any($1::uuid[])", pseudonyms)
    return {row["pseudonym"]: Erasure(*row) for row in rows}


async def asked_as(tx: Transaction, named: UUID) -> Erasure | None:
    """The row of the ledger that was asked for under this name (its pseudonym), locked."""
    row = await tx.fetchrow("select * from erasures where asked_as = $1 or pseudonym = $1 order by asked_at desc limit 1 for update", named)
    return row and Erasure(*row)


async def save(tx: Transaction, erasure: Erasure) -> None:
    """Write a row of the ledger. Who was erased once and comes back is a person with another id."""
    await tx.execute(
        """insert into erasures (pseudonym, person_id, asked_as, why, asked_by, asked_at, announced_at, coordination_at, notifications_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
           on conflict (pseudonym) do update set person_id = excluded.person_id, announced_at = excluded.announced_at,
              coordination_at = excluded.coordination_at, notifications_at = excluded.notifications_at""",
        *erasure,
    )


async def to_write(tx: Transaction, pseudonym_: UUID, person_ids: Sequence[UUID]) -> None:
    """The ledger outside the database has to name who had these ids, today's first."""
    await tx.execute("insert into ledger (pseudonym, person_ids) values ($1, $2) on conflict do nothing", pseudonym_, person_ids)


async def unwritten(connection: AnyConnection) -> list[Line]:
    """What the ledger outside the database does not have yet, the oldest first, without its place."""
    rows = await connection.fetch(
        """select person_ids, asked_as, why, asked_at from ledger join erasures using (pseudonym)
           where place is null order by asked_at, pseudonym limit 500"""
    )
    return [Line(0, tuple(row["person_ids"]), row["asked_as"], row["why"], row["asked_at"]) for row in rows]


async def written(connection: AnyConnection, places: Mapping[UUID, int]) -> None:
    """These persons stand there, at these places."""
    await connection.execute(
        """insert into ledger (pseudonym, person_ids, place) select pseudonym, '{}', place from unnest($1::uuid[], $2::bigint[]) as there(pseudonym, place)
           on conflict (pseudonym) do update set person_ids = '{}', place = excluded.place""",
        [pseudonym(person) for person in places],
        list(places.values()),
    )


async def last_place(connection: AnyConnection) -> int:
    """Of what was written, as far as this database knows."""
    place: int | None = await connection.fetchval("select max(place) from ledger")
    return place or 0


async def returned(connection: Connection, persons: Sequence[UUID]) -> list[UUID]:
    """Those of the persons of whom there is something here."""
    rows = await connection.fetch(
        """select id from persons where id = any($1::uuid[])
           union select person_id from referrals where person_id = any($1::uuid[])
           union select id from keys.data_keys where id = any($1::uuid[])""",
        persons,
    )
    return [row["id"] for row in rows]


async def erased_referrals(tx: Transaction, pseudonym_: UUID) -> tuple[list[UUID], list[UUID]]:
    """The referrals that a person had, and their cases."""
    rows = await tx.fetch("select id, case_id from erased_referrals where pseudonym = $1 order by id", pseudonym_)
    return [row["id"] for row in rows], list({row["case_id"] for row in rows if row["case_id"]})


async def confirmed_by_coordination(tx: Transaction, told: dict[UUID, tuple[UUID, ...]], now: datetime) -> None:
    """Coordination erased these persons, and had these referrals of them."""
    await tx.execute(
        "update erased_referrals set in_coordination = (id = any($2::uuid[])) where pseudonym = any($1::uuid[])",
        [pseudonym(person) for person in told],
        [id for ids in told.values() for id in ids],
    )
    await tx.execute(
        """update erasures set coordination_at = coalesce(coordination_at, $2), person_id = case when notifications_at is null then person_id end
           where pseudonym = any($1::uuid[])""",
        [pseudonym(person) for person in told],
        now,
    )


async def confirmed_by_notifications(tx: Transaction, persons: Sequence[UUID], now: datetime) -> None:
    """Notifications erased these persons."""
    await tx.execute(
        """update erasures set notifications_at = coalesce(notifications_at, $2), person_id = case when coordination_at is null then person_id end
           where pseudonym = any($1::uuid[])""",
        [pseudonym(person) for person in persons],
        now,
    )
