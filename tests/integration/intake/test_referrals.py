"""Referrals on a real database: sent, completed, checked, withdrawn, and following their case."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.intake.referrals import handlers
from services.intake.referrals.domain import SubmitReferral
from shared.events import coordination
from tests.builders import a_referral
from tests.integration.intake.rig import House, an_actor
from tests.unit.intake.referrals import a_request, a_submission, details

NUMBER = "85073003328"
SENDER = an_actor("sender")
INTAKE = an_actor("zone_intake")


async def sent(house: House, **changes: Any) -> dict[str, Any]:
    answer = await house.post(SENDER, "/referrals", a_referral(**changes))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def events(house: House) -> list[str]:
    return [row["type"].split(".")[1] for row in await house.rows("select type from outbox order by id")]


def with_number() -> SubmitReferral:
    return a_submission(request=a_request(person=details(national_number=NUMBER)))


async def test_a_referral_is_person_request_referral_and_fact_in_one_commit(house: House):
    answer = await sent(house)
    assert (answer["status"], answer["zone"], answer["eligibility"]["outcome"]) == ("received", "meetjesland-oost", "eligible")
    assert answer["reference"].startswith("OM-26-")
    assert [await house.value(f"select count(*) from {table}") for table in ("persons", "records", "referrals", "outbox")] == [1, 1, 1, 1]


async def test_the_same_number_at_the_same_time_is_one_person(house: House):
    batches = [[with_number(), with_number(), a_submission()] for _ in range(6)]
    await asyncio.gather(*[house.kernel.transact(handlers.submit, batch) for batch in batches])
    assert [number for (number,) in await house.told("national_number")].count(NUMBER) == 1
    assert await house.value("select count(*) from persons") == 1 + len(batches)
    assert await house.value("select count(distinct person_id) from referrals") == 1 + len(batches)
    assert await house.value("select count(distinct reference) from referrals") == 3 * len(batches)


async def test_who_is_known_keeps_what_the_next_sender_leaves_out(house: House):
    await sent(house, person=details(national_number=NUMBER, phone="0470 11 11 11", email="a@example.be"))
    await sent(house, person=details(national_number=NUMBER, phone=None, language="nl"))
    assert await house.told("phone", "email", "language") == [("0470 11 11 11", "a@example.be", "fr")]


async def test_the_same_key_gives_the_same_answer_once(house: House):
    body = a_referral()
    first, second = [await house.post(SENDER, "/referrals", body, key="k") for _ in range(2)]
    assert first.json() == second.json()
    assert await house.value("select count(*) from referrals") == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"postcode": "1000"}, "zone"),
        ({"postcode": "4000"}, "person.address.postcode"),
        ({"consent": {"given": False}}, "consent.given"),
        ({"programme": "x"}, "programme"),
        ({"person": details(birth_date="1880-01-01")}, "person.birth_date"),
        ({"person": details(national_number="1")}, "person.national_number"),
    ],
)
async def test_what_cannot_be_sent_is_refused_by_its_field_and_leaves_nothing(house: House, changes, field):
    answer = await house.post(SENDER, "/referrals", a_referral(**changes))
    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (422, [field])
    assert [await house.value(f"select count(*) from {table}") for table in ("persons", "records", "referrals", "outbox")] == [0, 0, 0, 0]


async def test_several_zones_are_offered_as_choices_and_one_is_chosen(house: House):
    answer = (await house.post(SENDER, "/referrals", a_referral("1000"))).json()
    assert {choice["code"]: choice["name"] for choice in answer["choices"]} == {
        "brussel-centrum-west": "Brussel Centrum-West",
        "brussel-zuid": "Brussel Zuid",
    }
    assert (await sent(house, postcode="1000", zone="brussel-zuid"))["zone"] == "brussel-zuid"


async def test_others_do_not_see_that_a_referral_exists(house: House):
    id = (await sent(house))["id"]
    seen = {
        who: (await house.get(actor, f"/referrals/{id}")).status_code
        for who, actor in {
            "own": SENDER,
            "other": an_actor("sender"),
            "zone": an_actor("zone_lead"),
            "other zone": an_actor("zone_lead", zones=("brussel-zuid",)),
            "nothing to check": INTAKE,
        }.items()
    }
    assert seen == {"own": 200, "other": 404, "zone": 200, "other zone": 404, "nothing to check": 404}
    assert (await house.get(an_actor("sender"), "/referrals")).json() == {"referrals": []}
    for act in ("information", "withdraw"):
        assert (
            await house.post(an_actor("sender"), f"/referrals/{id}/{act}", {"text": "x"} if act == "information" else {})
        ).status_code == 404


async def test_what_was_missing_makes_it_go_on(house: House):
    referral = await sent(house, facts={"needs": ["housing"]})
    assert referral["status"] == "information_needed"
    facts = {"weeks_pregnant": 20, "coordination_now": "none", "providers": "several"}
    answer = await house.post(SENDER, f"/referrals/{referral['id']}/information", {"facts": facts})
    assert answer.json()["status"] == "received"
    assert await events(house) == ["information_needed", "referral_accepted"]
    assert (await house.bodies())[0]["facts"]["weeks_pregnant"] == 20


async def test_a_human_looks_and_decides_once(house: House):
    referral = await sent(house, programme="unknown")
    path, answer = (
        f"/referrals/{referral['id']}/check-answer",
        {"answer": "eligible", "programme": "frail", "role": "case_manager", "level": "complex"},
    )
    assert (await house.post(an_actor("zone_intake", zones=("brussel-zuid",)), path, answer)).status_code == 404
    assert [(await house.post(INTAKE, path, answer)).status_code for _ in range(2)] == [200, 409]
    assert await events(house) == ["check_requested", "referral_accepted"]
    assert (await house.get(SENDER, f"/referrals/{referral['id']}")).json()["programme"] == "frail"


async def test_a_referral_follows_its_case(house: House):
    referral = await sent(house)
    row = (await house.rows("select * from referrals"))[0]
    worker, link = uuid4(), coordination.ReferralLink(referral_id=row["id"], reference=row["reference"], sender_id=SENDER.id)
    case = {"person_id": row["person_id"], "case_id": uuid4(), "case_reference": "D-1", "zone": row["zone"], "referrals": (link,)}
    offer = {"offer_id": uuid4(), "coordinator_id": worker, "role": "case_manager"}
    due = house.clock() + timedelta(days=1)
    await house.hear(
        coordination.CaseOffered(**case, **offer, deadline=due), coordination.CaseAssigned(**case, **offer, first_contact_due=due)
    )
    seen = (await house.get(SENDER, f"/referrals/{referral['id']}")).json()
    assert (seen["status"], UUID(seen["coordinator_id"]), seen["next_actor"]) == ("assigned", worker, "coordinator")
    assert [step["what"] for step in seen["history"]] == ["received", "offered", "assigned"]


async def test_news_about_a_referral_that_is_not_here_is_no_fault(house: House):
    link = coordination.ReferralLink(referral_id=uuid4(), reference="X", sender_id=uuid4())
    await house.hear(
        coordination.CaseClosed(person_id=uuid4(), case_id=uuid4(), case_reference="D", zone="x", referrals=(link,), outcome="moved")
    )


async def test_only_who_is_responsible_or_offered_sees_anything_of_a_person(house: House):
    await sent(house)
    row = (await house.rows("select id, person_id from referrals"))[0]
    offered, holder, other = (an_actor("coordinator", zones=()) for _ in range(3))
    lead, elsewhere = an_actor("zone_lead"), an_actor("zone_lead", zones=("brussel-zuid",))
    async with house.kernel.transaction() as tx:
        await tx.execute("update referrals set offered_to = $2, coordinator_id = $3 where id = $1", row["id"], offered.id, holder.id)
    asked = {"person_ids": [str(row["person_id"]), str(uuid4())]}
    sees = {}
    for name, actor in {"offered": offered, "holder": holder, "other": other, "lead": lead, "elsewhere": elsewhere}.items():
        fragments = (await house.post(actor, "/fragments", asked)).json()["fragments"]
        summaries = (await house.post(actor, "/summaries", asked)).json().get("summaries", [])  # no zone lead is offered a case
        sees[name] = (len(fragments), len(summaries))
        assert all("Kastanjelaan" not in str(summary) and "Lahsaini" not in str(summary) for summary in summaries)
    assert sees == {"offered": (0, 1), "holder": (1, 0), "other": (0, 0), "lead": (1, 0), "elsewhere": (0, 0)}


async def test_counts_are_per_state_with_a_hash_that_knows_no_order(house: House):
    for _ in range(3):
        await sent(house)
    await sent(house, facts={})
    ops = an_actor("ops")
    counts = (await house.get(ops, "/counts?places=handed_over")).json()
    assert {state: each["count"] for state, each in counts["states"].items() if each["count"]} == {
        "handed_over": 3,
        "information_needed": 1,
    }
    expected = await house.value("select bit_xor(hashtextextended(id::text, 0)) from referrals where status = 'received'")
    assert counts["states"]["handed_over"]["hash"] == expected
    assert counts["places"] == {"handed_over": {"count": 3, "hash": expected}}
    assert list(counts["accepted"].values()) == [{"count": 3, "hash": expected}]
    people = {
        (str(row["id"]), str(row["person_id"])) for row in await house.rows("select id, person_id from referrals where status = 'received'")
    }
    assert {(one["referral_id"], one["person_id"]) for one in counts["ids"]["handed_over"]} == people
    (day,) = counts["accepted"]
    assert len((await house.get(ops, f"/counts?days={day}")).json()["ids"][day]) == 3


async def test_only_what_coordination_was_told_of_has_a_place_there(house: House):
    """Withdrawn before a human looked: coordination never hears of it. Withdrawn after it was handed over: coordination must know."""
    handed, asked = await sent(house), await sent(house, human_check=True)
    for referral in (handed, asked):
        await house.post(SENDER, f"/referrals/{referral['id']}/withdraw", {"reason": "solved"})
    counts = (await house.get(an_actor("ops"), "/counts?places=withdrawn")).json()
    assert counts["states"]["withdrawn"]["count"] == 2
    assert [one["referral_id"] for one in counts["ids"]["withdrawn"]] == [handed["id"]]
