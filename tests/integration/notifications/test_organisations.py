"""Organisations of the directory by words of their name, for senders who say who already cares."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from services.notifications.directory.domain import Kind
from tests.integration.notifications.rig import House
from tests.integration.notifications.test_api import API, an_actor, asking

SENDER = an_actor("sender")


async def sought(house: House, words: str = "", **more: Any) -> dict[str, Any]:
    async with asking(house, SENDER) as client:
        answer = await client.post(f"{API}/organisations/search", json={"words": words, **more})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def names(house: House, words: str, **more: Any) -> list[str]:
    return [each["name"] for each in (await sought(house, words, **more))["found"]]


async def an_organisation(house: House, name: str, **more: Any) -> UUID:
    return await house.contact(name=name, kind=Kind.ORGANISATION, organisation_id=None, organisation=name, **more)


async def test_every_word_is_in_the_name_and_what_begins_with_them_comes_first(house: House) -> None:
    await an_organisation(house, "Thuiszorg De Brug", municipality="Eeklo")
    await an_organisation(house, "De Brug, centrum voor geestelijke gezondheidszorg")
    await an_organisation(house, "Kraamzorg De Wiegelier")
    await an_organisation(house, "De Brug gesloten", active=False)
    assert await names(house, "de brug") == ["De Brug, centrum voor geestelijke gezondheidszorg", "Thuiszorg De Brug"]
    assert await names(house, "BRUG thuis") == ["Thuiszorg De Brug"]
    assert await names(house, "wieg brug") == []
    assert await names(house, "%") == [] == await names(house, "  ")
    found = await sought(house, "de", limit=1)
    assert (len(found["found"]), found["more"]) == (1, True)
    assert not (await sought(house, "wieg", limit=1))["more"]


async def test_names_are_found_however_accents_and_apostrophes_are_typed(house: House) -> None:
    await an_organisation(house, "Hôpital Saint-Liévin, maternité")
    await an_organisation(house, "L’œuvre des mères")
    for words in ("hopital", "LIEVIN maternite", "Hôpital", "ho\u0302pital"):
        assert await names(house, words) == ["Hôpital Saint-Liévin, maternité"], words
    for words in ("l'oeuvre meres", "L´œuvre"):
        assert await names(house, words) == ["L’œuvre des mères"], words


async def test_one_that_only_its_people_tell_of_is_found_once_and_a_person_never(house: House) -> None:
    practice = uuid4()
    await house.contact(name="An De Linde", organisation_id=practice, organisation="Praktijk De Linde")
    await house.contact(name="Bo", kind=Kind.WORKER, organisation_id=practice, organisation="Praktijk De Linde")
    assert (await sought(house, "linde"))["found"] == [{"id": str(practice), "name": "Praktijk De Linde", "municipality": ""}]


async def test_organisations_are_named_by_id_also_those_that_are_gone(house: House) -> None:
    gone, person = await an_organisation(house, "De Brug", active=False), await house.contact(name="An Peeters")
    asked = await sought(house, ids=[str(gone), str(person), str(uuid4())])
    assert ([each["name"] for each in asked["known"]], asked["found"]) == (["De Brug"], [])
