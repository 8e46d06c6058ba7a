"""Every page in every language, with real answers on it: nothing Dutch is left but what somebody typed or is called."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.commands.messages import extracted
from shared.access.personas import PERSONAS
from shared.web import language_choice, languages
from shared.web.routing import PageEndpoint
from tests.builders import a_frail_elder, a_referral
from tests.eventually import eventually
from tests.journeys.browser import Browser, Form, Page
from tests.journeys.test_main_job import offer_of, send, status, worker
from tests.journeys.test_pages import a_name, screen_1, screen_2
from tests.past import a_past
from tests.stack import Stack
from tests.unit.web.conftest import real_routes

CASE = re.compile(r"/coordination/cases/[\w-]{36}")
OTHERS = [language for language in languages.LANGUAGES if language != languages.SOURCE]
PLACEHOLDER = re.compile(r"%\(\w+\)s|%%|\{\w*\}|</?\w+[^>]*>")
# what is called so, or was typed so, in every language
KEPT = re.compile(
    r"(Oost|West)-Meetjesland|Brussel( [\w-]+)?|Beheer|Praktijk De Vlierbes|Huisartsen Aalter-Noord|Zorgraad Oost-Meetjesland|"
    r"hulp@zorgraad\.example|PAST-[\w-]+|Vlaamse Ombudsdienst|Leuvenseweg|Kind en Gezin|Huizen van het Kind|Toon Verhelst|"
    r"eerstelijnszone|Écoute violences conjugales|Liefst na 10 uur\. Niet via haar ouders\.|Verhuist tussen[^·]*bevallen\.|Slaapt slecht\.\s+Is bang\."
)
SHOWN = ("title", "aria-label", "placeholder", "data-label", "data-saved", "data-unsaved", "data-signed-out", "data-news")
AGED = "41050900242"


@dataclass
class Shown(HTMLParser):
    """What a reader reads or hears of a page; parts marked as in another language apart."""

    answer: httpx.Response
    text: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._elsewhere = 0
        self.feed(self.answer.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if given.get("lang"):
            self.languages.append(str(given["lang"]))
        if given.get("lang") and tag != "html":
            self._elsewhere += 1
        self.text += [given[name] or "" for name in SHOWN if name in given]

    def handle_endtag(self, tag: str) -> None:
        if self._elsewhere and tag == "button":
            self._elsewhere -= 1

    def handle_data(self, data: str) -> None:
        if not self._elsewhere:
            self.text.append(data)


class Dutch:
    """The Dutch that a page in another language must not show: pieces of our texts, and words that only Dutch has."""

    def __init__(self, language: str) -> None:
        known = languages.catalogue(language)
        said = " ".join([*known.texts.values(), *(form for forms in known.plurals.values() for form in forms)])
        told = [part for place in languages.places() for message in extracted(place) for part in _parts(message)]
        self._pieces = {piece for piece in told if " " in piece and piece.lower() not in said.lower()}
        words = {word.lower() for piece in told for word in re.findall(r"[^\W\d_]{4,}", piece)}
        self._words = words - {word.lower() for word in re.findall(r"[^\W\d_]{4,}", said)}

    def left_on(self, shown: Shown) -> list[str]:
        text = KEPT.sub("", "\n".join(shown.text))
        found = {piece for piece in self._pieces if piece in text and re.search(rf"(?<!\w){re.escape(piece)}(?!\w)", text)}
        return sorted(found | {word for word in re.findall(r"[^\W\d_]{4,}", text) if word.lower() in self._words})


def _parts(message: Any) -> list[str]:
    sources = message if isinstance(message, tuple) else (message,)
    return [piece.strip() for source in sources for piece in PLACEHOLDER.split(source) if len(piece.strip()) > 3]


@dataclass
class Round:
    """Pages that somebody opens, and forms that are sent as they must not be: address of the page, of the form, what is typed."""

    persona: str
    pages: list[str]
    mistakes: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)


@pytest.fixture(scope="session")
async def rounds(house: Stack) -> list[Round]:
    """Referrals, drafts and cases in as many states as pages tell apart, and where they are seen."""
    drafts, referrals, mistakes = await _of_sender(house)
    cases, persona, offer = await _of_coordinator(house)
    waiting = a_referral()
    waiting["person"] |= {"given_name": a_name(), "language": "ps"}
    waits = await send(house, waiting)
    await status(house, waits["id"], "waiting")
    referrals.append(waits["id"])
    ((blocked,),) = await house.query("coordination", "select case_id from case_referrals where referral_id = $1", UUID(waits["id"]))
    unknown, matched, person = await _of_intake(house)
    own = [address for id in referrals for address in (f"/intake/referrals/{id}", f"/intake/referrals/{id}/receipt")]
    checked = f"/intake/referrals/{unknown}"
    asked = f"/intake/referrals/{matched}/match"
    case_pages = [f"/coordination/cases/{case}" for case in cases]
    leave = f"/coordination/workers/{PERSONAS[persona].id}/leave"
    async with house.client(persona) as client:
        days = {"starts_on": "2098-03-01", "ends_on": "2098-03-05"}
        answer = await client.post(f"/coordination/api/workforce/{PERSONAS[persona].id}/absences", json=days)
    assert answer.is_success, answer.text
    lists = ["/coordination/cases", *(f"/coordination/cases?stand={stand}" for stand in ("waiting", "assigned", "closed"))]
    return [
        Round("sender", ["/accessibility", "/help", "/intake/referrals", "/intake/nowhere", *drafts, *own], mistakes),
        Round(
            persona,
            [
                *("/coordination/day", "/coordination/day?let_op=offer_answered", *lists, *case_pages, f"{case_pages[0]}/team"),
                *(leave, f"{leave}?let_op=leave_over", f"{leave}/proposal?starts_on=2098-05-01&ends_on=2098-05-05"),
            ],
            [
                ("/coordination/day", f"/offers/{offer}/decline", {"away_from": "31/02/2027"}),
                (case_pages[0], "/first-contact", {"day": "", "hour": "x"}),
                (case_pages[0], "/close", {}),
                (f"{case_pages[0]}/team", "/team", {}),
            ],
        ),
        Round("care-team", ["/coordination/teams", f"/coordination/teams/{cases[0]}"]),
        Round(
            "zone-lead",
            [
                "/intake/emergency",
                "/coordination/zones",
                "/coordination/zones/meetjesland-oost",
                *lists,
                f"/coordination/cases/{blocked}",
                *await _what_if(house),
            ],
        ),
        Round("zone-intake", ["/intake/checks", checked, asked], [(checked, "/check-answer", {}), (asked, "/match-answer", {})]),
        Round("ops", ["/operations", "/operations/intake/parked/1/discard", "/sessions", "/sign-out/done?elders"]),
        Round(
            "privacy-officer",
            ["/intake/audit", f"/intake/audit?person={person}", "/intake/audit/sign-ins", "/intake/glass"],
            [("/intake/audit", "/intake/audit", {"sought": "X"})],
        ),
    ]


async def _what_if(house: Stack) -> list[str]:
    """A zone with a past, as it is and with changes; and what is no change."""
    worker = PERSONAS["coordinator"].id

    async def run(statement: str, *values: Any) -> Any:
        return await house.query("coordination", statement, *values)

    await a_past(run, "meetjesland-oost", worker, datetime.now(UTC))
    await a_past(run, "meetjesland-oost", worker, datetime.now(UTC), "obesity", 3)
    page = "/coordination/zones/meetjesland-oost/what-if"
    hours = f"change=fte:{worker}:50&change=hire:50:care_coordinator:nl.fr:frail:2027-01-04"
    away = f"change=away:{worker}:2026-12-01:2026-12-31"
    queries = [
        "",
        f"change=intake:70&{hours}",
        f"change=intake:130&{away}",
        f"{hours}&{away}&weeks=4",
        "change=intake:lots",
        "add=hire&hours=50",
    ]
    return [f"{page}?{query}" for query in queries] + ["/coordination/zones/brussel-noord/what-if"]


async def _of_sender(house: Stack) -> tuple[list[str], list[str], list[tuple[str, str, dict[str, Any]]]]:
    """Drafts and referrals of a sender, and what may be typed wrong on them."""
    async with Browser(house) as browser:
        one = await screen_1(browser, a_name())
        id = one.url.path.rsplit("/", 1)[1]
        whole = await screen_2(browser, await screen_1(browser, a_name()))
        empty = await browser.get("/intake/refer")
        mistaken = await browser.send(
            empty, empty.form("/intake/refer/1/"), person__birth_date="31/02/1999", person__address__postcode="0001"
        )
        drafts = [
            *(f"/intake/refer/{screen}/{id}{query}" for screen in (1, 2) for query in ("", "?nakijken=1")),
            f"/intake/refer/discard/{id}",
            whole.url.path,
            f"{mistaken.url.path}?nakijken=1",
        ]
    bodies = [
        a_referral(facts={"weeks_pregnant": 36, "needs": ["violence"], "coordination_now": "none", "providers": "several"}),
        a_referral(programme="unknown", facts={}, human_check=True),
        a_frail_elder(facts={}),
        a_frail_elder(facts={"belrai": {"iadl": 1, "adl": 1, "total": 4}, "dementia": False}),
    ]
    ids = [(await send(house, body))["id"] for body in bodies]
    await status(house, ids[0], "offered")
    missing = f"/intake/referrals/{ids[2]}"
    return (
        drafts,
        ids,
        [(missing, "/information", {"facts.belrai.iadl": "9"}), (missing, "/information", {}), (missing, "/withdraw", {"reason": "x"})],
    )


async def _of_coordinator(house: Stack) -> tuple[list[str], str, str]:
    """A case that is held and one that is offered, to the same persona: cases, persona, open offer."""
    first = await send(house, a_referral())
    await status(house, first["id"], "offered")
    offer, coordinator = await offer_of(house, first["id"])
    persona = next(key for key, actor in PERSONAS.items() if str(actor.id) == coordinator)
    async with Browser(house) as browser:
        day = await browser.sign_in(persona)
        await browser.send(day, day.form(f"/coordination/offers/{offer}/accept"))
    await status(house, first["id"], "assigned")
    ((held,),) = await house.query("coordination", "select case_id from case_referrals where referral_id = $1", UUID(first["id"]))
    async with worker(house, coordinator) as client:
        member = {"member_id": str(PERSONAS["care-team"].id), "care_role": "general_practitioner"}
        assert (await client.post(f"/coordination/api/cases/{held}/team", json=member)).is_success
    while True:  # the next one goes to whoever has most room
        more = await send(house, a_referral())
        await status(house, more["id"], "offered")
        open_offer, holder = await offer_of(house, more["id"])
        if holder == coordinator:
            break
    ids = [UUID(first["id"]), UUID(more["id"])]
    rows = await house.query("coordination", "select case_id from case_referrals where referral_id = any($1::uuid[])", ids)
    held = await house.query("coordination", "select case_id from case_referrals where referral_id = $1", ids[0])
    cases = [str(held[0][0]), *(str(row[0]) for row in rows if row[0] != held[0][0])]
    return cases, persona, open_offer


async def _of_intake(house: Stack) -> tuple[str, str, str]:
    """A referral that a human must look at, one of which it is asked who it is, and a person."""
    unknown = await send(house, a_referral(programme="unknown", facts={}))
    body = a_frail_elder()
    body["person"] |= {"national_number": AGED, "phone": "0470 11 11 11"}
    await send(house, body)
    second = await send(house, {**body, "person": {**body["person"], "phone": "0499 66 66 66"}}, "sender-brussels")

    async def asked() -> list[Any]:
        return await house.query("intake", "select person_id from referrals where id = $1", UUID(second["id"]))

    rows = await eventually(asked)
    return unknown["id"], second["id"], str(rows[0][0])


async def _shown(browser: Browser, rounds_: Round) -> list[Page]:
    pages = [Page(await browser.client.get(url)) for url in rounds_.pages]
    for url, action, typed in rounds_.mistakes:
        page = Page(await browser.client.get(url))
        form = next(form for form in page.forms if form.action.endswith(action))
        pages.append(await browser.send(page, Form(form.action, form.method, form.fields), status=422, **typed))
    return pages


@pytest.mark.parametrize("language", languages.LANGUAGES)
async def test_every_page_is_whole_in_every_language(house: Stack, rounds: list[Round], language: str) -> None:
    left: dict[str, list[str]] = {}
    dutch = None if language == languages.SOURCE else Dutch(language)
    for each in rounds:
        async with Browser(house) as browser:
            await browser.sign_in(each.persona)
            browser.client.cookies.set(language_choice.cookie_name(), language)
            for page in await _shown(browser, each):
                shown = Shown(page.answer)
                assert shown.languages[:1] == [language], page.url
                assert sorted(shown.languages[1:]) == sorted(languages.LANGUAGES), "the menu says each in its own words"
                if dutch is not None and (found := dutch.left_on(shown)):
                    left[f"{each.persona} {page.url.path}"] = found
    assert left == {}


async def test_no_page_is_left_out(rounds: list[Round]) -> None:
    opened = [url.partition("?")[0] for each in rounds for url in each.pages]
    routes = [route for route in real_routes() if isinstance(route.endpoint, PageEndpoint) and "GET" in (route.methods or ())]
    redirects = {"/", "/intake", "/intake/", "/intake/refer", "/coordination/leave"}
    assert [route.path for route in routes if route.path not in redirects and not any(route.path_regex.match(url) for url in opened)] == []


async def test_what_is_asked_of_another_service_is_told_in_the_language_of_the_page(house: Stack, rounds: list[Round]) -> None:
    held = next(each for each in rounds if "/coordination/day" in each.pages)
    async with Browser(house) as browser:
        await browser.sign_in(held.persona)
        browser.client.cookies.set(language_choice.cookie_name(), "fr")
        page = await browser.get(next(url for url in held.pages if CASE.fullmatch(url)))
    assert "rossesse ou jeune famille : logement" in page.text
