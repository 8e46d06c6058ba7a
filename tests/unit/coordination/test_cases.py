"""A person's one case: opened, joined, withdrawn, contacted, paused, closed; and the waiting list that is served when points come free."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.coordination.cases import joining, steps
from services.coordination.cases.domain import Case, Outcome, Rest, workload
from services.coordination.cases.steps import CloseCase, NoteFirstContact, PauseCase, ResumeCase
from services.coordination.offers import answers
from services.coordination.offers.answers import AcceptOffer
from services.coordination.offers.domain import Book, Effects
from services.coordination.workforce.domain import a_team
from shared.access.rules import Somebody
from shared.events.coordination import CaseAssigned, CaseClosed, CaseOffered, CasePaused, CaseResumed, CaseWaiting, ReferralJoined
from shared.items import Decision
from shared.working_time import BRUSSELS, add_working_days
from tests.unit.coordination.builders import (
    LEAD,
    NOW,
    ZONE,
    a_book,
    a_lead,
    a_referral,
    a_worker,
    as_coordinator,
    as_lead,
    open_offer,
    receive,
    types,
)


def assigned(book: Book, **changes: Any) -> Case:
    """A case that its coordinator accepted."""
    case, _ = receive(book, **changes)
    offer = open_offer(book, case)
    assert answers.accept(book, AcceptOffer(uuid4(), offer.id, as_coordinator(offer.coordinator_id))).refusal is None
    return case


def by_holder(case: Case) -> Somebody:
    assert case.coordinator_id is not None
    return as_coordinator(case.coordinator_id)


def first_contact(book: Book, case: Case, **changes: Any) -> Decision:
    known: dict[str, Any] = {
        "id": uuid4(),
        "case_id": case.id,
        "by": by_holder(case),
        "contact_at": NOW,
        "level": "complex",
        "intensity": "normal",
    }
    return steps.note_first_contact(book, NoteFirstContact(**(known | changes)))


TOMORROW = NOW.date() + timedelta(days=1)


def pause(book: Book, case: Case, days: int = 14) -> Decision:
    decision = steps.pause(book, PauseCase(uuid4(), case.id, by_holder(case), book.now.date() + timedelta(days=days), Rest.ADMITTED))
    assert decision.refusal is None
    return decision


def resume(book: Book, case: Case) -> Decision:
    decision = steps.resume(book, ResumeCase(uuid4(), case.id, by_holder(case)))
    assert decision.refusal is None
    return decision


@pytest.mark.parametrize(
    ("programmes", "intensity", "new", "points"),
    [
        (("perinatal",), "normal", True, 600),
        (("frail",), "normal", True, 300),
        (("obesity",), "normal", False, 200),
        (("perinatal",), "intense", True, 960),
        (("perinatal",), "light", False, 240),
        (("frail",), "light", False, 120),
        (("frail", "perinatal"), "normal", False, 500),
        (("perinatal", "frail", "obesity"), "normal", False, 600),
    ],
)
def test_the_weight_is_the_largest_and_half_of_the_others_times_intensity_and_newness(
    programmes: tuple[str, ...], intensity: str, new: bool, points: int
) -> None:
    assert workload(programmes, intensity, new) == points


def test_a_first_referral_opens_a_case_and_offers_it_until_a_working_day_later() -> None:
    worker = a_worker()
    book = a_book(worker)
    case, events = receive(book)
    assert types(events) == ["case_offered"]
    offered = events[0]
    assert isinstance(offered, CaseOffered)
    assert (offered.coordinator_id, offered.deadline) == (worker.id, add_working_days(NOW, 1))
    assert (case.status, case.reference, case.points) == ("offered", "2026-0001", 300)
    assert [(link.reference, link.sender_id) for link in offered.referrals] == [("ZS-7F3K", case.referrals[0].sender_id)]


def test_an_offer_reserves_its_points() -> None:
    worker = a_worker()
    book = a_book(worker)
    receive(book, programme="perinatal")
    assert (book.loads[worker.id].used, book.loads[worker.id].recent) == (1500 + 600, 1)


def test_where_nobody_fits_the_case_waits_with_a_reason_and_the_zone_lead_as_owner() -> None:
    book = a_book(a_worker(languages=frozenset({"fr"})))
    case, events = receive(book)
    assert types(events) == ["case_waiting"]
    assert (case.status, case.reason, case.owner_id, case.late_at) == ("waiting", "language", LEAD, add_working_days(NOW, 10))


def test_the_same_person_has_one_case_whatever_the_number_of_referrals() -> None:
    book = a_book(a_worker())
    case, _ = receive(book)
    again, events = receive(book, person_id=case.person_id)
    assert again is case
    assert len(book.opened) == 1
    assert types(events) == ["referral_joined"]
    joined = events[0]
    assert isinstance(joined, ReferralJoined)
    assert (joined.status, joined.programme_added, len(joined.referrals)) == ("offered", None, 1)


def test_a_referral_that_was_joined_already_changes_nothing() -> None:
    book = a_book(a_worker())
    referral = a_referral()
    receive(book, referral)
    _, events = receive(book, referral)
    assert events == []


def test_another_programme_adds_half_its_weight_without_a_new_offer() -> None:
    worker = a_worker()
    book = a_book(worker)
    case = assigned(book, programme="perinatal")
    _, events = receive(book, person_id=case.person_id, programme="frail")
    assert types(events) == ["referral_joined"]
    assert (case.programmes, case.points, book.loads[worker.id].used) == (("perinatal", "frail"), 750, 1500 + 750)
    assert book.tasks == []


def test_a_coordinator_without_training_for_the_added_programme_gives_the_zone_lead_a_task() -> None:
    book = a_book(a_worker(programmes=frozenset({"frail"})))
    case = assigned(book)
    receive(book, person_id=case.person_id, programme="obesity")
    assert [(task.kind, task.owner_id, task.case_id) for task in book.tasks] == [("training", LEAD, case.id)]


def test_a_case_that_waits_and_gets_another_programme_is_asked_about_again() -> None:
    book = a_book(a_worker(programmes=frozenset({"frail"}), languages=frozenset({"fr"})))
    case, _ = receive(book)
    _, events = receive(book, person_id=case.person_id, programme="obesity")
    assert (case.status, case.reason) == ("waiting", "programme")
    assert types(events) == ["referral_joined", "case_waiting"]


def test_a_child_of_a_known_household_is_offered_to_its_coordinator_for_two_working_days() -> None:
    known, household = a_worker(), uuid4()
    book = a_book(known, a_worker(), carried={known.id: 5000})
    book.familiar = {household: known.id}
    case, _ = receive(book, household_id=household)
    offer = open_offer(book, case)
    assert (offer.coordinator_id, offer.familiar, offer.deadline) == (known.id, True, add_working_days(NOW, 2))


def test_a_person_with_an_earlier_case_goes_to_the_coordinator_they_know() -> None:
    known, person = a_worker(), uuid4()
    book = a_book(known, a_worker(), carried={known.id: 5000})
    book.familiar = {person: known.id}
    case, _ = receive(book, person_id=person)
    assert open_offer(book, case).coordinator_id == known.id


def test_withdrawing_the_last_referral_closes_the_case_and_withdraws_its_offer() -> None:
    worker = a_worker()
    book = a_book(worker)
    case, _ = receive(book)
    effects = Effects(uuid4())
    joining.withdraw(book, case.referrals[0].id, effects)
    assert types(effects.events) == ["offer_ended", "case_closed"]
    assert (case.status, case.outcome, book.loads[worker.id].used) == ("closed", "withdrawn", 1500)


def test_withdrawing_one_of_two_referrals_keeps_the_case_and_drops_its_programme() -> None:
    worker = a_worker()
    book = a_book(worker)
    case = assigned(book, programme="perinatal")
    receive(book, person_id=case.person_id, programme="frail")
    joining.withdraw(book, case.referrals[1].id, effects := Effects(uuid4()))
    assert (case.status, case.programmes, case.points, book.loads[worker.id].used) == ("assigned", ("perinatal",), 600, 2100)
    assert effects.events == []


def test_withdrawing_the_programme_that_nobody_is_trained_for_lets_the_case_be_offered() -> None:
    book = a_book(worker := a_worker(programmes=frozenset({"frail"}), active=False))
    case, _ = receive(book)
    receive(book, person_id=case.person_id, programme="obesity")
    team = book.teams[ZONE]
    book.teams[ZONE] = a_team(ZONE, team.version, team.day, [replace(worker, active=True), a_lead()])
    joining.withdraw(book, case.referrals[1].id, effects := Effects(uuid4()))
    assert types(effects.events) == ["case_offered"]


def test_withdrawing_twice_or_what_is_unknown_does_nothing() -> None:
    book = a_book(a_worker())
    case, _ = receive(book)
    joining.withdraw(book, case.referrals[0].id, Effects(uuid4()))
    for referral in (case.referrals[0].id, uuid4()):
        joining.withdraw(book, referral, effects := Effects(uuid4()))
        assert effects.events == []


def test_first_contact_confirms_the_level_and_sets_the_points() -> None:
    worker = a_worker()
    book = a_book(worker)
    case = assigned(book)
    decision = first_contact(book, case, intensity="light", level="limited")
    assert types(decision.events) == ["first_contact_made"]
    assert (case.status, case.level, case.points, book.loads[worker.id].used) == ("first_contact", "limited", 180, 1500 + 180)


def test_a_case_that_turns_out_intense_may_pass_the_capacity_of_who_holds_it() -> None:
    worker = a_worker()
    book = a_book(worker, carried={worker.id: 8200})
    case = assigned(book)
    first_contact(book, case, intensity="intense")
    assert (book.loads[worker.id].used, book.loads[worker.id].grew) == (1500 + 8200 + 480, True)


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"contact_at": NOW + timedelta(minutes=1)}, "contact_in_future", "contact_at"),
        ({"contact_at": NOW - timedelta(days=1)}, "contact_before_assignment", "contact_at"),
        ({"by": as_coordinator(UUID(int=9))}, "case_not_found", None),
        ({"case_id": UUID(int=9)}, "case_not_found", None),
    ],
)
def test_a_first_contact_that_cannot_be_is_refused(changes: dict[str, Any], code: str, field: str | None) -> None:
    book = a_book(a_worker())
    case = assigned(book)
    refusal = first_contact(book, case, **changes).refusal
    assert refusal is not None
    assert (refusal.code, refusal.field) == (code, field)
    assert case.status == "assigned"


def test_a_first_contact_is_noted_once() -> None:
    book = a_book(a_worker())
    case = assigned(book)
    first_contact(book, case)
    refusal = first_contact(book, case).refusal
    assert refusal is not None
    assert refusal.code == "case_in_other_state"


def test_a_case_rests_and_goes_on_where_it_was() -> None:
    worker = a_worker()
    book = a_book(worker)
    case = assigned(book)
    first_contact(book, case)
    (paused,) = pause(book, case).events
    assert isinstance(paused, CasePaused)
    assert (case.status, paused.coordinator_id, book.loads[worker.id].used) == ("paused", worker.id, 1800)
    (resumed,) = resume(book, case).events
    assert isinstance(resumed, CaseResumed)
    assert (resumed.status, resumed.coordinator_id, resumed.first_contact_due) == ("first_contact", worker.id, None)
    assert (case.status, case.paused_from, case.paused_until, case.pause_reason) == ("first_contact", None, None, None)


def test_the_deadline_of_the_first_contact_does_not_run_while_a_case_rests() -> None:
    book = a_book(a_worker())
    case = assigned(book)  # Tuesday 10:00, so the first contact is due on Tuesday a week later
    book.now = add_working_days(NOW, 2)
    pause(book, case)
    book.now += timedelta(weeks=4)
    (resumed,) = resume(book, case).events
    assert isinstance(resumed, CaseResumed)
    assert (case.status, case.first_contact_due) == ("assigned", add_working_days(book.now, 3))
    assert (resumed.status, resumed.first_contact_due) == ("assigned", case.first_contact_due)


def test_a_first_contact_that_was_late_already_is_as_late_after_a_rest() -> None:
    book = a_book(a_worker())
    case = assigned(book)
    due = case.first_contact_due
    book.now = add_working_days(NOW, 6)
    pause(book, case)
    book.now += timedelta(weeks=1)
    resume(book, case)
    assert case.first_contact_due == due


def test_a_referral_that_joins_a_resting_case_is_told_that_it_rests() -> None:
    book = a_book(worker := a_worker())
    case = assigned(book)
    pause(book, case)
    _, (joined,) = receive(book, person_id=case.person_id)
    assert isinstance(joined, ReferralJoined)
    assert (joined.status, joined.coordinator_id, joined.deadline) == ("paused", worker.id, case.paused_until)


@pytest.mark.parametrize(("days", "code"), [(0, "rest_ends_too_soon"), (91, "rest_too_long")])
def test_a_rest_ends_on_a_day_that_comes_and_is_not_too_far(days: int, code: str) -> None:
    book = a_book(a_worker())
    case = assigned(book)
    refusal = steps.pause(book, PauseCase(uuid4(), case.id, by_holder(case), NOW.date() + timedelta(days=days), Rest.ASKED)).refusal
    assert refusal is not None
    assert (refusal.code, refusal.field, case.status) == (code, "until", "assigned")


def test_a_rest_that_ends_in_a_weekend_ends_on_the_working_day_after_it() -> None:
    book = a_book(a_worker())
    case = assigned(book)
    pause(book, case, days=4)  # from a Tuesday to a Saturday
    assert case.paused_until == datetime(2026, 11, 30, 9, tzinfo=BRUSSELS)


def test_the_zone_is_asked_when_nobody_looks_after_a_rest() -> None:
    book = a_book(a_worker())
    case = assigned(book)
    (timer,) = pause(book, case).timers
    book.now = timer.due_at - timedelta(minutes=1)
    effects = Effects(uuid4())
    steps.rest_unseen(book, case.id, effects)
    assert book.tasks == []
    book.now = timer.due_at
    steps.rest_unseen(book, case.id, effects)
    assert [(task.kind, task.case_id, task.owner_id) for task in book.tasks] == [("rest", case.id, LEAD)]


def test_a_rest_that_was_ended_or_prolonged_asks_nobody() -> None:
    book = a_book(a_worker())
    case = assigned(book)
    (timer,) = pause(book, case).timers
    resume(book, case)
    pause(book, case, days=30)
    book.now = timer.due_at
    steps.rest_unseen(book, case.id, Effects(uuid4()))
    resume(book, case)
    steps.rest_unseen(book, case.id, Effects(uuid4()))
    assert book.tasks == []


def test_only_a_held_case_rests_and_only_a_resting_case_goes_on() -> None:
    book = a_book(a_worker())
    case, _ = receive(book)
    lead = as_lead(LEAD, frozenset({ZONE}))
    for refused in (
        steps.pause(book, PauseCase(uuid4(), case.id, lead, TOMORROW, Rest.AWAY)),
        steps.resume(book, ResumeCase(uuid4(), case.id, lead)),
    ):
        assert refused.refusal is not None
        assert refused.refusal.code == "case_in_other_state"


def test_closing_frees_the_points_and_serves_the_oldest_of_the_highest_priority_not_the_newest() -> None:
    worker = a_worker()
    book = a_book(worker, carried={worker.id: 8200})
    held = assigned(book)
    young, _ = receive(book, received_at=NOW)
    old, _ = receive(book, received_at=NOW - timedelta(days=9))
    older, _ = receive(book, received_at=NOW - timedelta(days=10))
    urgent, _ = receive(book, received_at=NOW - timedelta(days=1), urgency="high")
    assert {case.status for case in (young, old, older, urgent)} == {"waiting"}
    decision = steps.close(book, CloseCase(uuid4(), held.id, by_holder(held), Outcome.GOALS_REACHED))
    assert types(decision.events) == ["case_closed", "case_offered"]
    assert [case.status for case in (urgent, older, old, young)] == ["offered", "waiting", "waiting", "waiting"]
    urgent_offer = open_offer(book, urgent)
    answers.accept(book, AcceptOffer(uuid4(), urgent_offer.id, as_coordinator(worker.id)))
    steps.close(book, CloseCase(uuid4(), urgent.id, by_holder(urgent), Outcome.MOVED))
    assert [case.status for case in (older, old, young)] == ["offered", "waiting", "waiting"]


def test_points_freed_by_who_works_in_two_zones_serve_the_oldest_of_both() -> None:
    worker = a_worker(zones=frozenset({ZONE, "meetjesland-west"}))
    book = a_book(worker, carried={worker.id: 8200}, zones=(ZONE, "meetjesland-west"))
    held = assigned(book)
    here, _ = receive(book, received_at=NOW - timedelta(days=1))
    there, _ = receive(book, zone="meetjesland-west", received_at=NOW - timedelta(days=2))
    steps.close(book, CloseCase(uuid4(), held.id, by_holder(held), Outcome.MOVED))
    assert (there.status, here.status) == ("offered", "waiting")


def test_a_closed_case_tells_its_outcome_and_who_held_it() -> None:
    worker = a_worker()
    book = a_book(worker)
    case = assigned(book)
    decision = steps.close(book, CloseCase(uuid4(), case.id, by_holder(case), Outcome.HANDED_OVER))
    closed = decision.events[0]
    assert isinstance(closed, CaseClosed)
    assert (closed.outcome, closed.coordinator_id) == ("handed_over", worker.id)
    assert steps.close(book, CloseCase(uuid4(), case.id, by_holder(case), Outcome.MOVED)).refusal is not None


def test_a_stranger_cannot_close_a_case_and_the_zone_lead_can() -> None:
    book = a_book(a_worker())
    case = assigned(book)
    refused = steps.close(book, CloseCase(uuid4(), case.id, as_lead(UUID(int=9), frozenset({"brussel-noord"})), Outcome.MOVED))
    assert refused.refusal is not None
    assert refused.refusal.status == 404
    assert steps.close(book, CloseCase(uuid4(), case.id, as_lead(LEAD, frozenset({ZONE})), Outcome.MOVED)).refusal is None


def test_after_closing_a_new_referral_of_the_person_opens_a_new_case() -> None:
    book = a_book(a_worker())
    case = assigned(book)
    steps.close(book, CloseCase(uuid4(), case.id, by_holder(case), Outcome.MOVED))
    receive(book, person_id=case.person_id)
    assert len(book.opened) == 2


def test_after_six_weeks_a_case_falls_back_to_its_weight_and_serves_who_waits() -> None:
    worker = a_worker()
    book = a_book(worker, carried={worker.id: 7700})
    case = assigned(book, programme="perinatal")
    waiting, _ = receive(book)
    assert (case.first_weeks_end, waiting.status) == (NOW + timedelta(weeks=6), "waiting")
    steps.first_weeks_over(book, case.id, early := Effects(uuid4()))
    assert early.events == []
    book.now = NOW + timedelta(weeks=6)
    steps.first_weeks_over(book, case.id, effects := Effects(uuid4()))
    assert (case.points, waiting.status) == (400, "offered")
    assert types(effects.events) == ["case_offered"]
    assert book.loads[worker.id].used == 1500 + 7700 + 400 + 300


def test_a_case_that_waits_too_long_is_said_once_to_be_late() -> None:
    book = a_book()
    case, _ = receive(book)
    assert case.reason == "nobody"
    steps.become_late(book, case.id, early := Effects(uuid4()))
    assert early.events == []
    book.now = add_working_days(NOW, 10)
    steps.become_late(book, case.id, effects := Effects(uuid4()))
    steps.become_late(book, case.id, effects)
    (event,) = effects.events
    assert isinstance(event, CaseWaiting)
    assert event.late


def test_acceptance_says_when_the_first_contact_is_due() -> None:
    book = a_book(a_worker())
    case, _ = receive(book)
    offer = open_offer(book, case)
    decision = answers.accept(book, AcceptOffer(uuid4(), offer.id, as_coordinator(offer.coordinator_id)))
    event = decision.events[0]
    assert isinstance(event, CaseAssigned)
    assert event.first_contact_due == add_working_days(NOW, 5)


def test_a_second_delivery_makes_the_same_ids_and_the_same_choice() -> None:
    worker, other, referral, cause = a_worker(), a_worker(), a_referral(), uuid4()
    made = []
    for _ in range(2):
        book = a_book(worker, other)
        joining.receive(book, referral, effects := Effects(cause))
        made.append((book.opened[0].id, book.offered[0].id, book.offered[0].coordinator_id, book.cards[0].draw))
        assert len(effects.events) == 1
    assert made[0] == made[1]


def left(book: Book, person_id: UUID, referral_id: UUID) -> Effects:
    effects = Effects(uuid4())
    joining.leave(book, person_id, referral_id, effects)
    return effects


def test_a_referral_about_somebody_else_leaves_the_case_which_goes_on_with_the_others() -> None:
    book = a_book(a_worker())
    case = assigned(book, programme="frail")
    receive(book, a_referral(person_id=case.person_id, programme="perinatal"))
    wrong = case.referrals[-1].id
    effects = left(book, case.person_id, wrong)
    assert (case.status, case.programmes, [linked.id for linked in case.referrals]) == (
        "assigned",
        ("frail",),
        [case.head()["referrals"][0].referral_id],
    )
    assert all(wrong not in [link.referral_id for link in event.referrals] for event in effects.events)


def test_the_last_referral_that_leaves_closes_the_case_and_its_sender_hears_nothing_of_it() -> None:
    book = a_book(a_worker())
    case = assigned(book)
    effects = left(book, case.person_id, case.referrals[0].id)
    assert case.status == "closed"
    assert [(type(event), event.referrals) for event in effects.events] == [(CaseClosed, ())]
    again = left(book, case.person_id, uuid4())
    assert again.events == []


def test_a_referral_is_handed_over_to_the_right_case_before_or_after_it_left_the_wrong_one() -> None:
    book = a_book(a_worker(), a_worker())
    wrong, _ = receive(book)
    right, _ = receive(book)
    moved = a_referral(person_id=right.person_id, referral_id=wrong.referrals[0].id)
    _, events = receive(book, moved)
    assert types(events) == ["referral_joined"]
    effects = left(book, wrong.person_id, moved.referral_id)
    assert (wrong.status, right.status) == ("closed", "offered")
    assert [link.referral_id for link in right.head()["referrals"]][-1] == moved.referral_id
    assert all(link.referral_id != moved.referral_id for event in effects.events for link in event.referrals)
