"""Long lists of referrals: filter, order and leaf in the address, within what may be seen; and what a refresh records."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from services.intake.referrals import listing
from shared.access.actors import Actor
from tests.builders import a_frail_elder, a_referral
from tests.identity import issue_token
from tests.integration.intake.rig import House, an_actor

OURS, THEIRS, INTAKE = an_actor("sender"), an_actor("sender"), an_actor("zone_intake")
HIGH = {"level": "high", "reason": "Bevalt over drie weken"}


@pytest.fixture(autouse=True)
def _three_on_a_leaf(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "OWN", replace(listing.OWN, rows=3))
    monkeypatch.setattr(listing, "DRAFTS", replace(listing.DRAFTS, rows=2))
    monkeypatch.setattr(listing, "MATCHES", replace(listing.MATCHES, rows=2))
    checks = listing.checks
    monkeypatch.setattr(listing, "checks", lambda zones: replace(checks(zones), rows=3))


async def sent(house: House, body: dict[str, Any], who: Actor = OURS) -> str:
    answer = await house.post(who, "/referrals", body)
    assert answer.status_code == 201, answer.text
    house.clock.pass_by(minutes=1)
    return str(answer.json()["id"])


async def listed(house: House, address: str, who: Actor = OURS) -> list[str]:
    """The ids of the referrals on a page, in the order of the page."""
    answer = await house.page(who, address)
    assert answer.status_code == 200, answer.text
    return re.findall(r'class="entry-name" href="/intake/referrals/([\w-]{36})', answer.text)


async def test_own_referrals_come_by_turn_then_urgent_then_newest(house: House):
    await sent(house, a_referral(), THEIRS)
    first, high, last = await sent(house, a_referral()), await sent(house, a_referral(urgency=HIGH)), await sent(house, a_referral())
    child = a_frail_elder(programme="obesity", facts={"bmi": 31.0, "eossp": 1, "coordination_now": "none"})
    child["person"] |= {"birth_date": "2015-02-03"}
    ended, asked = await sent(house, child), await sent(house, a_frail_elder(facts={}))
    expected = [asked, high, last, first, ended]
    assert await listed(house, "/intake/referrals") == expected[:3]
    assert await listed(house, "/intake/referrals?pagina=2") == expected[3:]
    assert await listed(house, "/intake/referrals?volgorde=received") == [first, high, last]
    assert await listed(house, "/intake/referrals?volgorde=-received") == [asked, ended, last]
    assert await listed(house, "/intake/referrals?stand=not_eligible") == [ended]
    assert await listed(house, "/intake/referrals?programma=frail") == [asked]
    assert await listed(house, "/intake/referrals?programma=frail&stand=closed") == []
    assert await listed(house, "/intake/referrals?stand=nowhere&volgorde=name&pagina=x") == expected[:3]
    page = (await house.page(OURS, "/intake/referrals")).text
    assert "1–3 van 5" in page
    assert 'href="/intake/referrals?pagina=2" rel="next"' in page


async def test_a_leaf_that_is_no_more_leads_to_the_last_one(house: House):
    for _ in range(4):
        await sent(house, a_referral())
    answer = await house.page(OURS, "/intake/referrals?stand=received&pagina=9")
    assert (answer.status_code, answer.headers["location"]) == (303, "/intake/referrals?stand=received&pagina=2")
    assert len(await listed(house, answer.headers["location"])) == 1
    assert await house.value("select count(*) from audit where action = 'referrals.start'") == 1, "a redirect shows nobody"


async def test_drafts_have_leaves_of_their_own(house: House):
    for number in range(3):
        draft = await house.begun(OURS)
        await house.send_form(OURS, f"/intake/refer/1/{draft}", {"person.given_name": f"Vink{number}"})
        house.clock.pass_by(minutes=1)
    for _ in range(4):
        await sent(house, a_referral())
    page = (await house.page(OURS, "/intake/referrals")).text
    assert ("Vink2" in page, "Vink1" in page, "Vink0" in page) == (True, True, False)
    assert 'href="/intake/referrals?concept-pagina=2"' in page
    page = (await house.page(OURS, "/intake/referrals?concept-pagina=2")).text
    assert ("Vink2" in page, "Vink0" in page) == (False, True)
    assert 'href="/intake/referrals?concept-pagina=2&amp;pagina=2"' in page
    assert "Vink" not in (await house.page(OURS, "/intake/referrals?stand=received")).text
    assert "Vink2" in (await house.page(OURS, "/intake/referrals?stand=draft")).text


async def test_checks_come_urgent_first_then_by_deadline(house: House):
    unknown: dict[str, Any] = {"programme": "unknown", "facts": {}}
    first, second = await sent(house, a_referral(**unknown)), await sent(house, a_referral(**unknown))
    high = await sent(house, a_referral(**unknown, urgency=HIGH))
    last = await sent(house, a_frail_elder(human_check=True))
    assert await listed(house, "/intake/checks", INTAKE) == [high, first, second]
    assert await listed(house, "/intake/checks?pagina=2", INTAKE) == [last]
    assert await listed(house, "/intake/checks?volgorde=due", INTAKE) == [first, second, high]
    assert await listed(house, "/intake/checks?volgorde=-received", INTAKE) == [last, high, second]
    assert await listed(house, "/intake/checks?programma=frail", INTAKE) == [last]
    assert await listed(house, "/intake/checks?zone=meetjesland-west", INTAKE) == []
    assert await listed(house, "/intake/checks", an_actor("zone_intake", zones=("meetjesland-west",))) == []
    assert await listed(house, "/intake/checks?zone=meetjesland-oost", an_actor("zone_intake", zones=("meetjesland-west",))) == []


async def refreshed(house: House, address: str, who: Actor = OURS) -> str:
    """The page asks by itself."""
    headers = {"Authorization": f"Bearer {issue_token(who, 1)}", "X-Refresh": "1"}
    answer = await house.client.get(address, headers=headers)
    assert answer.status_code == 200
    return answer.text


async def seen(house: House) -> list[UUID]:
    rows = await house.rows("select subject_id from audit where action = 'referrals.start' order by id")
    return [row["subject_id"] for row in rows]


async def test_a_refresh_records_only_what_is_new_or_changed(house: House):
    ids = [UUID(await sent(house, a_referral())) for _ in range(4)]
    address = "/intake/referrals?stand=received&volgorde=received&pagina=2"
    await house.page(OURS, address)
    assert await seen(house) == [ids[3]]
    for _ in range(3):
        await refreshed(house, address)
    assert await seen(house) == [ids[3]], "nothing new was seen"
    await house.rows("update referrals set updated_at = now() where id = $1", ids[3])
    await refreshed(house, address)
    assert await seen(house) == [ids[3]] * 2, "it changed"
    await refreshed(house, "/intake/referrals?volgorde=received")
    assert await seen(house) == [ids[3]] * 2 + ids[:3], "others"
    house.clock.pass_by(minutes=5)
    await refreshed(house, address)
    assert await seen(house) == [ids[3]] * 2 + ids[:3] + [ids[3]], "the page is still open"
    await house.page(OURS, "/intake/referrals?volgorde=received")
    assert len(await seen(house)) == 9, "who opens the page is recorded whatever was before"


async def test_what_a_colleague_saw_is_no_reason_not_to_record(house: House):
    id = UUID(await sent(house, a_referral()))
    await refreshed(house, "/intake/referrals")
    colleague = replace(OURS, id=an_actor("sender").id)
    await refreshed(house, "/intake/referrals", colleague)
    rows = await house.rows("select actor_id, subject_id from audit where action = 'referrals.start' order by id")
    assert [tuple(row.values()) for row in rows] == [(OURS.id, id), (colleague.id, id)]
