"""What a person does about parked events and stopped timers: try again, or decide that nothing shall come of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from shared.db import Transaction
from shared.items import Decision, Refusal
from shared.messaging import parking, timers

NOT_PARKED = Decision(refusal=Refusal("not_parked", status=404))
DONE = Decision(answer={"done": True})


async def replay_parked(tx: Transaction, items: Sequence[int], now: datetime) -> list[Decision]:
    """Try parked events again now."""
    return [DONE if await parking.replay(tx, id, now) else NOT_PARKED for id in items]


async def discard_parked(tx: Transaction, items: Sequence[int], now: datetime) -> list[Decision]:
    """Let parked events have no effect here; they stay on record."""
    return [DONE if await parking.discard(tx, id, now) else NOT_PARKED for id in items]


async def replay_timer(tx: Transaction, items: Sequence[UUID], now: datetime) -> list[Decision]:
    """Try stopped timers again now."""
    return [DONE if await timers.replay(tx, id, now) else NOT_PARKED for id in items]
