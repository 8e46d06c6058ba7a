"""The nightly work of letting go: a timer of the kernel, set when a service starts."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from shared.clock import new_id
from shared.db import Transaction
from shared.items import Decision, Due, Timer
from shared.messaging.kernel import Kernel
from shared.messaging.service import Handler
from shared.retention import rounds
from shared.retention.rounds import Rule, let_go
from shared.retention.table import NIGHTLY, is_night, next_night

KIND = "retention"
PAUSE = timedelta(seconds=1)  # between two rounds, so that the day's work is never behind them


def nightly(rules: Sequence[Rule]) -> Mapping[str, Handler[Due]]:
    """The timer of a service that lets go by these rules."""

    async def on_night(tx: Transaction, items: Sequence[Due], now: datetime) -> list[Decision]:
        if not is_night(now):
            return _again(items, next_night(now), Decision())
        decision = await let_go(tx, rules, now)
        more = max(decision.answer.values(), default=0) == rounds.MOST_AT_ONCE
        return _again(items, now + PAUSE if more else next_night(now), decision)

    return {KIND: on_night}


def _again(items: Sequence[Due], at: datetime, decision: Decision) -> list[Decision]:
    """The timer is set once more, however many of it there were."""
    return [replace(decision, timers=(Timer(KIND, NIGHTLY, at),)), *[Decision()] * (len(items) - 1)]


def at_once(rules: Sequence[Rule]) -> Handler[None]:
    """One round by day, for who asks; the answer says how much of each class went."""

    async def run(tx: Transaction, items: Sequence[None], now: datetime) -> list[Decision]:
        return [await let_go(tx, rules, now), *[Decision({})] * (len(items) - 1)]

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
