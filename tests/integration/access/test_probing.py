"""Random requests across zones and organisations, through the application on real databases: nothing of what one has no relation to is read.

The number is in the README: `./zorgspoor test integration -k probing`.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeAlias
from urllib.parse import urlencode
from uuid import UUID

import httpx
import pytest

from services.coordination import app as coordination
from services.intake import app as intake
from services.intake.persons import web as persons
from services.notifications import app as notifications
from shared.access.actors import Actor
from shared.access.routes import ROUTES
from shared.access.rules import GRANTS, Action, Facts, Relation, admits, may
from shared.settings import SERVICES
from shared.web import ask
from shared.web.app import build_app
from shared.web.limits import RATES, Limits, Rate, Rates
from tests.databases import Databases
from tests.identity import issue_token
from tests.integration.access.world import Case as ACase
from tests.integration.access.world import Referral as AReferral
from tests.integration.access.world import World, a_world

REQUESTS, AT_ONCE, VISITS = 10_000, 8, 500
HIDDEN = re.compile(r'name="_once" value="[^"]*"')  # made anew for every form
FLOW = ("published", "parked")
# the world's facts of these are others, what is said of consent holds no word of the person, and only a held case has a team to arrange
NOT_VISITED = frozenset({Action.WRITE_REFERRAL, Action.ANSWER_MATCH, Action.SEE_MESSAGES, Action.SEE_CONSENT, Action.ARRANGE_TEAM})
EVER = Rate(1_000_000, 1_000_000)
NO_LIMITS = Limits(dict.fromkeys(RATES, Rates(EVER, EVER)))
SITE = "http://127.0.0.1:8080"
Thing: TypeAlias = AReferral | ACase
# What is sent to a route for one thing; to a page as a form. Other routes take nothing.
BODIES: Mapping[str, Any] = {
    "information": {"text": "Nog iets"},
    "withdraw": {},
    "check-answer": {"answer": "refused", "text": "Past niet"},
    "match-answer": {"answer": "same"},
    "first-contact": {"contact_at": "2026-11-24T09:00:00+01:00", "level": "complex", "intensity": "normal"},
    "close": {"outcome": "moved"},
    "pause": {"until": "2026-12-04", "reason": "away"},
    "team": {"member_id": "0192d0c4-9c5e-7cc3-9d50-4e3c2a5e1f11", "care_role": "home_nursing"},
    "remove": {"member_id": "0192d0c4-9c5e-7cc3-9d50-4e3c2a5e1f11"},
    "decline": {"reason": "no_room"},
}
THINGS = {"intake": "id", "cases": "id", "teams": "id", "offers": "offer_id", "tasks": "task_id"}  # which id of the thing a route asks for
BY_ROLE = frozenset(action for action, grants in GRANTS.items() if all(Relation.ROLE in relations for relations in grants.values()))


@dataclass(frozen=True)
class Request:
    """Something to ask about one thing. What is between braces is the thing's."""

    method: str
    path: str
    action: Action
    body: Any = field(default=None, hash=False)


def routes_for_one() -> Iterator[tuple[str, Request]]:
    """Every route that names a thing, but for those where the role is all that counts, and who is asked there is of no zone's."""
    for (method, path), action in ROUTES.items():
        service, rest = path.strip("/").partition("/")[::2]
        if "{id:uuid}" in path and action not in BY_ROLE | {Action.OPEN, Action.NOTE_ABSENCE}:
            kind = "intake" if service == "intake" else rest.removeprefix("api/").partition("/")[0]
            yield service, Request(method, path.replace("{id:uuid}", f"{{{THINGS[kind]}}}"), action, BODIES.get(path.rpartition("/")[2]))


PERSONS = {"person_ids": ["{person_id}"], "subject_ids": ["{id}"]}
ONE_REFERRAL = (
    *(request for service, request in routes_for_one() if service == "intake"),
    Request("POST", "/intake/api/fragments", Action.SEE_PERSON, {"person_ids": ["{person_id}"]}),
    Request("POST", "/intake/api/summaries", Action.SEE_OFFERED_SUMMARY, {"person_ids": ["{person_id}"]}),
    Request("POST", "/intake/api/additions", Action.SEE_PERSON, {"record_ids": ["{addition_id}"]}),
    Request("GET", "/notifications/api/messages?referral={reference}", Action.SEE_MESSAGES),
    Request("GET", "/intake/audit?person={person_id}", Action.SEE_AUDIT),
    Request("GET", "/intake/api/audit/events?person={person_id}", Action.SEE_AUDIT),
    *(Request("POST", f"/{service}/api/audit/entries", Action.SEE_AUDIT, PERSONS) for service in SERVICES),
    *(Request("POST", f"/{service}/api/flow/{what}", Action.COUNT, {"keys": ["{person_id}"]}) for service in SERVICES for what in FLOW),
)
ONE_CASE = tuple(request for service, request in routes_for_one() if service == "coordination")
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
        headers = {"Authorization": f"Bearer {token_of(actor)}"}
        if method == "POST" and "/api/" not in path:
            form = headers | {"Content-Type": "application/x-www-form-urlencoded"}
            return await self.client.post(path, content=urlencode(body or {}), headers=form)
        return await self.client.request(method, path, json=body, headers=headers)

    async def state(self) -> str:
        """A hash of all that was there and a request could have changed; a new draft of one's own is nobody else's."""
        found = hashlib.sha256()
        for service, statement in (
            ("intake", "select to_jsonb(referrals)::text from referrals order by id"),
            ("intake", "select to_jsonb(records)::text from records where kind <> 'draft' or about = any($1::uuid[]) order by id"),
            ("intake", "select to_jsonb(matches)::text from matches order by referral_id"),
            ("coordination", "select to_jsonb(cases)::text from cases order by id"),
            ("coordination", "select to_jsonb(offers)::text from offers order by id"),
            ("coordination", "select to_jsonb(care_team)::text from care_team order by id"),
            ("coordination", "select to_jsonb(case_tasks)::text from case_tasks order by id"),
        ):
            async with self.world.kernels[service].transaction() as tx:
                for row in await tx.fetch(statement, *([list(self.world.drafts)] if "$1" in statement else ())):
                    found.update(row[0].encode())
        return found.hexdigest()


@pytest.fixture
async def town(databases: Databases, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Town]:
    async def away(*_: Any, **__: Any) -> None:
        """What other services say of names is not asked here."""

    monkeypatch.setattr(persons, "PAUSE", 0)
    monkeypatch.setattr(ask, "ask", away)
    async with a_world(databases, 7, actors=60, count=150) as world:
        routes = [route for app in (intake, coordination, notifications) for route in app.routes(world.kernels[app.NAME])]
        transport = httpx.ASGITransport(build_app(routes, limits=NO_LIMITS))
        async with httpx.AsyncClient(transport=transport, base_url=SITE) as client:
            yield Town(world, client)


def is_foreign(actor: Actor, facts: Facts) -> bool:
    """Whether nothing that can be done to it may be done by this actor; operations counts everything and is not asked for here."""
    return not any(may(actor, action, facts) for action in acts_of(actor))


@cache
def acts_of(actor: Actor) -> list[Action]:
    """What somebody may do to what they have a relation to."""
    return [action for action in Action if admits(actor, action) and not may(actor, action)]


@cache
def token_of(actor: Actor) -> str:
    return issue_token(actor, 1)


def filled(template: Any, thing: Any) -> Any:
    """A path or body with the thing's own ids."""
    if isinstance(template, str):
        return template.format(**vars(thing)) if "{" in template else template
    if isinstance(template, list):
        return [filled(each, thing) for each in template]
    if isinstance(template, dict):
        return {name: filled(each, thing) for name, each in template.items()}
    return template


def marks(thing: Thing) -> set[str]:
    """What nobody could know without having read it."""
    if isinstance(thing, AReferral):
        return {thing.reference, thing.family_name, thing.words, str(thing.person_id)}
    return {thing.reference, str(thing.person_id)}


def asked_at_random(world: World) -> Iterator[tuple[Actor, Request, Thing, Facts]]:
    """Somebody, a request for one thing, the thing, and what it says of who may do what with it."""
    of_one: list[tuple[tuple[Request, ...], list[Any], Callable[[Any], Facts]]] = [
        (ONE_REFERRAL, world.referrals, world.of_referral),
        (ONE_CASE, world.cases, world.of_case),
    ]
    facts = {thing.id: of(thing) for _, rows, of in of_one for thing in rows}
    while True:
        requests, rows, _ = world.random.choice(of_one)
        thing = world.random.choice(rows)
        yield world.random.choice(world.actors), world.random.choice(requests), thing, facts[thing.id]


def probes(world: World) -> Iterator[tuple[Actor, Request, Thing]]:
    """Requests for what somebody has nothing to do with."""
    for actor, request, thing, facts in asked_at_random(world):
        knows = isinstance(thing, AReferral) and _knows_the_person(world, actor, thing)
        if is_foreign(actor, facts) and not may(actor, request.action) and not knows:
            yield actor, request, thing


def visits(world: World) -> Iterator[tuple[Actor, Request, Thing]]:
    """Requests to read what somebody may read."""
    for actor, request, thing, facts in asked_at_random(world):
        ground = may(actor, request.action, facts)
        if is_visited(request) and ground and not (ground.relation is Relation.TEAM and request.path.endswith("/additions")):
            yield actor, request, thing  # what senders add later is not for the care team


def is_visited(request: Request) -> bool:
    """Whether a request reads one thing, by who has a relation to it."""
    return (request.method == "GET" or "{" not in request.path) and request.action not in BY_ROLE | NOT_VISITED


def _knows_the_person(world: World, actor: Actor, referral: AReferral) -> bool:
    return any(not is_foreign(actor, world.of_referral(other)) for other in world.by_person()[referral.person_id])


@pytest.mark.timeout(400)
async def test_10_000_probing_requests_read_and_change_nothing(town: Town) -> None:
    before, statuses, read, asked = await town.state(), Counter[int](), [], Counter[Request]()
    asking, nowhere = probes(town.world), town.world.id()

    async def probe(number: int) -> None:
        actor, request, thing = next(asking)
        path = filled(request.path, thing)
        answer = await town.ask(actor, request.method, path, filled(request.body, thing))
        statuses[answer.status_code] += 1
        asked[request] += 1
        if any(mark in answer.text for mark in marks(thing) if mark not in path):
            read.append((sorted(actor.roles), request, answer.status_code))
        compared = request.action is not Action.WRITE_REFERRAL  # an id that nobody has yet becomes a draft of one's own
        if number % 20 == 0 and "{id}" in request.path and compared:  # what is not there is answered the same
            absent = await town.ask(actor, request.method, request.path.replace("{id}", str(nowhere)), request.body)
            assert _without_ids(absent, nowhere) == _without_ids(answer, thing.id), (sorted(actor.roles), request)

    for start in range(0, REQUESTS, AT_ONCE):
        await asyncio.gather(*[probe(number) for number in range(start, start + AT_ONCE)])
    assert read == []
    assert await town.state() == before
    assert set(statuses) <= {200, 303, 403, 404, 422}, statuses
    assert statuses[404] > REQUESTS / 10, statuses
    assert asked.keys() == {*ONE_REFERRAL, *ONE_CASE}, "each route was tried"


async def test_who_may_is_answered_with_what_they_asked_for(town: Town) -> None:
    """The same requests by who may: the probes above find nothing because they are refused, not because nothing is ever found."""
    asking, asked = visits(town.world), Counter[Request]()
    for _ in range(VISITS):
        actor, request, thing = next(asking)
        path = filled(request.path, thing)
        answer = await town.ask(actor, request.method, path, filled(request.body, thing))
        assert answer.status_code == 200, (sorted(actor.roles), request, answer.text)
        assert any(mark in answer.text for mark in marks(thing)), (sorted(actor.roles), request, answer.text)
        asked[request] += 1
    assert asked.keys() == {request for request in (*ONE_REFERRAL, *ONE_CASE) if is_visited(request)}


def _without_ids(answer: httpx.Response, id: UUID) -> tuple[int, str]:
    return answer.status_code, HIDDEN.sub("", answer.text).replace(str(id), "")


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
