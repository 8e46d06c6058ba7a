"""The languages in which every page is looked at; colours are judged in the first of them."""

from __future__ import annotations

from playwright.async_api import Page

from shared.web import languages

LANGUAGES = tuple(languages.LANGUAGES)
COOKIE = "zorgspoor_language"


async def in_language(page: Page, code: str) -> None:
    """Make the pages that this browser opens from now on speak a language, as who chose it in the menu."""
    await page.context.add_cookies([{"name": COOKIE, "value": code, "domain": "127.0.0.1", "path": "/"}])
