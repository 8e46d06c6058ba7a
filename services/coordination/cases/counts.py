"""Count-in = count-out, coordination's part: referrals by the state everyone was told, to be compared with the other services."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.coordination.cases import queries
from shared.web.call import Call
from shared.web.routing import Operation
from shared.when import Moment


class CountsQuery(BaseModel):
    """Only referrals received until this moment; now when left out. `states` also asks for the ids of those."""

    model_config = ConfigDict(extra="forbid")
    until: Moment | None = Field(default=None, examples=["2026-11-24T09:30:00+01:00"])
    states: list[str] = Field(default=[], max_length=50)


class Counted(BaseModel):
    """`hash` is the exclusive or of `hashtextextended(referral_id::text, 0)`: equal sets have equal hashes in any order."""

    count: int
    hash: int


class Placed(BaseModel):
    """A referral and its person."""

    referral_id: UUID
    person_id: UUID


class OldestWaiting(BaseModel):
    """The case that has waited longest."""

    reference: str
    zone: str
    reason: str
    waiting_since: datetime
    received_at: datetime


class Counts(BaseModel):
    """Referrals by state."""

    until: datetime
    states: dict[str, Counted]
    ids: dict[str, list[Placed]] = {}
    oldest_waiting: OldestWaiting | None = None


async def counts(call: Call) -> Counts:
    """Referrals in coordination by state, and the oldest that waits."""
    until: datetime = call.query.until or call.now
    async with call.read() as connection:
        rows = await queries.counted(connection, until)
        oldest = await queries.oldest_waiting(connection)
        listed = await queries.ids_by_state(connection, until, call.query.states) if call.query.states else []
    ids: dict[str, list[Placed]] = {}
    for row in listed:
        ids.setdefault(row["state"], []).append(Placed(referral_id=row["referral_id"], person_id=row["person_id"]))
    return Counts(
        until=until,
        states={row["state"]: Counted(count=row["count"], hash=row["hash"]) for row in rows},
        ids=ids,
        oldest_waiting=OldestWaiting(**dict(oldest)) if oldest else None,
    )


OPERATIONS = [
    Operation("GET", "/coordination/api/counts", counts, "Referrals in coordination, counted by state", query=CountsQuery, answer=Counts)
]
