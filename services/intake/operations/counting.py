"""Asking the three services what they count and how their events flow, with the token of who asks."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from services.intake.operations import domain
from services.intake.operations.domain import Verdict
from shared.settings import SERVICES
from shared.web.ask import ask
from shared.web.call import Call

SETTLED = timedelta(seconds=30)  # what came in later is still on its way and is not counted
SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Report:
    """What was counted; a service that does not answer is `away`, and without it there is no verdict."""

    until: datetime
    counts: Mapping[str, Mapping[str, Any]]
    flows: Mapping[str, Mapping[str, Any]]
    verdict: Verdict | None
    away: tuple[str, ...] = field(default=())


async def count(call: Call) -> Report:
    """Count in all services at once, and lay the counts beside each other."""
    until = call.now - SETTLED
    counts, flows = await asyncio.gather(_counts(call, until), _flows(call))
    away = tuple(service for service in SERVICES if service not in counts or service not in flows)
    verdict = None if away else await _verdict(call, until, counts, flows)
    return Report(until, counts, flows, verdict, away)


async def _verdict(call: Call, until: datetime, counts: Mapping[str, Any], flows: Mapping[str, Any]) -> Verdict:
    intake, coordination = (domain.tallies(counts[service]["states"]) for service in ("intake", "coordination"))
    differences: list[domain.Difference] = []
    if not domain.same(intake, coordination):
        detailed = await _counts(call, until, ids=True)
        if {"intake", "coordination"} <= detailed.keys():
            differences = domain.differences(_places(detailed["intake"]), _places(detailed["coordination"]))
    received = sum(tally.count for tally in coordination.values())
    told = counts["notifications"]["told"].get("received", {"count": 0})["count"]
    return Verdict(domain.table(intake, coordination), differences, max(0, received - told), domain.on_its_way(list(flows.values())))


def _places(counts: Mapping[str, Any]) -> dict[UUID, str]:
    return {UUID(id): state for state, ids in counts["ids"].items() for id in ids}


async def _counts(call: Call, until: datetime, *, ids: bool = False) -> dict[str, Any]:
    services = ("intake", "coordination") if ids else SERVICES
    query = urlencode({"until": until.isoformat(), **({"ids": "true"} if ids else {})})
    answers = await asyncio.gather(*[ask(call, service, "GET", f"/{service}/api/counts?{query}", timeout=SECONDS) for service in services])
    return {service: answer for service, answer in zip(services, answers, strict=True) if answer is not None}


async def _flows(call: Call) -> dict[str, Any]:
    answers = await asyncio.gather(*[ask(call, service, "GET", f"/{service}/api/flow", timeout=SECONDS) for service in SERVICES])
    return {service: answer for service, answer in zip(SERVICES, answers, strict=True) if answer is not None}
