"""Use case of searching: make what finds the persons that an organisation referred, where it is not made yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.intake.keys.secrets import index_key
from services.intake.records import store as records
from services.intake.searches import domain, store
from shared.access.rules import Asking, organisation
from shared.db import Transaction
from shared.items import Decision

AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class MarkTold:
    """Make an organisation's own referrals findable for it."""

    by: Asking


async def mark_told(tx: Transaction, items: Sequence[MarkTold], now: datetime) -> list[Decision]:
    """Shows nothing to anybody. Asked again, it goes on where it was, also after a restore."""
    for whose in {organisation(item.by) for item in items}:
        ids = await store.unmarked(tx, whose, AT_ONCE)
        bodies = await records.bodies(tx, ids)
        people = {id: person for id in ids if (person := domain.told(bodies.get(id, {"erased": True})))}
        index = index_key()
        await store.add(tx, whose, [(id, domain.marks_of(people[id], whose, index) if id in people else []) for id in ids])
    return [Decision()] * len(items)
