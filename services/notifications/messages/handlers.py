"""Recording whom an event concerns. Load, decide, save."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from services.notifications.messages import domain, store
from services.notifications.sharing import store as sharing
from shared.db import Transaction
from shared.items import Decision, Received


async def record(tx: Transaction, items: Sequence[Received[Any]], now: datetime) -> list[Decision]:
    """One record per recipient of each event. Who cannot be reached gets one too, as failed: nothing is parked for want of an address."""
    addressed = [domain.addressees(item.event) for item in items]
    ids = {one.recipient_id for named in addressed for one in named if one.recipient_id is not None}
    zones = {item.event.zone for item, named in zip(items, addressed, strict=True) if any(one.recipient_id is None for one in named)}
    book = await store.load(tx, ids, zones)
    book.stopped = await sharing.stopped(tx, {person for item in items if (person := domain.person_of(item.event))})
    told = [domain.tell(book, item, named) for item, named in zip(items, addressed, strict=True)]
    await store.add(tx, [message for messages in told for message in messages], now)
    return [Decision(events=domain.failures(messages)) for messages in told]
