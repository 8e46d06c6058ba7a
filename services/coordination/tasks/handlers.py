"""Use cases of tasks. Each: load, decide, save."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.coordination.tasks import domain, store
from services.coordination.tasks.domain import MarkDone
from shared.db import Transaction
from shared.items import Decision


async def mark_done(tx: Transaction, items: Sequence[MarkDone], now: datetime) -> list[Decision]:
    """Zone leads did what tasks ask."""
    tasks = await store.lock(tx, [item.task_id for item in items])
    decisions = [domain.mark_done(tasks, item, now) for item in items]
    await store.save_done(tx, tasks.changed())
    return decisions
