"""Finding somebody again on screen 1: only whom one's own organisation referred, the same answer about everybody else, every sight recorded."""

from __future__ import annotations

import asyncio
import re
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from services.intake.searches import handlers
from shared.access.actors import Actor
from tests.builders import a_referral
from tests.integration.intake.rig import House, an_actor

OURS, THEIRS, LEAD = an_actor("sender"), an_actor("sender"), an_actor("zone_lead")
NUMBER = "85073003328"
NOBODY = "Niemand gevonden onder de aanmeldingen van uw organisatie"


async def sent(house: House, who: Actor = OURS, **person: Any) -> dict[str, Any]:
    body = a_referral()
    body["person"] |= {"given_name": "Kanarieke", "family_name": "Van de Vogel", "birth_date": "1985-07-30"} | person
    answer = await house.post(who, "/referrals", body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def searched(house: House, who: Actor = OURS, status: int = 200, **typed: Any) -> str:
    answer = await house.send_form(who, f"/intake/refer/search/{await house.begun(who)}", typed)
    assert answer.status_code == status, answer.text
    return answer.text


def shown(page: str) -> list[str]:
    """The referrals by which persons are offered."""
    return re.findall(r'name="referral" value="([\w-]+)"', page)


@pytest.mark.parametrize(
    "typed",
    [
        {"text": "kana"},
        {"text": "vogel"},
        {"text": "Van de Vogel Kanarieke"},
        {"text": "85.07.30-033.28"},
        {"born": "30/7/1985"},
        {"text": "vog", "born": "30/07/1985"},
    ],
)
async def test_whom_one_referred_is_found_by_name_birth_date_or_number(house: House, typed: dict[str, Any]):
    own = await sent(house, national_number=NUMBER)
    await sent(house, given_name="Merel", family_name="Peeters", birth_date="1990-01-01")
    page = await searched(house, **typed)
    assert shown(page) == [own["id"]]
    assert "Kanarieke Van de Vogel" in page
    assert "1 persoon gevonden" in page


async def test_of_everybody_else_the_answer_is_the_same_as_of_nobody(house: House):
    await sent(house, THEIRS, national_number=NUMBER, given_name="Kanarieke")
    await sent(house, THEIRS, given_name="Merel", family_name="Peeters")
    searches: list[dict[str, Any]] = [{"text": "kana"}, {"text": NUMBER}, {"born": "30/07/1985"}, {"text": "merel"}]
    for typed in searches:
        there, nobody = await searched(house, **typed), await searched(house, text="nooitgezien")
        assert NOBODY in there
        assert _without_what_was_typed(there) == _without_what_was_typed(nobody)
    assert await house.value("select count(*) from audit where action = 'searches.search'") == 0


def _without_what_was_typed(page: str) -> str:
    return re.sub(r'(value|action|formaction)="[^"]*"|/intake/refer/[\w/-]*', "", page)


async def test_one_is_shown_by_the_own_telling_only(house: House):
    """The other organisation told another name of the same person: that does not find, and is not shown."""
    own = await sent(house, national_number=NUMBER, given_name="Kanarieke")
    await sent(house, THEIRS, national_number=NUMBER, given_name="Kanariette", phone="0499 99 99 99")
    page = await searched(house, text="kanar")
    assert shown(page) == [own["id"]]
    assert "Kanariette" not in page
    assert shown(await searched(house, text="kanariet")) == []


async def test_each_person_once_by_the_newest_referral_and_never_more_than_a_few(house: House):
    await sent(house)
    again = await sent(house)
    assert shown(await searched(house, text="vogel")) == [again["id"]]
    for number in range(9):
        await sent(house, given_name=f"Vink{number}")
    page = await searched(house, text="vogel")
    assert len(shown(page)) == 8
    assert "Typ meer van de naam" in page
    assert len(shown(await searched(house, text="vink3"))) == 1


async def test_every_person_that_is_shown_is_recorded_and_nobody_else(house: House):
    own = await sent(house)
    await sent(house, given_name="Merel", family_name="Peeters", birth_date="1990-01-01")
    await searched(house, text="vogel")
    rows = await house.rows("select subject_id, actor_id, relation, outcome from audit where action = 'searches.search'")
    assert rows == [{"subject_id": UUID(own["id"]), "actor_id": OURS.id, "relation": "own_organisation", "outcome": "seen"}]


async def test_a_script_gets_the_list_alone(house: House):
    own = await sent(house)
    answer = await searched(house, text="vogel", _action="suggest")
    assert re.findall(r'role="option" data-value="([\w-]+)"', answer) == [own["id"]]
    assert "<html" not in answer
    assert (await searched(house, text="nooitgezien", _action="suggest")).strip() == ""
    assert await searched(house, status=422, text="vogel", born="31/02/1985", _action="suggest") == ""


async def test_nothing_to_look_for_is_said_beside_the_field(house: House):
    page = await searched(house, status=422)
    assert 'id="text-fout"' in page
    page = await searched(house, status=422, text="vogel", born="31/02/1985")
    assert 'id="born-fout"' in page
    assert 'value="vogel"' in page


async def test_using_somebody_fills_the_screen_with_what_was_told(house: House):
    own = await sent(house, national_number=NUMBER, phone="0400 12 34 56", reach="Na 17 uur")
    draft = await house.begun(OURS)
    answer = await used(house, draft, own["id"])
    assert answer.headers["location"] == f"/intake/refer/1/{draft}#overgenomen"
    page = (await house.page(OURS, f"/intake/refer/1/{draft}")).text
    for value in ("Kanarieke", "Van de Vogel", "30/07/1985", NUMBER, "0400 12 34 56", "Na 17 uur", "9060"):
        assert f'value="{value}"' in page, value
    form = dict(re.findall(r'name="(person\.[\w.]+)"[^>]* value="([^"]*)"', page))
    answer = await house.send_form(OURS, f"/intake/refer/1/{draft}", form | {"person.language": "fr", "person.sex": "female"})
    assert answer.headers["location"] == f"/intake/refer/2/{draft}", "it is whole"


async def used(house: House, draft: str, referral: str, who: Actor = OURS) -> httpx.Response:
    answer = await house.send_form(who, f"/intake/refer/known/{draft}", {"referral": referral})
    assert answer.status_code == 303, answer.text
    return answer


@pytest.mark.parametrize("named", ["theirs", "nobody", "x"])
async def test_nobody_else_is_taken_over(house: House, named: str):
    theirs = await sent(house, THEIRS)
    draft = await house.begun(OURS)
    referral = {"theirs": theirs["id"], "nobody": str(uuid4()), "x": "x"}[named]
    answer = await used(house, draft, referral)
    assert answer.headers["location"] == f"/intake/refer/1/{draft}"
    assert "Kanarieke" not in (await house.page(OURS, f"/intake/refer/1/{draft}")).text
    assert await house.value("select count(*) from drafts") == 0


async def test_another_role_searches_nobody(house: House):
    assert (await house.send_form(LEAD, f"/intake/refer/search/{uuid4()}", {"text": "vogel"})).status_code == 403


async def test_who_is_erased_is_not_found_and_leaves_no_mark(house: House):
    own = await sent(house)
    await searched(house, text="vogel")
    assert await house.value("select count(*) from keys.told_marks") == 1
    answer = await house.post(an_actor("privacy_officer"), "/erasures", {"person": own["reference"]})
    assert answer.is_success, answer.text
    assert await house.value("select count(*) from keys.told_marks") == 0
    assert NOBODY in await searched(house, text="vogel")


async def test_marks_that_are_gone_are_made_again_and_by_many_at_once(house: House, monkeypatch: pytest.MonkeyPatch):
    ids = {(await sent(house, given_name=f"Vink{number}"))["id"] for number in range(5)}
    await house.rows("delete from keys.told_marks")  # as after a restore
    found = await asyncio.gather(*[searched(house, text="vogel") for _ in range(4)])
    assert [set(shown(page)) for page in found] == [ids] * 4
    monkeypatch.setattr(handlers, "AT_ONCE", 2)
    await house.rows("delete from keys.told_marks")
    for _ in range(3):
        page = await searched(house, text="vogel")
    assert set(shown(page)) == ids


async def test_what_is_told_later_finds_too(house: House):
    body = a_referral(programme="frail", facts={})
    body["person"] |= {"family_name": "Vogelzang", "birth_date": None, "birth_year": 1941}
    del body["person"]["birth_date"]
    answer = await house.post(OURS, "/referrals", body)
    own = answer.json()
    assert shown(await searched(house, born="09/05/1941")) == []
    answer = await house.post(OURS, f"/referrals/{own['id']}/information", {"facts": {"birth_date": "1941-05-09"}})
    assert answer.is_success, answer.text
    assert shown(await searched(house, born="09/05/1941")) == [own["id"]]


async def test_the_marks_of_others_are_not_shown_to_who_asks(house: House):
    await sent(house, THEIRS)
    await searched(house, THEIRS, text="vogel")
    for who, count in ((THEIRS, 1), (OURS, 0), (LEAD, 0)):
        async with house.kernel.read(who) as connection:
            assert await connection.fetchval("select count(*) from keys.told_marks") == count
