"""The JSON API of breaking the glass."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
from pydantic import BaseModel

from services.intake.glass import handlers, store
from services.intake.glass.domain import BreakGlass, Emergency
from shared.access.glass import Reason
from shared.access.rules import NOTHING
from shared.clock import new_id
from shared.db import Connection
from shared.items import Decision, Entry
from shared.web.call import Call
from shared.web.problems import Problem
from shared.web.routing import Operation

REFUSALS = {"not_found": "There is no referral with this reference."}


class Opened(BaseModel):
    """What who broke the glass may look at, until when."""

    id: UUID
    referral_id: UUID
    until: datetime


class BrokenView(BaseModel):
    """One broken glass: who, on which referral, why, until when."""

    id: UUID
    actor_id: UUID
    referral_id: UUID
    reason: Reason
    broken_at: datetime
    until: datetime


class BrokenList(BaseModel):
    """The last first."""

    broken: list[BrokenView]


def command(call: Call, asked: Emergency) -> BreakGlass:
    """What is handed over to be decided."""
    return BreakGlass(new_id(), call.actor, asked, new_id())


async def break_glass(call: Call) -> Opened:
    """Look without a relation, in an emergency; the privacy officer hears of it."""
    return await opened(call, await call.submit(handlers.break_glass, command(call, call.body)))


async def opened(call: Call, decision: Decision) -> Opened:
    """What was broken, by the one word that is kept of it."""
    async with call.read() as connection:
        row = await store.read(connection, UUID(decision.answer["id"]))
    if row is None:
        raise Problem(404, "not_found", REFUSALS["not_found"])
    return Opened(**row)


async def listed(call: Call) -> BrokenList:
    """For the privacy officer."""
    async with call.read() as connection:
        rows = await store.listed(connection)
        await seen(call, connection, rows)
    return BrokenList(broken=[BrokenView(**{name: row[name] for name in BrokenView.model_fields}) for row in rows])


async def seen(call: Call, connection: Connection, rows: Sequence[asyncpg.Record]) -> None:
    """Record that these broken glasses are shown."""
    ground = call.may(NOTHING).relation
    await call.looked(connection, [Entry(row["person_id"], None, row["referral_id"], relation=ground) for row in rows])


OPERATIONS = [
    Operation(
        "POST",
        "/intake/api/glass",
        break_glass,
        "Look at a person without a relation, in an emergency",
        body=Emergency,
        answer=Opened,
        status=201,
        refusals=REFUSALS,
    ),
    Operation("GET", "/intake/api/glass", listed, "Who looked without a relation, the last first", answer=BrokenList),
]
