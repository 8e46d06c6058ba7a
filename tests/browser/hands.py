"""Ways to work a page: with a mouse, by keyboard alone, on a narrow screen. A task is told once and done by each."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Frame, Locator, Page

from tests.browser.people import Site

MOST_TABS = 150
WIDTH = 320

_FOCUS_SHOWS = """(each) => {
  const style = getComputedStyle(each), box = each.getBoundingClientRect();
  const middle = document.elementFromPoint(box.x + Math.min(box.width / 2, 40), box.y + box.height / 2);
  return {
    outline: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
    inSight: !!middle && (each === middle || each.contains(middle) || middle.contains(each)),
  };
}"""


class Hands:
    """A mouse. Counts what is clicked, which fields are answered and which screens come, each once."""

    options: dict[str, Any] = {}  # noqa: RUF012 - of the browser window

    def __init__(self, page: Page) -> None:
        self.page = page
        self.clicks = 0
        self.fields: set[str] = set()
        self.screens: list[str] = []
        page.on("framenavigated", self._came)

    def _came(self, frame: Frame) -> None:
        path = urlsplit(frame.url).path
        if frame == self.page.main_frame and path not in self.screens:
            self.screens.append(path)

    async def open(self, address: str) -> None:
        """Go to an address, as by a bookmark; counting begins here."""
        await self.page.goto(address)
        self.clicks, self.fields, self.screens = 0, set(), [urlsplit(self.page.url).path]
        await self.look()

    async def press(self, target: Locator) -> None:
        """A button, a link, or what unfolds something."""
        self.clicks += 1
        await target.click()

    async def choose(self, target: Locator) -> None:
        """A radio button or a check box."""
        self.clicks += 1
        self.fields.add(await target.get_attribute("name") or "")
        await target.check()

    async def type(self, target: Locator, text: str) -> None:
        self.fields.add(await target.get_attribute("name") or "")
        await target.fill(text)

    async def look(self) -> None:
        """What must hold of every screen."""

    def button(self, name: str, within: Locator | None = None) -> Locator:
        return (within or self.page).get_by_role("button", name=name)

    def link(self, name: str, within: Locator | None = None) -> Locator:
        return (within or self.page).get_by_role("link", name=name)

    def field(self, name: str) -> Locator:
        return self.page.get_by_role("textbox", name=name)

    def option(self, question: str, answer: str, within: Locator | None = None) -> Locator:
        group = (within or self.page).get_by_role("group", name=question)
        return group.get_by_role("radio", name=answer).or_(group.get_by_role("checkbox", name=answer)).first

    def unfolds(self, name: str, within: Locator | None = None) -> Locator:
        """The summary of something that is folded."""
        return (within or self.page).locator("summary", has_text=name)


class WithoutScript(Hands):
    """A mouse in a browser that runs no scripts."""

    options = {"java_script_enabled": False}  # noqa: RUF012


class Narrow(Hands):
    """A finger on a screen of 320 pixels: nothing may need scrolling sideways."""

    options = {"viewport": {"width": WIDTH, "height": 640}, "has_touch": True}  # noqa: RUF012

    async def press(self, target: Locator) -> None:
        await self.look()
        await super().press(target)

    async def look(self) -> None:
        width = await self.page.evaluate("document.documentElement.scrollWidth")
        assert width <= WIDTH, f"{self.page.url} is {width} px wide"


class Keyboard(Hands):
    """No mouse: Tab until the focus is there, then Enter, Space, the arrows, or letters. The focus must be seen, and not hidden behind anything."""

    async def press(self, target: Locator) -> None:
        self.clicks += 1
        await self._to(target)
        await self.page.keyboard.press("Enter")

    async def choose(self, target: Locator) -> None:
        self.clicks += 1
        await target.wait_for()
        name = await target.get_attribute("name")
        await self._tab_until(target, "(each, name) => each === document.activeElement || document.activeElement.name === name", name)
        for _ in range(20):
            if await target.evaluate("(each) => each === document.activeElement || each.type === 'checkbox'"):
                break
            await self.page.keyboard.press("ArrowDown")
        await self._to(target)
        if not await target.is_checked():
            await self.page.keyboard.press("Space")
        assert await target.is_checked()

    async def type(self, target: Locator, text: str) -> None:
        await self._to(target)
        await self.page.keyboard.press("ControlOrMeta+A")
        await self.page.keyboard.insert_text(text)

    async def _to(self, target: Locator) -> None:
        await target.wait_for()
        await self._tab_until(target, "(each) => each === document.activeElement", None)
        shows = await target.evaluate(_FOCUS_SHOWS)
        assert shows == {"outline": True, "inSight": True}, (await target.evaluate("(each) => each.outerHTML"), shows)

    async def _tab_until(self, target: Locator, condition: str, argument: str | None) -> None:
        for _ in range(MOST_TABS):
            if await target.evaluate(condition, argument):
                return
            await self.page.keyboard.press("Tab")
        raise AssertionError(f"the keyboard does not come to {target} in {MOST_TABS} steps")


WAYS = (Keyboard, WithoutScript, Narrow)


@asynccontextmanager
async def at_work(site: Site, persona: str, way: type[Hands] = Hands) -> AsyncIterator[Hands]:
    """Somebody signed in, with these hands. Where they stood when something failed is printed."""
    async with site.browser(persona, **way.options) as context:
        page = await context.new_page()
        try:
            yield way(page)
        except Exception:
            print(f"{persona} at {page.url}\n{await page.locator('body').inner_text()}")
            raise
