"""Where the events about some persons are, as one service knows it: what it published, what has not arrived here, what is parked here."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.events import topic
from shared.messaging import tracing
from shared.web.call import Call
from shared.web.routing import Operation
from shared.when import Moment

MOST_KEYS = 1_000
MOST_EVENTS = 1_000
A_PERSON = "0190a3c2-7a53-7c1e-9f7b-3f1f2f6f0001"


class Keys(BaseModel):
    """Persons (or other subjects of events), by id."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"keys": [A_PERSON]}]})
    keys: list[UUID] = Field(min_length=1, max_length=MOST_KEYS)


class SentEvent(BaseModel):
    """An event that its producer has sent."""

    model_config = ConfigDict(extra="forbid")
    event_id: UUID
    type: str = Field(max_length=200)
    key: UUID
    recorded_at: Moment


class SentEvents(BaseModel):
    """Events in the order in which they were sent; all of one key together."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "events": [
                        {
                            "event_id": "0190a3c2-7a53-7c1e-9f7b-3f1f2f6f0002",
                            "type": "intake.referral_accepted.v1",
                            "key": A_PERSON,
                            "recorded_at": "2026-11-24T09:30:00Z",
                        }
                    ]
                }
            ]
        },
    )
    events: list[SentEvent] = Field(max_length=MOST_EVENTS)


class PublishedEvent(BaseModel):
    """`sent`: it left the outbox for the topic. `names`: every id in it."""

    event_id: UUID
    type: str
    key: UUID
    recorded_at: datetime
    sent: bool
    names: list[UUID]


class Published(BaseModel):
    """In their order."""

    events: list[PublishedEvent]


class NotArrived(BaseModel):
    """Events to which this service listens and which it has not: `on_topic` to be read still, or `lost`."""

    on_topic: list[UUID]
    lost: list[UUID]


class ParkedFact(BaseModel):
    """A parked event; `discarded` ones stay on record. `names`: every id in it, none when it cannot be read."""

    event_id: UUID
    type: str
    key: UUID
    state: str
    reason: str
    parked_at: datetime
    names: list[UUID]


class Parked(BaseModel):
    """The oldest first."""

    events: list[ParkedFact]


async def published(call: Call) -> Published:
    """What this service published about these persons, or is about to."""
    async with call.kernel.read() as connection:
        found = await tracing.published(connection, call.body.keys, call.now)
    return Published(events=[PublishedEvent(**event) for event in found])


async def not_arrived(call: Call) -> NotArrived:
    """Which events this service should have and has not.

    Where nothing is left to be read, or a later event of the same person is here, what has not arrived never will.
    """
    listened = {event.type for event in call.kernel.definition.subscriptions}
    asked: list[SentEvent] = [event for event in call.body.events if event.type in listened]
    lag = await call.kernel.lag()  # before the inbox is read: what was read from the topic by now is in it
    async with call.kernel.read() as connection:
        missing = await tracing.not_arrived(connection, [(event.event_id, event.recorded_at) for event in asked])
    last_here = {(_producer(event), event.key): place for place, event in enumerate(asked) if event.event_id not in missing}
    found = NotArrived(on_topic=[], lost=[])
    for place, event in enumerate(asked):
        if event.event_id in missing:
            behind = None if lag is None else lag[call.kernel.settings.kafka_prefix + topic(_producer(event))]
            is_to_come = behind != 0 and place > last_here.get((_producer(event), event.key), -1)
            (found.on_topic if is_to_come else found.lost).append(event.event_id)
    return found


async def parked(call: Call) -> Parked:
    """What is parked here about these persons."""
    async with call.kernel.read() as connection:
        found = await tracing.parked(connection, call.body.keys)
    return Parked(events=[ParkedFact(**event) for event in found])


def _producer(event: SentEvent) -> str:
    return event.type.partition(".")[0]


def operations(service: str) -> list[Operation]:
    """The operations that trace events through one service."""
    path = f"/{service}/api/flow"

    def asking(name: str, handler: Any, summary: str, body: type[BaseModel], answer: type[BaseModel]) -> Operation:
        return Operation("POST", f"{path}/{name}", handler, summary, body=body, answer=answer)

    return [
        asking("published", published, "Events about persons that this service caused", Keys, Published),
        asking("not-arrived", not_arrived, "Events that have not arrived here", SentEvents, NotArrived),
        asking("parked", parked, "Events about persons that are parked here", Keys, Parked),
    ]
