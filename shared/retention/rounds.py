"""The nightly work of letting go: a timer of the kernel, in rounds of a bounded size, one transaction each."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shared.clock import new_id
from shared.db import Connection, Transaction
from shared.items import Decision, Due, Event, Timer
from shared.messaging.kernel import Kernel
from shared.messaging.service import Handler
from shared.retention.table import NIGHTLY, is_night, next_night, period

KIND = "retention"
MOST_AT_ONCE = 200  # of a class in one transaction
MOST_COUNTED = 100_000
PAUSE = timedelta(seconds=1)  # between two rounds, so that the day's work is never behind them

Look = Callable[[Connection, datetime, int], Awaitable[Sequence[Any]]]
Remove = Callable[[Transaction, Sequence[Any], datetime], Awaitable[Sequence[Event]]]


@dataclass(frozen=True, slots=True)
class Rule:
    """How a class of the table is let go of here: what is older than a moment and not held, at most so many; and an end to those."""

    name: str
    due: Look
    remove: Remove


async def let_go(tx: Transaction, rules: Sequence[Rule], now: datetime) -> tuple[tuple[Event, ...], dict[str, int]]:
    """One round over all classes: the events that it causes, and how much of each class went."""
    events: list[Event] = []
    gone: dict[str, int] = {}
    for rule in rules:
        found = await rule.due(tx, period(rule.name).before(now), MOST_AT_ONCE)
        if found:
            events += await rule.remove(tx, found, now)
        gone[rule.name] = len(found)
    return tuple(events), gone


async def counted(connection: Connection, rules: Sequence[Rule], now: datetime) -> dict[str, int]:
    """How much of each class would go, up to `MOST_COUNTED`."""
    return {rule.name: len(await rule.due(connection, period(rule.name).before(now), MOST_COUNTED)) for rule in rules}


def nightly(rules: Sequence[Rule]) -> Mapping[str, Handler[Due]]:
    """The timer of a service that lets go by these rules."""

    async def on_night(tx: Transaction, items: Sequence[Due], now: datetime) -> list[Decision]:
        if not is_night(now):
            return _again(items, next_night(now))
        events, gone = await let_go(tx, rules, now)
        more = max(gone.values(), default=0) == MOST_AT_ONCE
        return _again(items, now + PAUSE if more else next_night(now), events)

    return {KIND: on_night}


def _again(items: Sequence[Due], at: datetime, events: tuple[Event, ...] = ()) -> list[Decision]:
    """The timer is set once more, however many of it there were."""
    return [Decision(events=events, timers=(Timer(KIND, NIGHTLY, at),)), *[Decision()] * (len(items) - 1)]


def at_once(rules: Sequence[Rule]) -> Handler[None]:
    """One round by day, for who asks; the answer says how much of each class went."""

    async def run(tx: Transaction, items: Sequence[None], now: datetime) -> list[Decision]:
        events, gone = await let_go(tx, rules, now)
        return [Decision(gone, events), *[Decision({})] * (len(items) - 1)]

    return run


async def keep_nights(kernel: Kernel) -> None:
    """At the start, the timer of the nights is set."""
    async with kernel.transaction() as tx:
        await tx.execute(
            """insert into timers (id, kind, subject, due_at, correlation_id)
               select $1, $2, $1, $3, $4 where not exists (select from timers where kind = $2) on conflict do nothing""",
            NIGHTLY,
            KIND,
            next_night(kernel.now()),
            new_id(),
        )
    await asyncio.Event().wait()
