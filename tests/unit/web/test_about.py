"""Pages about Zorgspoor itself: what depends on who runs it comes from settings, and says so where nobody set it."""

from __future__ import annotations

from typing import Any

import pytest

from shared.web import about, helplines, shortcuts
from shared.web.app import build_app
from shared.web.languages import LANGUAGES
from tests.unit.web.conftest import Configure, browsing

SET = {"operator": "Zorgraad Proefland", "help_mail": "hulp@proefland.example", "help_phone": "09 000 00 00", "ombudsman": "flanders"}
MISSING = ("Wie deze website uitbaat, is nog niet ingevuld", "Waar u dat kunt melden, is nog niet ingevuld", "Welke ombudsdienst")


async def read(language: str = "nl", **headers: str) -> str:
    async with browsing() as client:
        answer = await client.get("/accessibility", headers={"Accept-Language": language, **headers})
    assert answer.status_code == 200
    return answer.text


async def test_the_statement_names_who_runs_the_site_whom_to_tell_and_who_judges(configured: Configure) -> None:
    configured(**SET)
    page = await read()
    assert "Zorgraad Proefland wil dat iedereen" in page
    assert "Bestuursdecreet van 7 december 2018" in page
    for link in ("mailto:hulp@proefland.example", "tel:090000000", "mailto:klachten@vlaamseombudsdienst.be", "tel:1700"):
        assert f'href="{link}"' in page
    assert not [sentence for sentence in MISSING if sentence in page]


async def test_what_nobody_set_is_said_to_be_missing(configured: Configure) -> None:
    page = await read()
    assert [sentence for sentence in MISSING if sentence not in page] == []


@pytest.mark.parametrize("code", sorted(about.ombudsmen()))
@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_ombudsman_is_named_in_every_language(configured: Configure, code: str, language: str) -> None:
    configured(ombudsman=code)
    page, found = await read(language), about.ombudsmen()[code]
    assert found.name[language] in page
    assert found.url in page
    assert found.law is None or found.law[language] in page


async def test_every_page_leads_to_the_statement_also_without_signing_in(configured: Configure) -> None:
    async with browsing() as client:
        pages = [await client.get(address) for address in ("/sign-out/done", "/intake/nowhere", "/accessibility")]
    assert all('<a href="/accessibility"' in page.text for page in pages)


async def test_it_opens_where_nobody_can_be_looked_up(configured: Configure, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(_: Any) -> None:
        raise OSError("the database is away")

    monkeypatch.setattr(about, "who_is_asking", broken)
    assert "Toegankelijkheidsverklaring" in await read()


def test_nothing_starts_with_an_ombudsman_that_is_not_known(configured: Configure) -> None:
    configured(ombudsman="atlantis")
    with pytest.raises(about.UnknownOmbudsman, match="flanders"):
        build_app([])


async def test_help_says_whom_to_call_in_danger_and_when_something_does_not_work(configured: Configure) -> None:
    configured(**SET)
    async with browsing() as client:
        page = (await client.get("/help")).text
    for line in helplines.load_helplines():
        assert f'href="tel:{line.number.replace(" ", "")}"' in page
        assert line.labels["nl"] in page
    assert 'href="tel:090000000"' in page
    assert MISSING[1] not in page
    assert [text for _, text in (*shortcuts.DAY, *shortcuts.CASE) if str(text) not in page] == []


async def test_help_that_nobody_set_is_said_to_be_missing(configured: Configure) -> None:
    async with browsing() as client:
        assert MISSING[1] in (await client.get("/help")).text


def test_whom_to_call_has_numbers_words_and_a_source() -> None:
    lines = helplines.load_helplines()
    assert [line.number for line in lines] == ["112", "1712", "0800 30 030"]
    assert all(line.source.startswith("https://") and set(LANGUAGES) <= line.labels.keys() for line in lines)


def test_nobody_is_told_whom_to_call_where_no_violence_was_told() -> None:
    assert helplines.where(["housing"]) == []
    assert len(helplines.where(["housing", helplines.VIOLENCE])) == len(helplines.load_helplines())
