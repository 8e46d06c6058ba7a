"""Events on their way out: appended in the transaction that caused them, so that a fact is published if and only if it happened."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.access.audit.entries import Asker
from shared.clock import new_id
from shared.db import Connection, Transaction
from shared.items import Decision

LARGEST = 500_000  # bytes; Kafka takes a million, headers and framing included


class EventTooLarge(ValueError):
    """An event that Kafka would not take: refused where it is caused, with everything else of its transaction."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why an item is handled: the conversation it belongs to, and who asked for it, or the event or timer that set it off."""

    correlation_id: UUID
    causation_id: UUID | None = None
    asker: Asker | None = None


async def append(tx: Transaction, decisions: Sequence[Decision], causes: Sequence[Cause], now: datetime) -> int:
    """Add the events and timers of decided items in one statement each; returns how many events.

    `outbox.id`, an identity column, keeps their order: whoever decided holds the row locks of what the events are about.
    """
    caused = list(zip(decisions, causes, strict=True))
    events = [(event, cause) for decision, cause in caused for event in decision.events]
    payloads = [event.model_dump_json().encode() for event, _ in events]
    if payloads and max(map(len, payloads)) > LARGEST:
        raise EventTooLarge(f"an event of more than {LARGEST} bytes would stop the relay: {events[0][0].type}")
    if events:
        await tx.execute(
            """insert into outbox (event_id, type, key, correlation_id, causation_id, recorded_at, payload)
               select event_id, type, key, correlation_id, causation_id, $7, payload
               from unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::uuid[], $6::bytea[])
                    with ordinality as new(event_id, type, key, correlation_id, causation_id, payload, place) order by place""",
            [new_id() for _ in events],
            [event.type for event, _ in events],
            [event.key for event, _ in events],
            [cause.correlation_id for _, cause in events],
            [cause.causation_id for _, cause in events],
            payloads,
            now,
        )
    await _set_timers(tx, caused)
    return len(events)


async def _set_timers(tx: Transaction, caused: Iterable[tuple[Decision, Cause]]) -> None:
    timers = [(timer, cause) for decision, cause in caused for timer in decision.timers]
    if timers:
        await tx.execute(
            """insert into timers (id, kind, subject, due_at, correlation_id)
               select * from unnest($1::uuid[], $2::text[], $3::uuid[], $4::timestamptz[], $5::uuid[])""",
            [new_id() for _ in timers],
            [timer.kind for timer, _ in timers],
            [timer.subject for timer, _ in timers],
            [timer.due_at for timer, _ in timers],
            [cause.correlation_id for _, cause in timers],
        )


async def waiting(connection: Connection, now: datetime) -> tuple[int, float]:
    """How many events are not yet on the topic, and how many seconds the oldest has waited."""
    row = await connection.fetchrow("select count(*) as rows, min(recorded_at) as oldest from outbox")
    assert row is not None  # noqa: S101 - an aggregate always gives one row
    return row["rows"], (now - row["oldest"]).total_seconds() if row["oldest"] else 0.0
