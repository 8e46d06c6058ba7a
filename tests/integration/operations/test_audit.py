"""Nothing of a person or a case is shown without an entry of the audit: every route of every service, asked by everyone, for everything there is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from pydantic import BaseModel
from starlette.routing import Route

from deploy.demo import load as demonstration
from services.intake.audit import words
from shared.access.personas import OPERATIONS, PERSONAS, SHIPPED_ZONES
from shared.access.roles import Actor
from shared.settings import SERVICES, settings
from shared.web.routing import JsonEndpoint, PageEndpoint
from tests.builders import a_referral
from tests.eventually import eventually
from tests.identity import issue_token
from tests.integration.operations.rig import APPS, Town
from tests.unit.intake.test_referrals_requests import TYPED

NUMBER = "85073003328"
PRIVACY = Actor(uuid4(), "Privacy", frozenset({"privacy_officer"}), OPERATIONS, "Zorgspoor", frozenset(), "nl")
MUST_SHOW = {
    "referrals.start", "referrals.referral", "referrals.receipt", "referrals.read", "referrals.listed", "referrals.checks", "matches.match",
    "matches.read", "matches.listed", "persons.fragments", "persons.summaries", "records.additions", "drafts.person", "drafts.need",
    "drafts.review", "drafts.ask_discard", "cases.listing", "cases.case", "cases.list_cases", "cases.get_case", "offers.day",
    "offers.list_offers", "workforce.zone", "messages.messages", "referrals.add_information", "referrals.withdraw", "referrals.answer_check",
    "matches.answer_match", "cases.note_first_contact", "cases.close", "holds.set_hold",
}  # fmt: skip


LAST = ("/no-consent", "/consent/withdraw", "/erasures")


@dataclass
class Told:
    """Everything that is in the town: ids to ask for, and the words by which one knows whom an answer shows."""

    ids: set[UUID] = field(default_factory=set)
    persons: set[UUID] = field(default_factory=set)
    records: set[UUID] = field(default_factory=set)
    references: set[str] = field(default_factory=set)
    kept: set[UUID] = field(default_factory=set)  # a referral and its case that nobody acts on before it is withdrawn
    marks: dict[str, set[UUID]] = field(default_factory=dict)  # word → whom an entry must name: a person, a case or what was named

    def mark(self, word: Any, *whom: UUID | None) -> None:
        self.marks.setdefault(str(word), set()).update(UUID(str(id)) for id in whom if id)

    def shown_in(self, text: str) -> dict[str, set[UUID]]:
        return {word: whom for word, whom in self.marks.items() if word in text}


@pytest.fixture
async def busy(town: Town) -> tuple[Town, Told, list[Actor]]:
    """A town with a case that is held and has an addition, one that is offered, one that waits, a question about a person, a check and a draft."""
    await demonstration.load(settings(), issue_token(PERSONAS["ops"]))
    number = {"national_number": NUMBER}
    bodies = [a_referral(), a_referral(), a_referral(human_check=True), a_referral()]
    bodies[3]["person"]["language"] = "ru"  # which no coordinator here speaks: it waits
    bodies += [a_referral(), a_referral()]
    bodies[-2]["person"] |= number | {"phone": "0470 11 11 11"}
    bodies[-1]["person"] |= number | {"phone": "0499 66 66 66"}
    for count, body in enumerate(bodies[:-2]):
        body["person"]["phone"] = f"0470 55 00 {count:02}"
    referrals = []
    async with town.client("sender") as sender:
        for body in bodies:
            answer = await sender.post("/intake/api/referrals", json=body)
            assert answer.status_code == 201, answer.text
            referrals.append(UUID(answer.json()["id"]))
        draft = (await sender.get("/intake/refer")).headers["location"].rsplit("/", 1)[1]
        form = {name: value for name, value in TYPED.items() if name.startswith("person.")} | {"person.given_name": "Conceptina"}
        assert (await sender.post(f"/intake/refer/1/{draft}", data=form)).status_code == 303
        need = {name: value for name, value in TYPED.items() if name not in form} | {"_shown": "perinatal", "_action": "next"}
        assert (await sender.post(f"/intake/refer/2/{draft}", data=need)).headers["location"] == f"/intake/refer/3/{draft}"
    await town.arrived(*referrals[:2])
    offers = await eventually(lambda: town.rows("coordination", "select * from offers where status = 'offered' order by offered_at"))
    holder = _coordinator(offers[0]["coordinator_id"])
    async with _asking(town, holder) as client:
        assert (await client.post(f"/coordination/api/offers/{offers[0]['id']}/accept")).status_code == 200
    await eventually(lambda: town.rows("intake", "select id from referrals where coordinator_id = $1 and status = 'assigned'", holder.id))
    held = (await town.rows("intake", "select id from referrals where status = 'assigned'"))[0]["id"]
    async with town.client("sender") as sender:
        assert (await sender.post(f"/intake/api/referrals/{held}/information", json={"text": "Iets erbij."})).status_code == 200
    await eventually(lambda: town.rows("coordination", "select record_id from case_additions"))
    await eventually(lambda: town.rows("coordination", "select id from cases where status = 'waiting'"))
    offered = _coordinator(offers[-1]["coordinator_id"])
    return town, await _told(town, draft, bodies), [PERSONAS["sender"], holder, offered, *_zone(), PRIVACY]


def _zone() -> list[Actor]:
    return [PERSONAS["zone-lead"], PERSONAS["zone-intake"]]


def _coordinator(id: UUID) -> Actor:
    return Actor(UUID(str(id)), "Coördinator", frozenset({"coordinator"}), None, "", frozenset(SHIPPED_ZONES), "nl")


def _asking(town: Town, actor: Actor) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {issue_token(actor, 1)}"}
    return httpx.AsyncClient(base_url=town.url, headers=headers, trust_env=False, timeout=20)


async def _told(town: Town, draft: str, bodies: Iterable[Mapping[str, Any]]) -> Told:
    told = Told(ids={UUID(draft)})
    told.mark("Conceptina", UUID(draft))
    names = {row["id"]: row["given_name"] for row in await town.rows("intake", "select id, given_name from persons")}
    for row in await town.rows("intake", "select * from referrals"):
        told.ids |= {UUID(str(row["id"])), *([UUID(str(row["case_id"]))] if row["case_id"] else [])}
        told.persons.add(UUID(str(row["person_id"])))
        told.references.add(row["reference"])
        for word in (row["reference"], row["id"]):
            told.mark(word, row["person_id"], row["id"], row["case_id"])
        for word in (row["person_id"], names[row["person_id"]]):
            told.mark(word, row["person_id"])
        if row["case_id"]:
            told.mark(row["case_id"], row["case_id"], row["person_id"])
            told.mark(row["case_reference"], row["case_id"], row["person_id"])
    for row in await town.rows("intake", "select person_id from records where kind = 'information'"):
        told.mark("Iets erbij.", row["person_id"])
    for row in await town.rows("coordination", "select id from offers"):
        told.ids.add(UUID(str(row["id"])))
    waiting = "select referral_id as id, case_id from case_referrals where case_id in (select id from cases where status = 'waiting')"
    for row in await town.rows("coordination", waiting):
        told.kept |= {UUID(str(row["id"])), UUID(str(row["case_id"]))}
    told.records = {UUID(str(row["id"])) for row in await town.rows("intake", "select id from records")}
    return told


@dataclass(frozen=True)
class Asked:
    """A route, and one way to ask it."""

    endpoint: JsonEndpoint | PageEndpoint
    method: str
    path: str
    body: Any = None
    query: Any = None

    @property
    def name(self) -> str:
        made: Any = self.endpoint._operation if isinstance(self.endpoint, JsonEndpoint) else self.endpoint._page
        return f"{made.handler.__module__.split('.')[-2]}.{made.handler.__name__}"


def _questions(town: Town, told: Told) -> Iterator[Asked]:
    """Every route with every id there is; what reads before what acts, and at the end what leaves less to see."""
    routes = [route for name, app in APPS.items() for route in app.routes(town.kernels[name]) if isinstance(route, Route)]
    ours = [route for route in routes if isinstance(route.endpoint, JsonEndpoint | PageEndpoint)]
    for route in sorted(ours, key=lambda route: (route.path.endswith(LAST), not _reads(route), route.path)):
        yield from _ways(route, told)


def _reads(route: Route) -> bool:
    operation = getattr(route.endpoint, "_operation", None)
    return "GET" in (route.methods or ()) or (operation is not None and "{" not in route.path)


def _ways(route: Route, told: Told) -> Iterator[Asked]:
    endpoint: Any = route.endpoint
    method = "GET" if "GET" in (route.methods or ()) else "POST"
    names = list(route.param_convertors)
    kept = set() if _reads(route) or route.path.endswith(("/withdraw", *LAST)) else told.kept
    values = [[value for value in _values(name, told) if value not in kept] for name in names]
    operation = getattr(endpoint, "_operation", None)
    body = _filled(operation.body, told) if operation is not None and operation.body is not None else None
    queries: list[Any] = [_filled(operation.query, told)] if operation is not None and operation.query is not None else [None]
    if route.path == "/intake/audit":
        queries = [None, {"person": str(sorted(told.persons)[0])}]
    for chosen, query in product(product(*values), queries):
        path = route.path
        for name, value in zip(names, chosen, strict=True):
            path = path.replace(next(part for part in path.split("/") if part.startswith("{" + name)), str(value))
        yield Asked(endpoint, method, path, body, query)


def _values(name: str, told: Told) -> list[Any]:
    known: dict[str, list[Any]] = {
        "id": sorted(told.ids),
        "code": ["meetjesland-oost"],
        "service": ["intake"],
        "kind": ["parked"],
        "act": ["replay"],
    }
    return known.get(name, ["x"])


def _filled(model: type[BaseModel], told: Told) -> dict[str, Any]:
    """What this model asks for, out of what there is; a field that nobody knows how to fill fails the test here."""
    known: dict[str, Any] = {
        "person_ids": [str(id) for id in told.persons],
        "record_ids": [str(id) for id in told.records],
        "subject_ids": [str(id) for id in told.ids],
        "keys": [str(id) for id in told.persons],
        "person": str(sorted(told.persons)[0]),
        "referral": sorted(told.references)[0],
        "ids": str(uuid4()),
        "events": [],
    }
    examples: Any = model.model_config.get("json_schema_extra") or {}
    first = dict(examples["examples"][0]) if examples.get("examples") else {}
    names = [name for name, field in model.model_fields.items() if name in known or (field.is_required() and name not in first)]
    return first | {name: known[name] for name in names}


class Watch:
    """The entries of one actor in one service that were not looked at yet."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.seen: dict[tuple[str, UUID], int] = {}

    async def named(self, service: str, actor: Actor) -> set[UUID]:
        """Whom the new ones name."""
        rows = await self.town.rows(
            service,
            "select id, person_id, case_id, subject_id from audit where id > $1 and actor_id = $2 and outcome in ('seen', 'done')",
            self.seen.get((service, actor.id), 0),
            actor.id,
        )
        if rows:
            self.seen[service, actor.id] = max(row["id"] for row in rows)
        return {UUID(str(id)) for row in rows for id in (row["person_id"], row["case_id"], row["subject_id"]) if id}


async def _asked(client: httpx.AsyncClient, question: Asked) -> httpx.Response:
    sent: dict[str, Any] = {"params": question.query}
    if isinstance(question.endpoint, JsonEndpoint):
        sent |= {"json": question.body} if question.body is not None else {}
    elif question.method == "POST":
        sent |= {"content": b"", "headers": {"Content-Type": "application/x-www-form-urlencoded"}}
    return await client.request(question.method, question.path, **sent)


@pytest.mark.timeout(400)
async def test_nothing_of_a_person_or_case_is_shown_without_an_entry(busy: tuple[Town, Told, list[Actor]]):
    town, told, actors = busy
    silent: dict[str, set[str]] = {}
    shown: set[str] = set()
    closed: set[tuple[Any, UUID]] = set()  # to this role, whatever is asked for
    watch, clients = Watch(town), [(actor, _asking(town, actor)) for actor in actors]
    for actor in actors:
        for service in SERVICES:
            await watch.named(service, actor)  # what preparing the town left
    for question, (actor, client) in product(_questions(town, told), clients):
        if (question.endpoint, actor.id) in closed:
            continue
        answer = await _asked(client, question)
        assert answer.status_code < 500, (question.name, question.path, answer.text)
        if answer.status_code == 403:
            closed.add((question.endpoint, actor.id))
        elif answer.status_code in (200, 422):
            named = await watch.named(question.endpoint._kernel.service, actor)
            text = answer.text  # but for what was asked for, which is no news to who asks
            for told_before in (*question.path.split("/"), str((question.query or {}).get("person"))):
                text = text.replace(told_before, "") if len(told_before) == len(str(PRIVACY.id)) else text
            words_shown = told.shown_in(text)
            shown |= {question.name} if words_shown else set()
            if missing := {word for word, whom in words_shown.items() if not whom & named}:
                silent.setdefault(f"{question.method} {question.path} {actor.name} {answer.status_code}", set()).update(missing)
    for _, client in clients:
        await client.aclose()
    assert silent == {}
    assert MUST_SHOW - shown == set(), "the test has to see what it is about"


async def test_who_is_refused_is_recorded_and_every_act_has_words(busy: tuple[Town, Told, list[Actor]]):
    town, _, _ = busy
    stranger = Actor(uuid4(), "Vreemde", frozenset({"sender"}), uuid4(), "Elders", frozenset(), "nl")
    referral = (await town.rows("intake", "select id, person_id from referrals limit 1"))[0]
    async with _asking(town, stranger) as client:
        assert (await client.get(f"/intake/api/referrals/{referral['id']}")).status_code == 404
        assert (await client.post(f"/intake/api/referrals/{referral['id']}/withdraw", json={"reason": "mistake"})).status_code in (404, 422)
        assert (await client.get(f"/coordination/api/cases/{uuid4()}")).status_code == 403
    rows = [dict(row) for service in SERVICES for row in await town.rows(service, "select * from audit where actor_id = $1", stranger.id)]
    assert {(row["action"], row["outcome"]) for row in rows} >= {("referrals.read", "not_found"), ("cases.get_case", "forbidden")}
    assert [row["subject_id"] for row in rows if row["action"] == "referrals.read"] == [referral["id"]]
    acts = {
        row["action"]
        for service in SERVICES
        for row in await town.rows(service, "select distinct action from audit where person_id is not null")
    }
    assert acts - words.ACTIONS.keys() == set()


async def test_the_privacy_officer_sees_all_services_on_one_page_and_hands_it_over_as_fhir(busy: tuple[Town, Told, list[Actor]]):
    from fhir.resources.R4B.bundle import Bundle

    town, _, _ = busy
    row = (await town.rows("intake", "select * from referrals where status = 'assigned'"))[0]
    async with _asking(town, PERSONAS["zone-lead"]) as lead:
        await lead.get(f"/coordination/cases/{row['case_id']}")
    async with _asking(town, PRIVACY) as client:
        sent = await client.post("/intake/audit", data={"sought": f" {row['reference'].lower()} "})
        assert (sent.status_code, sent.headers["location"]) == (303, f"/intake/audit?person={row['person_id']}")
        page = (await client.get(sent.headers["location"])).text
        for said in (
            "deed de aanmelding",
            "aanvaardde het dossier",
            "zag naam, adres en zorgen",
            "opende het dossier en zocht een coördinator",
        ):
            assert said in page, said
        assert "Griet" in page
        assert "Amina" not in page, "the audit, not the content"
        unknown = await client.post("/intake/audit", data={"sought": "Amina El Idrissi"})
        assert unknown.status_code == 422
        told_as_fhir = await client.get(f"/intake/api/audit/events?person={row['person_id']}")
        assert told_as_fhir.headers["content-type"] == "application/fhir+json"
        bundle: Any = Bundle.model_validate_json(told_as_fhir.content)
        assert len(bundle.entry) > 5
        for actor in ("sender", "zone-lead", "ops"):
            async with town.client(actor) as other:
                assert (await other.get(f"/intake/api/audit/events?person={row['person_id']}")).status_code == 403
    events = [entry.resource for entry in bundle.entry]
    assert {event.source.observer.identifier.value for event in events} == set(SERVICES)
    assert all(type(event).__name__ == "AuditEvent" and event.agent[0].requestor for event in events)
