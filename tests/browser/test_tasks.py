"""The six core tasks by keyboard alone, without JavaScript, and on a screen of 320 pixels; and in how many screens, fields and clicks."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from playwright.async_api import Browser, expect

from shared.access.personas import PERSONAS
from tests.browser import cases, tasks
from tests.browser.hands import WAYS, Hands, at_work
from tests.browser.people import Site, sign_in
from tests.builders import a_referral
from tests.eventually import eventually
from tests.house import own_house
from tests.journeys.sink import Sink
from tests.journeys.test_main_job import send, status
from tests.stack import Stack

house = own_house
ways = pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)


@pytest.fixture(scope="module")
def site(house: Stack, chrome: Browser) -> Site:
    return Site(house, chrome)


@ways
async def test_a_sender_refers(site: Site, way: type[Hands]) -> None:
    async with at_work(site, "sender", way) as hands:
        name = await tasks.refer(hands)
        await hands.open("/intake/referrals")
        await expect(hands.link(f"Leyla {name}")).to_have_count(1)


@ways
async def test_a_sender_reads_the_status_and_adds_information(site: Site, house: Stack, way: type[Hands]) -> None:
    case = await cases.offered(house)
    async with at_work(site, "sender", way) as hands:
        await tasks.read_status_and_add(hands, case, "Haar zus is nu altijd thuis.")
    assert len(await house.query("intake", "select from records where about = $1 and kind = 'information'", UUID(case.referral))) == 1


@ways
async def test_a_coordinator_accepts(site: Site, house: Stack, way: type[Hands]) -> None:
    case = await cases.offered(house)
    async with at_work(site, case.persona, way) as hands:
        await tasks.accept(hands, case)
    seen = await status(house, case.referral, "assigned")
    assert seen["coordinator"]["name"] == PERSONAS[case.persona].name


@ways
async def test_a_coordinator_declines_with_a_reason(site: Site, house: Stack, way: type[Hands]) -> None:
    case = await cases.offered(house)
    async with at_work(site, case.persona, way) as hands:
        await tasks.decline(hands, case)
    assert await house.query("coordination", "select status, reason from offers where id = $1", UUID(case.offer)) == [
        ("declined", "no_room")
    ]


@ways
async def test_a_coordinator_notes_the_first_contact(site: Site, house: Stack, way: type[Hands]) -> None:
    case = await cases.assigned(house)
    async with at_work(site, case.persona, way) as hands:
        await tasks.note_first_contact(hands, case)
    await status(house, case.referral, "first_contact")


@ways
async def test_the_zone_answers_a_check_and_sees_why_somebody_waits(site: Site, house: Stack, way: type[Hands]) -> None:
    body = a_referral(programme="unknown", facts={})
    body["person"]["family_name"] = cases.a_name()
    checked = await send(house, body)
    async with at_work(site, "zone-intake", way) as hands:
        await tasks.answer_check(hands, cases.name_of(body))
    await status(house, checked["id"], "not_eligible")
    foreign = a_referral()
    foreign["person"]["language"] = "ps"
    waiting = await send(house, foreign)
    await status(house, waiting["id"], "waiting")
    ((reference,),) = await house.query(
        "coordination", "select reference from cases where id = $1", UUID(await cases.case_of(house, waiting["id"]))
    )
    async with at_work(site, "zone-lead", way) as hands:
        await tasks.see_why_somebody_waits(hands, reference)


async def test_referring_takes_three_screens_and_at_most_twelve_fields(site: Site) -> None:
    async with at_work(site, "sender") as hands:
        await tasks.refer(hands)
        screens = {path.split("/")[3] for path in hands.screens if path.startswith("/intake/refer/")}
        assert screens == {"1", "2", "3"}
        assert len(hands.fields) <= 12, hands.fields
        answered = hands.fields
        await hands.open("/intake/refer")
        must = await _must_be_answered(hands)
        await tasks.fill_in_who(hands, cases.a_name())
        await hands.press(hands.button("Verder: wat is er nodig"))
        await expect(hands.button("Toon de vragen")).to_be_visible()
        must |= await _must_be_answered(hands)
    assert len(must) >= 5
    assert must <= answered, "who answers only these gets through"


async def _must_be_answered(hands: Hands) -> set[str]:
    """The fields of this screen that must have an answer and come without one."""
    names: list[str] = await hands.page.locator("[required]").evaluate_all(
        """(all) => all.filter((each) => each.type === 'radio' ? ![...each.form.elements[each.name]].some((one) => one.checked) : !each.value)
            .map((each) => each.name)"""
    )
    return set(names)


async def test_status_accepting_and_declining_take_at_most_two_clicks(site: Site, house: Stack) -> None:
    first, second = await cases.offered(house), await cases.offered(house)
    async with at_work(site, "sender") as hands:
        await hands.open("/")
        await hands.press(hands.link(first.name))
        await expect(hands.page.get_by_role("list", name="Stand van de aanmelding")).to_be_visible()
        assert hands.clicks <= 2
    async with at_work(site, first.persona) as hands:
        await tasks.accept(hands, first)
        assert hands.clicks <= 2
    async with at_work(site, second.persona) as hands:
        await tasks.decline(hands, second)
        assert hands.clicks <= 2


async def test_accepting_from_the_mail_takes_at_most_two_clicks_after_signing_in(site: Site, house: Stack, sink: Sink) -> None:
    case = await cases.offered(house)
    ((reference,),) = await house.query("coordination", "select reference from cases where id = $1", UUID(case.case))

    async def mails() -> list[Any]:
        return [
            mail for mail in sink.mails if f"Nieuw aanbod: dossier {reference}" in str(mail["subject"]) and site.url in mail.get_content()
        ]

    (mail, *_) = await eventually(mails)
    link = next(word for word in mail.get_content().split() if word.startswith(site.url))
    async with site.browser() as context:
        page = await context.new_page()
        await page.goto(link)
        await sign_in(page, case.persona)
        hands = Hands(page)
        await hands.press(hands.button("Aanvaarden", tasks.offer(hands, case)))
        await expect(tasks.told(hands, "Aanvaard.")).to_be_visible()
        assert hands.clicks <= 2
    await status(house, case.referral, "assigned")
