"""Recording whom an event concerns. Load, decide, save."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from services.notifications.messages import domain, store
from shared.db import Transaction
from shared.items import Decision, Received


async def record(tx: Transaction, items: Sequence[Received[Any]], now: datetime) -> list[Decision]:
    """One record per recipient of each event. Who cannot be reached gets one too, as failed: nothing is parked for want of an address."""
    events = [item.event for item in items]
    ids = {id for event in events for id in domain.recipients_named(event)}
    zones = {event.zone for event in events if domain.asks_zone(event)}
    book = await store.load(tx, ids, zones)
    told = [domain.tell(book, item) for item in items]
    await store.add(tx, [message for messages in told for message in messages], now)
    return [Decision(events=domain.failures(messages)) for messages in told]
