"""Learning who stands in for whom. Load, decide, save."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.intake.covers import store
from shared.db import Transaction
from shared.events.coordination import WorkerCovered
from shared.items import Decision, Received


async def on_worker_covered(tx: Transaction, items: Sequence[Received[WorkerCovered]], now: datetime) -> list[Decision]:
    """Meanwhile the substitute knows the persons whose cases the other holds."""
    await store.save(tx, [item.event for item in items])
    return [Decision()] * len(items)
