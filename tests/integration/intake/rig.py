"""Intake with a fresh database, without Kafka: its routes by HTTP, its handlers by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import httpx

from services.intake import app
from services.intake.persons import store as persons
from services.intake.persons.domain import Person
from services.intake.persons.likeness import likeness
from services.intake.records import store as records
from services.intake.zones.handlers import ensure_shipped_zones
from shared import db
from shared.access.actors import Actor
from shared.db import Transaction
from shared.items import Received
from shared.messaging.kernel import Kernel
from shared.settings import Settings
from shared.web.app import build_app
from tests.identity import issue_token
from tests.unit.intake.referrals import a_person

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
ZONES = ("meetjesland-oost", "meetjesland-west")
SAME_SITE = "http://127.0.0.1:8080"


@dataclass
class Clock:
    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, **time: float) -> None:
        self.at += timedelta(**time)


@dataclass
class House:
    """Intake opened: `kernel` for commands, `clock` to let time pass."""

    kernel: Kernel
    clock: Clock
    client: httpx.AsyncClient

    async def rows(self, statement: str, *values: Any) -> list[dict[str, Any]]:
        async with self.kernel.transaction() as connection:
            return [dict(row) for row in await connection.fetch(statement, *values)]

    async def value(self, statement: str, *values: Any) -> Any:
        async with self.kernel.transaction() as connection:
            return await connection.fetchval(statement, *values)

    async def persons(self, *fields: str) -> list[dict[str, Any]]:
        """The persons as intake reads them, in the order of ids: their id, and these fields of what is told of them."""
        ids = [row["id"] for row in await self.rows("select id from persons order by id")]
        async with self.kernel.transaction() as connection:
            found = await persons.read(connection, ids)
        return [{"id": id} | {name: getattr(found[id].details, name) for name in fields} for id in ids]

    async def told(self, *fields: str) -> list[tuple[Any, ...]]:
        """The same without the ids."""
        return [tuple(person[name] for name in fields) for person in await self.persons(*fields)]

    async def bodies(self) -> list[dict[str, Any]]:
        """What stands in the records."""
        ids = [row["id"] for row in await self.rows("select id from records order by at, id")]
        async with self.kernel.transaction() as connection:
            found = await records.bodies(connection, ids)
        return [found[id] for id in ids]

    async def hear(self, *events: Any) -> None:
        """What coordination told, in one batch."""
        from services.intake.referrals.handlers import follow_case

        await self.kernel.transact(follow_case, [Received(uuid4(), self.clock(), uuid4(), event) for event in events])

    async def post(self, who: Actor, path: str, body: Mapping[str, Any], key: str | None = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {issue_token(who, 1)}"} | ({"Idempotency-Key": key} if key else {})
        return await self.client.post(f"/intake/api{path}", json=body, headers=headers)

    async def get(self, who: Actor, path: str) -> httpx.Response:
        return await self.client.get(f"/intake/api{path}", headers={"Authorization": f"Bearer {issue_token(who, 1)}"})

    async def page(self, who: Actor, path: str) -> httpx.Response:
        return await self.client.get(path, headers=_session(who))

    async def begun(self, who: Actor) -> str:
        """The id of a draft that somebody begins."""
        return str((await self.page(who, "/intake/refer")).headers["location"]).rsplit("/", 1)[1]

    async def send_form(self, who: Actor, path: str, typed: Mapping[str, Any]) -> httpx.Response:
        headers = {**_session(who), "Content-Type": "application/x-www-form-urlencoded"}
        return await self.client.post(path, content=urlencode(typed, doseq=True), headers=headers)


async def numbered(tx: Transaction, national_number: str) -> UUID | None:
    """Who has this national number, as a referral finds them."""
    told = Person(uuid4(), a_person(national_number=national_number), "", None)
    found = (await persons.load(tx, [told])).known.get(national_number)
    return found and found.id


async def alike(tx: Transaction, **told: Any) -> list[UUID]:
    """Who may be the person of a referral that tells this."""
    details = a_person(**told)
    found = await persons.load(tx, [Person(uuid4(), details, "", None, likeness(details))])
    return [person.id for people in found.alike.values() for person in people]


@cache
def _session(who: Actor) -> dict[str, str]:
    return {"Authorization": f"Bearer {issue_token(who, 1)}", "Origin": SAME_SITE}


def an_actor(*roles: str, id: UUID | None = None, zones: tuple[str, ...] = ZONES) -> Actor:
    return Actor(id or uuid4(), "Iemand", frozenset(roles), uuid4(), "Praktijk", frozenset(zones), "nl")


@asynccontextmanager
async def a_house(dsn: str) -> AsyncIterator[House]:
    clock = Clock()
    kernel = Kernel(app.service(), Settings(), clock)
    kernel.pool = await db.open_pool(dsn, size=6, application="intake")
    try:
        async with kernel.transaction() as tx:
            await ensure_shipped_zones(tx)
        transport = httpx.ASGITransport(build_app(app.routes(kernel)))
        async with httpx.AsyncClient(transport=transport, base_url=SAME_SITE) as client:
            yield House(kernel, clock, client)
    finally:
        await kernel.pool.close()
