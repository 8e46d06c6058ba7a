"""What-if on a real database and in a process of its own: what it finds of a zone, who may ask, and what the page says."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.coordination.offers import answers, handlers, loads
from services.coordination.offers.domain import DeclineReason
from services.coordination.whatif import apart, queries, scenario
from services.coordination.whatif.domain import Zone
from services.coordination.whatif.scenario import Intake
from services.coordination.whatif.wire import Asked
from services.coordination.workforce.domain import Worker
from shared import clock
from tests.integration.coordination.rig import Office
from tests.integration.coordination.test_offers import EAST, WEST
from tests.past import CASES, a_past
from tests.unit.coordination.builders import LEAD, a_lead, a_worker, as_coordinator

PAGE = f"/coordination/zones/{EAST}/what-if"
API = f"/coordination/api/zones/{EAST}/what-if"


async def a_zone_with_a_past(office: Office) -> Worker:
    worker = a_worker(name="Hanne Wijffels")
    await office.hire(worker, a_lead())
    await a_past(office.rows, EAST, worker.id, office.clock())
    return worker


async def found(office: Office, code: str = EAST) -> Zone:
    async with office.kernel.transaction() as connection:
        return await queries.zone(connection, code, office.clock())


async def asked(office: Office, path: str, role: str = "zone_lead", worker: Worker | None = None, **options: Any) -> httpx.Response:
    async with office.asking(worker or a_lead(), role) as client:
        return await client.get(path, **options)


async def test_what_it_finds_is_what_the_rule_would_find(office: Office) -> None:
    both, one = a_worker(zones=frozenset({EAST, WEST})), a_worker(fte=20)
    await office.hire(both, one, a_lead(zones=frozenset({EAST, WEST})))
    await office.receive(6, zone=EAST)
    await office.receive(2, zone=WEST)
    await office.receive(3, zone=EAST, languages=("ps",))
    (first, *_) = await office.offers_to(one)
    await office.kernel.submit(handlers.accept, answers.AcceptOffer(clock.new_id(), first, as_coordinator(one.id)))
    await a_past(office.rows, EAST, one.id, office.clock())

    zone = await found(office)
    async with office.kernel.transaction() as connection:
        carried = await loads.count(connection, [both.id, one.id], zone.today)
    for worker in (both, one):
        here = sum(held.points for held in zone.held if held.coordinator_id == worker.id)
        assert here + zone.elsewhere[worker.id] == carried[worker.id][0]
    assert zone.elsewhere[both.id] == 600
    assert zone.elsewhere[one.id] == 0
    assert len(zone.recent[one.id]) == carried[one.id][1]
    assert len(zone.waiting) == 3
    assert {waiting.question.languages for waiting in zone.waiting} == {("ps",)}
    assert len(zone.past.weeks) == 12
    assert 38 <= zone.past.came <= 42, "whole weeks only: not the running one"
    assert zone.past.closings("perinatal") == CASES
    assert zone.past.closings("frail") == 0
    assert zone.assumed == ["frail"]


async def test_who_declined_is_not_asked_again_before_the_time(office: Office) -> None:
    worker = a_worker()
    await office.hire(worker, a_lead())
    await office.receive(1, zone=EAST)
    (offer,) = await office.offers_to(worker)
    no = answers.DeclineOffer(clock.new_id(), offer, as_coordinator(worker.id), DeclineReason.NO_ROOM)
    await office.kernel.submit(handlers.decline, no)
    (waiting,) = (await found(office)).waiting
    ((who, until),) = waiting.excluded
    assert who == worker.id
    assert until > office.clock() + timedelta(days=10)


async def test_the_leads_of_the_zone_may_ask_and_nobody_else(office: Office) -> None:
    worker = await a_zone_with_a_past(office)
    elsewhere = a_lead(zones=frozenset({WEST}))
    for path in (PAGE, API):
        assert (await asked(office, path)).status_code == 200
        assert (await asked(office, path, worker=elsewhere)).status_code == 404
        assert (await asked(office, path, "zone_intake")).status_code == 403
        assert (await asked(office, path, "coordinator", worker)).status_code == 403
        assert (await asked(office, path, "sender", worker)).status_code == 403
    assert (await asked(office, PAGE.replace(EAST, "nowhere"))).status_code == 404
    assert PAGE in (await asked(office, f"/coordination/zones/{EAST}")).text
    assert PAGE not in (await asked(office, f"/coordination/zones/{EAST}", "zone_intake")).text


async def test_the_page_says_it_in_a_sentence_with_charts_tables_and_sources(office: Office) -> None:
    await a_zone_with_a_past(office)
    page = (await asked(office, PAGE)).text
    assert "Blijft alles zoals nu, dan wacht men rond week 12" in page
    assert page.count('<figure class="figure weeks bands">') == 2
    assert page.count('class="band-now"') >= 24
    assert 'class="band-then" x' not in page
    assert f"{CASES} afgesloten dossiers" in page
    assert "regelversie 2026-11" in page
    assert "in 12 weken" in page


async def test_a_zone_without_a_past_is_told_what_is_missing(office: Office) -> None:
    await office.hire(a_worker(), a_lead())
    answer = await asked(office, PAGE)
    assert answer.status_code == 200
    assert "Nog te weinig verleden" in answer.text
    assert "4 volle weken" in answer.text
    told = (await asked(office, API)).json()
    assert told["enough"] is False
    assert told["now"] is None


async def test_a_form_becomes_an_address_of_codes_that_says_it_all(office: Office) -> None:
    worker = await a_zone_with_a_past(office)
    sent = await asked(office, PAGE, params={"add": "fte", "worker": str(worker.id), "fte": "50", "weeks": "8", "change": "intake:130"})
    assert sent.status_code == 303
    assert sent.headers["location"] == f"{PAGE}?change=intake:130&change=fte:{worker.id}:50&weeks=8"
    page = (await asked(office, sent.headers["location"])).text
    assert "Hanne Wijffels werkt 0,5 VTE in plaats van 1" in page
    assert "30 % meer nieuwe dossiers" in page
    assert "rond week 8" in page
    assert 'class="band-then" x' in page
    assert "berekeningen wachten er minder" in page

    hired = {
        "add": "hire",
        "hours": "50",
        "starts_on": "01/12/2026",
        "roles": "case_manager",
        "programmes": "frail",
        "languages": ["nl", "fr"],
    }
    hire = await asked(office, PAGE, params=hired)
    assert hire.headers["location"] == f"{PAGE}?change=hire:50:case_manager:fr.nl:frail:2026-12-01"
    assert "Nieuwe collega" in (await asked(office, hire.headers["location"])).text
    away = await asked(office, PAGE, params={"add": "away", "absent": str(worker.id), "first": "1/12/2026", "last": "31/12/2026"})
    assert "is er niet van 01/12 tot en met 31/12" in (await asked(office, away.headers["location"])).text


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"change": "intake:lots"}, "niet te lezen"),
        ({"change": ["intake:110", *(f"away:{LEAD}:2026-12-01:2026-12-0{day}" for day in range(1, 5))]}, "meer dan drie"),
        ({"change": f"fte:{LEAD}:50"}, "niet (meer) in deze zone werkt"),
        ({"add": "fte", "fte": "50"}, 'href="#worker"'),
        ({"add": "fte", "worker": str(LEAD), "fte": "50"}, "niet (meer) in deze zone werkt"),
        ({"add": "intake", "percent": "300"}, 'href="#percent"'),
        ({"add": "away", "absent": str(LEAD), "first": "02/12/2026", "last": "01/12/2026"}, "De laatste dag ligt op of na de eerste"),
        ({"add": "hire", "hours": "50", "starts_on": "01/12/2026"}, 'href="#roles"'),
    ],
)
async def test_what_is_no_change_is_said_and_changes_nothing(office: Office, query: dict[str, Any], says: str) -> None:
    await a_zone_with_a_past(office)
    answer = await asked(office, PAGE, params=query)
    assert answer.status_code == 422
    assert says in answer.text


async def test_the_api_tells_the_same_in_numbers(office: Office) -> None:
    worker = await a_zone_with_a_past(office)
    query = {"change": ["intake:200", "hire:50:case_manager:fr.nl:frail:2026-12-01"], "weeks": "6"}
    first, second = [await asked(office, API, params=query) for _ in range(2)]
    told = first.json()
    assert told == second.json(), "the same question has the same answer"
    assert told["changes"] == query["change"]
    assert len(told["now"]["weeks"]) == len(told["then"]["weeks"]) == 6
    assert {each["coordinator_id"] for each in told["then"]["load"]} == {str(worker.id), None}
    assert told["counted_from"] | {"at": ""} == {
        "at": "", "first": "2026-08-31", "weeks": 12, "cases": told["counted_from"]["cases"], "closings": CASES, "coordinators": 1, "held": 0,
        "waiting": 0, "assumed": [], "runs": 20, "rule_version": "2026-11",
    }  # fmt: skip
    wrong = await asked(office, API, params={"change": "intake:1"})
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["field"] == "change"


async def test_one_at_a_time_for_a_zone_and_the_same_is_worked_out_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    await a_zone_with_a_past(office)
    zone = await found(office)
    begun, go_on = [], asyncio.Event()

    async def slowly(asked: Asked) -> Any:
        begun.append(asked)
        await go_on.wait()
        return await worked_out(asked)

    worked_out = apart._worked_out
    monkeypatch.setattr(apart, "_worked_out", slowly)
    first = asyncio.create_task(apart.answered(Asked(zone, (), 4)))
    again = asyncio.create_task(apart.answered(Asked(zone, (), 4)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    waits = asyncio.create_task(apart.answered(Asked(zone, (Intake(110),), 4)))
    await asyncio.sleep(0)
    monkeypatch.setattr(apart, "PATIENCE", 0.0)
    page = await asked(office, f"{PAGE}?change=intake:130")
    api = await asked(office, f"{API}?change=intake:130")
    assert len(begun) == 1
    go_on.set()
    assert await first == await again
    assert await waits is not None, "it had patience"
    assert page.status_code == api.status_code == 503
    assert "loopt al een andere berekening" in page.text
    assert api.json()["code"] == "what_if_busy"
    assert api.headers["retry-after"]
    assert await apart.answered(Asked(zone, (Intake(130),), 4)) is not None, "then it is the next one's turn"


async def test_what_takes_too_long_is_stopped(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    await a_zone_with_a_past(office)
    monkeypatch.setattr(apart, "LONGEST", 0.0)
    answer = await asked(office, PAGE)
    assert answer.status_code == 503
    assert "duurde te lang" in answer.text
    assert apart._RUNNING == {}


async def test_it_writes_nothing(office: Office) -> None:
    await a_zone_with_a_past(office)
    written = "select (select count(*) from offers), (select count(*) from cases), (select count(*) from outbox), (select count(*) from decision_cards)"
    before = await office.rows(written)
    assert (await asked(office, f"{PAGE}?change={scenario.written(Intake(200))}")).status_code == 200
    assert await office.rows(written) == before
