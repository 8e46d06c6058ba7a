"""A language that somebody chooses is theirs, in every browser; on a real database."""

from __future__ import annotations

import httpx

from tests.integration.access.rig import Browser, Door, Forms, forget, rows


async def choose(browser: Browser, language: str, back: str = "/intake/own") -> httpx.Response:
    page = await browser.home.get("/intake/own")
    fields = Forms(page.text).fields
    return await browser.home.post("/language", data={"_form": fields["_form"], "language": language, "next": back})


async def test_a_choice_is_kept_for_the_next_session_and_the_next_browser(door: Door) -> None:
    async with door.browser() as one, door.browser() as other:
        await one.choose("sender-brussels")
        assert '<html lang="fr">' in (await one.home.get("/intake/own")).text, "as the identity provider says"
        answer = await choose(one, "en", "/intake/own?a=1")
        assert (answer.status_code, answer.headers["location"]) == (303, "/intake/own?a=1")
        assert '<html lang="en">' in (await one.home.get("/intake/own")).text, "at once, though sessions are remembered for a moment"
        await other.choose("sender-brussels")
        assert '<html lang="en">' in (await other.home.get("/intake/own")).text
        await choose(other, "de")
    (kept,) = await rows("preferences")
    assert kept["language"] == "de"


async def test_who_signs_in_after_somebody_else_reads_in_the_own_language(door: Door) -> None:
    async with door.browser() as browser:
        await browser.choose("sender-brussels")
        await choose(browser, "de")
        await browser.choose("sender")
        forget()
        page = await browser.home.get("/organisation")
    assert '<html lang="nl">' in page.text


async def test_another_site_cannot_choose_a_language(door: Door) -> None:
    async with door.browser() as browser:
        await browser.choose("sender-brussels")
        answer = await browser.home.post("/language", data={"language": "de"}, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert await rows("preferences") == []
