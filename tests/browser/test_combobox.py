"""Fields that suggest: by keyboard as the pattern of a combobox says, heard by who does not see it, and without JavaScript by a button."""

from __future__ import annotations

from urllib.parse import quote_plus

import pytest
from playwright.async_api import Request, expect

from tests.browser import cases, tasks
from tests.browser.hands import Hands, Keyboard, Narrow, WithoutScript, at_work
from tests.browser.people import Site
from tests.builders import a_referral
from tests.journeys.test_main_job import send
from tests.stack import Stack


async def referred(house: Stack, by: str = "sender") -> str:
    """Leyla, whom a practice referred; her family name."""
    body = a_referral()
    body["person"] |= {"given_name": "Leyla", "family_name": cases.a_name(), "birth_date": "1941-03-14"}
    await send(house, body, by)
    return str(body["person"]["family_name"])


async def test_a_person_is_chosen_by_keyboard_from_the_list(site: Site, house: Stack) -> None:
    name = await referred(house)
    async with at_work(site, "sender", Keyboard) as hands:
        await hands.open("/intake/refer")
        page = hands.page
        box, found, status = (
            page.get_by_role("combobox", name="Naam of rijksregisternummer"),
            page.get_by_role("listbox"),
            page.locator("#text-gevonden"),
        )
        await expect(box).to_have_attribute("aria-expanded", "false")
        await hands.type(box, name[:2])
        await expect(found).to_have_count(0)
        await page.keyboard.type(name[2:])
        await expect(found.get_by_role("option")).to_have_count(1)
        await expect(box).to_have_attribute("aria-expanded", "true")
        await expect(status).to_have_text("1 gevonden. Kies met de pijltjes en Enter.")
        assert await box.get_attribute("aria-activedescendant") is None, "nothing is chosen by itself"
        await page.keyboard.press("Escape")
        await expect(found).to_have_count(0)
        await expect(box).to_have_value(name)
        await page.keyboard.press("ArrowDown")
        option = found.get_by_role("option", selected=True)
        await expect(option).to_contain_text(f"Leyla {name}")
        assert await box.get_attribute("aria-activedescendant") == await option.get_attribute("id")
        await expect(box).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.get_by_label("Voornaam")).to_have_value("Leyla")
        await expect(page.get_by_label("Naam", exact=True)).to_have_value(name)
        await expect(page.get_by_label("Geboortedatum")).to_have_value("14/03/1941")
        await expect(page.locator(".toast").get_by_text("Overgenomen uit een eerdere aanmelding.")).to_be_visible()
        await hands.press(hands.button("Verder: wat is er nodig"))
        await expect(page.get_by_role("heading", name="Welk programma")).to_have_count(0)
        await expect(hands.button("Toon de vragen")).to_be_visible()


@pytest.mark.parametrize("way", [WithoutScript, Narrow], ids=lambda way: way.__name__)
async def test_a_person_is_found_by_the_button(site: Site, house: Stack, way: type[Hands]) -> None:
    name = await referred(house)
    async with at_work(site, "sender", way) as hands:
        await hands.open("/intake/refer")
        await hands.type(hands.page.get_by_label("Naam of rijksregisternummer"), name)
        await hands.press(hands.button("Zoeken"))
        await expect(hands.page.get_by_role("heading", name="1 persoon gevonden")).to_be_visible()
        await hands.look()
        await hands.press(hands.button(f"Leyla {name}"))
        await expect(hands.page.get_by_label("Naam", exact=True)).to_have_value(name)
        await expect(hands.page.get_by_label("Postcode")).to_have_value("9060")
        await hands.look()


async def test_nobody_found_is_said_and_the_form_is_there(site: Site, house: Stack) -> None:
    name = await referred(house, by="sender-brussels")
    async with at_work(site, "sender") as hands:
        await hands.open("/intake/refer")
        await hands.page.get_by_label("Naam of rijksregisternummer").press_sequentially(name)
        await expect(hands.page.locator("#text-gevonden")).to_contain_text("Niemand gevonden onder de aanmeldingen van uw organisatie.")
        await expect(hands.page.get_by_role("listbox")).to_have_count(0)
        await expect(hands.page.get_by_label("Voornaam")).to_be_visible()


async def test_what_is_typed_comes_into_no_address(site: Site, house: Stack) -> None:
    name = await referred(house)
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    async with at_work(site, "sender") as hands:
        hands.page.on("request", note)
        await hands.open("/intake/refer")
        await hands.page.get_by_label("Naam of rijksregisternummer").press_sequentially(name)
        await expect(hands.page.get_by_role("listbox").get_by_role("option")).to_have_count(1)
        await hands.press(hands.button("Zoeken"))
        await expect(hands.page.get_by_role("heading", name="1 persoon gevonden")).to_be_visible()
        await hands.press(hands.button(f"Leyla {name}"))
        await expect(hands.page.get_by_label("Voornaam")).to_have_value("Leyla")
    assert len(asked) > 4
    assert not [url for url in asked if name.lower() in url.lower() or quote_plus(name).lower() in url.lower()]


async def test_a_postcode_is_chosen_by_the_name_of_its_municipality(site: Site) -> None:
    async with at_work(site, "sender", Keyboard) as hands:
        await hands.open("/intake/refer")
        box = hands.page.get_by_role("combobox", name="Postcode")
        await hands.type(box, "")
        await hands.page.keyboard.type("zelz")
        await expect(hands.page.get_by_role("option", name="9060 Zelzate")).to_be_visible()
        await expect(hands.page.locator(r"#person\.address\.postcode-gevonden")).to_contain_text("1 gevonden")
        await hands.page.keyboard.press("ArrowUp")
        await hands.page.keyboard.press("Enter")
        await expect(box).to_have_value("9060")
        await expect(hands.page.get_by_role("listbox")).to_have_count(0)
        await hands.page.keyboard.press("Tab")
        await expect(box).not_to_be_focused()


async def test_three_times_escape_still_leaves_the_page(site: Site, house: Stack) -> None:
    name = await referred(house)
    async with at_work(site, "sender") as hands:
        await hands.page.route("https://www.meteo.be/**", lambda route: route.fulfill(body="weer"))
        await hands.open("/intake/refer")
        await hands.page.get_by_label("Naam of rijksregisternummer").press_sequentially(name[:12])
        await hands.page.get_by_role("option").first.wait_for()
        for _ in range(3):
            await hands.page.keyboard.press("Escape")
        await hands.page.wait_for_url("https://www.meteo.be/**")


async def on_screen_2(hands: Hands) -> None:
    await hands.open("/intake/refer")
    await tasks.fill_in_who(hands, cases.a_name())
    await hands.press(hands.button("Verder: wat is er nodig"))
    await tasks.fill_in_need(hands)


async def test_organisations_that_already_help_are_added_by_keyboard_and_stay(site: Site, house: Stack) -> None:
    async with at_work(site, "sender", Keyboard) as hands:
        await on_screen_2(hands)
        page = hands.page
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        group = page.get_by_role("group", name="Welke organisaties helpen deze persoon al?")
        box, status = group.get_by_role("combobox", name="Zoek een organisatie"), page.locator(r"#caring\.sought-gevonden")
        for word, name in (("brug", "Thuiszorg De Brug"), ("wiegel", "Kraamzorg De Wiegelier")):
            await hands.type(box, "")
            await page.keyboard.type(word)
            await expect(group.get_by_role("option")).to_have_count(1)
            await expect(status).to_have_text("1 gevonden. Kies met de pijltjes en Enter.")
            await page.keyboard.press("ArrowDown")
            await page.keyboard.press("Enter")
            await expect(group.get_by_role("checkbox", name=name)).to_be_checked()
            await expect(status).to_have_text(f"{name} staat erbij.")
            await expect(box).to_be_focused()
            await expect(box).to_have_value("")
            await expect(group.get_by_role("listbox")).to_have_count(0)
        await page.keyboard.type("brug")
        await page.keyboard.press("Enter")
        await expect(group.get_by_role("option")).to_have_count(1)
        await page.keyboard.press("ArrowDown")
        await expect(group.get_by_role("option", selected=True)).to_have_text("Thuiszorg De Brug Eeklo")
        await page.keyboard.press("Enter")
        await expect(group.get_by_role("checkbox")).to_have_count(2)
        await page.keyboard.type("nergens")
        await expect(status).to_have_text("Niet gevonden onder deze naam. Probeer een ander woord van de naam, of ga zonder verder.")
        assert not [url for url in asked if any(word in url.lower() for word in ("brug", "wiegel", "nergens"))]
        await hands.press(hands.button("Verder: nakijken"))
        await expect(group.get_by_text("Niet gevonden onder deze naam.")).to_be_visible()  # what was typed is not dropped unsaid
        await hands.press(hands.button("Verder: nakijken"))
        await expect(page.get_by_text("Thuiszorg De Brug, Kraamzorg De Wiegelier")).to_be_visible()


@pytest.mark.parametrize("way", [WithoutScript, Narrow], ids=lambda way: way.__name__)
async def test_an_organisation_is_found_by_the_button(site: Site, house: Stack, way: type[Hands]) -> None:
    async with at_work(site, "sender", way) as hands:
        await on_screen_2(hands)
        group = hands.page.get_by_role("group", name="Welke organisaties helpen deze persoon al?")
        await hands.type(group.get_by_label("Zoek een organisatie"), "brug")
        await hands.press(hands.button("Zoeken", group))
        await hands.choose(group.get_by_role("checkbox", name="Thuiszorg De Brug"))
        await hands.look()
        await hands.press(hands.button("Verder: nakijken"))
        await expect(hands.page.get_by_text("Thuiszorg De Brug")).to_be_visible()
        await hands.look()
