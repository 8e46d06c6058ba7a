"""Ties that come and go: who stands in for a coordinator, and who broke the glass."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import orjson

from services.intake.covers.handlers import on_cases_covered
from shared.access.actors import Actor
from shared.events.coordination import CasesCovered
from shared.items import Received
from tests.builders import a_referral
from tests.identity import issue_token
from tests.integration.intake.rig import House, an_actor
from tests.unit.intake.referrals import details

SENDER = an_actor("sender")
EMERGENCY = {"reason": "danger", "text": "Alleen gevonden, zegt niets."}


async def a_held_referral(house: House, holder: Actor) -> dict[str, Any]:
    id = (await house.post(SENDER, "/referrals", a_referral())).json()["id"]
    async with house.kernel.transaction() as tx:
        row = await tx.fetchrow(
            "update referrals set coordinator_id = $2, case_id = $3, status = 'assigned' where id = $1::uuid returning *",
            id,
            holder.id,
            uuid4(),
        )
    assert row
    return dict(row)


async def seen(house: House, actor: Actor, row: dict[str, Any]) -> int:
    """How many fragments of the person this actor gets."""
    answer = await house.post(actor, "/fragments", {"person_ids": [str(row["person_id"])]})
    return len(answer.json()["fragments"])


async def test_a_page_that_refreshes_itself_records_a_person_once_while_nothing_changed(house: House):
    holder = an_actor("coordinator")
    row = await a_held_referral(house, holder)
    headers = {"Authorization": f"Bearer {issue_token(holder, 1)}", "X-Refresh": "1"}
    for _ in range(3):
        body = {"person_ids": [str(row["person_id"])]}
        answer = await house.client.post("/intake/api/fragments", json=body, headers=headers)
        assert len(answer.json()["fragments"]) == 1
    assert await house.value("select count(*) from audit where action = 'persons.fragments' and outcome = 'seen'") == 1
    assert await seen(house, holder, row) == 1
    assert await house.value("select count(*) from audit where action = 'persons.fragments' and outcome = 'seen'") == 2, (
        "somebody opened it"
    )


async def test_who_covers_a_case_knows_its_person_from_and_until_then_and_no_other(house: House):
    holder, cover, other = an_actor("coordinator"), an_actor("coordinator"), an_actor("coordinator")
    row, another = await a_held_referral(house, holder), await a_held_referral(house, holder)
    now = house.clock()
    days = {"leave_id": uuid4(), "coordinator_id": holder.id, "zone": row["zone"]}
    days |= {"starts_at": now + timedelta(hours=1), "ends_at": now + timedelta(days=1)}

    async def hear(who: Actor, *cases: dict[str, Any]) -> None:
        told = CasesCovered(**days, cover_id=who.id, case_ids=tuple(case["case_id"] for case in cases))
        await house.kernel.transact(on_cases_covered, [Received(uuid4(), now, uuid4(), told)])

    await hear(cover, row)
    assert await seen(house, cover, row) == 0
    house.clock.pass_by(hours=1)
    assert (await seen(house, cover, row), await seen(house, cover, another)) == (1, 0)
    await hear(cover)
    await hear(other, row, another)
    assert (await seen(house, cover, row), await seen(house, other, row), await seen(house, other, another)) == (0, 1, 1)
    house.clock.pass_by(days=1)
    assert await seen(house, other, row) == 0
    house.clock.at = now + timedelta(hours=2)
    await hear(other)
    assert await seen(house, other, row) == 0


async def test_a_broken_glass_lets_one_person_be_seen_for_four_hours_and_is_told(house: House):
    helper, other, officer = an_actor("coordinator"), an_actor("coordinator"), an_actor("privacy_officer")
    row, another = [await a_held_referral(house, an_actor("coordinator")) for _ in range(2)]
    assert (await house.get(helper, f"/referrals/{row['id']}")).status_code == 404
    answer = await house.post(helper, "/glass", {**EMERGENCY, "reference": row["reference"]})
    assert (answer.status_code, answer.json()["referral_id"]) == (201, str(row["id"]))
    assert (await house.get(helper, f"/referrals/{row['id']}")).status_code == 200
    assert (await house.page(helper, f"/intake/referrals/{row['id']}")).status_code == 200
    assert await seen(house, helper, row) == 1
    assert (await seen(house, helper, another), await seen(house, other, row)) == (0, 0)
    (event,) = await house.rows("select payload from outbox where type = 'intake.glass_broken.v1'")
    assert orjson.loads(event["payload"]) == {
        "person_id": str(row["person_id"]),
        "referral_id": str(row["id"]),
        "reference": row["reference"],
        "zone": row["zone"],
        "actor_id": str(helper.id),
        "reason": "danger",
        "until": "2026-11-24T13:00:00Z",
    }
    (broken,) = (await house.get(officer, "/glass")).json()["broken"]
    assert (broken["actor_id"], broken["reason"]) == (str(helper.id), "danger")
    assert "danger" not in (await house.get(helper, "/glass")).text
    assert (await house.get(officer, f"/referrals/{row['id']}")).status_code == 403
    assert {"text": EMERGENCY["text"]} in await house.bodies()
    house.clock.pass_by(hours=4)
    assert (await house.get(helper, f"/referrals/{row['id']}")).status_code == 404
    assert await seen(house, helper, row) == 0


async def test_a_broken_glass_goes_with_the_person_who_turns_out_to_be_another(house: House):
    helper, other, intake = an_actor("coordinator"), an_actor("coordinator"), an_actor("zone_intake")
    person = {"given_name": "Amina", "birth_date": "1999-03-14"}
    sent = [
        (await house.post(SENDER, "/referrals", a_referral(person=details(**person, phone=phone)))).json()
        for phone in ("0470 11 11 11", "0499 66 66 66")
    ]
    one, two = [(await house.rows("select * from referrals where id = $1::uuid", each["id"]))[0] for each in sent]
    assert one["person_id"] != two["person_id"]
    assert (await house.post(helper, "/glass", {**EMERGENCY, "reference": two["reference"]})).status_code == 201
    assert (await house.get(helper, f"/referrals/{two['id']}")).status_code == 200
    assert (await house.post(intake, f"/referrals/{two['id']}/match-answer", {"answer": "same"})).status_code == 200
    assert await house.value("select count(*) from persons where id = $1", two["person_id"]) == 0
    assert (await house.get(helper, f"/referrals/{two['id']}")).status_code == 200
    assert (await seen(house, helper, one), await seen(house, other, one)) == (1, 0)
    (broken,) = (await house.get(an_actor("privacy_officer"), "/glass")).json()["broken"]
    assert broken["referral_id"] == str(two["id"])
    house.clock.pass_by(hours=4)
    assert await seen(house, helper, one) == 0


async def test_the_glass_of_what_is_not_there_is_not_broken(house: House):
    helper = an_actor("zone_lead")
    assert (await house.post(helper, "/glass", {**EMERGENCY, "reference": "OM-26-0000-X"})).status_code == 404
    assert (await house.post(an_actor("sender"), "/glass", {**EMERGENCY, "reference": "OM-26-0000-X"})).status_code == 403
    assert (await house.post(helper, "/glass", {"reference": "OM-26-0000-X", "reason": "danger"})).status_code == 422
    assert await house.rows("select * from glass") == []


async def test_an_emergency_is_a_form_and_its_list_a_page(house: House):
    helper, row = an_actor("coordinator"), await a_held_referral(house, an_actor("coordinator"))
    assert "functionaris voor gegevensbescherming" in (await house.page(helper, "/intake/emergency")).text
    wrong = await house.send_form(helper, "/intake/emergency", {"reference": row["reference"], "reason": "danger"})
    assert (wrong.status_code, row["reference"] in wrong.text) == (422, True)
    absent = await house.send_form(helper, "/intake/emergency", {**EMERGENCY, "reference": "X"})
    assert (absent.status_code, "geen aanmelding met deze referentie" in absent.text) == (404, True)
    done = await house.send_form(helper, "/intake/emergency", {**EMERGENCY, "reference": row["reference"]})
    assert (done.status_code, done.headers["location"]) == (303, f"/intake/referrals/{row['id']}")
    listed = await house.page(an_actor("privacy_officer"), "/intake/glass")
    assert (listed.status_code, "Acuut gevaar" in listed.text) == (200, True)
