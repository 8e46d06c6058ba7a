"""The three services in this process, on real PostgreSQL and real Kafka, with one clock that can be put forward and gates that hold events up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import httpx
import pytest
import uvicorn

from services.coordination import app as coordination
from services.coordination.cases import joining
from services.intake import app as intake
from services.notifications import app as notifications
from shared import clock
from shared.access.personas import PERSONAS
from shared.messaging.consumer import Consumer
from shared.messaging.kernel import Kernel
from shared.messaging.relay import Relay
from shared.messaging.runtime import running
from shared.settings import settings
from shared.web.app import build_app
from tests.builders import a_referral
from tests.eventually import eventually
from tests.identity import issue_token

APPS = {"intake": intake, "coordination": coordination, "notifications": notifications}
TOLD = "select referral_id from messages where kind = 'received'"


@dataclass
class Clock:
    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return clock.now() + self.ahead


class Broken(Exception):
    """What coordination raises for a referral that it cannot take."""


@dataclass
class Gates:
    """What is held up: relays before they send, consumers before they handle; and what cannot be handled, or is dropped, by referral."""

    relays: set[str] = field(default_factory=set)
    consumers: set[str] = field(default_factory=set)
    dropping: set[str] = field(default_factory=set)
    broken_zones: set[str] = field(default_factory=set)

    def build(self, patch: pytest.MonkeyPatch) -> None:
        """Put the gates into the kernel and the fault into coordination."""
        send, apply, receive = Relay._send, Consumer.apply, joining.receive

        async def gated_send(relay: Relay, producer: Any, rows: Sequence[Any]) -> None:
            await eventually(partial(_is_open, self.relays, relay.kernel.service), seconds=120)
            await send(relay, producer, rows)

        async def gated_apply(consumer: Consumer, records: Sequence[Any]) -> None:
            await eventually(partial(_is_open, self.consumers, consumer.kernel.service), seconds=120)
            if consumer.kernel.service not in self.dropping:
                await apply(consumer, records)

        def faulty_receive(book: Any, referral: Any, effects: Any) -> None:
            if referral.zone in self.broken_zones:
                raise Broken
            receive(book, referral, effects)

        patch.setattr(Relay, "_send", gated_send)
        patch.setattr(Consumer, "apply", gated_apply)
        patch.setattr(joining, "receive", faulty_receive)


async def _is_open(closed: set[str], service: str) -> bool:
    return service not in closed


@dataclass
class Town:
    """The services opened, to be asked over HTTP."""

    kernels: dict[str, Kernel]
    url: str
    clock: Clock
    gates: Gates

    def client(self, persona: str) -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer {issue_token(PERSONAS[persona], 1)}"}
        return httpx.AsyncClient(base_url=self.url, headers=headers, trust_env=False, timeout=20)

    async def refer(self, postcode: str = "9060", **changes: Any) -> UUID:
        """Send a referral for a new person."""
        async with self.client("sender") as client:
            answer = await client.post("/intake/api/referrals", json=a_referral(postcode, **changes))
        assert answer.status_code == 201, answer.text
        return UUID(answer.json()["id"])

    async def rows(self, service: str, sql: str, *args: Any) -> list[Any]:
        async with self.kernels[service].transaction() as connection:
            return list(await connection.fetch(sql, *args))

    async def arrived(self, *referrals: UUID) -> None:
        """Wait until referrals are known everywhere and intake was told."""

        async def look() -> set[UUID]:
            heard = {row["id"] for row in await self.rows("intake", "select id from referrals where case_id is not null")}
            return heard & {row["referral_id"] for row in await self.rows("notifications", TOLD)}

        await eventually(look, lambda seen: seen >= set(referrals))

    async def arrive(self, count: int = 1) -> list[UUID]:
        """So many referrals that are where they belong."""
        referrals = [await self.refer() for _ in range(count)]
        await self.arrived(*referrals)
        return referrals

    async def parked(self, service: str) -> list[int]:
        """Wait until something is parked."""
        rows = await eventually(lambda: self.rows(service, "select id from parked order by id"))
        return [row["id"] for row in rows]

    async def count(self) -> dict[str, Any]:
        """Count-in and count-out, half a minute and more after what was done."""
        self.clock.ahead += timedelta(seconds=31)
        async with self.client("ops") as client:
            answer = await client.get("/operations/api/reconciliation")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def page(self) -> str:
        """The page of operations."""
        async with self.client("ops") as client:
            return (await client.get("/operations")).text


@asynccontextmanager
async def a_town(port: int, gates: Gates) -> AsyncIterator[Town]:
    now = Clock()
    kernels = {name: Kernel(app.service(), settings(), now) for name, app in APPS.items()}
    async with AsyncExitStack() as stack:
        for kernel in kernels.values():
            await stack.enter_async_context(running(kernel))
        routes = [route for name, app in APPS.items() for route in app.routes(kernels[name])]
        server = uvicorn.Server(uvicorn.Config(build_app(routes), port=port, log_level="error", lifespan="off"))
        server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        serving = asyncio.create_task(server._serve())
        town = Town(kernels, f"http://127.0.0.1:{port}", now, gates)
        await eventually(lambda: _ready(town))
        try:
            yield town
        finally:
            gates.relays.clear()
            gates.consumers.clear()
            server.should_exit = True
            await serving


async def _ready(town: Town) -> bool:
    zones = await town.rows("intake", "select code from zones limit 1")
    return bool(zones) and all(kernel.broker_problem is None for kernel in town.kernels.values())
