"""SQL of what finds persons again for the organisation that referred them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from shared.access.rules import Bounds
from shared.db import Connection, Transaction

MOST_FOUND = 300  # of whom is looked whether they really fit; the newest


async def unmarked(connection: Connection, organisation: UUID, limit: int) -> list[UUID]:
    """Referrals of an organisation by which nobody is found yet."""
    rows = await connection.fetch(
        """select id from referrals where sender_organisation_id = $1 and not exists (
               select from keys.told_marks where organisation_id = $1 and referral_id = referrals.id)
           order by id desc limit $2""",
        organisation,
        limit,
    )
    return [row["id"] for row in rows]


async def add(tx: Transaction, organisation: UUID, marked: Sequence[tuple[UUID, list[int]]]) -> None:
    """Write what finds the persons of these referrals, but for those that are erased meanwhile."""
    await tx.executemany(
        """insert into keys.told_marks (organisation_id, referral_id, marks)
           select $1, id, $3::smallint[] from referrals where id = $2 and sender_organisation_id = $1 for key share
           on conflict do nothing""",
        [(organisation, id, marks) for id, marks in marked],
    )


async def found(connection: Connection, bounds: Bounds, marks: Sequence[int]) -> list[asyncpg.Record]:
    """Referrals of an organisation that have all these marks, the newest first."""
    rows: list[asyncpg.Record] = await connection.fetch(
        """select referrals.*, ties.* from keys.told_marks join referrals on referrals.id = referral_id cross join lateral ties(referrals)
           where organisation_id = $1 and sender_organisation_id = $1 and marks @> $2::smallint[]
           order by referral_id desc limit $3""",
        bounds.organisation_id,
        marks,
        MOST_FOUND,
    )
    return rows


async def forget(tx: Transaction, referrals: Sequence[UUID]) -> None:
    """Leave nothing that finds the persons of these referrals."""
    await tx.execute("delete from keys.told_marks where referral_id = any($1::uuid[])", referrals)
