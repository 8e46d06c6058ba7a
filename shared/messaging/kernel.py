"""Running handlers in transactions: begin, handle, append events, timers and audit entries, commit. The only commits of business data in the code base."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from shared import clock, db
from shared.access import asking
from shared.access.audit import entries
from shared.access.audit.entries import Asker
from shared.access.rules import Asking
from shared.db import Connection, Pool, Transaction
from shared.items import Decision, Entry
from shared.messaging import outbox
from shared.messaging.changes import Changes
from shared.messaging.idempotency import IdempotencyKey
from shared.messaging.outbox import Cause
from shared.messaging.service import Handler, Service
from shared.messaging.writer import Unavailable, Writer
from shared.settings import Settings

__all__ = ["Kernel", "Unavailable"]


class Kernel:
    """One service at work: its database, its clock, and what wakes its loops."""

    pool: Pool  # there while the kernel runs, see `shared.messaging.runtime`

    def __init__(self, service: Service, settings: Settings, now: Callable[[], datetime] = clock.now) -> None:
        self.definition = service
        self.service = service.name
        self.settings = settings
        self.now = now
        self.outbox_filled = asyncio.Event()  # wakes the relay of this process
        self.recorded = asyncio.Event()  # wakes background work that waits for new rows
        self.consumer_problem: str | None = "not connected yet" if service.subscriptions else None
        self.relay_problem: str | None = "not connected yet"
        self.prepared = asyncio.Event()  # partitions for today were looked after once
        self.changes = Changes()  # what open pages have to hear of
        self.skipped = 0  # events of facts that this service does not listen to
        self.lag: Callable[[], Awaitable[dict[str, int] | None]] = _unknown  # by topic
        self._writers: dict[Handler[Any], Writer] = {}

    async def submit(
        self,
        handler: Handler[Any],
        item: Any,
        *,
        key: IdempotencyKey | None = None,
        correlation_id: UUID | None = None,
        asker: Asker | None = None,
    ) -> Decision:
        """Decide one command. It joins the others that gathered while the last transaction of this handler ran: one commit for all.

        Raises `Unavailable` when the database cannot be reached: nothing was accepted, or the same key will tell what was.
        """
        writer = self._writers.get(handler)
        if writer is None:
            writer = self._writers[handler] = Writer(self, handler)
        return await writer.submit(item, key, Cause(correlation_id or clock.new_id(), None, asker))

    async def transact(self, handler: Handler[Any], items: Sequence[Any], *, causes: Sequence[Cause] | None = None) -> list[Decision]:
        """Run a handler over items in a transaction of its own."""
        async with self.transaction() as tx:
            decisions = await self.decide(tx, handler, items, causes or [Cause(clock.new_id())] * len(items))
        self.wake()
        return decisions

    async def decide(self, tx: Transaction, handler: Handler[Any], items: Sequence[Any], causes: Sequence[Cause]) -> list[Decision]:
        """Run a handler inside a transaction that the kernel holds, and append what it caused."""
        now = self.now()
        decisions = await handler(tx, items, now)
        if len(decisions) != len(items):
            raise WrongCount(f"{handler} gave {len(decisions)} decisions for {len(items)} items")
        await outbox.append(tx, decisions, causes, now)
        await entries.append(tx, entries.of_decisions(handler, decisions, causes), now)
        return decisions

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """A transaction of the kernel's own, for what many asked together: no row is hidden, each item's handler decides who may."""
        async with self.pool.acquire(timeout=db.ACQUIRE_SECONDS) as tx, tx.transaction():
            await asking.as_batch(tx, self.service)
            yield tx

    async def record(self, rows: Sequence[Entry]) -> None:
        """Write audit entries that belong to no other transaction, as of what was refused."""
        async with self.transaction() as tx:
            await entries.append(tx, rows, self.now())

    @asynccontextmanager
    async def read(self, who: Asking | None = None) -> AsyncIterator[Connection]:
        """A transaction for reading what `who` may see, and for recording that they did; without anybody nothing of what is about persons."""
        try:
            async with self.pool.acquire(timeout=db.ACQUIRE_SECONDS) as connection, connection.transaction():
                if who is not None:
                    await asking.as_actor(connection, who, self.now())
                yield connection
        except Exception as error:
            if db.is_transient(error):
                raise Unavailable("the database is away") from error
            raise

    def wake(self) -> None:
        """Something was committed: look at it now rather than at the next poll."""
        self.outbox_filled.set()
        self.recorded.set()

    @property
    def broker_problem(self) -> str | None:
        """Why Kafka cannot be read or written now; None while it can."""
        return self.consumer_problem or self.relay_problem

    async def health(self) -> dict[str, Any]:
        """Whether the database answers (without it nothing works) and whether Kafka is connected (without it things wait)."""
        try:
            async with asyncio.timeout(db.ACQUIRE_SECONDS), self.read() as connection:
                await connection.fetchval("select 1")
            database = "ok"
        except (Unavailable, TimeoutError):
            database = "away"
        return {"database": database, "kafka": "ok" if self.broker_problem is None else "degraded", "kafka_problem": self.broker_problem}

    def close(self) -> None:
        """Stop taking commands."""
        for writer in self._writers.values():
            writer.close()


async def _unknown() -> None:
    return None


class WrongCount(Exception):
    """A handler must give one decision per item, in order."""
