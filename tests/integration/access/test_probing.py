"""Random requests across zones and organisations, through the application on real databases: nothing of what one has no relation to is read.

The number is in the README: `./zorgspoor test integration -k probing`.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.coordination import app as coordination
from services.intake import app as intake
from services.intake.persons import web as persons
from services.notifications import app as notifications
from shared.access.actors import Actor, issue_token
from shared.access.rules import Action, Facts, may
from shared.settings import settings
from shared.web import ask
from shared.web.app import build_app
from tests.databases import Databases
from tests.integration.access.world import Case as ACase
from tests.integration.access.world import Referral as AReferral
from tests.integration.access.world import World, a_world

REQUESTS = 10_000
SITE = "http://127.0.0.1:8080"
ADDITION = {"text": "Nog iets"}
CHECK = {"answer": "refused", "text": "Past niet"}
CONTACT = {"contact_at": "2026-11-24T09:00:00+01:00", "level": "complex", "intensity": "normal"}

# Where one thing is asked for: method, path and body. What is between braces is the thing's.
ONE_REFERRAL: tuple[tuple[str, str, Any], ...] = (
    ("GET", "/intake/api/referrals/{id}", None),
    ("GET", "/intake/referrals/{id}", None),
    ("GET", "/intake/referrals/{id}/receipt", None),
    ("GET", "/intake/api/referrals/{id}/match", None),
    ("GET", "/intake/referrals/{id}/match", None),
    ("GET", "/intake/refer/1/{id}", None),
    ("POST", "/intake/api/referrals/{id}/information", ADDITION),
    ("POST", "/intake/api/referrals/{id}/withdraw", {}),
    ("POST", "/intake/api/referrals/{id}/check-answer", CHECK),
    ("POST", "/intake/api/referrals/{id}/match-answer", {"answer": "same"}),
    ("POST", "/intake/api/fragments", {"person_ids": ["{person_id}"]}),
    ("POST", "/intake/api/summaries", {"person_ids": ["{person_id}"]}),
    ("POST", "/intake/api/additions", {"record_ids": ["{addition_id}"]}),
    ("GET", "/notifications/api/messages?referral={reference}", None),
)
ONE_CASE: tuple[tuple[str, str, Any], ...] = (
    ("GET", "/coordination/api/cases/{id}", None),
    ("GET", "/coordination/cases/{id}", None),
    ("POST", "/coordination/api/cases/{id}/first-contact", CONTACT),
    ("POST", "/coordination/api/cases/{id}/close", {"outcome": "moved"}),
    ("POST", "/coordination/api/cases/{id}/pause", None),
    ("POST", "/coordination/api/cases/{id}/resume", None),
    ("POST", "/coordination/api/cases/{id}/interpreter", None),
    ("POST", "/coordination/api/offers/{offer_id}/accept", None),
    ("POST", "/coordination/api/offers/{offer_id}/decline", {"reason": "no_room"}),
    ("POST", "/coordination/api/tasks/{task_id}/done", None),
)
LISTS = (
    "/intake/api/referrals",
    "/intake/api/matches",
    "/intake/checks",
    "/coordination/api/cases",
    "/coordination/api/offers",
    "/coordination/api/tasks",
    "/notifications/api/messages?recipient={me}",
)


@dataclass
class Town:
    world: World
    client: httpx.AsyncClient

    async def ask(self, actor: Actor, method: str, path: str, body: Any = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {issue_token(actor, 1)}"}
        return await self.client.request(method, path, json=body, headers=headers)

    async def state(self) -> str:
        """A hash of all that a request could have changed."""
        found = hashlib.sha256()
        for service, statement in (
            ("intake", "select to_jsonb(referrals)::text from referrals order by id"),
            ("intake", "select to_jsonb(records)::text from records order by id"),
            ("intake", "select to_jsonb(matches)::text from matches order by referral_id"),
            ("coordination", "select to_jsonb(cases)::text from cases order by id"),
            ("coordination", "select to_jsonb(offers)::text from offers order by id"),
            ("coordination", "select to_jsonb(case_tasks)::text from case_tasks order by id"),
        ):
            async with self.world.kernels[service].transaction() as tx:
                for row in await tx.fetch(statement):
                    found.update(row[0].encode())
        return found.hexdigest()


@pytest.fixture
async def town(databases: Databases, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Town]:
    async def away(*_: Any, **__: Any) -> None:
        """What other services say of names is not asked here."""

    monkeypatch.setenv("ZORGSPOOR_TOKEN_KEY", "k" * 32)
    settings.cache_clear()
    monkeypatch.setattr(persons, "PAUSE", 0)
    monkeypatch.setattr(ask, "ask", away)
    async with a_world(databases, 7, actors=60, count=150) as world:
        routes = [route for app in (intake, coordination, notifications) for route in app.routes(world.kernels[app.NAME])]
        transport = httpx.ASGITransport(build_app(routes))
        async with httpx.AsyncClient(transport=transport, base_url=SITE) as client:
            yield Town(world, client)
    settings.cache_clear()


def is_foreign(actor: Actor, facts: Facts) -> bool:
    """Whether nothing that can be done to it may be done by this actor; operations counts everything and is not asked for here."""
    return not any(may(actor, action, facts) for action in Action if action is not Action.COUNT and not may(actor, action))


def filled(template: Any, thing: Any) -> Any:
    """A path or body with the thing's own ids."""
    if isinstance(template, str):
        return template.format(**vars(thing)) if "{" in template else template
    if isinstance(template, list):
        return [filled(each, thing) for each in template]
    if isinstance(template, dict):
        return {name: filled(each, thing) for name, each in template.items()}
    return template


def marks(thing: AReferral | ACase) -> set[str]:
    """What nobody could know without having read it."""
    if isinstance(thing, AReferral):
        return {thing.reference, thing.family_name, thing.words, str(thing.person_id)}
    return {thing.reference, str(thing.person_id)}


def probes(world: World) -> Iterator[tuple[Actor, str, str, Any, AReferral | ACase]]:
    """Somebody, a request for one thing, and the thing that they have nothing to do with."""
    things: list[tuple[tuple[Any, ...], list[Any], Callable[[Any], Facts]]] = [
        (ONE_REFERRAL, world.referrals, world.of_referral),
        (ONE_CASE, world.cases, world.of_case),
    ]
    facts = {thing.id: of(thing) for _, rows, of in things for thing in rows}
    while True:
        requests, rows, _ = world.random.choice(things)
        actor, thing = world.random.choice(world.actors), world.random.choice(rows)
        method, path, body = world.random.choice(requests)
        if is_foreign(actor, facts[thing.id]) and not (isinstance(thing, AReferral) and _knows_the_person(world, actor, thing)):
            yield actor, method, path, body, thing


def _knows_the_person(world: World, actor: Actor, referral: AReferral) -> bool:
    others = [row for row in world.referrals if row.person_id == referral.person_id]
    return any(not is_foreign(actor, world.of_referral(other)) for other in others)


@pytest.mark.timeout(400)
async def test_10_000_probing_requests_read_and_change_nothing(town: Town) -> None:
    before, statuses, read = await town.state(), Counter[int](), []
    asking = probes(town.world)
    nowhere = town.world.id()
    for number in range(REQUESTS):
        actor, method, template, body, thing = next(asking)
        path = filled(template, thing)
        answer = await town.ask(actor, method, path, filled(body, thing))
        statuses[answer.status_code] += 1
        sent = path + str(body)
        if any(mark in answer.text for mark in marks(thing) if mark not in path):
            read.append((sorted(actor.roles), method, template, answer.status_code))
        if number % 20 == 0 and "{id}" in template:  # what is not there is answered the same
            absent = await town.ask(actor, method, template.replace("{id}", str(nowhere)), body)
            assert _without_ids(absent, nowhere) == _without_ids(answer, thing.id), (sorted(actor.roles), method, template, sent)
    assert read == []
    assert await town.state() == before
    assert set(statuses) <= {200, 403, 404}, statuses
    assert statuses[404] > REQUESTS / 10, statuses


def _without_ids(answer: httpx.Response, id: UUID) -> tuple[int, str]:
    return answer.status_code, answer.text.replace(str(id), "")


async def test_lists_hold_nothing_foreign(town: Town) -> None:
    listed, references = 0, [row.reference for row in town.world.referrals] + [row.reference for row in town.world.cases]
    for actor in town.world.actors:
        theirs = [row for row in town.world.referrals if is_foreign(actor, town.world.of_referral(row))]
        foreign = {mark for row in theirs if not _knows_the_person(town.world, actor, row) for mark in marks(row)}
        foreign |= {mark for row in town.world.cases if is_foreign(actor, town.world.of_case(row)) for mark in marks(row)}
        for path in LISTS:
            answer = await town.ask(actor, "GET", path.format(me=actor.id))
            assert answer.status_code in {200, 403}, (path, answer.text)
            assert [mark for mark in foreign if mark in answer.text] == [], (sorted(actor.roles), path)
            listed += sum(reference in answer.text for reference in references)
    assert listed > 100  # what is theirs is there
