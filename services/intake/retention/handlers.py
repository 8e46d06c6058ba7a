"""What intake lets go of at night. A person goes as a whole, by erasing them in every service, once nothing of them is in its period any more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from services.intake.drafts import store as drafts
from services.intake.erasures import handlers as erasures
from services.intake.records import store as records
from services.intake.retention import store
from shared.db import Connection, Transaction
from shared.items import Decision
from shared.retention.kernel import KERNEL_RULES
from shared.retention.rounds import MOST_AT_ONCE, Rule
from shared.retention.table import period

STATUSES = {"refused_referrals": ["not_eligible"], "withdrawn_referrals": ["withdrawn", "entered_in_error"], "closed_cases": ["closed"]}


async def drop_drafts(tx: Transaction, found: Sequence[Any], now: datetime) -> Decision:
    """Forget drafts with what was typed."""
    await drafts.remove(tx, found)
    await records.discard(tx, found)
    return Decision()


def _of_persons(name: str) -> Rule:
    async def due(connection: Connection, before: datetime, most: int) -> Sequence[Any]:
        now = before + timedelta(days=period(name).days)
        refused, withdrawn, closed = (period(each).before(now) for each in STATUSES)
        return await store.persons_over(connection, STATUSES[name], before, most, refused=refused, withdrawn=withdrawn, closed=closed)

    async def erase(tx: Transaction, found: Sequence[Any], now: datetime) -> Decision:
        await erasures.lock(tx, found)
        still = await due(tx, period(name).before(now), MOST_AT_ONCE)  # somebody may have referred them again meanwhile, or set a hold
        return await erasures.erase_over(tx, [id for id in found if id in still], now)

    return Rule(name, due, erase)


RULES = (Rule("drafts", store.old_drafts, drop_drafts), *(_of_persons(name) for name in STATUSES), *KERNEL_RULES)
