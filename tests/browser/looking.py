"""What axe says of a scene, by day and in the dark, and the document as it was sent: each scene is opened once in every language."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

from playwright.async_api import Page

from tests.browser import scenes, tools
from tests.browser.hands import WIDTH
from tests.browser.languages import LANGUAGES, in_language
from tests.browser.people import DESKTOP, Site
from tests.browser.scenes import SCENES, Scene, Seen

Place = tuple[Scene, str]  # a scene in a language

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
AT_ONCE = 3  # windows
COLOURS = ("color-contrast", "link-in-text-block")  # the slowest rules: for each theme in one language, as words have no part in them
PLACES: tuple[Place, ...] = tuple((scene, language) for scene in SCENES for language in LANGUAGES)

RUN = """async ({ only, without }) => {
  const rules = only.type === 'tag' ? { 'target-size': { enabled: true } } : {};
  for (const each of without) rules[each] = { enabled: false };
  const { violations } = await axe.run(document, { runOnly: only, rules, resultTypes: ['violations'] });
  return violations.map(({ id, help, nodes }) => ({ id, help, nodes: nodes.map((each) => `${each.html}\\n${each.failureSummary}`) }));
}"""


@dataclass(frozen=True)
class Look:
    """One scene in one language; its colours, by day and in the dark, in the first language only."""

    seen: Seen
    light: Sequence[str]
    dark: Sequence[str]
    narrow: int  # how wide the page is on a screen of 320 pixels


async def judged(page: Page, only: dict[str, Any], without: Sequence[str] = ()) -> list[str]:
    """What axe finds wrong with the page as it stands, with everything unfolded."""
    found = await page.evaluate(RUN, {"only": only, "without": list(without)})
    return [f"{each['id']}: {each['help']}\n" + "\n".join(each["nodes"]) for each in found]


class Looks:
    """All scenes of a full and an empty house. Some windows for everybody, opened once: who looks is a matter of cookies.

    While one place is looked at, the next are already on their way.
    """

    def __init__(self, full: Site, empty: Site, filled: Mapping[str, str]) -> None:
        self._full, self._empty, self._filled = full, empty, filled
        self._pages: asyncio.Queue[Page] = asyncio.Queue()
        self._looks: dict[Place, asyncio.Task[Look]] = {}

    async def open(self, windows: AsyncExitStack) -> None:
        """Open the windows."""
        for _ in range(AT_ONCE):
            context = await windows.enter_async_context(self._full.browser(reduced_motion="reduce"))
            await context.add_init_script(tools.axe())
            self._pages.put_nowait(await context.new_page())

    async def close(self) -> None:
        """Look at nothing more."""
        for task in self._looks.values():
            task.cancel()
        await asyncio.gather(*self._looks.values(), return_exceptions=True)

    async def at(self, place: Place) -> Look:
        """Looked at now, or before."""
        number = PLACES.index(place)
        for each in PLACES[number : number + AT_ONCE + 1]:
            if each not in self._looks:
                self._looks[each] = asyncio.create_task(self._look(*each))
        return await self._looks[place]

    async def _look(self, scene: Scene, language: str) -> Look:
        page = await self._pages.get()
        try:
            site = self._empty if scene.empty else self._full
            await self._become(page, site, scene, language)
            seen = await scenes.opened(page, scene, site.url, self._filled)
            await scenes.unfold(page)
            colours = language == LANGUAGES[0]
            light = await judged(page, {"type": "tag", "values": TAGS}, () if colours else COLOURS)
            dark = await self._in_the_dark(page) if colours else []
            await page.set_viewport_size({"width": WIDTH, "height": 640})
            return Look(seen, light, dark, await page.evaluate("document.documentElement.scrollWidth"))
        finally:
            self._pages.put_nowait(page)

    async def _in_the_dark(self, page: Page) -> list[str]:
        await page.emulate_media(color_scheme="dark")
        return await judged(page, {"type": "rule", "values": COLOURS})

    async def _become(self, page: Page, site: Site, scene: Scene, language: str) -> None:
        """Whoever looks at the scene, in the language, by day."""
        await page.context.clear_cookies()
        if scene.persona:
            await page.context.add_cookies(await site.cookies(scene.persona.format_map(self._filled)))
        await in_language(page, language)
        await page.emulate_media(color_scheme="light")
        await page.set_viewport_size(DESKTOP)
