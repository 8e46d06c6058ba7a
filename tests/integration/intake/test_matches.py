"""Is this the same person? Asked of the zone's intake on a real database, answered once, and what the answer brings about."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID, uuid4

import asyncpg
import pytest

from services.intake.matches.domain import MatchAnswer
from services.intake.matches.handlers import AnswerMatch, answer_match
from shared.access.actors import Actor
from shared.events import coordination
from shared.items import Decision
from tests.builders import a_referral
from tests.integration.intake.rig import House, an_actor
from tests.unit.intake.referrals import details

NUMBER, OTHER = "85073003328", "17073003384"
SENDER, STRANGER = an_actor("sender"), an_actor("sender")
INTAKE = an_actor("zone_intake")


async def sent(house: House, who: Actor = SENDER, *, body: dict[str, Any] | None = None, **person: Any) -> dict[str, Any]:
    answer = await house.post(who, "/referrals", a_referral(**(body or {}), person=details(**person)))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def events(house: House) -> list[tuple[str, UUID]]:
    rows = await house.rows("select type, key from outbox order by id")
    return [(row["type"].split(".")[1], UUID(str(row["key"]))) for row in rows]


async def person_of(house: House, referral: dict[str, Any]) -> UUID:
    return UUID(str(await house.value("select person_id from referrals where id = $1", UUID(referral["id"]))))


async def answered(house: House, referral: dict[str, Any], answer: str, *take: str, who: Actor = INTAKE) -> dict[str, Any]:
    said = await house.post(who, f"/referrals/{referral['id']}/match-answer", {"answer": answer, "take": list(take)})
    assert said.status_code == 200, said.text
    return dict(said.json())


async def offered(house: House, referral: dict[str, Any]) -> dict[str, Any]:
    """Coordination opened a case for this referral's person and offered it; what its events say of the case."""
    id, person = UUID(referral["id"]), await person_of(house, referral)
    link = coordination.ReferralLink(referral_id=id, reference=referral["reference"], sender_id=SENDER.id)
    case = {"person_id": person, "case_id": uuid4(), "case_reference": "D-1", "zone": referral["zone"], "referrals": (link,)}
    due = house.clock() + timedelta(days=1)
    await house.hear(coordination.CaseOffered(**case, offer_id=uuid4(), coordinator_id=uuid4(), role="case_manager", deadline=due))
    return case


async def test_another_phone_under_a_known_number_is_handed_over_asked_and_changes_nothing(house: House):
    first = await sent(house, national_number=NUMBER, phone="0470 11 11 11")
    second = await sent(house, STRANGER, national_number=NUMBER, phone="0499 66 66 66", voicemail=True)
    person = await person_of(house, first)
    assert await person_of(house, second) == person
    assert await events(house) == [("referral_accepted", person), ("referral_accepted", person), ("check_requested", person)]
    assert await house.told("phone", "voicemail") == [("0470 11 11 11", False)]
    asked = (await house.get(INTAKE, "/matches")).json()["matches"]
    assert [(each["referral_id"], each["joined"]) for each in asked] == [(second["id"], True)]
    seen = (await house.get(INTAKE, f"/referrals/{second['id']}/match")).json()
    assert [(line["field"], line["known"], line["told"]) for line in seen["lines"] if line["differs"]] == [
        ("phone", "0470 11 11 11", "0499 66 66 66")
    ]
    assert seen["waits"] is False


@pytest.mark.parametrize(("take", "phone", "postcode"), [((), "0470 11 11 11", "9060"), (("phone", "address"), "0470 22 22 22", "9900")])
async def test_the_same_keeps_the_old_but_for_what_is_taken(house: House, take, phone, postcode):
    await sent(house, national_number=NUMBER, phone="0470 11 11 11")
    second = await sent(house, national_number=NUMBER, phone="0470 22 22 22", address={"postcode": "9900"})
    assert (await answered(house, second, "same", *take))["status"] == "received"
    assert [(told, address.postcode) for told, address in await house.told("phone", "address")] == [(phone, postcode)]
    assert (await house.get(INTAKE, "/matches")).json() == {"matches": []}
    assert len(await events(house)) == 3, "nobody hears of it"


async def test_somebody_else_leaves_the_other_case_and_is_handed_over_apart(house: House):
    first = await sent(house, national_number=NUMBER, phone="0470 11 11 11", reach="Na 10 uur")
    second = await sent(house, STRANGER, national_number=NUMBER, phone="0499 66 66 66", reach="Via mij")
    person = await person_of(house, first)
    case = await offered(house, second)
    await answered(house, second, "not_same")
    own = await person_of(house, second)
    assert own != person
    assert (await events(house))[3:] == [("referral_moved", person), ("referral_accepted", own)]
    assert await house.told("national_number", "phone", "reach") == [
        (NUMBER, "0470 11 11 11", "Na 10 uur"),
        (None, "0499 66 66 66", "Via mij"),
    ]
    assert await house.value("select person_id from records where id = $1", UUID(second["id"])) == own
    seen = (await house.get(STRANGER, f"/referrals/{second['id']}")).json()
    assert (seen["status"], seen["case_id"]) == ("received", None)
    await house.hear(coordination.CaseClosed(**case, outcome="moved"))
    assert (await house.get(STRANGER, f"/referrals/{second['id']}")).json()["status"] == "received", "that case is of somebody else"


async def test_who_may_be_somebody_else_under_a_number_waits_for_the_answer(house: House):
    first = await sent(house, national_number=NUMBER)
    second = await sent(house, STRANGER, national_number=NUMBER, family_name="Vandewalle", birth_date="1971-02-03")
    own = await person_of(house, second)
    assert own != await person_of(house, first)
    assert (await events(house))[1:] == [("check_requested", own)]
    path = f"/referrals/{second['id']}/check-answer"
    check = await house.post(INTAKE, path, {"answer": "refused", "text": "Nee"})
    assert (check.status_code, check.json()["code"]) == (409, "match_open")
    assert (await answered(house, second, "not_same"))["status"] == "received"
    assert (await events(house))[2:] == [("referral_accepted", own)]
    assert {"id": own, "national_number": None} in await house.persons("national_number")


async def test_the_same_person_without_a_number_is_joined_by_the_answer_alone(house: House):
    first = await sent(house, birth_date="1999-03-04", phone="0470 11 11 11")
    second = await sent(house, STRANGER, birth_date="1999-04-03", national_number=NUMBER, phone="0499 66 66 66")
    assert (await house.get(STRANGER, f"/referrals/{second['id']}")).json()["next_actor"] == "zone_intake"
    person = await person_of(house, first)
    await answered(house, second, "same")
    assert await person_of(house, second) == person
    assert (await events(house))[2:] == [("referral_accepted", person)]
    assert await house.persons("national_number", "phone") == [{"id": person, "national_number": NUMBER, "phone": "0470 11 11 11"}]
    third = await sent(house, STRANGER, birth_date="1999-03-04", national_number=NUMBER, phone="0470 11 11 11")
    assert await person_of(house, third) == person


async def test_what_is_urgent_does_not_wait_and_two_cases_become_one_by_the_answer(house: House):
    urgent = {"urgency": {"level": "high", "reason": "Geweld thuis"}}
    first = await sent(house, phone="0470 11 11 11")
    second = await sent(house, STRANGER, body=urgent, phone="0499 66 66 66")
    known, own = await person_of(house, first), await person_of(house, second)
    assert (await events(house))[1:] == [("referral_accepted", own), ("check_requested", own)]
    await answered(house, second, "same")
    assert (await events(house))[3:] == [("referral_moved", own), ("referral_accepted", known)]
    assert await house.persons("phone") == [{"id": known, "phone": "0470 11 11 11"}]


async def test_a_case_that_runs_goes_on_under_its_own_person(house: House):
    first = await sent(house, phone="0470 11 11 11")
    assert (await house.post(SENDER, f"/referrals/{first['id']}/withdraw", {})).status_code == 200
    second = await sent(house, STRANGER, body={"urgency": {"level": "high", "reason": "Geen dak"}}, phone="0499 66 66 66")
    own = await person_of(house, second)
    told = len(await events(house))
    await answered(house, second, "same")
    assert await events(house) == (await events(house))[:told], "coordination has nothing to change"
    assert await house.persons("phone") == [{"id": own, "phone": "0470 11 11 11"}]
    assert await person_of(house, first) == own


async def test_what_a_human_has_to_look_at_besides_stays_with_the_checks(house: House):
    await sent(house)
    second = await sent(house, STRANGER, body={"human_check": True})
    await answered(house, second, "same")
    assert [kind for kind, _ in await events(house)] == ["referral_accepted", "check_requested"]
    eligible = {"answer": "eligible", "programme": "perinatal", "role": "case_manager", "level": "complex"}
    assert (await house.post(INTAKE, f"/referrals/{second['id']}/check-answer", eligible)).status_code == 200
    assert (await events(house))[-1] == ("referral_accepted", await person_of(house, second))


async def test_what_misses_information_waits_for_the_answer_once_it_is_complete(house: House):
    await sent(house)
    second = await sent(house, STRANGER, body={"facts": {"needs": ["housing"]}})
    assert second["status"] == "information_needed"
    facts = {"weeks_pregnant": 20, "coordination_now": "none", "providers": "several"}
    assert (await house.post(STRANGER, f"/referrals/{second['id']}/information", {"facts": facts})).status_code == 200
    assert "referral_accepted" not in [kind for kind, _ in (await events(house))[1:]]


async def test_of_workers_who_answer_at_once_one_counts(house: House):
    await sent(house)
    second = await sent(house, STRANGER)

    async def say(answer: Literal["same", "not_same"]) -> Decision:
        command = AnswerMatch(UUID(second["id"]), INTAKE, MatchAnswer(answer=answer), uuid4())
        return (await house.kernel.transact(answer_match, [command]))[0]

    said = await asyncio.gather(*[say(answer) for answer in ("same", "not_same", "same", "not_same")])
    assert sorted(each.refusal.code if each.refusal else "counted" for each in said) == ["already_answered"] * 3 + ["counted"]
    assert [kind for kind, _ in await events(house)].count("referral_accepted") == 2


async def test_the_same_answer_under_the_same_key_is_given_once(house: House):
    await sent(house)
    second = await sent(house, STRANGER)
    path = f"/referrals/{second['id']}/match-answer"
    one, two = [await house.post(INTAKE, path, {"answer": "same"}, key="k") for _ in range(2)]
    assert (one.status_code, one.json()) == (two.status_code, two.json())


async def test_only_the_intake_of_the_zone_sees_and_answers_it(house: House):
    await sent(house)
    second = await sent(house, STRANGER)
    elsewhere = an_actor("zone_intake", zones=("brussel-zuid",))
    path = f"/referrals/{second['id']}/match"
    assert [(await house.get(who, path)).status_code for who in (INTAKE, an_actor("zone_lead"), elsewhere, STRANGER)] == [
        200,
        200,
        404,
        403,
    ]
    assert (await house.post(elsewhere, f"{path}-answer", {"answer": "same"})).status_code == 404
    assert (await house.get(elsewhere, "/matches")).json() == {"matches": []}


async def test_the_sender_never_learns_of_the_other_referral(house: House):
    first = await sent(house, family_name="Lahsaini", phone="0470 11 11 11")
    second = await sent(house, STRANGER, family_name="Lahsaini", phone="0499 66 66 66")
    await answered(house, second, "same")
    id, page = second["id"], await house.page(STRANGER, f"/intake/referrals/{second['id']}")
    for seen in (page.text, (await house.get(STRANGER, f"/referrals/{id}")).text):
        assert first["reference"] not in seen
        assert "0470 11 11 11" not in seen
        assert "ezelfde persoon" not in seen
        assert "gekend" not in seen


async def test_the_question_stands_on_a_page_and_is_answered_there(house: House):
    await sent(house, national_number=NUMBER, phone="0470 11 11 11")
    second = await sent(house, STRANGER, national_number=NUMBER, phone="0499 66 66 66")
    listed = await house.page(INTAKE, "/intake/checks")
    assert f"/intake/referrals/{second['id']}/match" in listed.text
    page = await house.page(INTAKE, f"/intake/referrals/{second['id']}/match")
    assert "0470 11 11 11" in page.text
    assert "0499 66 66 66" in page.text
    form = f"/intake/referrals/{second['id']}/match-answer"
    assert (await house.send_form(INTAKE, form, {})).status_code == 422
    wrong = await house.send_form(INTAKE, form, {"answer": "not_same", "take": "phone"})
    assert wrong.status_code == 422
    assert "Van iemand anders neemt u niets over" in wrong.text
    assert (await house.send_form(INTAKE, form, {"answer": "same", "take": "phone"})).status_code == 303
    assert await house.told("phone") == [("0499 66 66 66",)]
    assert "Beantwoord" in (await house.page(INTAKE, f"/intake/referrals/{second['id']}/match")).text
    assert (await house.send_form(INTAKE, form, {"answer": "not_same"})).status_code == 409


async def test_a_batch_with_nobody_known_asks_one_statement(house: House, monkeypatch: pytest.MonkeyPatch):
    statements: list[str] = []
    for method in ("fetch", "execute"):
        real = getattr(asyncpg.Connection, method)

        async def counted(self: Any, query: str, *args: Any, _real: Any = real, **options: Any) -> Any:
            statements.append(query)
            return await _real(self, query, *args, **options)

        monkeypatch.setattr(asyncpg.Connection, method, counted)
    await sent(house)
    assert len([query for query in statements if "persons" in query]) == 1
    assert not [query for query in statements if "advisory" in query or "matches" in query]
