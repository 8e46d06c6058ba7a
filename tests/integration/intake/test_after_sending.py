"""What happens to a referral after it was sent: additions until it is closed, and a question that nobody answers."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.intake.referrals.domain import ANSWER_DUE
from shared.events import coordination
from shared.messaging import timers
from shared.working_time import add_working_days
from tests.builders import a_referral
from tests.integration.intake.rig import House, an_actor
from tests.unit.intake.referrals import details

SENDER = an_actor("sender")
INTAKE = an_actor("zone_intake")
COORDINATOR = uuid4()
UNBORN = {"birth_date": None, "due_date": "2026-11-20"}


async def sent(house: House, **changes: Any) -> str:
    answer = await house.post(SENDER, "/referrals", a_referral(**changes))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def asked(house: House) -> str:
    """A referral whose sender is asked for a fact."""
    return await sent(house, facts={"needs": ["housing"]})


async def about(house: House, id: str, kind: type[coordination.CaseEvent], **fields: Any) -> Any:
    """A fact about the case of this referral."""
    (row,) = await house.rows("select * from referrals where id = $1::uuid", id)
    link = coordination.ReferralLink(referral_id=row["id"], reference=row["reference"], sender_id=row["sender_id"])
    return kind(person_id=row["person_id"], case_id=UUID(int=1), case_reference="2026-0001", zone=row["zone"], referrals=(link,), **fields)


async def assigned(house: House) -> str:
    id = await sent(house)
    offer = {"offer_id": uuid4(), "coordinator_id": COORDINATOR, "role": "case_manager"}
    await house.hear(await about(house, id, coordination.CaseAssigned, **offer, first_contact_due=house.clock()))
    return id


async def add(house: House, id: str, **typed: str) -> Any:
    return await house.send_form(SENDER, f"/intake/referrals/{id}/information", typed)


async def kinds(house: House) -> list[str]:
    return [row["type"].split(".")[1] for row in await house.rows("select type from outbox order by id")]


async def test_after_the_first_contact_what_is_added_still_leaves_as_an_event_without_its_text(house: House):
    id = await assigned(house)
    await house.hear(await about(house, id, coordination.FirstContactMade, coordinator_id=COORDINATOR, contact_at=house.clock()))
    assert "Aanvulling versturen" in (await house.page(SENDER, f"/intake/referrals/{id}")).text
    assert (await add(house, id, text="Ze is verhuisd naar Eeklo")).status_code == 303
    (event,) = await house.rows("select * from outbox where type = 'intake.information_added.v1'")
    record = await house.value("select id from records where kind = 'information'")
    assert str(record) in str(event)
    assert "Eeklo" not in str(event)
    page = (await house.page(SENDER, f"/intake/referrals/{id}")).text
    assert "Ze is verhuisd naar Eeklo" in page
    assert f"/intake/referrals/{id}/withdraw" not in page, "withdrawing ends with the first contact"


async def test_only_who_is_responsible_reads_what_was_added(house: House):
    id = await assigned(house)
    await add(house, id, text="Ze is verhuisd")
    record = await house.value("select id from records where kind = 'information'")
    who = {
        "holder": an_actor("coordinator", id=COORDINATOR, zones=()),
        "other": an_actor("coordinator", zones=()),
        "lead": an_actor("zone_lead"),
        "elsewhere": an_actor("zone_lead", zones=("brussel-zuid",)),
    }
    asking = {"record_ids": [str(record), id, str(uuid4())]}  # the request itself is no addition
    seen = {name: (await house.post(actor, "/additions", asking)).json()["additions"] for name, actor in who.items()}
    assert {name: [each["lines"] for each in additions] for name, additions in seen.items()} == {
        "holder": [["Ze is verhuisd"]],
        "other": [],
        "lead": [["Ze is verhuisd"]],
        "elsewhere": [],
    }


async def test_who_adds_while_the_case_closes_reads_what_happened_and_keeps_the_words(house: House):
    id = await assigned(house)
    await house.hear(await about(house, id, coordination.CaseClosed, outcome="moved"))
    answer = await add(house, id, text="Ze is terug uit Gent")
    assert answer.status_code == 409
    assert "Uw aanvulling is niet verstuurd: het dossier werd net afgesloten" in answer.text
    assert "Ze is terug uit Gent" in answer.text
    assert await house.value("select count(*) from records where kind = 'information'") == 0
    assert "information_added" not in await kinds(house)
    problem = (await house.post(SENDER, f"/referrals/{id}/information", {"text": "x"})).json()
    assert problem["detail"] == "This is no longer possible: the referral is closed."


async def test_what_came_to_a_case_after_it_closed_is_told_in_the_history(house: House):
    id = await assigned(house)
    await add(house, id, text="Ze is verhuisd")
    await house.hear(
        await about(house, id, coordination.CaseClosed, outcome="moved"),
        await about(house, id, coordination.InformationMissed, record_id=uuid4()),
    )
    assert "De aanvulling kwam na het afsluiten" in (await house.page(SENDER, f"/intake/referrals/{id}")).text
    steps = (await house.get(SENDER, f"/referrals/{id}")).json()["history"]
    assert [step["what"] for step in steps] == ["received", "assigned", "information_added", "closed", "information_missed"]


async def test_a_question_says_until_when_and_after_that_the_intake_of_the_zone_looks(house: House):
    id = await asked(house)
    due = add_working_days(house.clock(), 5)
    (timer,) = await house.rows("select kind, subject, due_at from timers")
    assert (timer["kind"], str(timer["subject"]), timer["due_at"]) == (ANSWER_DUE, id, due)
    seen = (await house.get(SENDER, f"/referrals/{id}")).json()
    assert (seen["next_actor"], seen["due_at"]) == ("sender", due.isoformat().replace("+00:00", "Z"))
    assert "vult de aanmelding aan vóór" in (await house.page(SENDER, f"/intake/referrals/{id}")).text
    assert f"/intake/referrals/{id}" not in (await house.page(INTAKE, "/intake/checks")).text

    house.clock.at = due
    assert await timers.fire_due(house.kernel) == 1
    assert await kinds(house) == ["information_needed", "check_requested"]
    checks = (await house.page(INTAKE, "/intake/checks")).text
    assert f"/intake/referrals/{id}" in checks
    assert "De aanvulling kwam niet op tijd. Er werd gevraagd: het aantal weken zwangerschap" in checks
    seen = (await house.get(SENDER, f"/referrals/{id}")).json()
    assert (seen["status"], seen["next_actor"]) == ("received", "zone_intake")
    assert seen["due_at"] == add_working_days(due, 2).isoformat().replace("+00:00", "Z")
    status = (await house.page(SENDER, f"/intake/referrals/{id}")).text
    assert "De intake van Oost-Meetjesland" in status
    assert "De aanvulling kwam niet op tijd." in status


async def test_an_answer_before_the_deadline_leaves_the_timer_nothing_to_do(house: House):
    id = await asked(house)
    answer = {"facts": {"weeks_pregnant": 20, "coordination_now": "none", "providers": "several"}}
    assert (await house.post(SENDER, f"/referrals/{id}/information", answer)).json()["status"] == "received"
    house.clock.at = add_working_days(house.clock(), 5)
    assert await timers.fire_due(house.kernel) == 1
    assert await kinds(house) == ["information_needed", "referral_accepted"]
    assert await house.rows("select status, check_due_at, information_due_at from referrals") == [
        {"status": "received", "check_due_at": None, "information_due_at": None}
    ]


async def test_what_the_intake_of_the_zone_asks_comes_back_to_it_without_an_answer(house: House):
    id = await sent(house, human_check=True)
    asking = {"answer": "information_needed", "text": "Welk telefoonnummer?"}
    assert (await house.post(INTAKE, f"/referrals/{id}/check-answer", asking)).status_code == 200
    house.clock.at = add_working_days(house.clock(), 5)
    await timers.fire_due(house.kernel)
    checks = (await house.page(INTAKE, "/intake/checks")).text
    assert "Er werd gevraagd: het antwoord op de vraag van de zone" in checks
    refused = {"answer": "refused", "text": "Geen antwoord gekregen"}
    assert (await house.post(INTAKE, f"/referrals/{id}/check-answer", refused)).json()["status"] == "not_eligible"


@pytest.mark.parametrize(
    ("programme", "person", "facts", "typed"),
    [
        ("perinatal", {}, {}, {"weeks_pregnant": "20", "needs": "housing", "coordination_now": "none", "providers": "several"}),
        ("frail", UNBORN, {}, {"birth_date": "14/03/1941", "belrai.iadl": "3", "belrai.adl": "3,5", "coordination_now": "stuck"}),
        (
            "obesity",
            UNBORN | {"sex": "unknown"},
            {"eossp": 2},
            {"birth_date": "14/03/2015", "sex": "female", "height_cm": "140", "weight_kg": "70", "coordination_now": "stuck"},
        ),
    ],
)
async def test_the_form_takes_every_fact_that_is_asked(house: House, programme, person, facts, typed):
    id = await sent(house, programme=programme, person=details(**person), facts=facts)
    page = (await house.page(SENDER, f"/intake/referrals/{id}")).text
    missing = await house.value("select missing from referrals")
    assert missing
    assert not [name for name in missing if name in page.split("Nog nodig:")[1].split(". ")[0]], "a code is no word"
    fields = [{"bmi": "height_cm", "belrai": "belrai.total"}.get(name, name) for name in missing]
    assert [field for field in fields if f'name="facts.{field}"' not in page] == []
    answer = await add(house, id, **{f"facts.{name}": value for name, value in typed.items()})
    assert answer.status_code == 303, answer.text
    assert (await house.get(SENDER, f"/referrals/{id}")).json()["missing"] == []
    assert (await house.page(SENDER, f"/intake/referrals/{id}")).status_code == 200


async def test_what_is_told_of_the_person_later_is_known_of_the_person(house: House):
    id = await sent(house, programme="obesity", person=details(**UNBORN, sex="unknown"), facts={"eossp": 2})
    wrong = await add(house, id, **{"facts.birth_date": "31/02/2015"})
    assert (wrong.status_code, 'id="facts.birth_date-fout"' in wrong.text) == (422, True)
    too_old = await add(house, id, **{"facts.birth_date": "14/03/1880"})
    assert (too_old.status_code, 'id="facts.birth_date-fout"' in too_old.text) == (422, True)
    by_api = await house.post(SENDER, f"/referrals/{id}/information", {"facts": {"birth_date": "1880-03-14"}})
    assert [error["field"] for error in by_api.json()["errors"]] == ["facts.birth_date"]
    assert (await add(house, id, **{"facts.birth_date": "14/03/2015", "facts.sex": "male"})).status_code == 303
    assert await house.told("birth_date", "sex") == [(date(2015, 3, 14), "male")]


async def test_facts_that_cannot_be_true_with_the_earlier_ones_are_refused_and_leave_the_page_open(house: House):
    id = await sent(house, programme="obesity", person=details(birth_date="2015-03-14"), facts={"height_cm": 150})
    answer = await add(house, id, **{"facts.weight_kg": "3"})
    assert (answer.status_code, "kunnen niet samen kloppen" in answer.text) == (422, True)
    assert (await house.page(SENDER, f"/intake/referrals/{id}")).status_code == 200
