"""Each request has one language, and everything it says is in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from shared.access import sessions
from shared.access.database import hashed
from shared.access.personas import PERSONAS
from shared.web import formats, language_choice, languages, texts
from tests.unit.web.conftest import Configure, browsing

NOW = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
NBSP = "\N{NO-BREAK SPACE}"


@pytest.fixture
def speak() -> Iterator[Callable[[str], None]]:
    yield languages.speak
    languages.speak(languages.SOURCE)


@pytest.mark.parametrize(
    ("language", "said"), [("nl", "Er ging iets mis"), ("fr", "Quelque chose s’est mal passé"), ("en", "Something went wrong")]
)
def test_a_text_of_a_module_is_read_in_the_language_of_the_moment(speak: Callable[[str], None], language: str, said: str) -> None:
    speak(language)
    assert str(texts.PAGES["internal"][0]) == said


def test_a_text_that_nobody_translated_stays_dutch(speak: Callable[[str], None]) -> None:
    speak("fr")
    assert languages.gettext("Nergens vertaald, {naam}", naam="An") == "Nergens vertaald, An"
    assert languages.ngettext("{number} os", "{number} ossen", 2) == "2 ossen"


@pytest.mark.parametrize(("language", "none"), [("nl", "{number} b"), ("fr", "{number} a"), ("de", "{number} b"), ("en", "{number} b")])
def test_nothing_is_counted_as_each_language_does(speak: Callable[[str], None], language: str, none: str) -> None:
    speak(language)
    assert languages.ngettext("{number} a", "{number} b", 0) == none.format(number=0)
    assert languages.ngettext("{number} a", "{number} b", 1) == "1 a"
    assert languages.ngettext("{number} a", "{number} b", 2) == "2 b"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("fr-BE,fr;q=0.9,nl;q=0.8", "fr"),
        ("es,de;q=0.5,en;q=0.7", "en"),
        ("nl;q=0,de", "de"),
        ("DE-be", "de"),
        ("es", None),
        ("", None),
        ("fr;q=much, en;q=0.1", "en"),
        ("*", None),
    ],
)
def test_a_browser_says_which_language_it_wants(header: str, language: str | None) -> None:
    assert languages.accepted(header) == language


@pytest.mark.parametrize(
    ("language", "day", "weekday", "moment", "number", "percent"),
    [
        ("nl", "dinsdag 24 november", "vr 20/11", "vr 20/11 9:15", "4.812,5", "75 %"),
        ("fr", "mardi 24 novembre", "ven. 20/11", "le ven. 20/11 à 9:15", f"4{NBSP}812,5", "75 %"),
        ("de", "Dienstag, 24. November", "Fr. 20/11", "Fr. 20/11 9:15 Uhr", "4.812,5", "75 %"),
        ("en", "Tuesday 24 November", "Fri 20/11", "Fri 20/11 9:15", "4,812.5", "75%"),
    ],
)
def test_days_and_numbers_are_written_as_in_each_language(
    speak: Callable[[str], None], language: str, day: str, weekday: str, moment: str, number: str, percent: str
) -> None:
    speak(language)
    assert formats.long_day(NOW) == day
    assert formats.weekday(date(2026, 11, 20), NOW) == weekday
    assert formats.moment_text(datetime(2026, 11, 20, 8, 15, tzinfo=UTC), NOW) == moment
    assert formats.number(4812.5) == number
    assert formats.percent(0.7549) == percent


@pytest.mark.parametrize("language", languages.LANGUAGES)
def test_dates_and_hours_are_the_same_in_every_language(speak: Callable[[str], None], language: str) -> None:
    speak(language)
    assert formats.full_date(NOW) == "24/11/2026"
    assert formats.clock(datetime(2026, 11, 24, 20, 5, tzinfo=UTC)) == "21:05"


@pytest.mark.parametrize(
    ("language", "text", "inside"),
    [("nl", "Duits", "duits"), ("nl", "IADL", "IADL"), ("fr", "Écrit", "écrit"), ("de", "Anmeldung", "Anmeldung"), ("en", "", "")],
)
def test_inside_a_sentence_a_capital_is_lost_but_not_in_german(speak: Callable[[str], None], language: str, text: str, inside: str) -> None:
    speak(language)
    assert languages.within(text) == inside


async def test_a_page_is_in_the_language_that_the_browser_wants(configured: Configure) -> None:
    async with browsing() as client:
        page = await client.get("/nothing", headers={"Accept-Language": "de-BE,de"})
    assert '<html lang="de">' in page.text
    assert "Diese Seite gibt es nicht" in page.text
    assert '<button class="menu-button" name="language" value="fr" lang="fr">Français</button>' in page.text


async def test_who_signed_in_reads_in_the_own_language_whatever_the_browser_wants(configured: Configure) -> None:
    async with browsing(persona="sender-brussels") as client:
        page = await client.get("/nothing", headers={"Accept-Language": "de"})
    assert '<html lang="fr">' in page.text


async def test_what_was_chosen_in_this_browser_counts_first(configured: Configure) -> None:
    async with browsing(persona="sender-brussels") as client:
        client.cookies.set(language_choice.cookie_name(), "en")
        assert '<html lang="en">' in (await client.get("/nothing")).text
        client.cookies.set(language_choice.cookie_name(), "tlh")
        assert '<html lang="fr">' in (await client.get("/nothing")).text


async def test_without_signing_in_a_choice_is_kept_by_the_browser(configured: Configure) -> None:
    async with browsing() as client:
        answer = await client.post("/language", data={"language": "en", "next": "/intake/x?a=1"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/intake/x?a=1")
        assert '<html lang="en">' in (await client.get("/intake/x?a=1")).text


@pytest.mark.parametrize(("language", "back", "goes"), [("en", "https://evil.example", "/"), ("tlh", "/a", "/a")])
async def test_a_choice_that_is_none_changes_nothing_and_leads_nowhere_else(
    configured: Configure, language: str, back: str, goes: str
) -> None:
    async with browsing() as client:
        answer = await client.post("/language", data={"language": language, "next": back})
    assert answer.headers["location"] == goes
    assert ("set-cookie" in answer.headers) == (language == "en")


async def test_the_menu_of_an_answer_to_a_form_leads_to_the_page_of_that_form(configured: Configure) -> None:
    async with browsing() as client:
        page = (await client.post("/nothing", headers={"Referer": "http://127.0.0.1:8080/intake/refer?a=1"})).text
        assert '<input type="hidden" name="next" value="/intake/refer?a=1">' in page
        page = (await client.post("/nothing", headers={"Referer": "http://evil.example/intake/refer"})).text
        assert '<input type="hidden" name="next" value="/">' in page


async def test_another_person_in_the_same_process_keeps_the_own_language(configured: Configure) -> None:
    secret = f"{sessions.PREFIX}german"
    sessions._looked_up.keep(hashed(secret), replace(PERSONAS["ops"], session_id=uuid4(), language="de"), float("inf"))
    async with browsing(persona="sender-brussels") as french, browsing() as german:
        german.cookies.set("zorgspoor_session", secret)
        for _ in range(2):
            assert '<html lang="fr">' in (await french.get("/nothing")).text
            assert '<html lang="de">' in (await german.get("/nothing")).text
