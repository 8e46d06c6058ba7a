"""Which organisations already care for a person is asked on screen 2, found by name in the provider directory, and told to the assignment rule."""

from __future__ import annotations

import html
import re
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest

from services.intake.organisations import asking
from tests.integration.intake.rig import House, an_actor
from tests.integration.intake.test_screens import NEED, PERSON, SENDER, reviewed, typed

BRIDGE, CRADLE, NOWHERE = uuid4(), uuid4(), uuid4()
NAMES = {BRIDGE: "Thuiszorg De Brug", CRADLE: "Kraamzorg De <Wiegelier>", SENDER.organisation_id: "De eigen Praktijk"}


class Directory:
    """The provider directory as intake hears it; `away`: it does not answer."""

    def __init__(self) -> None:
        self.away = False
        self.asked: list[tuple[str, str, Any]] = []

    async def ask(self, call: Any, service: str, method: str, path: str, json: Any = None, *, timeout: float = 0.3) -> Any:  # noqa: ASYNC109
        if "organisations" not in path:
            return None
        self.asked.append((method, path, json))
        if self.away:
            return None
        words = json["words"].lower().split()
        found = [view(id) for id, name in NAMES.items() if words and all(word in name.lower() for word in words)]
        return {"found": found, "more": False, "known": [view(id) for id in json["ids"] if id in NAMES]}


def view(id: UUID | None) -> dict[str, str]:
    return {"id": str(id), "name": NAMES[id], "municipality": "Eeklo"}


@pytest.fixture(autouse=True)
def directory(monkeypatch: pytest.MonkeyPatch) -> Directory:
    told = Directory()
    monkeypatch.setattr(asking, "ask", told.ask)
    return told


def offered(page: str) -> dict[str, bool]:
    """The organisations on screen 2, each with whether it is ticked."""
    found = re.findall(r'name="caring_organisations" value="([\w-]+)"( checked)?> <span>([^<]+)</span>', page.partition("<template")[0])
    return {html.unescape(name): bool(ticked) for _, ticked, name in found}


async def screen(house: House, id: str, number: int) -> str:
    return (await house.page(SENDER, f"/intake/refer/{number}/{id}")).text


async def on_screen_2(house: House) -> str:
    id = await house.begun(SENDER)
    await typed(house, id, 1, PERSON)
    return id


async def test_an_organisation_is_found_by_the_button_ticked_checked_and_sent(house: House, directory: Directory) -> None:
    id = await on_screen_2(house)
    assert directory.asked == [], "nobody looks for anything"
    led = await typed(house, id, 2, NEED | {"caring.sought": "de wieg", "_action": "seek"})
    assert led == f"/intake/refer/2/{id}#caring_organisations", "what is typed stands in no address"
    assert offered(await screen(house, id, 2)) == {"Kraamzorg De <Wiegelier>": False}
    ticked = NEED | {"caring.sought": "brug", "caring_organisations": str(CRADLE)}
    await typed(house, id, 2, ticked | {"_action": "seek"})
    assert offered(await screen(house, id, 2)) == {"Kraamzorg De <Wiegelier>": True, "Thuiszorg De Brug": False}
    ticked |= {"caring_organisations": [str(CRADLE), str(BRIDGE)], "_sought": "brug"}
    assert await typed(house, id, 2, ticked) == f"/intake/refer/3/{id}"
    whole = html.unescape((await house.page(SENDER, f"/intake/refer/3/{id}")).text)
    assert "Kraamzorg De <Wiegelier>, Thuiszorg De Brug" in whole
    again = await screen(house, id, 2)
    assert offered(again) == {"Kraamzorg De <Wiegelier>": True, "Thuiszorg De Brug": True}
    assert 'name="caring.sought" type="text" value=""' in again, "who goes on has done with looking"
    await typed(house, id, 3, await reviewed(house, id))
    (row,) = await house.rows("select payload from outbox")
    told = orjson.loads(row["payload"])["caring_organisation_ids"]
    assert told == [str(SENDER.organisation_id), str(CRADLE), str(BRIDGE)]
    for path in ("", "/receipt"):
        assert "Thuiszorg De Brug" in (await house.page(SENDER, f"/intake/referrals/{id}{path}")).text
    assert {(method, path) for method, path, _ in directory.asked} == {("POST", "/notifications/api/organisations/search")}


async def test_a_name_that_was_typed_and_not_ticked_is_not_dropped_unsaid(house: House) -> None:
    id = await on_screen_2(house)
    assert (await typed(house, id, 2, NEED | {"caring.sought": "wieg", "_action": "later"})).startswith("/intake/referrals")
    assert 'name="caring.sought" type="text" value="wieg"' in await screen(house, id, 2)
    words = NEED | {"caring.sought": " wieg\x01", "_action": "next"}
    assert await typed(house, id, 2, words) == f"/intake/refer/2/{id}#caring_organisations"
    page = await screen(house, id, 2)
    assert offered(page) == {"Kraamzorg De <Wiegelier>": False}
    assert 'name="_sought" value="wieg"' in page
    assert await typed(house, id, 2, words | {"_sought": "wieg"}) == f"/intake/refer/3/{id}"


async def test_what_is_found_and_ticked_already_is_said(house: House) -> None:
    id = await on_screen_2(house)
    await typed(house, id, 2, NEED | {"caring.sought": "wieg", "caring_organisations": str(CRADLE), "_action": "seek"})
    assert "Staat er al bij." in await screen(house, id, 2)


async def test_the_own_organisation_is_not_found_since_it_counts_anyway(house: House) -> None:
    id = await on_screen_2(house)
    await typed(house, id, 2, NEED | {"caring.sought": "praktijk", "_action": "seek"})
    page = await screen(house, id, 2)
    assert offered(page) == {}
    assert "Niet gevonden onder deze naam. Probeer een ander woord van de naam, of ga zonder verder." in page.partition("data-list")[0]


async def test_without_the_directory_nothing_chosen_is_lost(house: House, directory: Directory) -> None:
    id = await on_screen_2(house)
    directory.away = True
    led = await typed(house, id, 2, NEED | {"caring.sought": "wieg", "caring_organisations": str(BRIDGE), "_action": "seek"})
    page = await screen(house, id, 2)
    assert led.endswith("#caring_organisations")
    assert offered(page) == {"Organisatie, naam nu niet te zien": True}
    assert "De wegwijzer antwoordt nu niet." in page.partition("data-list")[0]
    assert await typed(house, id, 2, NEED | {"caring_organisations": str(BRIDGE)}) == f"/intake/refer/3/{id}"
    await typed(house, id, 3, await reviewed(house, id))
    (row,) = await house.rows("select payload from outbox")
    assert str(BRIDGE) in orjson.loads(row["payload"])["caring_organisation_ids"]


async def test_what_is_no_organisation_is_said_beside_the_question(house: House) -> None:
    id = await on_screen_2(house)
    led = await typed(house, id, 2, NEED | {"caring_organisations": "De Brug"})
    assert led == f"/intake/refer/2/{id}?nakijken=1"
    assert 'id="caring_organisations-fout"' in (await house.page(SENDER, led)).text


async def test_a_script_gets_the_list_alone_and_only_a_sender(house: House, directory: Directory) -> None:
    answer = await house.send_form(SENDER, "/intake/organisations/search", {"caring.sought": "  de   "})
    assert re.findall(r'role="option" data-value="([\w-]+)" data-name="([^"]+)"', html.unescape(answer.text)) == [
        (str(BRIDGE), "Thuiszorg De Brug"),
        (str(CRADLE), "Kraamzorg De <Wiegelier>"),
    ]
    assert "<html" not in answer.text
    directory.away = True
    assert (await house.send_form(SENDER, "/intake/organisations/search", {"caring.sought": "brug"})).status_code == 503
    assert (await house.send_form(an_actor("coordinator"), "/intake/organisations/search", {"caring.sought": "brug"})).status_code == 403
