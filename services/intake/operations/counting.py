"""Asking the three services what they count and how their events flow, with the token of who asks."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from services.intake.operations import domain, store
from services.intake.operations.asking import SECONDS, Away, asked
from services.intake.operations.domain import Difference, Places, Verdict
from services.intake.operations.tracing import in_flight
from shared.settings import SERVICES
from shared.web.ask import ask
from shared.web.call import Call

SETTLED = timedelta(seconds=30)  # what came in later is still on its way and is not counted

Counts = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Report:
    """What was counted; a service that does not answer is `away`, and without it there is no verdict."""

    until: datetime
    counts: Counts
    flows: Mapping[str, Mapping[str, Any]]
    verdict: Verdict | None
    away: tuple[str, ...] = field(default=())


async def count(call: Call, stuck: int = 1) -> Report:
    """Count in all services at once, lay the counts beside each other, and look for what differs; with so much of what is stuck in each."""
    until = call.now - SETTLED
    counts, flows = await asyncio.gather(_answers(call, "counts", until=until.isoformat()), _answers(call, "flow", stuck=str(stuck)))
    away = tuple(service for service in SERVICES if service not in counts or service not in flows)
    if away:
        return Report(until, counts, flows, None, away)
    try:
        return Report(until, counts, flows, await _verdict(call, until, counts))
    except Away as error:
        return Report(until, counts, flows, None, (error.service,))


async def _verdict(call: Call, until: datetime, counts: Counts) -> Verdict:
    differences = await _differences(call, until, counts)
    if not all(each.explained for each in differences):
        differences = domain.settled(differences, await _differences(call, until, await _counted(call, until)))
    states = domain.table(*(domain.tallies(counts[service]["states"]) for service in ("intake", "coordination")))
    return Verdict(states, domain.one_each(differences))


async def _differences(call: Call, until: datetime, counts: Counts) -> list[Difference]:
    """The referrals that differ, each with what is on its way for it. Ids are asked only where counts or hashes differ."""
    found = [*await _misplaced(call, until, counts), *await _unacknowledged(call, until, counts)]
    return domain.explain(found, await in_flight(call, {each.person_id for each in found if each.person_id})) if found else []


async def _misplaced(call: Call, until: datetime, counts: Counts) -> list[Difference]:
    places = domain.differing(domain.tallies(counts["intake"]["places"]), domain.tallies(counts["coordination"]["states"]))
    if not places:
        return []
    intake, coordination = await asyncio.gather(
        asked(call, "intake", "GET", _counts("intake", until=until.isoformat(), places=places)),
        asked(call, "coordination", "GET", _counts("coordination", until=until.isoformat(), states=places)),
    )
    return domain.misplaced(_placed(intake), _placed(coordination))


async def _unacknowledged(call: Call, until: datetime, counts: Counts) -> list[Difference]:
    days = domain.differing(domain.tallies(counts["intake"]["accepted"]), domain.tallies(counts["notifications"]["acknowledged"]))
    if not days:
        return []
    intake, notifications = await asyncio.gather(
        asked(call, "intake", "GET", _counts("intake", until=until.isoformat(), days=days)),
        asked(call, "notifications", "GET", _counts("notifications", days=days)),  # up to now: what was accepted again is told again
    )
    accepted, told = _placed(intake), {UUID(id) for id in notifications["ids"]}
    async with call.read() as connection:
        known = await store.known(connection, list(told - accepted.keys()))
    return [
        *(Difference(id, accepted[id][1], "unacknowledged") for id in sorted(accepted.keys() - told)),
        *(Difference(id, None, "unknown") for id in sorted(told - accepted.keys() - known)),
    ]


def _placed(counts: Mapping[str, Any]) -> Places:
    return {UUID(one["referral_id"]): (place, UUID(one["person_id"])) for place, placed in counts["ids"].items() for one in placed}


async def _counted(call: Call, until: datetime) -> Counts:
    counts = await _answers(call, "counts", until=until.isoformat())
    for service in SERVICES:
        if service not in counts:
            raise Away(service)
    return counts


def _counts(service: str, **query: Any) -> str:
    return f"/{service}/api/counts?{urlencode(query, doseq=True)}"


async def _answers(call: Call, what: str, **query: str) -> dict[str, Any]:
    """What each service answers; without those that do not."""
    paths = {service: f"/{service}/api/{what}" + (f"?{urlencode(query)}" if query else "") for service in SERVICES}
    answers = await asyncio.gather(*[ask(call, service, "GET", path, timeout=SECONDS) for service, path in paths.items()])
    return {service: answer for service, answer in zip(SERVICES, answers, strict=True) if answer is not None}
