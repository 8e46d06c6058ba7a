"""Count-in: what was received, to be laid beside what the other services counted."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.intake.operations import store
from services.intake.operations.domain import ERASED, HANDED_OVER
from services.intake.referrals.states import Status
from shared.web.call import Call
from shared.web.routing import Operation
from shared.when import Moment

KNOWN = (HANDED_OVER, ERASED, *(status.value for status in Status if status is not Status.DRAFT))


class CountsQuery(BaseModel):
    """Referrals received until then; now when left out. `places` and `days` also ask for the ids of those."""

    model_config = ConfigDict(extra="forbid")
    until: Moment | None = Field(default=None, examples=["2026-11-24T09:30:00+01:00"])
    places: list[str] = Field(default=[], max_length=50)
    days: list[date] = Field(default=[], max_length=5_000)


class Counted(BaseModel):
    """How many, and the exclusive or of `hashtextextended(id::text, 0)` over their ids: equal sets have equal hashes in any order."""

    count: int
    hash: int


class Placed(BaseModel):
    """A referral and its person."""

    referral_id: UUID
    person_id: UUID


class Counts(BaseModel):
    """Referrals by state; those handed over by the state in which coordination must have them (`places`), and by day of acceptance in UTC."""

    until: datetime
    states: dict[str, Counted]
    places: dict[str, Counted]
    accepted: dict[str, Counted]
    ids: dict[str, list[Placed]] = {}


async def counts(call: Call) -> Counts:
    """Referrals by where they stand."""
    query: CountsQuery = call.query
    until = query.until or call.now
    async with call.read() as connection:
        rows = await store.counted(connection, until)
        ids = await store.ids_by_place(connection, until, query.places) if query.places else {}
        if query.days:
            ids |= await store.ids_by_day(connection, until, query.days)
    nothing = Counted(count=0, hash=0)
    return Counts(
        until=until,
        states=dict.fromkeys(KNOWN, nothing) | _counted(rows, "state"),
        places=_counted(rows, "place"),
        accepted=_counted(rows, "day"),
        ids={name: [Placed(referral_id=id, person_id=person_id) for id, person_id in found] for name, found in ids.items()},
    )


def _counted(rows: list[Any], by: str) -> dict[str, Counted]:
    return {str(row[by]): Counted(count=row["count"], hash=row["hash"]) for row in rows if row[by] is not None}


OPERATIONS = [Operation("GET", "/intake/api/counts", counts, "What was received, counted", query=CountsQuery, answer=Counts)]
