"""Learning who covers which case. Load, decide, save."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.intake.covers import store
from shared.db import Transaction
from shared.events.coordination import CasesCovered
from shared.items import Decision, Received


async def on_cases_covered(tx: Transaction, items: Sequence[Received[CasesCovered]], now: datetime) -> list[Decision]:
    """Meanwhile who covers knows the persons of these cases."""
    await store.save(tx, [item.event for item in items])
    return [Decision()] * len(items)
