"""What a service keeps past its period, for the privacy officer: counted, or let go of now rather than tonight."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from pydantic import BaseModel

from shared.retention.nights import at_once
from shared.retention.rounds import Rule, counted
from shared.retention.table import period
from shared.web.call import Call
from shared.web.routing import Operation


class Class(BaseModel):
    """One class of the table of periods: how much of it is past its period here, held persons left out."""

    name: str
    days: int
    counted_from: str
    source: str
    past: int


class Classes(BaseModel):
    """By class, as this service holds them."""

    service: str
    classes: list[Class]


class Gone(BaseModel):
    """How much of each class went in one round of bounded size. `more`: another round has work left."""

    gone: dict[str, int]
    more: bool


def operations(service: str, rules: Sequence[Rule]) -> list[Operation]:
    """The operations on what one service keeps."""
    path = f"/{service}/api/retention"
    return [
        Operation("GET", path, _counting(rules), "What is past its period of retention", answer=Classes),
        Operation("POST", path, _letting_go(rules), "Let go of what is past its period now", answer=Gone),
    ]


def _counting(rules: Sequence[Rule]) -> Callable[[Call], Awaitable[Any]]:
    async def count(call: Call) -> Classes:
        async with call.kernel.transaction() as connection:  # counts are of everybody
            past = await counted(connection, rules, call.now)
        return Classes(
            service=call.kernel.service,
            classes=[
                Class(name=rule.name, days=row.days, counted_from=row.counted_from, source=row.source, past=past[rule.name])
                for rule in rules
                for row in (period(rule.name),)
            ],
        )

    return count


def _letting_go(rules: Sequence[Rule]) -> Callable[[Call], Awaitable[Any]]:
    run = at_once(rules)

    async def let_go(call: Call) -> Gone:
        gone: dict[str, int] = (await call.submit(run, None)).answer
        return Gone(gone=gone, more=any(gone.values()))

    return let_go
