"""axe finds nothing wrong with any page: WCAG 2.2 A and AA, empty, full and with errors, in every language, light and dark; none scrolls sideways."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser import looking, scenes, tools
from tests.browser.hands import WIDTH
from tests.browser.looking import Looks, Place
from tests.browser.people import Site
from tests.browser.scenes import SCENES


@pytest.mark.parametrize("place", looking.PLACES, ids=lambda place: f"{place[1]} {place[0]}")
async def test_axe_finds_nothing_and_nothing_is_wider_than_a_small_screen(looks: Looks, place: Place) -> None:
    scene, language = place
    look = await looks.at(place)
    assert look.seen.status == scene.status, look.seen.html
    assert f'<html lang="{language}"' in look.seen.html
    assert not look.light, "\n\n".join(look.light)
    assert not look.dark, "dark:\n" + "\n\n".join(look.dark)
    assert look.narrow <= WIDTH, f"{look.narrow} px wide on a screen of {WIDTH}"


def test_every_page_is_looked_at() -> None:
    assert scenes.page_routes() - scenes.LEADS_ON == {scene.route for scene in SCENES}


@pytest.mark.parametrize("address", sorted(scenes.LEADS_ON))
async def test_what_only_leads_on_has_no_page_of_its_own(site: Site, address: str) -> None:
    async with site.browser("coordinator" if address.startswith("/coordination") else "sender") as context:
        answer = await context.request.get(address, max_redirects=0)
    assert answer.status == 303


async def test_axe_finds_nothing_in_the_open_menu(site: Site) -> None:
    async with site.browser("sender") as context:
        page = await context.new_page()
        await context.add_init_script(tools.axe())
        await page.goto("/intake/refer")
        await page.locator(".bar details.menu:not(.languages) summary").click()
        await expect(page.get_by_role("button", name="Overal uitloggen")).to_be_visible()
        assert await looking.judged(page, {"type": "tag", "values": looking.TAGS}) == []


async def test_axe_sees_what_is_wrong(site: Site) -> None:
    """The judge is awake: a page without a language, with pale words, a field without a label and buttons too small."""
    async with site.browser() as context:
        page = await context.new_page()
        await page.set_content(
            """<title>x</title><style>button { width: 8px; height: 8px; padding: 0; border: 0 }</style>
            <main style="color: #ccc; background: #fff"><p>pale</p><input>
            <button aria-label="a"></button><button aria-label="b"></button></main>"""
        )
        await page.evaluate(tools.axe())
        found = await looking.judged(page, {"type": "tag", "values": looking.TAGS})
    assert {each.partition(":")[0] for each in found} == {"color-contrast", "html-has-lang", "label", "target-size"}
