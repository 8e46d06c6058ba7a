"""The pages, as people go through them, without JavaScript."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from shared import clock
from shared.access.personas import PERSONAS
from tests.builders import a_referral
from tests.eventually import eventually
from tests.house import own_house
from tests.journeys.browser import Browser, Form, Page
from tests.journeys.test_main_job import offer_of, send, status
from tests.stack import Stack

WEEKS = "31"


house = own_house


def a_name() -> str:
    """A first name that no other test has."""
    return f"Leyla{uuid4().hex[:8]}"


async def screen_1(browser: Browser, name: str) -> Page:
    """A new referral up to screen 2."""
    start = await browser.sign_in("sender")
    assert "Onze aanmeldingen" in start.text
    page = await browser.get("/intake/refer")
    return await browser.send(
        page,
        page.form("/intake/refer/1/"),
        person__given_name=name,
        person__family_name="D'hondt-Özdemir",
        person__birth_date="14/3/1999",
        person__address__postcode="9940",
        person__phone="0400 00 18 77",
    )


async def screen_2(browser: Browser, page: Page) -> Page:
    """From screen 2 to screen 3."""
    page = await browser.send(page, page.form("/intake/refer/2/"), programme="perinatal", _action="propose")
    assert "Hoeveel weken zwanger?" in page.text
    page = await browser.send(
        page,
        page.form("/intake/refer/2/"),
        facts__weeks_pregnant=WEEKS,
        facts__needs=["housing", "money"],
        facts__coordination_now="none",
        facts__providers="several",
        facts__has_plan="nee",
        _action="propose",
    )
    assert "Komt in aanmerking" in page.text
    assert "Een casemanager in Oost-Meetjesland" in page.text
    return await browser.send(page, page.form("/intake/refer/2/"), worries="Slaapt slecht.\nIs bang.", consent__given="ja", _action="next")


async def test_a_sender_goes_through_three_screens_to_a_receipt_and_the_status(house: Stack) -> None:
    name = a_name()
    async with Browser(house) as browser:
        page = await screen_2(browser, await screen_1(browser, name))
        assert "14/03/1999" in page.text
        assert "31 weken" in page.text
        receipt = await browser.send(page, page.form("/intake/refer/3/"))
        assert str(receipt.url).endswith("/receipt")
        assert "Aanmelding ontvangen" in receipt.text
        assert f"{name} D'hondt-Özdemir" in receipt.text
        assert (reference := re.search(r"OM-\d\d-\d+-\w", receipt.text))
        shown = await browser.get(str(receipt.url).removesuffix("/receipt"))
        assert reference[0] in shown.text
        assert "Stand van de aanmelding" in shown.answer.text
        assert reference[0] in (await browser.get("/intake/referrals")).text
        assert await browser.follow_all()


async def test_what_was_typed_stays_and_each_mistake_stands_beside_its_field(house: Stack) -> None:
    name = a_name()
    async with Browser(house) as browser:
        await browser.sign_in("sender")
        page = await browser.get("/intake/refer")
        page = await browser.send(
            page, page.form("/intake/refer/1/"), person__given_name=name, person__birth_date="31/02/1999", person__reach="Na 17 uur"
        )
        assert "Kijk nog" in page.text
        assert 'id="person.family_name-fout"' in page.answer.text
        assert 'id="person.birth_date-fout"' in page.answer.text
        assert 'id="person.address.postcode-fout"' in page.answer.text
        kept = page.form("/intake/refer/1/").fields
        assert (kept["person.given_name"], kept["person.birth_date"], kept["person.reach"]) == ([name], ["31/02/1999"], ["Na 17 uur"])
        page = await browser.send(
            page,
            page.form("/intake/refer/1/"),
            person__family_name="Demirkol",
            person__birth_date="14/03/1999",
            person__address__postcode="9940",
            person__phone="0400 00 18 77",
        )
        page = await browser.send(
            page,
            page.form("/intake/refer/2/"),
            programme="perinatal",
            worries="Eerste zin.\nTweede zin.",
            urgency__level="high",
            _shown="perinatal",
        )
        assert 'id="consent.given-fout"' in page.answer.text
        assert 'id="urgency.reason-fout"' in page.answer.text
        kept = page.form("/intake/refer/2/").fields
        assert [text.replace("\r\n", "\n") for text in kept["worries"]] == ["Eerste zin.\nTweede zin."]
        assert kept["urgency.level"] == ["high"]
        assert name in (await browser.get("/intake/referrals")).text, "the draft stands in the list"
        await browser.follow_all()


async def test_sending_screen_3_twice_makes_one_referral(house: Stack) -> None:
    name = a_name()
    async with Browser(house) as browser:
        page = await screen_2(browser, await screen_1(browser, name))
        first = await browser.send(page, page.form("/intake/refer/3/"))
        second = await browser.send(page, page.form("/intake/refer/3/"))
        assert first.url == second.url
        listed = await browser.get("/intake/referrals")
        assert listed.text.count(name) == 1


async def _offered(house: Stack) -> tuple[str, str, str, str]:
    """A referral that only the two personas of Oost-Meetjesland can take: its name, case, offer and who is offered it."""
    body = a_referral()
    name = body["person"]["given_name"] = a_name()
    sent = await send(house, body)
    await status(house, sent["id"], "offered")
    offer, coordinator = await offer_of(house, sent["id"])
    ((case,),) = await house.query("coordination", "select case_id from case_referrals where referral_id = $1", UUID(sent["id"]))
    persona = next(key for key, actor in PERSONAS.items() if str(actor.id) == coordinator)
    return name, str(case), offer, persona


async def test_a_coordinator_accepts_on_the_page_of_the_day_and_then_sees_the_name(house: Stack) -> None:
    name, case, offer, persona = await _offered(house)
    async with Browser(house) as browser:
        day = await browser.sign_in(persona)
        assert "Mijn punten" in day.text
        assert name not in day.answer.text, "no name before acceptance"
        assert name not in (await browser.get(f"/coordination/cases/{case}")).answer.text
        day = await browser.send(day, day.form(f"/coordination/offers/{offer}/accept"))
        assert not [form for form in day.forms if f"{offer}/accept" in form.action]

        async def case_page() -> Page:
            return await browser.get(f"/coordination/cases/{case}")

        page = await eventually(case_page, lambda page: name in page.text)
        assert "Waarom deze coördinator, waarom niet de anderen" in page.text
        assert "Hanne Wijffels" in page.text
        assert "Eerste contact noteren" in page.text
        assert name in (await browser.get("/coordination/day")).text
        await browser.get("/coordination/cases")
        await browser.get("/coordination/cases?stand=closed")
        assert await browser.follow_all()


def _declines(page: Page, offer: str) -> list[Form]:
    """The two forms of a decline: a button for each reason, and the one that takes dates."""
    return [form for form in page.forms if f"/coordination/offers/{offer}/decline" in form.action]


async def test_a_coordinator_declines_with_a_reason_and_without_one_is_asked_for_it(house: Stack) -> None:
    _, case, offer, persona = await _offered(house)
    async with Browser(house) as browser:
        day = await browser.sign_in(persona)
        _, form = _declines(day, offer)
        asked = await browser.send(day, form, status=422)
        assert "Kijk nog één vraag na" in asked.text
        dated = await browser.send(day, form, status=422, reason="away_soon", away_from="31/02/2027", away_to="02/03/2027")
        kept = _declines(dated, offer)[1].fields
        assert (kept["away_from"], kept["away_to"]) == (["31/02/2027"], ["02/03/2027"])
        form, _ = _declines(day, offer)
        assert ("reason", "no_room") in form.buttons
        told = await browser.send(day, form, reason="no_room")
        assert not [form for form in told.forms if f"{offer}/accept" in form.action]
        await browser.follow_all()
    async with Browser(house) as browser:
        await browser.sign_in("zone-lead")

        async def case_page() -> Page:
            return await browser.get(f"/coordination/cases/{case}")

        page = await eventually(case_page, lambda page: "Geweigerd" in page.text)
        assert "Heeft geen ruimte" in page.text
        assert "no_room" not in page.text


async def test_the_zone_lead_sees_who_waits_with_reason_and_owner_and_what_each_carries(house: Stack) -> None:
    body = a_referral()
    body["person"] |= {"given_name": a_name(), "language": "ps"}
    sent = await send(house, body)
    await status(house, sent["id"], "waiting")
    async with Browser(house) as browser:
        zones = await browser.sign_in("zone-lead")
        assert "Oost-Meetjesland" in zones.text
        board = await browser.get("/coordination/zones/meetjesland-oost")
        assert "Niemand die de taal spreekt" in board.text
        assert "Griet Baetslé" in board.text
        assert "Belasting per coördinator" in board.text
        assert "Wouter Steyvers" in board.text
        await browser.follow_all()


async def test_the_zone_lead_agrees_on_an_interpreter_on_the_board_and_takes_it_back(house: Stack) -> None:
    body = a_referral()
    body["person"] |= {"given_name": a_name(), "language": "so"}
    sent = await send(house, body)
    await status(house, sent["id"], "waiting")
    ((case, reference),) = await house.query(
        "coordination", "select id, cases.reference from cases join case_referrals on case_id = id where referral_id = $1", UUID(sent["id"])
    )
    act = f"/coordination/cases/{case}/interpreter"
    async with Browser(house) as browser:
        await browser.sign_in("zone-lead")
        board = await browser.get("/coordination/zones/meetjesland-oost")
        assert f"voor dossier {reference}" in board.text
        page = await browser.send(board, next(form for form in board.forms if form.action == act))
        assert f"/coordination/cases/{case}" in str(page.url)
        assert "tolk afgesproken" in page.text
        assert "Aangeboden aan" in page.text
        await status(house, sent["id"], "offered")
        page = await browser.send(page, page.form(f"{act}/cancel"))
        assert "Niemand die de taal spreekt" in page.text
        assert "Ingetrokken" in page.text
        assert "Er is toch geen tolk" in page.text
        assert [form.action for form in page.forms if form.action == act], "the button is on the page of the case too"
        await browser.follow_all()
    await status(house, sent["id"], "waiting")
    async with Browser(house) as browser:
        await browser.sign_in("zone-intake")
        board = await browser.get("/coordination/zones/meetjesland-oost")
        assert reference in board.text
        assert not [form for form in board.forms if "/coordination/" in form.action], "who does not lead the zone sees no buttons"


async def test_the_zone_lead_marks_a_task_done_on_the_board(house: Stack) -> None:
    _, case, _, _ = await _offered(house)
    task = uuid4()
    await house.query(
        "coordination",
        """insert into case_tasks (id, case_id, zone, kind, owner_id, asked_at) values ($1, $2, 'meetjesland-oost', 'training', $3, now())""",
        task,
        UUID(case),
        PERSONAS["zone-lead"].id,
    )
    async with Browser(house) as browser:
        await browser.sign_in("zone-lead")
        board = await browser.get("/coordination/zones/meetjesland-oost")
        assert "opleiding plannen of overdragen" in board.text
        form = board.form(f"/coordination/tasks/{task}/done")
        board = await browser.send(board, form)
        assert str(task) not in board.answer.text
        await browser.send(board, form)
        page = await browser.get(f"/coordination/cases/{case}")
        assert "Taak gedaan door Griet Baetslé" in page.text
        await browser.get("/coordination/tasks/nowhere/done", status=404)
        await browser.follow_all()


async def test_a_coordinator_lets_a_case_rest_and_the_sender_sees_it(house: Stack) -> None:
    name, case, offer, persona = await _offered(house)
    ((referral,),) = await house.query("coordination", "select referral_id from case_referrals where case_id = $1", UUID(case))
    async with Browser(house) as browser:
        day = await browser.sign_in(persona)
        await browser.send(day, day.form(f"/coordination/offers/{offer}/accept"))
        page = await browser.get(f"/coordination/cases/{case}")
        due = (await status(house, str(referral), "assigned"))["due_at"]
        assert due
        page = await browser.send(page, page.form("/pause"), status=422, reason="admitted", until="01/01/2026")
        assert "Kies een dag na vandaag." in page.text
        page = await browser.send(page, page.form("/pause"), reason="admitted", until=f"{clock.now() + timedelta(days=21):%d/%m/%Y}")
        assert "Gepauzeerd, blijft bij u" in page.text
        assert "De persoon is opgenomen" in page.text
        assert (await status(house, str(referral), "paused"))["due_at"] > due
        async with Browser(house) as sender:
            await sender.sign_in("sender")
            shown = await sender.get(f"/intake/referrals/{referral}")
            assert name in shown.text
            assert "Gepauzeerd" in shown.text
            assert "opnieuw" in shown.text
        await browser.send(page, page.form("/resume"))
        assert (await status(house, str(referral), "assigned"))["due_at"] >= due


@pytest.mark.parametrize("need", ["violence", "housing"])
async def test_a_coordinator_reads_whom_to_call_where_violence_was_told(house: Stack, need: str) -> None:
    sent = await send(house, a_referral(facts={**a_referral()["facts"], "needs": [need]}))
    _, coordinator = await offer_of(house, sent["id"])
    ((case,),) = await house.query("coordination", "select case_id from case_referrals where referral_id = $1", UUID(sent["id"]))
    async with Browser(house) as browser:
        await browser.sign_in(next(key for key, actor in PERSONAS.items() if str(actor.id) == coordinator))
        page = await browser.get(f"/coordination/cases/{case}")
    assert ("tel:1712" in page.links) is (need == "violence")
    assert ("Spreek geen bericht in" in page.text) is (need == "violence")


async def test_the_intake_of_the_zone_answers_what_a_human_must_look_at(house: Stack) -> None:
    body = a_referral(programme="unknown", facts={})
    name = body["person"]["given_name"] = a_name()
    sent = await send(house, body)
    async with Browser(house) as browser:
        checks = await browser.sign_in("zone-intake")
        assert name in checks.text
        page = await browser.get(f"/intake/referrals/{sent['id']}")
        assert "U kijkt deze aanmelding na" in page.text
        form = page.form("/check-answer")
        asked = await browser.send(page, form, status=422, text="Zelfde gezin als vorig jaar.")
        assert asked.form("/check-answer").fields["text"] == ["Zelfde gezin als vorig jaar."]
        await browser.send(page, form, answer="refused", text="Het gezin heeft al een begeleider.")
        assert name not in (await browser.get("/intake/checks")).text
        await browser.follow_all()
    assert (await status(house, sent["id"], "not_eligible"))["status"] == "not_eligible"


async def test_operations_shows_that_what_came_in_equals_what_is_somewhere(house: Stack) -> None:
    await send(house, a_referral())
    async with Browser(house) as browser:
        await browser.sign_in("ops")

        async def page() -> Page:
            return await browser.get("/operations")

        seen = await eventually(page, lambda page: "In = uit" in page.text)
        assert "Amina" not in seen.text, "no names here"
        await browser.follow_all()


@pytest.mark.parametrize(
    ("persona", "url", "number", "words"),
    [
        ("sender", "/intake/nowhere", 404, "Deze pagina bestaat niet"),
        ("sender", f"/intake/referrals/{uuid4()}", 404, "Deze pagina bestaat niet"),
        ("sender", "/operations", 403, "U ziet deze pagina niet"),
        ("coordinator", "/coordination/zones", 403, "U ziet deze pagina niet"),
        ("zone-intake", "/coordination/zones/nowhere", 404, "Deze pagina bestaat niet"),
    ],
)
async def test_a_page_that_is_not_there_or_not_for_this_reader_says_so(
    house: Stack, persona: str, url: str, number: int, words: str
) -> None:
    async with Browser(house) as browser:
        await browser.sign_in(persona)
        page = await browser.get(url, status=number)
        assert words in page.text
        await browser.follow_all()
