"""SQL of count-in: referrals by where they stand. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import asyncpg

from shared.db import Connection


async def counted(connection: Connection, until: datetime) -> list[asyncpg.Record]:
    """Referrals received until then by `state`, by `place` and by the `day` of their acceptance (see the view `referral_places`): how many,
    and the exclusive or of `hashtextextended(id::text, 0)` over their ids."""
    rows: list[asyncpg.Record] = await connection.fetch(
        """select state, place, day, count(*) as count, bit_xor(hashtextextended(id::text, 0)) as hash
           from (select id, state, place,
                        case when place <> 'erased' and judged_at <= $1 then (judged_at at time zone 'UTC')::date end as day
                 from referral_places where received_at <= $1) as referrals
           group by grouping sets ((state), (place), (day)) having num_nonnulls(state, place, day) = 1""",
        until,
    )
    return rows


async def ids_by_place(connection: Connection, until: datetime, places: Sequence[str]) -> dict[str, list[tuple[UUID, UUID]]]:
    """The referrals received until then in these places, each with its person."""
    rows = await connection.fetch(
        "select place, id, person_id from referral_places where received_at <= $1 and place = any($2::text[])", until, places
    )
    return _by(rows, "place")


async def ids_by_day(connection: Connection, until: datetime, days: Sequence[date]) -> dict[str, list[tuple[UUID, UUID]]]:
    """The referrals accepted on these days, until then, each with its person."""
    rows = await connection.fetch(
        """select (judged_at at time zone 'UTC')::date::text as day, id, person_id from referral_places
           where received_at <= $1 and judged_at <= $1 and place <> 'erased' and (judged_at at time zone 'UTC')::date = any($2::date[])""",
        until,
        days,
    )
    return _by(rows, "day")


def _by(rows: Sequence[asyncpg.Record], name: str) -> dict[str, list[tuple[UUID, UUID]]]:
    found: dict[str, list[tuple[UUID, UUID]]] = {}
    for row in rows:
        found.setdefault(row[name], []).append((row["id"], row["person_id"]))
    return found


async def known(connection: Connection, ids: Sequence[UUID]) -> set[UUID]:
    """Which of these referrals there are, or were until the person was erased."""
    rows = await connection.fetch(
        "select id from referrals where id = any($1::uuid[]) union all select id from erased_referrals where id = any($1::uuid[])", ids
    )
    return {row["id"] for row in rows}
