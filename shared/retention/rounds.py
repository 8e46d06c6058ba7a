"""Letting go in rounds of a bounded size, one transaction each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.db import Connection, Transaction
from shared.items import Decision, Entry, Event
from shared.retention.table import period

MOST_AT_ONCE = 200  # of a class in one transaction
MOST_COUNTED = 100_000

Look = Callable[[Connection, datetime, int], Awaitable[Sequence[Any]]]
Remove = Callable[[Transaction, Sequence[Any], datetime], Awaitable[Decision]]


@dataclass(frozen=True, slots=True)
class Rule:
    """How a class of the table is let go of here: what is older than a moment and not held, at most so many; and an end to those."""

    name: str
    due: Look
    remove: Remove


async def let_go(tx: Transaction, rules: Sequence[Rule], now: datetime) -> Decision:
    """One round over all classes; the answer says how much of each class went."""
    events: list[Event] = []
    entries: list[Entry] = []
    gone: dict[str, int] = {}
    for rule in rules:
        found = await rule.due(tx, period(rule.name).before(now), MOST_AT_ONCE)
        if found:
            ended = await rule.remove(tx, found, now)
            events += ended.events
            entries += ended.entries
        gone[rule.name] = len(found)
    return Decision(gone, tuple(events), entries=tuple(entries))


async def counted(connection: Connection, rules: Sequence[Rule], now: datetime) -> dict[str, int]:
    """How much of each class would go, up to `MOST_COUNTED`."""
    return {rule.name: len(await rule.due(connection, period(rule.name).before(now), MOST_COUNTED)) for rule in rules}
