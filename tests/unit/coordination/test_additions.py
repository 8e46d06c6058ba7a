"""What senders add to a referral that became a case: noted, and told to who has it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.coordination.additions import domain
from services.coordination.cases import history, steps
from services.coordination.cases.domain import Case, Outcome, Status
from services.coordination.cases.steps import CloseCase
from services.coordination.offers import answers
from services.coordination.offers.answers import AcceptOffer, DeclineOffer
from services.coordination.offers.domain import Book, DeclineReason
from shared.events.coordination import InformationMissed, InformationNoted
from shared.events.intake import InformationAdded
from shared.items import Received
from tests.unit.coordination.builders import LEAD, NOW, a_book, a_worker, as_coordinator, open_offer, receive


def added(book: Book, case: Case) -> tuple[domain.Addition, Any]:
    """The sender of the case's first referral adds something."""
    event = InformationAdded(person_id=case.person_id, referral_id=case.referrals[0].id, record_id=uuid4())
    noted = domain.note(book, Received(uuid4(), NOW, uuid4(), event))
    assert noted is not None
    return noted


def test_who_is_offered_or_holds_the_case_is_told() -> None:
    worker = a_worker()
    book = a_book(worker)
    case, _ = receive(book)
    for accepted in (False, True):
        if accepted:
            answers.accept(book, AcceptOffer(uuid4(), open_offer(book, case).id, as_coordinator(worker.id)))
        addition, event = added(book, case)
        assert isinstance(event, InformationNoted)
        assert (event.coordinator_id, event.owner_id, event.record_id) == (worker.id, None, addition.record_id)
        assert event.referrals == (case.referrals[0].link,)
        assert addition == (event.record_id, case.id, case.referrals[0].id, NOW, False)


def test_while_the_case_waits_its_owner_is_told() -> None:
    book = a_book()
    case, _ = receive(book)
    assert case.status == Status.WAITING
    event = added(book, case)[1]
    assert (event.coordinator_id, event.owner_id) == (None, LEAD)


def test_between_a_decline_and_the_next_offer_the_zone_lead_is_told() -> None:
    worker = a_worker()
    book = a_book(worker)
    case, _ = receive(book)
    decline = DeclineOffer(uuid4(), open_offer(book, case).id, as_coordinator(worker.id), DeclineReason.NO_ROOM, undo=timedelta(minutes=10))
    assert answers.decline(book, decline).refusal is None
    event = added(book, case)[1]
    assert (event.coordinator_id, event.owner_id) == (None, LEAD)


def test_only_the_referral_that_was_added_to_is_named() -> None:
    book = a_book(a_worker())
    case, _ = receive(book)
    receive(book, person_id=case.person_id)
    assert len(case.referrals) == 2
    assert added(book, case)[1].referrals == (case.referrals[0].link,)


def test_what_crosses_the_closing_is_noted_as_missed_and_told_as_such() -> None:
    worker = a_worker()
    book = a_book(worker)
    case, _ = receive(book)
    answers.accept(book, AcceptOffer(uuid4(), open_offer(book, case).id, as_coordinator(worker.id)))
    steps.close(book, CloseCase(uuid4(), case.id, as_coordinator(worker.id), Outcome.MOVED))
    addition, event = added(book, case)
    assert isinstance(event, InformationMissed)
    assert addition.missed


def test_a_referral_that_is_not_here_is_no_fault() -> None:
    event = InformationAdded(person_id=uuid4(), referral_id=uuid4(), record_id=uuid4())
    assert domain.note(a_book(), Received(uuid4(), NOW, uuid4(), event)) is None


@pytest.mark.parametrize(
    ("missed", "said"), [(False, "Aangevuld door de aanmelder, OM-1"), (True, "Aangevuld door de aanmelder, OM-1, na het afsluiten")]
)
def test_the_history_of_the_case_shows_it(missed: bool, said: str) -> None:
    case, referral = uuid4(), uuid4()
    row = dict.fromkeys(("first_contact_at", "paused_at", "waiting_since", "closed_at")) | {"opened_at": NOW, "programmes": ["frail"]}
    referrals = [{"referral_id": referral, "reference": "OM-1", "received_at": NOW, "programme": "frail", "withdrawn_at": None}]
    later = NOW + timedelta(hours=1)
    shown = history.entries(row, referrals, [], [], [(domain.Addition(uuid4(), case, referral, later, missed), "Verhuisd")])
    assert (shown[0]["at"], shown[0]["title"], shown[0]["text"]) == (later, said, "Verhuisd")
