"""Use cases of delivery. Each: load, decide, save."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.notifications.delivery import domain, store
from services.notifications.delivery.domain import Outcome, Sending
from shared.db import Transaction
from shared.items import Decision, Refusal


@dataclass(frozen=True, slots=True)
class SendAgain:
    """Somebody wants a message that failed, was skipped or waits to be tried now."""

    message_id: UUID


async def record_results(tx: Transaction, items: Sequence[Outcome], now: datetime) -> list[Decision]:
    """What became of claimed messages. A result that comes after somebody else took the message over changes nothing."""
    messages = await store.lock(tx, {item.message_id for item in items})
    decisions: list[Decision] = []
    settled: dict[UUID, tuple[Sending, str | None]] = {}
    for item in items:
        message = messages.get(item.message_id)
        after = domain.settle(message, item, now) if message else None
        if after is None:
            decisions.append(Decision())
            continue
        messages[after.id] = after
        settled[after.id] = (after, store.attempt_json(item, now))
        decisions.append(Decision(events=domain.announcement(after)))
    await store.save(tx, [message for message, _ in settled.values()], [attempt for _, attempt in settled.values()])
    return decisions


async def send_again(tx: Transaction, items: Sequence[SendAgain], now: datetime) -> list[Decision]:
    """Each answer is the message's id and its state."""
    messages = await store.lock(tx, {item.message_id for item in items})
    decisions: list[Decision] = []
    waiting: dict[UUID, Sending] = {}
    for item in items:
        message = messages.get(item.message_id)
        after = domain.again(message, now) if message else Refusal("no_such_message", status=404)
        if isinstance(after, Refusal):
            decisions.append(Decision(refusal=after))
            continue
        waiting[after.id] = after
        decisions.append(Decision(answer={"id": str(after.id), "state": after.state.value}))
    await store.save(tx, list(waiting.values()), [None] * len(waiting))
    return decisions
