"""Asking the services where the events about some persons are. An event goes from the outbox to the topic to its consumer, and is asked for in
that order."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from services.intake.operations.asking import asked
from services.intake.operations.domain import InFlight, Where
from shared.settings import SERVICES
from shared.web.call import Call

CONSUMERS = {"intake": ("coordination", "notifications"), "coordination": ("intake",)}  # whose news can end a difference
PERSONS_AT_ONCE = 500
EVENTS_AT_ONCE = 1_000

Told = Mapping[str, Any]


async def in_flight(call: Call, persons: Collection[UUID]) -> list[InFlight]:
    """Everything about these persons that a consumer has not handled. Raises Away."""
    found: list[InFlight] = []
    ordered = sorted(persons)
    for start in range(0, len(ordered), PERSONS_AT_ONCE):
        keys = {"keys": ordered[start : start + PERSONS_AT_ONCE]}
        for producer, consumers in CONSUMERS.items():
            published = (await asked(call, producer, "POST", f"/{producer}/api/flow/published", keys))["events"]
            for consumer in consumers:
                found += await _not_arrived(call, producer, consumer, published)
        for consumer in SERVICES:
            parked = (await asked(call, consumer, "POST", f"/{consumer}/api/flow/parked", keys))["events"]
            found += [_parked(consumer, event) for event in parked]
    return found


async def _not_arrived(call: Call, producer: str, consumer: str, published: Sequence[Told]) -> list[InFlight]:
    found: list[InFlight] = []
    for events in _slices([event for event in published if event["sent"]]):
        body = {"events": [{name: event[name] for name in ("event_id", "type", "key", "recorded_at")} for event in events]}
        on_topic = set((await asked(call, consumer, "POST", f"/{consumer}/api/flow/not-arrived", body))["on_topic"])
        found += [_on_its_way("topic", producer, consumer, event) for event in events if event["event_id"] in on_topic]
    return found + [_on_its_way("outbox", producer, consumer, event) for event in published if not event["sent"]]


def _slices(events: Sequence[Told]) -> Iterator[list[Told]]:
    """As many as one question may hold, all of one person together: whether a later one arrived says something of the earlier ones."""
    held: list[Told] = []
    for _, group in groupby(sorted(events, key=lambda event: str(event["key"])), key=lambda event: event["key"]):
        of_person = list(group)[-EVENTS_AT_ONCE:]
        if held and len(held) + len(of_person) > EVENTS_AT_ONCE:
            yield held
            held = []
        held += of_person
    if held:
        yield held


def _on_its_way(where: Where, producer: str, consumer: str, event: Told) -> InFlight:
    return InFlight(
        where, producer, consumer, event["type"], UUID(event["key"]), _names(event), datetime.fromisoformat(event["recorded_at"])
    )


def _parked(consumer: str, event: Told) -> InFlight:
    return InFlight(
        "parked",
        event["type"].partition(".")[0],
        consumer,
        event["type"],
        UUID(event["key"]),
        _names(event),
        datetime.fromisoformat(event["parked_at"]),
        event["reason"],
        event["state"] == "discarded",
    )


def _names(event: Told) -> frozenset[UUID]:
    return frozenset(UUID(id) for id in event["names"])
