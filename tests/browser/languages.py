"""The languages in which every page is looked at."""

from __future__ import annotations

from playwright.async_api import Page

LANGUAGES = ("nl",)
COOKIE = "zorgspoor_language"


async def in_language(page: Page, code: str) -> None:
    """Make the pages that this browser opens from now on speak a language, as who chose it in the menu."""
    await page.context.add_cookies([{"name": COOKIE, "value": code, "domain": "127.0.0.1", "path": "/"}])
