"""Who covers a case for a colleague on leave sees and moves that case, as long as the leave lasts, and no other."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

import orjson

from services.coordination.additions import handlers as additions
from services.coordination.leave import handlers, store
from services.coordination.leave.domain import AskCovers, EndLeave, PlanLeave
from services.coordination.offers import handlers as offers
from services.coordination.offers.answers import AcceptOffer
from services.coordination.workforce.domain import Absence, Worker
from shared import clock
from shared.events.intake import InformationAdded
from shared.items import Decision, Due, Received
from tests.integration.coordination.rig import Office
from tests.integration.coordination.test_acts import CASES, REST, posted
from tests.unit.coordination.builders import a_lead, a_worker, as_coordinator

TODAY: dict[str, Any] = {"starts_on": "2026-11-24", "ends_on": "2026-11-25"}
DAYS = Absence(date(2026, 11, 24), date(2026, 11, 25))
LATER = Absence(date(2026, 12, 1), date(2026, 12, 2))


async def told(office: Office) -> list[dict[str, Any]]:
    rows = await office.rows("select payload from outbox where type = 'coordination.cases_covered.v1' order by id")
    return [orjson.loads(row["payload"]) for row in rows]


async def tasks(office: Office) -> list[UUID]:
    rows = await office.rows("select case_id from case_tasks where kind = 'cover' and done_at is null order by case_id")
    return [row["case_id"] for row in rows]


async def seen_by(office: Office, worker: Worker) -> set[UUID]:
    """The cases of this coordinator's list, each of which opens."""
    async with office.asking(worker, "coordinator") as client:
        found = {UUID(each["id"]) for each in (await client.get(CASES)).json()["cases"]}
        assert {(await client.get(f"{CASES}/{case}")).status_code for case in found} <= {200}
        day = await client.get("/coordination/day")
        assert day.status_code == 200
        assert {UUID(id) for id in re.findall(r'href="/coordination/cases/([\w-]{36})"', day.text)} == found
    return found


async def planned(office: Office, away: Worker, days: Absence, covers: dict[UUID, UUID | None] | None, **more: Any) -> Decision:
    item = PlanLeave(clock.new_id(), away.id, as_coordinator(away.id), days, covers, **more)
    return (await office.kernel.transact(handlers.plan, [item]))[0]


async def a_case(office: Office, worker: Worker, **changes: Any) -> UUID:
    """A case that only this worker fits, and accepted."""
    await office.receive(1, **changes)
    (offer,) = await office.offers_to(worker)
    item = AcceptOffer(clock.new_id(), offer, as_coordinator(worker.id))
    assert (await office.kernel.submit(offers.accept, item)).refusal is None
    return UUID(str(await office.value("select case_id from offers where id = $1", offer)))


async def a_team(office: Office, count: int = 2) -> tuple[Worker, list[UUID], list[Worker]]:
    """Somebody with so many cases, and three colleagues."""
    away = a_worker(languages=frozenset({"nl", "so"}))
    await office.hire(away, a_lead())
    cases = sorted([await a_case(office, away) for _ in range(count)])
    colleagues = [a_worker() for _ in range(3)]
    await office.hire(*colleagues)
    return away, cases, colleagues


async def test_a_cover_sees_and_moves_the_cases_given_and_no_other_until_the_leave_ends(office: Office) -> None:
    away, (first, second), (one, other, third) = await a_team(office)
    assert (await posted(office, one, "coordinator", f"{CASES}/{first}/pause", 404, **REST))["code"] == "case_not_found"
    decision = await planned(office, away, DAYS, {first: one.id, second: other.id})
    assert decision.refusal is None
    assert [await seen_by(office, each) for each in (away, one, other, third)] == [{first, second}, {first}, {second}, set()]
    async with office.asking(one, "coordinator") as client:
        assert (await client.get(f"{CASES}/{second}")).status_code == 404
    assert (await posted(office, one, "coordinator", f"{CASES}/{first}/pause", **REST))["status"] == "paused"
    for who in (other, third):
        assert (await posted(office, who, "coordinator", f"{CASES}/{first}/resume", 404))["code"] == "case_not_found"
    office.clock.pass_by(days=2)
    assert (await posted(office, one, "coordinator", f"{CASES}/{first}/resume", 404))["code"] == "case_not_found"
    assert [await seen_by(office, each) for each in (away, one, other)] == [{first, second}, set(), set()]
    assert {event["cover_id"]: event["case_ids"] for event in await told(office)} == {
        str(one.id): [str(first)],
        str(other.id): [str(second)],
    }
    assert {(event["starts_at"], event["ends_at"]) for event in await told(office)} == {
        ("2026-11-24T00:00:00+01:00", "2026-11-26T00:00:00+01:00")
    }


async def test_a_cover_of_days_to_come_sees_nothing_yet(office: Office) -> None:
    away, cases, (one, *_) = await a_team(office, 1)
    await planned(office, away, LATER, dict.fromkeys(cases, one.id))
    assert await seen_by(office, one) == set()
    office.clock.at = datetime.fromisoformat("2026-12-01T00:30:00+01:00")
    assert await seen_by(office, one) == set(cases)


async def test_one_substitute_is_a_proposal_filled_with_one_name(office: Office) -> None:
    away, cases, (one, *_) = await a_team(office)
    path = f"/coordination/api/workforce/{away.id}/absences"
    for _ in range(2):
        answer = await posted(office, away, "coordinator", path, **TODAY, substitute_id=str(one.id))
        assert (answer["covered"], answer["left"]) == (2, 0)
    assert await seen_by(office, one) == set(cases)
    await posted(office, away, "coordinator", f"{path}/cancel", **TODAY)
    assert await seen_by(office, one) == set()
    assert [len(event["case_ids"]) for event in await told(office)] == [2, 0]
    assert await office.rows("select id from absences union select absence_id from case_covers") == []


async def test_what_the_substitute_does_not_fit_is_asked_of_the_zone_lead(office: Office) -> None:
    away, cases, _ = await a_team(office)
    foreign = a_worker(languages=frozenset({"de"}))
    await office.hire(foreign)
    path = f"/coordination/api/workforce/{away.id}/absences"
    answer = await posted(office, away, "coordinator", path, **TODAY, substitute_id=str(foreign.id))
    assert (answer["covered"], answer["left"]) == (0, 2)
    assert await tasks(office) == cases
    assert await seen_by(office, foreign) == set()


async def test_only_another_coordinator_of_the_zone_stands_in(office: Office) -> None:
    away, elsewhere, lead = a_worker(), a_worker(zones=frozenset({"brussel-noord"})), a_lead()
    await office.hire(away, elsewhere, lead)
    path = f"/coordination/api/workforce/{away.id}/absences"
    for id in (away.id, elsewhere.id, lead.id, uuid4()):
        answer = await posted(office, lead, "zone_lead", path, 422, **TODAY, substitute_id=str(id))
        assert answer["errors"][0]["field"] == "substitute_id"
    assert await office.rows("select * from absences") == []


async def test_who_does_not_fit_when_it_is_confirmed_is_refused_and_nothing_is_kept(office: Office) -> None:
    away, (first, second), (one, other, _) = await a_team(office)
    full = 10000 - one.fixed - 300
    await office.rows("update coordinators set used = used + $2 where id = $1 returning id", one.id, full)
    await office.rows(
        """insert into offers (id, case_id, role, coordinator_id, points, offered_at, deadline, status)
           values ($1, $1, 'x', $2, $3, now(), now(), 'accepted') returning id""",
        uuid4(),
        one.id,
        full,
    )
    await office.rows("update zones set load_version = gen_random_uuid() returning code")
    assert (await planned(office, away, DAYS, {first: one.id, second: one.id})).refusal is not None
    assert (await planned(office, away, DAYS, {first: one.id})).refusal is not None  # the second case was not there to choose for
    assert await office.rows("select * from absences") == []
    assert (await planned(office, away, DAYS, {first: one.id, second: other.id})).refusal is None


async def test_a_stranger_neither_asks_nor_plans_nor_ends(office: Office) -> None:
    away, cases, (one, other, _) = await a_team(office, 1)
    decision = await planned(office, away, DAYS, dict.fromkeys(cases, one.id))
    leave = UUID(decision.answer["leave_id"])
    for by in (as_coordinator(other.id), as_coordinator(one.id)):
        asked = await office.kernel.transact(handlers.ask_covers, [AskCovers(clock.new_id(), away.id, by, LATER)])
        planning = await office.kernel.transact(handlers.plan, [PlanLeave(clock.new_id(), away.id, by, LATER, {})])
        ending = await office.kernel.transact(handlers.end, [EndLeave(clock.new_id(), by, leave)])
        assert [each[0].refusal and each[0].refusal.status for each in (asked, planning, ending)] == [404, 404, 404]
    async with office.asking(other, "coordinator") as client:
        assert (await client.get(f"/coordination/workers/{away.id}/leave")).status_code == 404
        assert (
            await client.get(f"/coordination/workers/{away.id}/leave/proposal?starts_on=2026-12-01&ends_on=2026-12-02")
        ).status_code == 404
    assert await seen_by(office, one) == set(cases)


async def test_other_covers_and_other_days_replace_the_first_and_each_hears_what_is_new(office: Office) -> None:
    away, (first, second), (one, other, _) = await a_team(office)
    decision = await planned(office, away, DAYS, {first: one.id, second: one.id})
    leave = UUID(decision.answer["leave_id"])
    await planned(office, away, DAYS, {first: one.id, second: other.id})
    assert [await seen_by(office, each) for each in (one, other)] == [{first}, {second}]
    longer = Absence(DAYS.starts_on, date(2026, 11, 27))
    await planned(office, away, longer, {first: one.id, second: None}, leave_id=leave)
    assert [tuple(row) for row in await office.rows("select id, ends_on from absences")] == [(leave, longer.ends_on)]
    assert await tasks(office) == [second]
    events = [(event["cover_id"], event["case_ids"]) for event in await told(office)]
    assert set(map(str, events)) == {
        str((str(one.id), [str(first), str(second)])),
        str((str(one.id), [str(first)])),
        str((str(other.id), [str(second)])),
        str((str(other.id), [])),
    }
    await planned(office, away, longer, {first: one.id, second: other.id}, leave_id=leave)
    assert await tasks(office) == []


async def test_cases_without_a_cover_when_leave_begins_are_asked_of_the_zone_lead(office: Office) -> None:
    away, (first,), (one, *_) = await a_team(office, 1)
    decision = await planned(office, away, LATER, {first: one.id})
    leave = UUID(decision.answer["leave_id"])
    second = await a_case(office, away, languages=("so",))
    assert await tasks(office) == []
    office.clock.at = datetime.fromisoformat("2026-12-01T00:00:00+01:00")
    due = Due(clock.new_id(), leave, office.clock(), clock.new_id())
    for _ in range(2):
        await office.kernel.transact(handlers.on_leave_begins, [due])
    assert await tasks(office) == [second]
    assert await seen_by(office, one) == {first}


async def test_a_running_leave_that_is_taken_back_keeps_the_days_that_passed_and_ends_the_cover(office: Office) -> None:
    away, cases, (one, *_) = await a_team(office, 1)
    leave = UUID((await planned(office, away, DAYS, dict.fromkeys(cases, one.id))).answer["leave_id"])
    office.clock.pass_by(days=1)
    assert await seen_by(office, one) == set(cases)
    (ended,) = await office.kernel.transact(handlers.end, [EndLeave(clock.new_id(), as_coordinator(away.id), leave)])
    assert ended.refusal is None
    assert await seen_by(office, one) == set()
    assert [row["ends_on"] for row in await office.rows("select ends_on from absences")] == [date(2026, 11, 24)]
    assert (await told(office))[-1]["case_ids"] == []


async def test_what_a_sender_adds_meanwhile_is_told_to_who_covers(office: Office) -> None:
    away, (case,), (one, *_) = await a_team(office, 1)
    await planned(office, away, DAYS, {case: one.id})
    referral = await office.value("select referral_id from case_referrals where case_id = $1", case)
    person = await office.value("select person_id from cases where id = $1", case)
    added = InformationAdded(person_id=person, referral_id=referral, record_id=uuid4())
    await office.kernel.transact(additions.on_information_added, [Received(uuid4(), office.clock(), uuid4(), added)])
    noted = orjson.loads(await office.value("select payload from outbox where type = 'coordination.information_noted.v1'"))
    assert noted["coordinator_id"] == str(one.id)


async def test_who_covered_or_held_something_of_the_household_before_is_proposed_first(office: Office) -> None:
    away, (case,), (one, other, _) = await a_team(office, 1)

    async def proposed() -> list[tuple[UUID, str | None]]:
        (asked,) = await office.kernel.transact(handlers.ask_covers, [AskCovers(clock.new_id(), away.id, as_coordinator(away.id), LATER)])
        return [(part.cover_id, part.tie) for part in asked.answer.parts]

    await planned(office, away, Absence(date(2026, 12, 7), date(2026, 12, 8)), {case: one.id})
    assert [tie for _, tie in await proposed()] == [None]  # who is still to cover knows nobody yet
    await planned(office, away, DAYS, {case: other.id})
    assert await proposed() == [(other.id, "knows")]


async def test_what_is_covered_for_another_colleague_counts_only_in_the_same_days(office: Office) -> None:
    away, cases, (one, *_) = await a_team(office, 1)
    await planned(office, away, LATER, dict.fromkeys(cases, one.id))

    async with office.kernel.transaction() as tx:
        found = {days: await store.known(tx, uuid4(), [], days, None, DAYS.starts_on) for days in (DAYS, LATER)}
    assert (dict(found[DAYS].covering), dict(found[LATER].covering)) == ({}, {one.id: 300})
