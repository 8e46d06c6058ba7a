"""Notifications on a real database and mail server, with its clock in the test's hands."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from pydantic import SecretStr

from services.notifications import app
from services.notifications.delivery.domain import Result
from services.notifications.delivery.rounds import MOST_IN_ONE, Round
from services.notifications.directory import store as directory
from services.notifications.directory.domain import Contact, Kind
from services.notifications.messages import handlers
from shared import db
from shared.items import Decision, Received
from shared.messaging.kernel import Kernel
from shared.settings import Settings
from tests.integration.notifications.sink import Sink
from tests.unit.notifications.builders import NOW, ZONE


class Clock:
    """Stands still until the test moves it."""

    def __init__(self) -> None:
        self.time = NOW

    def __call__(self) -> datetime:
        return self.time

    def forward(self, **by: float) -> None:
        self.time += timedelta(**by)


@dataclass
class House:
    kernel: Kernel
    clock: Clock
    dsn: str
    sink: Sink

    async def contact(self, **changes: Any) -> UUID:
        """Put somebody into the directory; returns the id."""
        given: dict[str, Any] = {
            "id": uuid4(),
            "kind": Kind.PROVIDER,
            "name": "An Peeters",
            "organisation_id": uuid4(),
            "organisation": "Praktijk",
            "phone": "09 0",
            "email": "an@praktijk.be",
            "language": "nl",
            "zones": (ZONE,),
        }
        contact = Contact(**(given | changes))
        async with self.kernel.transaction() as tx:
            await directory.save(tx, [contact], self.clock())
        return contact.id

    async def record(self, *items: Received[Any]) -> list[Decision]:
        """What the consumer does with a batch."""
        return await self.kernel.transact(handlers.record, items)

    async def round(self, limit: int = MOST_IN_ONE) -> Counter[Result]:
        """One round of sending."""
        return await Round(self.kernel, limit).run()

    async def rows(self, query: str = "select * from messages order by recipient_id", *values: Any) -> list[asyncpg.Record]:
        async with self.kernel.transaction() as connection:
            return list(await connection.fetch(query, *values))

    async def only(self) -> asyncpg.Record:
        """The one message there is."""
        (row,) = await self.rows()
        return row

    async def announced(self) -> list[str]:
        """Types of the events on their way out, in order."""
        return [row["type"] for row in await self.rows("select type from outbox order by id")]


@asynccontextmanager
async def a_house(dsn: str, sink: Sink, **settings: Any) -> AsyncIterator[House]:
    pool = await db.open_pool(dsn, size=8, application="notifications")
    clock = Clock()
    given: dict[str, Any] = {"notifications_dsn": SecretStr(dsn), "smtp_port": sink.port, "public_url": "https://zorg.example/"}
    chosen = Settings(**(given | settings))
    try:
        kernel = Kernel(app.service(), chosen, clock)
        kernel.pool = pool
        yield House(kernel, clock, dsn, sink)
    finally:
        await pool.close()


def ids(rows: Sequence[asyncpg.Record]) -> list[UUID]:
    return [row["recipient_id"] for row in rows]
