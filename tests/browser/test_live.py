"""Open pages follow what happens, in a real browser; and nobody who is typing is disturbed."""

from __future__ import annotations

import asyncio
import math
import sys
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from playwright.async_api import Browser, Page, expect

from shared.access.personas import PERSONAS
from tests.browser import cases
from tests.builders import a_frail_elder
from tests.databases import Databases
from tests.eventually import eventually, stays
from tests.house import a_house
from tests.journeys.test_main_job import offer_of, send, worker
from tests.servers import Servers
from tests.stack import Stack

CHANGES = 20
HANNE = str(PERSONAS["coordinator"].id)

pytestmark = pytest.mark.timeout(300)

# keeps when each element of a list came into the page
WATCH = """(selector) => {
  window.seen = {};
  const look = () => { for (const each of document.querySelectorAll(selector)) window.seen[each.id || each.textContent.trim()] ??= Date.now(); };
  look();
  new MutationObserver(look).observe(document.body, {childList: true, subtree: true, attributes: true, characterData: true});
}"""

HIDE = """(hidden) => {
  Object.defineProperty(document, 'hidden', {value: hidden, configurable: true});
  document.dispatchEvent(new Event('visibilitychange'));
}"""


@pytest.fixture(scope="module")
async def house(infrastructure: Servers, databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """A house of their own: these tests stop it, and send everybody away."""
    async with a_house(infrastructure, databases, tmp_path_factory.mktemp("live-house")) as stack:
        yield stack


async def window(chrome: Browser, house: Stack, persona: str, path: str, **options: Any) -> Page:
    """A window of somebody who signed in; whatever its scripts complain about fails the test."""
    context = await chrome.new_context(base_url=house.urls["intake"], **options)
    page = await context.new_page()
    page.on("pageerror", lambda error: pytest.fail(f"a script failed: {error}"))
    page.on("console", lambda said: pytest.fail(said.text) if "Content Security Policy" in said.text else None)
    page.on("response", lambda answer: print(answer.status, answer.url, file=sys.stderr) if answer.status > 403 else None)
    await page.goto("/sign-in")
    await page.locator(f'button[value="{persona}"]').click()
    if "/organisation" in page.url:
        await page.locator("main button").first.click()
    await page.goto(path)
    return page


@pytest.fixture(autouse=True)
async def _room(house: Stack) -> AsyncIterator[None]:
    """Everybody has room again after each test."""
    yield
    if house.processes["all"].poll() is not None:
        return
    sent = await house.query("intake", "select id from referrals where status not in ('closed', 'withdrawn', 'first_contact')")
    async with house.client("sender") as client:
        for (id,) in sent:
            await client.post(f"/intake/api/referrals/{id}/withdraw", json={"reason": "other"}, headers={"Idempotency-Key": str(uuid4())})
    open_ = "select 1 from offers where status in ('offered', 'accepted')"
    await eventually(lambda: house.query("coordination", open_), lambda rows: not rows)


async def offered_to_hanne(house: Stack, **changes: Any) -> tuple[str, str]:
    """A referral whose case is offered to Hanne: (referral, offer)."""
    for _ in range(12):
        sent = await send(house, a_frail_elder(**changes))
        offer, coordinator = await offer_of(house, sent["id"])
        if coordinator == HANNE:
            return sent["id"], offer
    raise AssertionError("nothing was offered to Hanne")


async def test_offers_and_statuses_come_into_open_pages(chrome: Browser, house: Stack) -> None:
    mine = await window(chrome, house, "sender", "/intake/referrals")
    day = await window(chrome, house, "coordinator", "/coordination/day")
    await mine.evaluate(WATCH, ".entries.referrals .entry-note")
    await day.evaluate(WATCH, ".offer")
    references = []
    for _ in range(CHANGES):
        sent = await send(house, a_frail_elder())
        references.append(sent["reference"])
        await offer_of(house, sent["id"])
        await expect(mine.locator("main")).to_contain_text(sent["reference"], timeout=10_000)
    offers = await house.query("coordination", "select id::text, offered_at from offers where coordinator_id = $1", HANNE)
    for id, _ in offers:
        await expect(day.locator(f"#aanbod-{id}")).to_be_visible(timeout=10_000)
    received = await house.query("intake", "select reference, received_at from referrals where reference = any($1::text[])", references)
    took = sorted(await shown_after(mine, received, whole=False) + await shown_after(day, [(f"aanbod-{id}", at) for id, at in offers]))
    p95 = took[math.ceil(len(took) * 0.95) - 1]
    print(
        f"\nchange to page: {len(took)} changes, median {took[len(took) // 2]} ms, p95 {p95} ms (goal 2,000), longest {took[-1]} ms",
        file=sys.__stderr__,
    )
    assert len(took) >= CHANGES + 5


async def shown_after(page: Page, changes: list[tuple[str, datetime]], *, whole: bool = True) -> list[int]:
    """Milliseconds from each change to its place in the page."""
    seen: dict[str, int] = await page.evaluate("window.seen")
    return [
        next(at for text, at in seen.items() if (text == name if whole else name in text)) - round(changed.timestamp() * 1000)
        for name, changed in changes
    ]


async def test_the_board_the_questions_and_the_counts_follow(chrome: Browser, house: Stack) -> None:
    board = await window(chrome, house, "zone-lead", "/coordination/zones/meetjesland-oost")
    questions = await window(chrome, house, "zone-intake", "/intake/checks")
    counts = await window(chrome, house, "ops", "/operations")
    running = board.locator(".tiles div", has_text="lopen").locator("dd")
    came_in = counts.locator("section", has=counts.locator("#intake")).locator(".tally .in dd").first
    before, counted = int(await running.inner_text()), int(await came_in.inner_text())
    sent = await send(house, a_frail_elder())
    await offer_of(house, sent["id"])
    await expect(running).to_have_text(str(before + 1), timeout=10_000)
    await send(house, a_frail_elder(human_check=True))
    await expect(questions.locator("[data-news] li")).to_have_count(1, timeout=10_000)
    await expect(questions.locator("#melding")).to_have_text("1 nieuwe vraag")
    await eventually(came_in.inner_text, lambda text: int(text) >= counted + 2, seconds=60)  # counted is what came in half a minute ago


async def test_a_list_keeps_its_filter_order_and_page_and_what_somebody_does_in_it(chrome: Browser, house: Stack) -> None:
    async with asyncio.TaskGroup() as tasks:
        for _ in range(55):
            tasks.create_task(send(house, a_frail_elder()))
    zone = "from cases where zone = 'meetjesland-oost' and 'frail' = any (programmes)"
    await eventually(lambda: house.query("coordination", f"select count(*) {zone}"), lambda rows: rows[0][0] >= 55)
    ((leaves,),) = await house.query("coordination", f"select (count(*) - 1) / 50 + 1 {zone}")
    address = f"/coordination/cases?programma=frail&volgorde=received&pagina={leaves}"
    page = await window(chrome, house, "zone-lead", address)
    rows, counted, state = page.locator("tbody tr"), page.locator("#aantal"), page.locator("select[name=stand]")
    shown = await rows.count()
    assert 0 < shown < 50, "there is room on the last page"
    await page.get_by_role("link", name="Punten", exact=True).focus()
    first = await send(house, a_frail_elder())
    await expect(rows).to_have_count(shown + 1, timeout=10_000)
    await expect(rows.last).to_contain_text(await case_reference(house, first["id"]))
    assert await page.evaluate("document.activeElement.textContent") == "Punten"
    await state.select_option("closed")
    await state.focus()
    second = await send(house, a_frail_elder())
    await expect(rows).to_have_count(shown + 2, timeout=10_000)
    await expect(rows.last).to_contain_text(await case_reference(house, second["id"]))
    assert page.url.endswith(address)
    assert await page.evaluate("document.activeElement.name") == "stand"
    await expect(state).to_have_value("closed")
    await expect(page.locator("select[name=programma]")).to_have_value("frail")
    await expect(page.locator("th[aria-sort]")).to_have_text(["Ontvangen"])
    await expect(page.locator("select[name=volgorde]")).to_have_value("received")
    await expect(page.locator('.leaves [aria-current="page"]')).to_contain_text(str(leaves))
    await expect(page.locator("#melding")).to_have_text(await counted.inner_text())


async def case_reference(house: Stack, referral: str) -> str:
    """The reference of the case that a referral became."""
    sql = "select cases.reference from cases join case_referrals on case_id = cases.id where referral_id = $1"
    ((reference,),) = await eventually(lambda: house.query("coordination", sql, UUID(referral)))
    return str(reference)


async def test_a_row_that_moves_takes_the_focus_along(chrome: Browser, house: Stack) -> None:
    for _ in range(3):
        _, offer = await offered_to_hanne(house)
        async with worker(house, HANNE) as client:
            assert (await client.post(f"/coordination/api/offers/{offer}/accept")).is_success
    held = await house.query("coordination", "select id from cases where coordinator_id = $1 and status = 'assigned'", HANNE)
    page = await window(chrome, house, "coordinator", "/coordination/cases?volgorde=due")
    rows = page.locator("tbody tr")
    await expect(rows.filter(has_text="Toegewezen")).to_have_count(len(held))
    first = str(await rows.first.get_attribute("id"))
    await rows.first.get_by_role("link").focus()
    async with worker(house, HANNE) as client:  # in another window: without a term it comes after those that have one
        closed = await client.post(f"/coordination/api/cases/{first.removeprefix('dossier-')}/close", json={"outcome": "goals_reached"})
        assert closed.is_success, closed.text
    await expect(rows.first).not_to_have_attribute("id", first, timeout=10_000)
    await expect(page.locator(f"#{first}")).to_contain_text("Afgesloten")
    assert await page.evaluate("document.activeElement.closest('tr')?.id") == first


async def test_a_care_team_sees_who_comes_and_what_becomes_of_its_case(chrome: Browser, house: Stack) -> None:
    teams = await window(chrome, house, "care-team", "/coordination/teams")
    case = await cases.assigned(house)
    await cases.joined(house, case)
    row = teams.locator(f"#team-{case.case}")
    await expect(row).to_be_visible(timeout=10_000)
    await expect(teams.locator("#melding")).to_have_text("U zit in een nieuw zorgteam")
    own = await window(chrome, house, "care-team", f"/coordination/teams/{case.case}")
    await cases.act(house, case, f"/coordination/api/cases/{case.case}/pause", cases.a_rest())
    for place in (own.locator("#stand"), row):
        await expect(place).to_contain_text("Gepauzeerd", timeout=10_000)
    await expect(own.locator("#melding")).to_have_text("Gepauzeerd")
    await cases.act(house, case, f"/coordination/api/cases/{case.case}/team/remove", {"member_id": str(PERSONAS["care-team"].id)})
    await expect(row).to_have_count(0, timeout=10_000)
    await expect(own.locator("#verouderd")).to_be_visible(timeout=10_000)
    await cases.act(house, case, f"/coordination/api/cases/{case.case}/close", {"outcome": "goals_reached"})


async def test_a_status_comes_into_the_page_of_a_referral_and_is_said(chrome: Browser, house: Stack) -> None:
    id, offer = await offered_to_hanne(house)
    page = await window(chrome, house, "sender", f"/intake/referrals/{id}")
    async with worker(house, HANNE) as client:
        assert (await client.post(f"/coordination/api/offers/{offer}/accept")).is_success
    await expect(page.locator("main .lead")).to_contain_text("Hanne Wijffels", timeout=10_000)
    await expect(page.locator("#melding")).not_to_be_empty()


async def test_what_is_typed_open_and_focused_stays(chrome: Browser, house: Stack) -> None:
    _, first = await offered_to_hanne(house)
    day = await window(chrome, house, "coordinator", "/coordination/day")
    article = day.locator(f"#aanbod-{first}")
    await article.locator('summary[data-key="w"]').click()
    days = article.locator('input[name="away_from"]')
    await days.fill("1/12/20")
    await day.evaluate("scrollTo(0, 200)")
    before = await day.evaluate("scrollY")
    _, second = await offered_to_hanne(house)
    await expect(day.locator(f"#aanbod-{second}")).to_be_visible(timeout=10_000)
    await expect(day.locator("#melding")).to_contain_text("nieuw")
    assert await days.input_value() == "1/12/20"
    assert await day.evaluate("document.activeElement.name") == "away_from"
    assert await article.locator("details").first.get_attribute("open") is not None
    assert await day.evaluate("scrollY") == before
    async with worker(house, HANNE) as client:  # in another window
        assert (await client.post(f"/coordination/api/offers/{second}/accept")).is_success
    await expect(day.locator(f"#aanbod-{second}")).to_have_count(0, timeout=10_000)
    await expect(days).to_have_value("1/12/20")


async def test_a_page_that_was_put_away_asks_for_nothing_and_catches_up(chrome: Browser, house: Stack) -> None:
    day = await window(chrome, house, "coordinator", "/coordination/day")
    await day.evaluate(HIDE, True)
    asked: list[str] = []
    day.on("request", lambda request: asked.append(request.url))
    _, offer = await offered_to_hanne(house)

    async def look() -> list[str]:
        return asked

    await stays(look, lambda seen: seen == [], seconds=2)
    await day.evaluate(HIDE, False)
    await expect(day.locator(f"#aanbod-{offer}")).to_be_visible(timeout=10_000)


async def test_signed_out_elsewhere_the_page_says_so_and_stops(chrome: Browser, house: Stack) -> None:
    day = await window(chrome, house, "coordinator", "/coordination/day")
    other = await day.context.new_page()
    await other.goto("/coordination/cases")
    await other.locator(".bar details.menu:not(.languages) summary").click()
    await other.get_by_role("button", name="Uitloggen", exact=True).click()
    await offered_to_hanne(house)
    await expect(day.locator("#verouderd")).to_be_visible(timeout=20_000)
    assert "/coordination/day" in day.url


async def test_without_script_the_day_is_the_same(chrome: Browser, house: Stack) -> None:
    _, offer = await offered_to_hanne(house)
    plain = await window(chrome, house, "coordinator", "/coordination/day", java_script_enabled=False)
    await expect(plain.locator(f"#aanbod-{offer}")).to_be_visible()
    await expect(plain.locator("[data-toetsen]").first).to_be_hidden()


async def test_a_draft_saves_itself_and_says_when(chrome: Browser, house: Stack) -> None:
    page = await window(chrome, house, "sender", "/intake/refer")
    await page.locator('[name="person.given_name"]').fill("Leyla Bewaard")
    await expect(page.locator("[data-saved]")).to_contain_text("Bewaard om", timeout=10_000)
    address = page.url
    await page.goto("/intake/referrals")
    await expect(page.locator("main")).to_contain_text("Leyla Bewaard")
    await page.goto(address)
    await expect(page.locator('[name="person.given_name"]')).to_have_value("Leyla Bewaard")


async def test_a_draft_outlives_its_session(chrome: Browser, house: Stack) -> None:
    page = await window(chrome, house, "sender", "/intake/refer")
    await page.context.clear_cookies()
    await page.locator('[name="person.given_name"]').fill("Leyla Blijft")
    await expect(page.locator("[data-saved]")).to_contain_text("sessie is voorbij", timeout=10_000)
    await page.get_by_role("button", name="Verder: wat is er nodig").click()
    await expect(page.locator('input[name="person.given_name"]')).to_have_value("Leyla Blijft")


async def test_shortcuts_do_what_they_say_and_can_be_switched_off(chrome: Browser, house: Stack) -> None:
    await offered_to_hanne(house)
    day = await window(chrome, house, "coordinator", "/coordination/day")
    await day.keyboard.press("?")
    await expect(day.locator("#toetsen")).to_be_visible()
    await day.keyboard.press("Escape")
    await expect(day.locator("#toetsen")).to_be_hidden()
    await day.keyboard.press("j")
    assert await day.evaluate("document.activeElement.closest('[data-item]') === document.querySelector('[data-item]')")
    await day.keyboard.press("w")
    await expect(day.locator(".offer details").first).to_have_attribute("open", "")
    await day.locator("[data-toetsen]").first.click()
    await day.get_by_label("Toetsen uitzetten").check()
    await day.reload()
    await day.keyboard.press("?")
    await expect(day.locator("#toetsen")).to_be_hidden()


async def test_an_answer_is_said_with_its_way_back(chrome: Browser, house: Stack) -> None:
    await offered_to_hanne(house)
    day = await window(chrome, house, "coordinator", "/coordination/day")
    await day.locator(".offer .primary").first.click()
    await expect(day.locator("#aanvaard")).to_be_visible()
    await expect(day.locator("#melding")).to_contain_text("Aanvaard.")


async def test_leaving_quickly_leaves_no_way_back(chrome: Browser, house: Stack) -> None:
    page = await window(chrome, house, "sender", "/intake/refer")
    went: list[str] = []

    async def neutral(route: Any) -> None:
        went.append(route.request.url)
        await route.fulfill(body="<title>Weer</title>", content_type="text/html")

    await page.route("https://www.meteo.be/**", neutral)
    here = page.url
    for _ in range(3):
        await page.keyboard.press("Escape")
    await page.wait_for_url("https://www.meteo.be/**")
    assert went
    await page.go_back()
    assert page.url != here


async def test_the_script_on_the_wire_is_small(house: Stack) -> None:
    async with house.client("sender") as client:
        page = (await client.get("/intake/referrals")).text
        scripts = [line.split('src="')[1].split('"')[0] for line in page.splitlines() if "<script" in line]
        assert len(scripts) == 3
        sizes = []
        for script in scripts:
            async with client.stream("GET", script, headers={"Accept-Encoding": "gzip"}) as answer:
                assert answer.headers["content-encoding"] == "gzip"
                sizes.append(sum([len(part) async for part in answer.aiter_raw()]))
    print(f"\nscript on the wire: {sum(sizes)} bytes {sizes}", file=sys.__stderr__)
    assert sum(sizes) <= 25_000


async def test_an_open_page_does_not_hold_up_the_stop(chrome: Browser, house: Stack) -> None:
    day = await window(chrome, house, "coordinator", "/coordination/day")
    await day.wait_for_function("performance.getEntriesByType('resource').length > 0")
    process = house.processes["all"]
    loop = asyncio.get_running_loop()
    began = loop.time()
    process.terminate()
    await asyncio.to_thread(process.wait, 20)
    took = loop.time() - began
    print(f"\nstopped with an open page after {took:.1f} s", file=sys.__stderr__)
    assert "timeout graceful shutdown" not in house.log("all")
    house.start()
    await house.ready()
    await eventually(lambda: _offers_shown(day), lambda shown: shown)


async def _offers_shown(day: Page) -> bool:
    return await day.locator("h1").is_visible()
