"""SQL of leave: the days of a worker, and who covers which case meanwhile. The rows of the worker's zones are locked before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

import asyncpg

from services.coordination.cases.domain import HELD
from services.coordination.leave.domain import COVER, Leave
from services.coordination.leave.proposing import Known
from services.coordination.workforce.domain import Absence
from shared.db import Connection, Transaction
from shared.working_time import BRUSSELS


async def leaves_of(connection: Connection, workers: Collection[UUID]) -> list[Leave]:
    """The leaves of these workers with who covers what, the first first. A reader is given the covers of cases that they see."""
    rows = await connection.fetch("select * from absences where coordinator_id = any($1::uuid[]) order by starts_on, id", list(workers))
    covers: dict[UUID, dict[UUID, UUID]] = defaultdict(dict)
    for row in await connection.fetch("select * from case_covers where absence_id = any($1::uuid[])", [row["id"] for row in rows]):
        covers[row["absence_id"]][row["case_id"]] = row["cover_id"]
    return [leave_from(row, covers[row["id"]]) for row in rows]


def leave_from(row: asyncpg.Record, covers: Mapping[UUID, UUID]) -> Leave:
    return Leave(row["id"], row["coordinator_id"], Absence(row["starts_on"], row["ends_on"]), covers)


async def away_from(connection: Connection, workers: Collection[UUID], day: date) -> list[asyncpg.Record]:
    """Who of these workers is away on or after a day, with how many of their cases somebody covers and how many nobody."""
    rows: list[asyncpg.Record] = await connection.fetch(
        """select absences.coordinator_id, starts_on, ends_on, count(cases.id) filter (where cover_id is not null) as covered,
                  count(cases.id) filter (where cover_id is null) as left
           from absences left join cases on cases.coordinator_id = absences.coordinator_id and cases.status = any($3::text[])
           left join case_covers on absence_id = absences.id and case_id = cases.id
           where absences.coordinator_id = any($1::uuid[]) and ends_on >= $2
           group by absences.id order by starts_on, ends_on""",
        list(workers),
        day,
        sorted(HELD),
    )
    return rows


async def of_case(connection: Connection, case_id: UUID, day: date) -> list[asyncpg.Record]:
    """Who covers a case on or after a day, by name, and when."""
    rows: list[asyncpg.Record] = await connection.fetch(
        """select coordinators.name, starts_on, ends_on from case_covers join absences on absences.id = absence_id
           join coordinators on coordinators.id = cover_id where case_id = $1 and ends_on >= $2 order by starts_on""",
        case_id,
        day,
    )
    return rows


async def worker_of(connection: Connection, leave_id: UUID | None) -> UUID | None:
    """Whose leave this is."""
    found: UUID | None = await connection.fetchval("select coordinator_id from absences where id = $1", leave_id)
    return found


async def held(connection: Connection, worker_id: UUID) -> set[UUID]:
    """The cases that a worker holds, as far as the reader sees them."""
    rows = await connection.fetch("select id from cases where coordinator_id = $1 and status = any($2::text[])", worker_id, sorted(HELD))
    return {row["id"] for row in rows}


async def save(tx: Transaction, leave: Leave) -> None:
    """Write a leave as it is from now on, with who covers what."""
    await tx.execute(
        """insert into absences (id, coordinator_id, starts_on, ends_on) values ($1, $2, $3, $4)
           on conflict (id) do update set starts_on = excluded.starts_on, ends_on = excluded.ends_on""",
        leave.id,
        leave.worker_id,
        leave.days.starts_on,
        leave.days.ends_on,
    )
    await tx.execute("delete from case_covers where absence_id = $1", leave.id)
    await tx.execute(
        "insert into case_covers (absence_id, case_id, cover_id) select $1, * from unnest($2::uuid[], $3::uuid[])",
        leave.id,
        list(leave.covers),
        list(leave.covers.values()),
    )


async def remove(tx: Transaction, leave: Leave) -> None:
    """Forget a leave that never began."""
    await tx.execute("delete from case_covers where absence_id = $1", leave.id)
    await tx.execute("delete from absences where id = $1", leave.id)


async def covers_on(tx: Transaction, cases: Collection[UUID], day: date) -> dict[UUID, frozenset[UUID]]:
    """Who cover these cases on a day."""
    rows = await tx.fetch(
        """select case_id, array_agg(cover_id) as covers from case_covers join absences on absences.id = absence_id
           where case_id = any($1::uuid[]) and $2 between starts_on and ends_on group by case_id""",
        list(cases),
        day,
    )
    return {row["case_id"]: frozenset(row["covers"]) for row in rows}


async def known(tx: Transaction, worker_id: UUID, cases: Sequence[UUID], days: Absence, leave: Leave | None, today: date) -> Known:
    """What a proposal for these cases of a worker looks at besides the book. `leave`: that which is planned anew."""
    return Known(
        covers=dict(leave.covers) if leave else {},
        familiar=await _familiar(tx, worker_id, cases, today),
        covering=await _covering(tx, days, leave.id if leave else None),
        tasks=await open_tasks(tx, cases),
    )


async def _familiar(tx: Transaction, worker_id: UUID, cases: Sequence[UUID], today: date) -> dict[UUID, UUID]:
    """By case the other worker who held, or covered by now, the latest case of this person or household."""
    rows = await tx.fetch(
        """select asked.id, known.coordinator_id, known.at from cases asked join lateral (
               select other.coordinator_id, other.opened_at as at from cases other
               where other.coordinator_id <> $1 and (other.person_id = asked.person_id or other.household_id = asked.household_id)
               union all
               select cover_id, absences.starts_on from case_covers join absences on absences.id = absence_id
               where case_id = asked.id and cover_id <> $1 and starts_on <= $3) as known on true
           where asked.id = any($2::uuid[]) order by known.at""",
        worker_id,
        cases,
        today,
    )
    return {row["id"]: row["coordinator_id"] for row in rows}


async def _covering(tx: Transaction, days: Absence, besides: UUID | None) -> dict[UUID, int]:
    """By worker the points of the cases that they cover in other leaves during these days."""
    rows = await tx.fetch(
        """select cover_id, sum(points)::int as points from case_covers
           join absences on absences.id = absence_id join cases on cases.id = case_id and cases.status <> 'closed'
           where starts_on <= $2 and ends_on >= $1 and absence_id is distinct from $3 group by cover_id""",
        days.starts_on,
        days.ends_on,
        besides,
    )
    return {row["cover_id"]: row["points"] for row in rows}


async def open_tasks(tx: Transaction, cases: Collection[UUID]) -> dict[UUID, list[str]]:
    """By case the kinds of tasks that are still to be done."""
    rows = await tx.fetch(
        """select case_id, array_agg(kind order by kind) as kinds from case_tasks
           where case_id = any($1::uuid[]) and done_at is null group by case_id""",
        list(cases),
    )
    return {row["case_id"]: row["kinds"] for row in rows}


async def close_tasks(tx: Transaction, cases: Collection[UUID], by: UUID, now: datetime) -> None:
    """Nobody has to look for a cover of these cases any more."""
    await tx.execute(
        "update case_tasks set done_at = $3, done_by = $2 where case_id = any($1::uuid[]) and kind = $4 and done_at is null",
        list(cases),
        by,
        now,
        COVER,
    )


async def zones_of(tx: Transaction, cases: Collection[UUID]) -> dict[UUID, str]:
    """By case its zone."""
    rows = await tx.fetch("select id, zone from cases where id = any($1::uuid[])", list(cases))
    return {row["id"]: row["zone"] for row in rows}


async def asked_days(tx: Transaction, offers: Collection[UUID]) -> dict[UUID, tuple[UUID, Absence]]:
    """By declined offer, who gave days away with the answer, and which."""
    rows = await tx.fetch(
        "select id, coordinator_id, away_from, away_to from offers where id = any($1::uuid[]) and away_to is not null", list(offers)
    )
    return {
        row["id"]: (
            row["coordinator_id"],
            Absence(row["away_from"].astimezone(BRUSSELS).date(), row["away_to"].astimezone(BRUSSELS).date()),
        )
        for row in rows
    }
