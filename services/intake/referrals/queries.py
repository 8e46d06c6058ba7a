"""SQL of lists of referrals. Reads only; who may see what is part of the question, and so are filter, order and part of the list."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import asyncpg

from shared.access.rules import Bounds
from shared.db import Connection


@dataclass(frozen=True, slots=True)
class Wanted:
    """A filter on a list of referrals, its order, and which part of it; without a limit all."""

    status: str | None = None
    programme: str | None = None
    zone: str | None = None
    order: str = ""
    limit: int | None = None
    offset: int = 0


async def own_counted(connection: Connection, bounds: Bounds, wanted: Wanted, ended: Collection[str]) -> list[asyncpg.Record]:
    """How many referrals an organisation has by whose turn it is, and how many of them the filter lets through.

    `turn`: 0 the sender's, 1 somebody else's, 2 nobody's, which are the `ended`.
    """
    rows: list[asyncpg.Record] = await connection.fetch(
        """select turn, count(*) as whole,
                  count(*) filter (where ($2::text is null or status = $2) and ($3::text is null or programme = $3)) as shown
           from (select status, programme, case when check_due_at is null and status = 'information_needed' then 0
                                                when status = any($4::text[]) then 2 else 1 end as turn
                 from referrals where sender_organisation_id = $1) as own
           group by turn""",
        bounds.organisation_id,
        wanted.status,
        wanted.programme,
        list(ended),
    )
    return rows


async def own(connection: Connection, bounds: Bounds, wanted: Wanted, ended: Collection[str]) -> list[asyncpg.Record]:
    """A part of the referrals of an organisation. By turn: what is urgent first, but for the ended; else the newest first, or the oldest."""
    rows: list[asyncpg.Record] = await connection.fetch(
        """select referrals.*, ties.*, part.turn
           from (select id, turn, row_number() over (
                            order by case when $5 = 'turn' then turn end, case when $5 = 'turn' and turn < 2 then urgency end,
                                     case when $5 = 'received' then id end, id desc) as place
                 from (select id, urgency, case when check_due_at is null and status = 'information_needed' then 0
                                                when status = any($4::text[]) then 2 else 1 end as turn
                       from referrals where sender_organisation_id = $1 and ($2::text is null or status = $2)
                                        and ($3::text is null or programme = $3)) as own
                 order by place limit $6 offset $7) as part
           join referrals on referrals.id = part.id cross join lateral ties(referrals) order by place""",
        bounds.organisation_id,
        wanted.status,
        wanted.programme,
        list(ended),
        wanted.order,
        wanted.limit,
        wanted.offset,
    )
    return rows


async def to_check_counted(connection: Connection, bounds: Bounds, wanted: Wanted) -> int:
    """How many referrals of these zones a human has to look at."""
    found: int = await connection.fetchval(
        """select count(*) from referrals cross join lateral ties(referrals)
           where consent and check_due_at is not null and not (unsure and urgency = 'normal') and zone = any($1::text[])
             and ($2::text is null or programme = $2) and ($3::text is null or zone = $3)""",
        bounds.zones or bounds.check_zones,
        wanted.programme,
        wanted.zone,
    )
    return found


async def to_check(connection: Connection, bounds: Bounds, wanted: Wanted) -> list[asyncpg.Record]:
    """Referrals of these zones that a human has to look at, but for those where it is asked first who it is: the urgent first, then by deadline;
    or by deadline alone, or the newest first."""
    rows: list[asyncpg.Record] = await connection.fetch(
        """select * from referrals cross join lateral ties(referrals)
           where consent and check_due_at is not null and not (unsure and urgency = 'normal') and zone = any($1::text[])
             and ($2::text is null or programme = $2) and ($3::text is null or zone = $3)
           order by case when $4 = '-received' then received_at end desc, case when $4 = 'urgent' then urgency end, check_due_at, id
           limit $5 offset $6""",
        bounds.zones or bounds.check_zones,
        wanted.programme,
        wanted.zone,
        wanted.order,
        wanted.limit,
        wanted.offset,
    )
    return rows
