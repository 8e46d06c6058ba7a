"""Consent: its history, who may take it back, and what intake does then."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from shared.access.actors import Actor
from shared.events.coordination import CaseAssigned, CaseClosed, ReferralLink
from tests.builders import a_referral
from tests.integration.intake.rig import House, an_actor

SENDER, OTHER, ZONE, OFFICER = an_actor("sender"), an_actor("sender"), an_actor("zone_lead"), an_actor("privacy_officer")
KNOWN = {
    "given_name": "Amina",
    "national_number": "93051822361",
    "birth_date": "1993-05-18",
    "sex": "male",
    "address": {"street": "Kastanjelaan", "number": "14", "postcode": "9060"},
}


async def sent(house: House, who: Actor = SENDER, **changes: Any) -> dict[str, Any]:
    body = a_referral(**changes)
    body["person"] |= KNOWN
    answer = await house.post(who, "/referrals", body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def withdrawn(house: House, who: Actor, id: str, status: int = 200) -> None:
    answer = await house.post(who, f"/referrals/{id}/consent/withdraw", {"by": "parent", "how": "written"})
    assert answer.status_code == status, answer.text


async def types(house: House) -> list[str]:
    return [row["type"].split(".")[1] for row in await house.rows("select type from outbox order by id")]


async def person_of(house: House, id: str) -> UUID:
    return UUID(str(await house.value("select person_id from referrals where id = $1", UUID(id))))


async def test_what_came_with_a_referral_is_the_first_word_and_its_withdrawal_the_next(house: House) -> None:
    one = await sent(house, consent={"given": True, "by": "representative", "how": "written", "language": "fr"})
    await withdrawn(house, SENDER, one["id"])
    seen = (await house.get(SENDER, f"/referrals/{one['id']}/consent")).json()
    assert seen["state"] == "withdrawn"
    assert [(each["state"], each["said_by"], each["how"], each["wording"], each["language"]) for each in seen["history"]] == [
        ("given", "representative", "written", "2026-11", "fr"),
        ("withdrawn", "parent", "written", None, "nl"),
    ]
    assert {each["recorded_by"] for each in seen["history"]} == {str(SENDER.id)}


async def test_who_took_it_back_and_who_looked_stands_in_the_audit(house: House) -> None:
    one = await sent(house)
    person = await person_of(house, one["id"])
    await withdrawn(house, ZONE, one["id"])
    await withdrawn(house, an_actor("sender"), one["id"], 404)
    await house.get(OFFICER, f"/referrals/{one['id']}/consent")
    assert (await house.post(OFFICER, f"/persons/{person}/consent/withdraw", {})).status_code == 200
    rows = await house.rows("select action, outcome, relation, person_id, subject_id from audit where action like 'consents.%' order by id")
    assert [(row["action"], row["outcome"], row["relation"]) for row in rows] == [
        ("consents.withdraw", "done", "zone"),
        ("consents.withdraw", "not_found", None),
        ("consents.history", "seen", "role"),
        ("consents.withdraw", "done", "role"),
    ]
    assert {row["person_id"] for row in rows} == {person}
    assert [row["subject_id"] for row in rows[:3]] == [UUID(one["id"])] * 3


async def test_asked_twice_it_is_done_once(house: House) -> None:
    one = await sent(house)
    await withdrawn(house, SENDER, one["id"])
    await withdrawn(house, ZONE, one["id"])
    assert await types(house) == ["referral_accepted", "consent_withdrawn"]


async def test_the_sender_the_zone_and_the_privacy_officer_may_and_nobody_else(house: House) -> None:
    stranger, elsewhere = an_actor("sender"), an_actor("zone_intake", zones=("brussel-noord",))
    for who, status in ((stranger, 404), (elsewhere, 404), (an_actor("ops"), 403), (ZONE, 200), (OFFICER, 200)):
        one = await sent(house)
        await withdrawn(house, who, one["id"], status)
    person = await person_of(house, one["id"])
    await sent(house)
    assert (await house.post(OFFICER, f"/persons/{person}/consent/withdraw", {})).json()["state"] == "withdrawn"
    assert (await house.post(SENDER, f"/persons/{person}/consent/withdraw", {})).status_code == 404


async def test_what_a_human_was_to_look_at_is_taken_back(house: House) -> None:
    one = await sent(house, human_check=True)
    assert len(await house.rows("select * from referrals where check_due_at is not null")) == 1
    await withdrawn(house, ZONE, one["id"])
    (row,) = await house.rows("select status, check_due_at from referrals")
    assert row == {"status": "withdrawn", "check_due_at": None}
    assert await types(house) == ["check_requested", "referral_withdrawn", "consent_withdrawn"]


async def test_only_who_holds_the_case_still_sees_who_it_is(house: House) -> None:
    one = await sent(house)
    person, holder = await person_of(house, one["id"]), an_actor("coordinator")
    lead = an_actor("zone_lead")
    link = ReferralLink(referral_id=UUID(one["id"]), reference=one["reference"], sender_id=SENDER.id)
    known = {"person_id": person, "case_id": person, "case_reference": "2026-0001", "zone": one["zone"], "referrals": (link,)}
    await house.hear(CaseAssigned(**known, offer_id=person, coordinator_id=holder.id, role="case_manager", first_contact_due=house.clock()))

    async def seen(who: Actor) -> int:
        return len((await house.post(who, "/fragments", {"person_ids": [str(person)]})).json()["fragments"])

    async def referral(who: Actor) -> int:
        return (await house.get(who, f"/referrals/{one['id']}")).status_code

    assert [await seen(holder), await seen(lead)] == [1, 1]
    assert [await referral(SENDER), await referral(lead)] == [200, 200]
    await withdrawn(house, SENDER, one["id"])
    assert [await seen(holder), await seen(lead)] == [1, 0]
    assert [await referral(SENDER), await referral(lead)] == [200, 404], "the sender keeps what they sent"
    (event,) = await house.rows("select payload from outbox where type = 'intake.consent_withdrawn.v1'")
    assert str(person) in event["payload"].decode()
    await house.hear(CaseClosed(**known, outcome="consent_withdrawn", coordinator_id=holder.id))
    assert await seen(holder) == 0, "the care is over"


async def test_a_new_referral_with_consent_starts_again_and_others_hear_that_first(house: House) -> None:
    one = await sent(house)
    await withdrawn(house, SENDER, one["id"])
    two = await sent(house, OTHER)
    assert await types(house) == ["referral_accepted", "consent_withdrawn", "consent_given", "referral_accepted"]
    seen = (await house.get(SENDER, f"/referrals/{one['id']}/consent")).json()
    assert (seen["state"], [each["state"] for each in seen["history"]]) == ("given", ["given", "withdrawn"])
    everything = (await house.get(OFFICER, f"/referrals/{two['id']}/consent")).json()
    assert [each["state"] for each in everything["history"]] == ["given", "withdrawn", "given"]


async def test_the_page_says_what_stays_and_its_button_works_without_script(house: House) -> None:
    one = await sent(house)
    path = f"/intake/referrals/{one['id']}"
    assert "De persoon trekt de toestemming in" in (await house.page(SENDER, path)).text
    answer = await house.send_form(SENDER, f"{path}/no-consent", {"by": "person", "how": "oral"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{path}#toestemming-ingetrokken")
    page = (await house.page(SENDER, path)).text
    assert "blijft bewaard tot de bewaartermijn voorbij is" in page
    assert "De persoon trekt de toestemming in" not in page
    assert (await house.send_form(an_actor("sender"), f"{path}/no-consent", {})).status_code == 404
