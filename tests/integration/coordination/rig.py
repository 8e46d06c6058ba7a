"""Coordination on a real database, one item per transaction or many at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx

from services.coordination import app
from services.coordination.cases import handlers as cases
from services.coordination.workforce import handlers as workforce
from services.coordination.workforce.changes import ImportWorkforce
from services.coordination.workforce.domain import Worker
from shared import clock
from shared.access.actors import Actor
from shared.items import Decision, Received
from shared.messaging.kernel import Kernel
from shared.web.app import build_app
from tests.identity import issue_token
from tests.unit.coordination.builders import a_referral

AT_ONCE = 18


@dataclass
class Clock:
    at: datetime = datetime(2026, 11, 24, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, **time: float) -> None:
        self.at += timedelta(**time)


@dataclass
class Office:
    kernel: Kernel
    clock: Clock

    async def rows(self, sql: str, *args: Any) -> list[Any]:
        async with self.kernel.transaction() as connection:
            return list(await connection.fetch(sql, *args))

    async def value(self, sql: str, *args: Any) -> Any:
        async with self.kernel.transaction() as connection:
            return await connection.fetchval(sql, *args)

    async def hire(self, *workers: Worker) -> Decision:
        return (await self.kernel.transact(workforce.import_workforce, [ImportWorkforce(clock.new_id(), workers, {})]))[0]

    async def receive(self, count: int, **changes: Any) -> None:
        """So many referrals for so many persons, each in a transaction of its own, many at once."""
        turns = asyncio.Semaphore(AT_ONCE)

        async def one() -> None:
            async with turns:
                item = Received(clock.new_id(), self.clock(), clock.new_id(), a_referral(**{"received_at": self.clock()} | changes))
                await self.kernel.transact(cases.on_referral_accepted, [item])

        await asyncio.gather(*[one() for _ in range(count)])

    @asynccontextmanager
    async def asking(self, worker: Worker, *roles: str) -> AsyncIterator[httpx.AsyncClient]:
        """A client that is this worker, in these roles."""
        actor = Actor(worker.id, worker.name, frozenset(roles), None, "", worker.zones, "nl")
        headers = {"Authorization": f"Bearer {issue_token(actor, 1)}"}
        transport = httpx.ASGITransport(build_app(app.routes(self.kernel)))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080", headers=headers) as client:
            yield client

    async def offers_to(self, worker: Worker) -> list[UUID]:
        return [
            row["id"]
            for row in await self.rows("select id from offers where coordinator_id = $1 and status = 'offered' order by id", worker.id)
        ]

    async def miscounted(self) -> list[Any]:
        """Coordinators whose kept load is not the count from rows, or is over their capacity."""
        return await self.rows(
            """select c.name, c.used, c.capacity from coordinators c
               where c.used <> c.fte * 15 + coalesce((select sum(points) from offers where coordinator_id = c.id and status in ('offered', 'accepted')), 0)
                  or (c.used > c.capacity and c.capacity > 0)"""
        )
