"""An application of one service with a kernel that only answers, for tests of routes; nothing of messaging is tested here."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
from starlette.routing import Route

from services.coordination import app as coordination
from services.intake import app as intake
from services.notifications import app as notifications
from shared.access import sessions
from shared.access.audit.entries import Asker
from shared.access.database import hashed
from shared.access.personas import PERSONAS
from shared.access.routes import Actions
from shared.access.rules import Action
from shared.items import Decision, Entry
from shared.messaging.changes import Changes
from shared.messaging.idempotency import IdempotencyKey
from shared.messaging.kernel import Kernel as RealKernel
from shared.settings import Settings
from shared.web import form_key, sign_in
from shared.web.app import build_app
from shared.web.routing import Operation, Page, service_routes
from tests.identity import issue_token
from tests.unit.access.conftest import configured

__all__ = ["configured"]

NOW = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)


ID = "0193e0a0-0000-7000-8000-000000000001"


class Unrecorded(RealKernel):
    """A kernel without a database: what it would record is forgotten."""

    async def record(self, rows: Sequence[Entry]) -> None:
        pass


def real_routes() -> list[Route]:
    """Every route of the three services."""
    found: list[Route] = []
    for app in (intake, coordination, notifications):
        kernel = Unrecorded(app.service(), Settings())
        kernel.changes.close()  # a stream would not end
        found += [route for route in app.routes(kernel) if isinstance(route, Route)]
    return found


class Kernel:
    """Answers as told and remembers what it was asked."""

    service = "intake"

    def __init__(self, answer: Decision | Exception | None = None) -> None:
        self.answer = answer or Decision(answer={"done": True})
        self.commands: list[tuple[Any, IdempotencyKey | None, UUID | None]] = []
        self.recorded: list[Entry] = []
        self.changes = Changes()
        self.state = {"database": "ok", "kafka": "ok", "kafka_problem": None}

    def now(self) -> datetime:
        return NOW

    async def submit(
        self, handler: Any, item: Any, *, key: IdempotencyKey | None = None, correlation_id: UUID | None = None, asker: Asker | None = None
    ) -> Decision:
        self.commands.append((item, key, correlation_id))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    async def record(self, rows: Sequence[Entry]) -> None:
        self.recorded += rows

    async def health(self) -> dict[str, Any]:
        return self.state


async def handler(tx: Any, items: Sequence[Any], now: datetime) -> list[Decision]:
    raise AssertionError("the kernel of these tests runs no handler")


def bearer(persona: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {issue_token(PERSONAS[persona], 1)}"}


def a_session(persona: str) -> str:
    """A session that this process has just looked up, for ever."""
    secret = f"{sessions.PREFIX}{persona}"
    sessions._looked_up.keep(hashed(secret), replace(PERSONAS[persona], session_id=uuid4()), float("inf"))
    return secret


FOR_SENDERS = {"/intake/api/notes/{id:uuid}", "/intake/greet", "/intake/page"}


def actions_of(operations: Sequence[Operation] = (), pages: Sequence[Page] = (), action: Action | None = None) -> Actions:
    """A table of these routes: all with this action, or else some for senders and the others open."""
    if action is not None:
        return {(route.method, route.path): action for route in (*operations, *pages)}

    def is_for_senders(route: Operation | Page) -> bool:
        return route.path in FOR_SENDERS or (route.method, route.path) == ("POST", "/intake/api/notes")

    return {(route.method, route.path): Action.WRITE_REFERRAL if is_for_senders(route) else Action.OPEN for route in (*operations, *pages)}


@asynccontextmanager
async def browsing(
    operations: Sequence[Operation] = (),
    pages: Sequence[Page] = (),
    kernel: Kernel | None = None,
    persona: str | None = None,
    action: Action | None = None,
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of such an application, that knows its forms' word; with a persona, it carries that session."""
    answering: Any = kernel or Kernel()
    app = build_app([*service_routes("intake", answering, operations, pages, actions_of(operations, pages, action)), *sign_in.routes()])
    token = a_session(persona) if persona else None
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://127.0.0.1:8080",
        cookies={"zorgspoor_session": token} if token else {},
        headers={"X-Form-Key": form_key.of_credential(token)},
    ) as client:
        yield client


Configure = Callable[..., None]
