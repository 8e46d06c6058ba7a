"""SQL of what coordinators carry: counted from the rows of offers, and the second wall behind that count."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from services.coordination.offers.domain import Book, Load
from services.coordination.rule import RULE
from services.coordination.workforce import store as workforce_rows
from services.coordination.workforce.domain import Worker
from shared.clock import new_id
from shared.db import Transaction
from shared.working_time import BRUSSELS


@dataclass(frozen=True, slots=True)
class Counted:
    """What a zone's coordinators carried at one load version, in the order of the team: points beside the fixed part, recent cases."""

    version: UUID
    day: date
    loads: list[tuple[int, int]]


# Counts by zone. A version names one state of the rows for ever, also when a transaction fails, and is read under the zone's lock;
# counting anew for every batch would cost more than all the rest together.
_COUNTED: dict[str, Counted] = {}


async def bring(tx: Transaction, book: Book) -> None:
    """What everyone in the book carries: the fixed part, assignments and open offers; and how many cases came in the last 30 days."""
    day = book.now.astimezone(BRUSSELS).date()
    loads: dict[UUID, Load] = {}
    unknown: dict[UUID, Worker] = {}
    for zone, team in book.teams.items():
        counted = _COUNTED.get(zone)
        if counted and (counted.version, counted.day) == (book.load_versions[zone], day):
            for member, (points, recent) in zip(team.members, counted.loads, strict=True):
                if len(member.zones) == 1:
                    loads[member.id] = Load(member.id, member.fixed + points, recent, member.zones)
                else:  # may have changed under the row of another zone
                    unknown[member.id] = member
        else:
            unknown |= {member.id: member for member in team.members}
    elsewhere = {offer.coordinator_id for offers in book.offers_of.values() for offer in offers} - loads.keys() - unknown.keys()
    if elsewhere:
        unknown |= {worker.id: worker for worker in await workforce_rows.workers(tx, sorted(elsewhere))}
    if unknown:
        for id, (points, recent) in (await count(tx, list(unknown), day)).items():
            worker = unknown[id]
            loads[id] = Load(id, worker.fixed + points, recent, worker.zones)
    book.loads = loads
    book.benches.clear()


async def count(tx: Transaction, ids: Collection[UUID], day: date) -> dict[UUID, tuple[int, int]]:
    """Count points and recent cases from the rows."""
    since = datetime.combine(day - timedelta(days=RULE.recent_days), time(0), BRUSSELS)
    rows = await tx.fetch("select id, points, recent from carried($1::uuid[], $2)", list(ids), since)
    return {row["id"]: (row["points"], row["recent"]) for row in rows}


async def save(tx: Transaction, book: Book) -> None:
    """Write changed loads. `used` is counted on from what stands there, and the table's check refuses more than the ceiling."""
    changed = [load for load in book.loads.values() if load.moved]
    # Only zones that this transaction holds. Another zone of the same coordinator needs no new version: who works in several is always counted anew.
    zones = sorted(book.teams.keys() & frozenset().union(*{load.zones for load in changed}))
    version = new_id()
    if changed:
        await tx.execute(
            """update coordinators set used = used + delta,
                   ceiling = case when grew then greatest(ceiling, used + delta)
                                  when delta < 0 then greatest(capacity, least(ceiling, used + delta)) else ceiling end
               from unnest($1::uuid[], $2::int[], $3::bool[]) as new(id, delta, grew) where coordinators.id = new.id""",
            [load.id for load in changed],
            [load.delta for load in changed],
            [load.grew for load in changed],
        )
        await tx.execute("update zones set load_version = $2 where code = any($1::text[])", zones, version)
    day = book.now.astimezone(BRUSSELS).date()
    for zone, team in book.teams.items():
        _COUNTED[zone] = Counted(
            version if zone in zones else book.load_versions[zone],
            day,
            [(load.used - member.fixed, load.recent) for member, load in zip(team.members, book.bench(zone), strict=True)],
        )
