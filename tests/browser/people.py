"""People at a real browser, signed in at the demonstration's identity provider."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, Page, StorageState, ViewportSize

from tests.stack import Stack

DESKTOP: ViewportSize = {"width": 1280, "height": 800}


async def sign_in(page: Page, persona: str) -> None:
    """On the page of the provider, by a click on the persona; of several organisations the first."""
    async with page.expect_navigation():
        await page.locator(f'button[value="{persona}"]').click()
    if urlsplit(page.url).path == "/organisation":
        async with page.expect_navigation():
            await page.locator('button[name="organisation"]').first.click()


class Site:
    """A house as browsers reach it."""

    def __init__(self, house: Stack, chrome: Browser) -> None:
        self.house = house
        self.url = house.urls["intake"]
        self._chrome = chrome
        self._sessions: dict[str, StorageState] = {}

    @asynccontextmanager
    async def browser(self, persona: str | None = None, *, fresh: bool = False, **options: Any) -> AsyncIterator[BrowserContext]:
        """A browser window of its own, signed in. People share their sessions between windows; `fresh` begins a new one."""
        state = await self._session(persona, fresh=fresh) if persona else None
        context = await self._chrome.new_context(
            base_url=self.url, storage_state=state, **{"viewport": DESKTOP, "locale": "nl-BE", "timezone_id": "Europe/Brussels", **options}
        )
        context.set_default_timeout(15_000)
        try:
            yield context
        finally:
            await context.close()

    async def cookies(self, persona: str) -> list[Any]:
        """What makes a browser that of a persona."""
        return list((await self._session(persona, fresh=False))["cookies"])

    async def _session(self, persona: str, *, fresh: bool) -> StorageState:
        if fresh or persona not in self._sessions:
            async with self.browser() as context:
                page = await context.new_page()
                await page.goto("/sign-in")
                await sign_in(page, persona)
                state = await context.storage_state()
            if fresh:
                return state
            self._sessions[persona] = state
        return self._sessions[persona]
