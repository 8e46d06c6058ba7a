"""What intake lets go of at night. A person goes as a whole, by erasing them in every service, once nothing of them is in its period any more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from services.intake.drafts import store as drafts
from services.intake.erasures.handlers import erase_over
from services.intake.records import store as records
from services.intake.retention import store
from shared.db import Connection, Transaction
from shared.items import Event
from shared.retention.kernel import KERNEL_RULES
from shared.retention.rounds import Look, Rule
from shared.retention.table import period

STATUSES = {"refused_referrals": ["not_eligible"], "withdrawn_referrals": ["withdrawn", "entered_in_error"], "closed_cases": ["closed"]}


async def drop_drafts(tx: Transaction, found: Sequence[Any], now: datetime) -> Sequence[Event]:
    """Forget drafts with what was typed."""
    await drafts.remove(tx, found)
    await records.discard(tx, found)
    return ()


def _persons(name: str) -> Look:
    async def due(connection: Connection, before: datetime, most: int) -> Sequence[Any]:
        now = before + timedelta(days=period(name).days)
        refused, withdrawn, closed = (period(each).before(now) for each in STATUSES)
        return await store.persons_over(connection, STATUSES[name], before, most, refused=refused, withdrawn=withdrawn, closed=closed)

    return due


RULES = (Rule("drafts", store.old_drafts, drop_drafts), *(Rule(name, _persons(name), erase_over) for name in STATUSES), *KERNEL_RULES)
