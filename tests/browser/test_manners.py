"""What people do to pages: reload, back, a double click, two tabs, a session that ended, two answers to one offer. Nothing lost, nothing doubled."""

from __future__ import annotations

import asyncio
from uuid import UUID

import asyncpg
from playwright.async_api import BrowserContext, Dialog, Locator, Page, expect

from shared.access.personas import PERSONAS
from tests.browser import cases, tasks
from tests.browser.hands import Hands, WithoutScript, at_work
from tests.browser.people import Site, sign_in
from tests.journeys.test_main_job import status
from tests.stack import Stack


async def referred(site: Site, name: str) -> int:
    """How many referrals of somebody of this name the sender has."""
    async with site.browser("sender") as context:
        page = await context.new_page()
        await page.goto("/intake/referrals")
        return await page.locator(".entry-name", has_text=name).count()


async def count(house: Stack) -> int:
    ((number,),) = await house.query("intake", "select count(*) from referrals")
    return int(number)


async def on_screen(hands: Hands, number: int) -> str:
    """A new referral up to this screen; returns the family name."""
    name = cases.a_name()
    await hands.open("/intake/refer")
    await tasks.fill_in_who(hands, name)
    if number > 1:
        await hands.press(hands.button("Verder: wat is er nodig"))
        await tasks.fill_in_need(hands)
    if number > 2:
        await hands.press(hands.button("Verder: nakijken"))
        await expect(hands.page.get_by_role("heading", name="Kijk de aanmelding na")).to_be_visible()
    return name


async def test_what_was_typed_is_there_after_a_reload(site: Site) -> None:
    async with at_work(site, "sender") as hands:
        await hands.open("/intake/refer")
        name = cases.a_name()
        await tasks.fill_in_who(hands, name)
        async with hands.page.expect_response(lambda answer: answer.status == 204 and "Meryem" in (answer.request.post_data or "")):
            await hands.type(hands.page.get_by_label("Voornaam"), "Meryem")
        await hands.page.reload()
        await expect(hands.page.get_by_label("Voornaam")).to_have_value("Meryem")
        await expect(hands.page.get_by_label("Naam", exact=True)).to_have_value(name)
        await hands.open("/intake/referrals")
        await expect(hands.page.get_by_text(f"Meryem {name}")).to_have_count(1)


async def test_going_back_keeps_what_was_typed_and_sending_again_sends_once(site: Site, house: Stack) -> None:
    async with at_work(site, "sender") as hands:
        name = await on_screen(hands, 3)
        before = await count(house)
        await hands.press(hands.link("Wijzigen: naam").or_(hands.link("Wijzigen")).first)
        await expect(hands.page.get_by_label("Naam", exact=True)).to_have_value(name)
        await hands.page.go_back()
        await hands.press(hands.button("Aanmelding versturen"))
        receipt = hands.page.get_by_role("heading", name="Aanmelding ontvangen")
        await expect(receipt).to_be_visible()
        reference = await hands.page.locator(".reference").inner_text()
        await hands.page.go_back()
        if await receipt.count() == 0:  # the browser still had the page
            await hands.press(hands.button("Aanmelding versturen"))
        await expect(receipt).to_be_visible()
        assert await hands.page.locator(".reference").inner_text() == reference
    assert await count(house) == before + 1
    assert await referred(site, name) == 1


async def test_a_double_click_sends_once(site: Site, house: Stack) -> None:
    async with at_work(site, "sender") as hands:
        name = await on_screen(hands, 3)
        before = await count(house)
        await hands.button("Aanmelding versturen").dblclick()
        await expect(hands.page.get_by_role("heading", name="Aanmelding ontvangen")).to_be_visible()
        text = f"Nog iets over {name}"
        await hands.open("/intake/referrals")
        await hands.press(hands.link(f"Leyla {name}"))
        await hands.type(hands.page.get_by_label("Wat wilt u laten weten?"), text)
        await hands.button("Aanvulling versturen").dblclick()
        await expect(hands.page.get_by_role("paragraph").filter(has_text=text)).to_have_count(1)
    assert await count(house) == before + 1
    assert await referred(site, name) == 1


async def test_a_double_click_on_accept_takes_one_case(site: Site, house: Stack) -> None:
    case = await cases.offered(house)
    async with at_work(site, case.persona) as hands:
        await hands.open("/")
        await hands.button("Aanvaarden", tasks.offer(hands, case)).dblclick()
        await expect(tasks.offer(hands, case)).to_have_count(0)
    assert await house.query("coordination", "select status from offers where case_id = $1", UUID(case.case)) == [("accepted",)]


async def test_in_two_tabs_the_one_that_is_behind_says_so_and_sends_nothing(site: Site, house: Stack) -> None:
    async with at_work(site, "sender") as hands:
        name = await on_screen(hands, 3)
        before = await count(house)
        other = await hands.page.context.new_page()
        await other.goto(hands.page.url.replace("/refer/3/", "/refer/1/"))
        await other.get_by_label("Voornaam").fill("Meryem")
        await other.get_by_role("button", name="Verder: wat is er nodig").click()
        await expect(other.get_by_role("heading", name="Meryem")).to_be_visible()
        await hands.press(hands.button("Aanmelding versturen"))
        await expect(hands.page.get_by_text("Nog niet verstuurd.")).to_be_visible()
        await expect(hands.page.get_by_text("Kijk ze nog eens na en verstuur dan.")).to_be_visible()
        await expect(hands.page.get_by_text(f"Meryem {name}")).to_be_visible()
        assert await count(house) == before
        await hands.press(hands.button("Aanmelding versturen"))
        await expect(hands.page.get_by_role("heading", name="Aanmelding ontvangen")).to_be_visible()
    assert await count(house) == before + 1


async def _signed_out_elsewhere(context: BrowserContext, own: str = "/intake/referrals") -> None:
    other = await context.new_page()
    await other.goto(own)
    await other.locator(".bar details.menu:not(.languages) summary").click()
    await other.get_by_role("button", name="Uitloggen", exact=True).click()
    await expect(other.get_by_role("heading", name="U bent uitgelogd")).to_be_visible()
    await other.close()


async def _again_after_signing_in(page: Page, persona: str) -> None:
    """What the page offers to who is not signed in any more: sign in beside it, and send the same again."""
    await expect(page.get_by_role("heading", name="Log opnieuw in")).to_be_visible()
    await expect(page.get_by_text("Wat u typte staat nog in deze pagina.")).to_be_visible()
    async with page.context.expect_page() as opened:
        await page.get_by_role("link", name="Inloggen in een nieuw venster").click()
    window = await opened.value
    await sign_in(window, persona)
    await expect(window.get_by_role("navigation", name="Hoofdmenu")).to_be_visible()
    await window.close()
    await page.get_by_role("button", name="Nu opnieuw proberen").click()
    stale = page.get_by_role("heading", name="Uw sessie is intussen een andere")
    await expect(stale.or_(page.get_by_role("heading", level=1))).to_be_visible()
    if await stale.count():
        await page.get_by_role("button", name="Nu opnieuw proberen").click()


async def test_a_session_that_ended_in_the_middle_of_a_form_loses_nothing(site: Site) -> None:
    async with site.browser("sender", fresh=True) as context:
        hands = Hands(await context.new_page())
        name = await on_screen(hands, 1)
        await _signed_out_elsewhere(context)
        await hands.press(hands.button("Verder: wat is er nodig"))
        await _again_after_signing_in(hands.page, "sender")
        await expect(hands.page.get_by_role("heading", name=name)).to_be_visible()
        await tasks.fill_in_need(hands)
        await hands.press(hands.button("Verder: nakijken"))
        await hands.press(hands.button("Aanmelding versturen"))
        await expect(hands.page.get_by_role("heading", name="Aanmelding ontvangen")).to_be_visible()
    assert await referred(site, name) == 1


async def test_information_typed_while_the_session_ended_arrives_once(site: Site, house: Stack) -> None:
    case, text = await cases.offered(house), "Ze is verhuisd naar haar zus."
    async with site.browser("sender", fresh=True) as context:
        hands = Hands(await context.new_page())
        await hands.open(f"/intake/referrals/{case.referral}")
        await hands.type(hands.page.get_by_label("Wat wilt u laten weten?"), text)
        await _signed_out_elsewhere(context)
        await hands.press(hands.button("Aanvulling versturen"))
        await _again_after_signing_in(hands.page, "sender")
        await expect(hands.page.get_by_role("paragraph").filter(has_text=text)).to_have_count(1)


async def _asked_before_leaving(page: Page, press: Locator) -> str:
    """What the browser asks when this is pressed; the answer is to stay."""
    asked: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def stay(dialog: Dialog) -> None:
        await dialog.dismiss()
        asked.set_result(dialog.type)

    page.once("dialog", stay)
    await press.click(no_wait_after=True)
    return await asyncio.wait_for(asked, 15)


async def test_what_was_typed_on_a_case_page_outlives_its_session(site: Site, house: Stack) -> None:
    case = await cases.assigned(house)
    async with site.browser(case.persona, fresh=True) as context:
        hands = Hands(await context.new_page())
        await hands.open(f"/coordination/cases/{case.case}")
        await hands.press(hands.unfolds("Eerste contact noteren"))
        await hands.type(hands.field("Uur"), "99:99")
        await hands.choose(hands.option("Intensiteit", "Intens"))
        await _signed_out_elsewhere(context, "/coordination/cases")
        await hands.press(hands.button("Eerste contact bewaren"))
        await expect(hands.page.get_by_role("heading", name="Log opnieuw in")).to_be_visible()
        assert await _asked_before_leaving(hands.page, hands.page.locator(".brand")) == "beforeunload"
        await _again_after_signing_in(hands.page, case.persona)
        await expect(hands.field("Uur")).to_have_value("99:99")
        await expect(hands.option("Intensiteit", "Intens")).to_be_checked()
        assert await _asked_before_leaving(hands.page, hands.link("Dossiers").first) == "beforeunload", "what is wrong is not sent either"
        moment = await hands.page.evaluate(
            "new Date().toLocaleTimeString('nl-BE', {hour: '2-digit', minute: '2-digit', timeZone: 'Europe/Brussels'})"
        )
        await hands.type(hands.field("Uur"), moment)
        await hands.press(hands.button("Eerste contact bewaren"))
        await expect(hands.page.locator("#stand")).to_have_text("In begeleiding bij u")
    assert await house.query("coordination", "select status, intensity from cases where id = $1", UUID(case.case)) == [
        ("first_contact", "intense")
    ]


async def test_leaving_a_page_with_something_typed_and_not_sent_asks_first(site: Site, house: Stack) -> None:
    case, text = await cases.assigned(house), "Ze is verhuisd."
    async with at_work(site, case.persona) as hands:
        page, noted = hands.page, f"/coordination/cases/{case.case}"
        await hands.open(noted)
        await hands.press(hands.unfolds("Pauzeren…"))
        await hands.type(hands.field("Wanneer kijkt u opnieuw?"), "1/12/20")
        for way in (hands.link("Dossiers").first, page.get_by_role("button", name="Uitloggen", exact=True)):
            if not await way.is_visible():
                await page.locator(".bar details.menu:not(.languages) summary").click()
            assert await _asked_before_leaving(page, way) == "beforeunload"
            assert page.url.endswith(noted)
        await expect(hands.field("Wanneer kijkt u opnieuw?")).to_have_value("1/12/20")
    async with at_work(site, "sender") as hands:
        page = hands.page
        asked: list[str] = []
        await hands.open(f"/intake/referrals/{case.referral}")
        field = page.get_by_label("Wat wilt u laten weten?")
        await hands.type(field, text)
        assert await _asked_before_leaving(page, hands.link("Aanmeldingen").first) == "beforeunload"
        await expect(field).to_have_value(text)

        async def note(dialog: Dialog) -> None:
            asked.append(dialog.type)
            await dialog.accept()

        page.on("dialog", note)
        await hands.press(hands.button("Aanvulling versturen"))
        await expect(page.get_by_role("paragraph").filter(has_text=text)).to_be_visible()
        await hands.press(hands.link("Aanmeldingen").first)
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        await hands.open(f"/intake/referrals/{case.referral}")
        await hands.type(field, text)
        await page.route("https://www.meteo.be/**", lambda route: route.fulfill(body="weer"))
        await hands.press(hands.link("Verlaat deze pagina snel"))
        await page.wait_for_url("https://www.meteo.be/**")
        assert asked == [], "neither who sends nor who must leave quickly is asked"


async def test_a_stale_offer_accepted_by_two_people_is_one_case_and_the_late_one_reads_why(site: Site, house: Stack) -> None:
    case = await cases.offered(house)
    # a page that refreshes itself would show in time that the offer is gone
    async with at_work(site, case.persona, WithoutScript) as late, at_work(site, case.persona) as hands:
        await late.open("/")
        await expect(tasks.offer(late, case)).to_be_visible()
        await tasks.decline(hands, case)
        await status(house, case.referral, "offered")
        ((offer, coordinator),) = await house.query(
            "coordination", "select id, coordinator_id from offers where case_id = $1 and status = 'offered'", UUID(case.case)
        )
        assert str(offer) != case.offer
        other = cases.persona_of(str(coordinator))
        async with at_work(site, other) as second:
            await second.open("/")
            await second.press(second.button("Aanvaarden", second.page.locator(f"#aanbod-{offer}")))
            await expect(tasks.told(second, "Aanvaard.")).to_be_visible()
        await late.press(late.button("Aanvaarden", tasks.offer(late, case)))
        await expect(late.page.get_by_text("Dit aanbod is al beantwoord. Het eerste antwoord telt.")).to_be_visible()
        await expect(tasks.offer(late, case)).to_have_count(0)
    answers = await house.query("coordination", "select status from offers where case_id = $1 order by offered_at", UUID(case.case))
    assert answers == [("declined",), ("accepted",)]


async def test_an_offer_answered_in_another_tab_says_so(site: Site, house: Stack) -> None:
    case = await cases.offered(house)
    async with at_work(site, case.persona, WithoutScript) as hands:
        await hands.open("/")
        await hands.press(hands.unfolds("Weigeren", tasks.offer(hands, case)))
        other = Hands(await hands.page.context.new_page())
        await tasks.accept(other, case)
        await hands.press(hands.button("Ik heb geen ruimte", tasks.offer(hands, case)))
        await expect(hands.page.get_by_text("Dit aanbod is al beantwoord. Het eerste antwoord telt.")).to_be_visible()
    assert await house.query("coordination", "select status from offers where case_id = $1", UUID(case.case)) == [("accepted",)]


async def test_who_signed_in_long_ago_shows_again_who_they_are_and_comes_back_to_sign_out_elsewhere(site: Site, house: Stack) -> None:
    who, others = "privacy-officer", "Overal uitloggen behalve hier"
    async with site.browser(who, fresh=True) as there, site.browser(who, fresh=True, java_script_enabled=False) as here:
        page = await here.new_page()
        await page.goto("/sessions")
        await expect(page.get_by_role("button", name=others)).to_be_visible()
        await signed_in_long_ago(house, PERSONAS[who].id)
        await page.reload()
        await expect(page.get_by_role("button", name=others)).to_have_count(0)
        await page.get_by_role("link", name="Opnieuw inloggen").click()
        await sign_in(page, who)
        await expect(page).to_have_url(f"{site.url}/sessions")
        await page.get_by_role("button", name=others).click()
        await expect(page.get_by_text("Daar bent u uitgelogd.")).to_be_visible()
        assert (await there.request.get("/sessions")).status == 401


async def signed_in_long_ago(house: Stack, person: UUID) -> None:
    connection = await asyncpg.connect(house.values()["access_dsn"])
    try:
        await connection.execute("update sessions set shown_at = shown_at - interval '1 hour' where person_id = $1", person)
    finally:
        await connection.close()
