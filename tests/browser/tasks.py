"""The six core tasks, as people do them on the pages."""

from __future__ import annotations

import re
from datetime import datetime

from playwright.async_api import Locator, expect

from shared.working_time import BRUSSELS
from tests.browser.cases import Case, a_name
from tests.browser.hands import Hands

REFERENCE = re.compile(r"OM-\d\d-\d+-\w")


async def refer(hands: Hands) -> str:
    """Refer somebody, from the start page to the receipt; returns the family name."""
    name = a_name()
    await hands.open("/")
    await hands.press(hands.link("Nieuwe aanmelding"))
    await fill_in_who(hands, name)
    await hands.press(hands.button("Verder: wat is er nodig"))
    await fill_in_need(hands)
    await hands.press(hands.button("Verder: nakijken"))
    await expect(hands.page.get_by_role("heading", name="Kijk de aanmelding na")).to_be_visible()
    await hands.press(hands.button("Aanmelding versturen"))
    await expect(hands.page.get_by_role("heading", name="Aanmelding ontvangen")).to_be_visible()
    await expect(hands.page.locator(".reference")).to_have_text(REFERENCE)
    await hands.look()
    return name


async def fill_in_who(hands: Hands, name: str) -> None:
    """Screen 1: only what must be there."""
    await hands.type(hands.page.get_by_label("Voornaam"), "Leyla")
    await hands.type(hands.page.get_by_label("Naam", exact=True), name)
    await hands.type(hands.page.get_by_label("Geboortedatum"), "14/3/1941")
    await hands.type(hands.page.get_by_label("Postcode"), "9060")
    await hands.type(hands.page.get_by_label("Telefoon"), "0400 00 18 77")
    await hands.look()


async def fill_in_need(hands: Hands) -> None:
    """Screen 2: the programme, what the rules ask for it, and consent."""
    await hands.choose(hands.option("Welk programma past het best?", "oudere"))
    await hands.press(hands.button("Toon de vragen"))
    await hands.type(hands.page.get_by_label("BelRAI Screener, totaal"), "14")
    await hands.choose(hands.option("Stemt al iemand de zorg af?", "Nee"))
    await hands.choose(hands.option("Hoeveel hulpverleners zijn er?", "Meer"))
    await hands.choose(hands.option("Is er een zorg- en ondersteuningsplan?", "Nee"))
    await hands.press(hands.button("Toon het voorstel"))
    await expect(hands.page.get_by_role("heading", name="Komt in aanmerking")).to_be_visible()
    await hands.choose(hands.option("Toestemming", "De persoon, of wie voor hem of haar beslist"))
    await hands.look()


async def read_status_and_add(hands: Hands, case: Case, text: str) -> None:
    """Read how a referral stands and who acts next, and tell something more."""
    await hands.open("/")
    row = hands.page.get_by_role("listitem").filter(has=hands.link(case.name))
    await expect(row).to_contain_text(case.reference)
    await hands.press(hands.link(case.name))
    await expect(hands.page.get_by_role("list", name="Stand van de aanmelding")).to_be_visible()
    await hands.look()
    await hands.type(hands.page.get_by_label("Wat wilt u laten weten?"), text)
    await hands.press(hands.button("Aanvulling versturen"))
    await expect(hands.page.get_by_role("paragraph").filter(has_text=text)).to_be_visible()
    await hands.look()


def told(hands: Hands, text: str) -> Locator:
    """The notice that something was done; `text` is its first sentence."""
    return hands.page.locator(".toast").get_by_text(text, exact=True)


async def open_with_names(hands: Hands, address: str, name: str) -> None:
    """Open a page that asks another service for names, and again as it says when that answered too late."""
    for _ in range(10):
        await hands.open(address)
        if await hands.link(name).count():
            return


def offer(hands: Hands, case: Case) -> Locator:
    return hands.page.locator(f"#aanbod-{case.offer}")


async def accept(hands: Hands, case: Case) -> None:
    """Take a case that is offered."""
    await hands.open("/")
    await expect(offer(hands, case)).to_be_visible()
    await hands.press(hands.button("Aanvaarden", offer(hands, case)))
    await expect(offer(hands, case)).to_have_count(0)
    await expect(told(hands, "Aanvaard.")).to_be_visible()
    await hands.look()


async def decline(hands: Hands, case: Case) -> None:
    """Say no to a case that is offered, with the reason."""
    await hands.open("/")
    await hands.press(hands.unfolds("Weigeren", offer(hands, case)))
    await hands.look()
    await hands.press(hands.button("Ik heb geen ruimte", offer(hands, case)))
    await expect(offer(hands, case)).to_have_count(0)
    await expect(told(hands, "Geweigerd.")).to_be_visible()
    await hands.look()


async def note_first_contact(hands: Hands, case: Case) -> None:
    """Note that the person was met, the level and how intense the work will be."""
    await open_with_names(hands, "/", case.name)
    await hands.press(hands.link(case.name).first)
    await hands.press(hands.unfolds("Eerste contact noteren"))
    now = datetime.now(BRUSSELS)
    await hands.type(hands.page.get_by_label("Dag"), now.strftime("%d/%m/%Y"))
    await hands.type(hands.page.get_by_label("Uur"), now.strftime("%H:%M"))
    await hands.choose(hands.option("Procesniveau", "Complex"))
    await hands.choose(hands.option("Intensiteit", "Licht"))
    await hands.look()
    await hands.press(hands.button("Eerste contact bewaren"))
    await expect(hands.unfolds("Eerste contact noteren")).to_have_count(0)
    await hands.look()


async def answer_check(hands: Hands, name: str) -> None:
    """Decide on a referral that a human must look at."""
    await hands.open("/")
    await hands.press(hands.link(name))
    await hands.choose(hands.option("Wat beslist u?", "Komt niet in aanmerking"))
    await hands.type(hands.page.get_by_label("Reden, of wat u de aanmelder vraagt"), "Het gezin heeft al een begeleider.")
    await hands.look()
    await hands.press(hands.button("Beslissing versturen"))
    await expect(told(hands, "Beslissing verstuurd.")).to_be_visible()
    await hands.look()


async def see_why_somebody_waits(hands: Hands, reference: str) -> None:
    """Find out why a case has nobody yet, and whose turn it is."""
    await hands.open("/")
    await hands.press(hands.page.locator('a[href="/coordination/zones/meetjesland-oost"]'))  # by its code where its name comes late
    await hands.look()
    row = hands.page.get_by_role("row").or_(hands.page.get_by_role("listitem")).filter(has=hands.link(reference)).first
    await expect(row).to_contain_text("Niemand die de taal spreekt")
    await expect(row).to_contain_text("Griet Baetslé")
    await hands.press(hands.link(reference).first)
    await expect(hands.page.get_by_role("heading", name="Waarom nog niemand")).to_be_visible()
    await hands.look()
