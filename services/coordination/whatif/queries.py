"""SQL of what-if: a zone as it stands, and what came and went. Reads only, and no person: codes, numbers and ids of workers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import asyncpg

from services.coordination.cases.domain import first_weeks_end, workload
from services.coordination.figures.domain import begins
from services.coordination.offers.choice import Question
from services.coordination.rule import RULE
from services.coordination.whatif import lengths
from services.coordination.whatif.domain import ASSUMED, WEEK, Arrival, Held, Past, Waiting, Zone
from services.coordination.whatif.lengths import Life
from services.coordination.workforce import store as workforce_rows
from shared.db import Connection
from shared.working_time import BRUSSELS


async def zone(connection: Connection, code: str, now: datetime) -> Zone:
    """A zone at this moment, with its past."""
    today = now.astimezone(BRUSSELS).date()
    workers = [each for each in await workforce_rows.workers_in(connection, [code]) if each.holds_cases() and each.active]
    held = await _held(connection, code)
    carried = await _carried(connection, [worker.id for worker in workers])
    here = defaultdict(int, {worker.id: worker.fixed for worker in workers})
    for each in held:
        here[each.coordinator_id] += each.points
    return Zone(
        code,
        now,
        today,
        tuple(sorted(workers, key=lambda worker: worker.id)),
        held,
        await _waiting(connection, code),
        await _past(connection, code, now, today),
        {id: max(points - here[id], 0) for id, points in carried.items()},
        await _recent(connection, code, begins(today - timedelta(days=RULE.recent_days))),
    )


async def _carried(connection: Connection, workers: Sequence[UUID]) -> dict[UUID, int]:
    """What these carry in all zones: who asks sees the cases of the own zones only, and this number."""
    rows = await connection.fetch("select id, used from coordinators where id = any($1::uuid[])", workers)
    return {row["id"]: row["used"] for row in rows}


async def _held(connection: Connection, code: str) -> tuple[Held, ...]:
    rows = await connection.fetch(
        """select offers.coordinator_id, offers.points, coalesce(offers.answered_at, offers.offered_at) as since,
                  cases.programmes, cases.intensity, cases.first_contact_at is not null as met, cases.first_weeks, cases.first_weeks_end
           from offers join cases on cases.id = offers.case_id
           where cases.zone = $1 and offers.status in ('offered', 'accepted') order by offers.id""",
        code,
    )
    return tuple(
        [
            Held(
                row["coordinator_id"],
                row["points"],
                tuple(row["programmes"]),
                row["intensity"],
                row["since"],
                row["met"],
                (row["first_weeks_end"] or first_weeks_end(row["since"])) if row["first_weeks"] else None,
            )
            for row in rows
        ]
    )


async def _waiting(connection: Connection, code: str) -> tuple[Waiting, ...]:
    rows = await connection.fetch(
        """select cases.*, declined.by, declined.until
           from cases cross join lateral (
               select coalesce(array_agg(coordinator_id order by id), '{}') as by, coalesce(array_agg(excludes_until order by id), '{}') as until
               from offers where case_id = cases.id and excludes_until is not null) declined
           where cases.zone = $1 and cases.status = 'waiting' order by cases.id""",
        code,
    )
    return tuple(
        [
            Waiting(row["received_at"], row["urgency"], _question(row, row["points"]), tuple(zip(row["by"], row["until"], strict=True)))
            for row in rows
        ]
    )


async def _past(connection: Connection, code: str, now: datetime, today: date) -> Past:
    """Whole weeks up to last Sunday, not before the zone's first case; and how long cases lasted in a longer time."""
    this_monday = today - timedelta(days=today.weekday())
    first = await connection.fetchval("select min(opened_at) from cases where zone = $1", code)
    monday = max(this_monday - ASSUMED.past_weeks * WEEK, _next_monday(first) if first else this_monday)
    rows = await connection.fetch(
        "select * from cases where zone = $1 and opened_at >= $2 and opened_at < $3 order by opened_at, id",
        code,
        begins(monday),
        begins(this_monday),
    )
    weeks: list[list[Arrival]] = [[] for _ in range((this_monday - monday).days // 7)]
    for row in rows:
        at = row["opened_at"].astimezone(BRUSSELS)
        second = at.hour * 3600 + at.minute * 60 + at.second
        arrival = Arrival(at.weekday(), second, row["urgency"], _question(row, workload(row["programmes"])))
        weeks[(at.date() - monday).days // 7].append(arrival)
    start = now - ASSUMED.lengths_weeks * WEEK
    offers, turned_down = await _answered(connection, code, begins(monday), begins(this_monday))
    return Past(
        monday,
        tuple([tuple(week) for week in weeks]),
        lengths.counted(await _lives(connection, code, start), start, now),
        tuple(await _intensities(connection, code, start)),
        offers,
        turned_down,
    )


def _next_monday(first: datetime) -> date:
    """The Monday from which a zone that took its first case then has whole weeks."""
    day = first.astimezone(BRUSSELS).date()
    return day + timedelta(days=-day.weekday() % 7)


async def _lives(connection: Connection, code: str, start: datetime) -> list[Life]:
    rows = await connection.fetch(
        """select programmes[1] as programme, held.since, closed_at
           from cases cross join lateral (
               select min(answered_at) as since from offers where case_id = cases.id and status in ('accepted', 'ended')) held
           where zone = $1 and held.since is not null and (closed_at is null or closed_at >= $2)""",
        code,
        start,
    )
    return [Life(row["programme"], row["since"], row["closed_at"]) for row in rows]


async def _intensities(connection: Connection, code: str, start: datetime) -> list[str]:
    """What first contacts since then made of it, in an order that stays the same."""
    rows = await connection.fetch(
        "select intensity from cases where zone = $1 and first_contact_at >= $2 order by first_contact_at desc, id limit 500", code, start
    )
    return [row["intensity"] for row in rows]


async def _answered(connection: Connection, code: str, start: datetime, end: datetime) -> tuple[int, int]:
    """Offers made in a time that were answered or expired, and how many of them were turned down or expired."""
    row = await connection.fetchrow(
        """select count(*) as offers, count(*) filter (where offers.status in ('declined', 'expired')) as turned_down
           from offers join cases on cases.id = offers.case_id
           where cases.zone = $1 and offered_at >= $2 and offered_at < $3 and offers.status in ('accepted', 'ended', 'declined', 'expired')""",
        code,
        start,
        end,
    )
    return row["offers"], row["turned_down"]


async def _recent(connection: Connection, code: str, since: datetime) -> dict[UUID, tuple[date, ...]]:
    """When cases came to whom lately, as the rule counts them."""
    rows = await connection.fetch(
        """select offers.coordinator_id, case when offers.status = 'ended' then answered_at else offered_at end as at
           from offers join cases on cases.id = offers.case_id
           where cases.zone = $1 and (offers.status in ('offered', 'accepted') and offered_at >= $2 or offers.status = 'ended' and answered_at >= $2)
           order by at, offers.id""",
        code,
        since,
    )
    found: dict[UUID, list[date]] = defaultdict(list)
    for row in rows:
        found[row["coordinator_id"]].append(row["at"].astimezone(BRUSSELS).date())
    return {id: tuple(days) for id, days in found.items()}


def _question(row: asyncpg.Record, points: int) -> Question:
    """What the rule was or is asked about a case."""
    return Question(
        row["role"],
        tuple(row["programmes"]),
        () if row["interpreter"] else tuple(row["languages"]),
        row["nis"],
        points,
        tuple(row["caring_organisations"]),
        familiar=row["familiar_id"],
    )
