"""How a referral follows its case."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.referrals import progress
from services.intake.referrals.progress import Progress, follow
from services.intake.referrals.states import FOLLOWED_BY, TAKEN_BACK, Status
from shared.events import coordination, events_of
from tests.unit.intake.referrals import CHECK_DUE, NOW

COORDINATOR, OWNER, OFFER, PERSON = uuid4(), uuid4(), uuid4(), uuid4()
LATER = NOW + timedelta(days=1)


def about(kind, **fields):
    return kind(person_id=PERSON, case_id=CASE, case_reference="D-1", zone="meetjesland-oost", referrals=(), **fields)


CASE = uuid4()
OFFERED = about(coordination.CaseOffered, offer_id=OFFER, coordinator_id=COORDINATOR, role="case_manager", deadline=LATER)
WAITING = about(coordination.CaseWaiting, reason="capacity", owner_id=OWNER, late_at=LATER)
DECLINED = about(coordination.OfferEnded, offer_id=OFFER, coordinator_id=COORDINATOR, end="declined")
ASSIGNED = about(coordination.CaseAssigned, offer_id=OFFER, coordinator_id=COORDINATOR, role="case_manager", first_contact_due=LATER)
RETURNED = about(coordination.CaseReturned, reason="wrong_programme")
CONTACT = about(coordination.FirstContactMade, coordinator_id=COORDINATOR, contact_at=NOW)
CLOSED = about(coordination.CaseClosed, outcome="goals_reached")
PAUSED = about(coordination.CasePaused, coordinator_id=COORDINATOR, until=LATER)
RESUMED = about(coordination.CaseResumed, status="assigned", coordinator_id=COORDINATOR, first_contact_due=LATER + timedelta(days=7))
ALL = [OFFERED, WAITING, DECLINED, ASSIGNED, RETURNED, CONTACT, PAUSED, RESUMED, CLOSED]


def after(*events, start=Status.RECEIVED):
    state = Progress(uuid4(), start, person_id=PERSON)
    for place, event in enumerate(events):
        state = follow(state, event, NOW + timedelta(minutes=place), CHECK_DUE) or state
    return state


def test_every_fact_about_a_case_is_followed():
    told = {kind for kind in events_of("coordination").values() if issubclass(kind, coordination.CaseEvent)}
    assert set(progress.NEWS) == told - {
        coordination.InformationNoted,
        coordination.SharingStopped,
        coordination.CareTeamJoined,
        coordination.CareTeamLeft,
    }  # who sent it knows; who holds it is told; who is in the care team is nobody's state


@pytest.mark.parametrize(
    ("event", "status"),
    [
        (OFFERED, Status.OFFERED),
        (WAITING, Status.WAITING),
        (ASSIGNED, Status.ASSIGNED),
        (RETURNED, Status.RECEIVED),
        (CONTACT, Status.FIRST_CONTACT),
        (PAUSED, Status.PAUSED),
        (RESUMED, Status.ASSIGNED),
        (CLOSED, Status.CLOSED),
    ],
)
def test_each_fact_moves_the_referral_to_its_state(event, status):
    state = after(event)
    assert (state.status, state.case_id, state.case_reference) == (status, CASE, "D-1")


def test_an_offered_coordinator_is_not_yet_the_coordinator():
    state = after(OFFERED)
    assert (state.offered_to, state.coordinator_id, state.deadline) == (COORDINATOR, None, LATER)


def test_who_declined_may_no_longer_see_the_person():
    assert after(OFFERED, DECLINED).offered_to is None


def test_an_older_offer_that_ended_leaves_the_newer_one_alone():
    other = uuid4()
    newer = OFFERED.model_copy(update={"coordinator_id": other})
    assert after(OFFERED, newer, DECLINED).offered_to == other


def test_a_waiting_referral_has_a_reason_and_an_owner():
    state = after(OFFERED, DECLINED, WAITING)
    assert (state.status, state.reason, state.owner_id, state.deadline, state.offered_to) == (
        Status.WAITING,
        "capacity",
        OWNER,
        LATER,
        None,
    )


def test_who_accepted_stays_known_after_the_case_is_closed():
    assert after(OFFERED, ASSIGNED, CONTACT, CLOSED).coordinator_id == COORDINATOR


def test_while_it_rests_nothing_is_due_and_who_holds_it_stays_known():
    state = after(OFFERED, ASSIGNED, PAUSED)
    assert (state.status, state.coordinator_id, state.deadline) == (Status.PAUSED, COORDINATOR, LATER)


def test_it_goes_on_with_a_later_deadline_or_where_the_contact_was_made():
    assert after(ASSIGNED, PAUSED, RESUMED).deadline == LATER + timedelta(days=7)
    resumed = RESUMED.model_copy(update={"status": "first_contact", "first_contact_due": None})
    state = after(ASSIGNED, CONTACT, PAUSED, resumed)
    assert (state.status, state.coordinator_id, state.deadline) == (Status.FIRST_CONTACT, COORDINATOR, None)


def test_the_wrong_programme_brings_it_back_to_the_intake_of_the_zone():
    state = after(OFFERED, RETURNED)
    assert (state.status, state.check_due_at, state.offered_to) == (Status.RECEIVED, CHECK_DUE, None)


@pytest.mark.parametrize(
    ("case", "status", "holds", "offered"),
    [
        ("waiting", Status.WAITING, None, None),
        ("offered", Status.OFFERED, None, COORDINATOR),
        ("assigned", Status.ASSIGNED, COORDINATOR, None),
        ("first_contact", Status.FIRST_CONTACT, COORDINATOR, None),
        ("paused", Status.PAUSED, COORDINATOR, None),
        ("returned", Status.RECEIVED, None, None),
    ],
)
def test_a_second_referral_takes_over_where_the_case_is(case, status, holds, offered):
    state = after(about(coordination.ReferralJoined, status=case, coordinator_id=COORDINATOR))
    assert (state.status, state.coordinator_id, state.offered_to) == (status, holds, offered)


def test_an_addition_that_came_after_the_closing_is_a_line_of_history_and_nothing_else():
    closed = after(ASSIGNED, CONTACT, CLOSED)
    missed = about(coordination.InformationMissed, record_id=uuid4())
    assert follow(closed, missed, closed.told_at, CHECK_DUE) == closed
    assert progress.STEP_OF[type(missed)] == "information_missed"


def test_a_case_that_is_closed_while_the_intake_still_had_to_look_is_looked_at_no_more():
    assert after(OFFERED, RETURNED, CLOSED).check_due_at is None


@pytest.mark.parametrize("start", [*TAKEN_BACK, Status.CLOSED])
def test_what_has_ended_is_not_moved_by_its_case(start):
    assert after(OFFERED, WAITING, ASSIGNED, CONTACT, start=start).status is start


def test_news_is_followed_in_the_order_in_which_it_comes_whatever_the_clocks_said():
    state = after(OFFERED, ASSIGNED)
    told = follow(state, CLOSED, NOW - timedelta(seconds=1), CHECK_DUE)
    assert told is not None
    assert told.status is Status.CLOSED


def test_facts_of_one_transaction_have_one_time_and_count_in_order():
    state = follow(Progress(uuid4(), Status.RECEIVED, person_id=PERSON), OFFERED, NOW, CHECK_DUE)
    assert follow(state, ASSIGNED, NOW, CHECK_DUE).status is Status.ASSIGNED


@given(st.lists(st.tuples(st.sampled_from(ALL), st.integers(0, 20)), max_size=12))
def test_whatever_comes_in_whatever_order_only_allowed_steps_are_taken(told):
    state = Progress(uuid4(), Status.RECEIVED, person_id=PERSON)
    for event, minute in told:
        moved = follow(state, event, NOW + timedelta(minutes=minute), CHECK_DUE)
        if moved is not None:
            assert moved.status is state.status or moved.status in FOLLOWED_BY[state.status]
            assert not (moved.offered_to and moved.coordinator_id)
            state = moved


def test_news_of_a_case_of_somebody_else_says_nothing_to_a_referral_that_left_it():
    state = Progress(uuid4(), Status.RECEIVED, person_id=uuid4())
    assert [follow(state, event, NOW, CHECK_DUE) for event in ALL] == [None] * len(ALL)
