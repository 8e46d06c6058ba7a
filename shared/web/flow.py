"""How events flow through one service: what waits to go out, what is not yet handled, what is parked; and the acts of operations on it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.messaging import outbox, parking, repairs, timers
from shared.web import looking, trace
from shared.web.call import Call
from shared.web.routing import Operation

SENTENCES = {"not_parked": "Nothing is parked under this id; it may have been handled in the meantime."}


class ParkedEvent(BaseModel):
    """An event that could not be handled, with its reason; `behind` later events of the same person queue behind it."""

    id: int
    event_id: UUID
    type: str
    topic: str
    partition: int
    offset: int
    state: str
    reason: str
    tries: int
    next_try_at: datetime | None
    parked_at: datetime
    behind: int


class StoppedTimer(BaseModel):
    """A deadline whose handling failed too often."""

    id: UUID
    kind: str
    subject: UUID
    due_at: datetime
    tries: int
    reason: str


class FlowQuery(BaseModel):
    """How much of what is stuck is listed, of events and of deadlines each; the oldest first."""

    model_config = ConfigDict(extra="forbid")
    stuck: int = Field(default=200, ge=1, le=100_000)


class Flow(BaseModel):
    """`outbox_rows` not yet on the topic, the oldest for `outbox_seconds`; `skipped`: seen and not listened to.

    `lag`: events not yet handled, by topic; null when that is unknown, as while Kafka is away.
    """

    service: str
    kafka: str
    outbox_rows: int
    outbox_seconds: float
    lag: dict[str, int] | None
    skipped: int
    parked: list[ParkedEvent]
    parked_total: int
    stopped_timers: list[StoppedTimer]
    stopped_total: int


class Done(BaseModel):
    """The act was done."""

    done: bool


async def flow(call: Call) -> Flow:
    """What is on its way and what is stuck."""
    async with call.kernel.read() as connection:
        rows, seconds = await outbox.waiting(connection, call.kernel.now())
        parked, parked_total = await parking.listing(connection, call.query.stuck), await parking.count(connection)
        stopped, stopped_total = await timers.stopped(connection, call.query.stuck), await timers.count_stopped(connection)
    return Flow(
        service=call.kernel.service,
        kafka=call.kernel.broker_problem or "ok",
        outbox_rows=rows,
        outbox_seconds=round(seconds, 3),
        lag=await call.kernel.lag(),
        skipped=call.kernel.skipped,
        parked=[ParkedEvent(**item) for item in parked],
        parked_total=parked_total,
        stopped_timers=[StoppedTimer(**item) for item in stopped],
        stopped_total=stopped_total,
    )


async def replay(call: Call) -> Any:
    """Try a parked event again now."""
    return (await call.submit(repairs.replay_parked, call.path["id"])).answer


async def discard(call: Call) -> Any:
    """Decide that a parked event has no effect here."""
    return (await call.submit(repairs.discard_parked, call.path["id"])).answer


async def replay_timer(call: Call) -> Any:
    """Try a stopped timer again now."""
    return (await call.submit(repairs.replay_timer, call.path["id"])).answer


def operations(service: str) -> list[Operation]:
    """The operations on the flow of one service."""
    path = f"/{service}/api"
    return [
        Operation("GET", f"{path}/flow", flow, "What is on its way and what is stuck", query=FlowQuery, answer=Flow),
        Operation("POST", f"{path}/parked/{{id:int}}/replay", replay, "Try a parked event again now", answer=Done, refusals=SENTENCES),
        Operation(
            "POST", f"{path}/parked/{{id:int}}/discard", discard, "Let a parked event have no effect", answer=Done, refusals=SENTENCES
        ),
        Operation(
            "POST",
            f"{path}/stopped-timers/{{id:uuid}}/replay",
            replay_timer,
            "Try a stopped timer again now",
            answer=Done,
            refusals=SENTENCES,
        ),
        *trace.operations(service),
        *looking.operations(service),
    ]
