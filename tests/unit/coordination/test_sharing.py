"""What becomes of a case when nothing may be shared any more."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from services.coordination.cases import joining
from services.coordination.cases.domain import Case, Status
from services.coordination.offers import answers
from services.coordination.offers.answers import AcceptOffer
from services.coordination.offers.domain import Book, Effects
from services.coordination.sharing import domain
from tests.unit.coordination.builders import a_book, a_referral, a_worker, as_coordinator


def a_case(book: Book) -> Case:
    referral = a_referral()
    joining.receive(book, referral, Effects(uuid4()))
    return book.open_cases[referral.person_id]


def accepted(book: Book, case: Case) -> None:
    offer = book.active_offer(case)
    assert offer is not None
    assert answers.accept(book, AcceptOffer(uuid4(), offer.id, as_coordinator(offer.coordinator_id))).refusal is None


def told(act: Any, book: Book, case: Case) -> list[tuple[str, Any]]:
    act(book, case.person_id, effects := Effects(uuid4()))
    return [(event.type.split(".")[1], getattr(event, "coordinator_id", None)) for event in effects.events]


def test_who_holds_the_case_hears_it_once_and_keeps_it() -> None:
    book = a_book(worker := a_worker())
    accepted(book, case := a_case(book))
    assert told(domain.withdraw_consent, book, case) == [("sharing_stopped", worker.id)]
    assert case.status == Status.ASSIGNED


def test_an_open_offer_ends_and_the_case_with_it() -> None:
    book = a_book(worker := a_worker())
    case = a_case(book)
    assert told(domain.withdraw_consent, book, case) == [("sharing_stopped", worker.id), ("offer_ended", worker.id), ("case_closed", None)]
    assert (case.status, case.outcome, book.loads[worker.id].used) == (Status.CLOSED, "consent_withdrawn", worker.fixed)


def test_a_waiting_case_ends() -> None:
    book = a_book()
    case = a_case(book)
    assert told(domain.withdraw_consent, book, case) == [("sharing_stopped", None), ("case_closed", None)]


@pytest.mark.parametrize("held", [False, True])
def test_erasing_ends_the_case_in_every_state(held: bool) -> None:
    book = a_book(worker := a_worker())
    case = a_case(book)
    if held:
        accepted(book, case)
    assert told(domain.erase, book, case)[0] == ("sharing_stopped", worker.id)
    assert case.head()["referrals"] == ()
    assert (case.status, case.outcome, book.loads[worker.id].used) == (Status.CLOSED, "erased", worker.fixed)


def test_nobody_hears_of_a_person_without_an_open_case() -> None:
    book = a_book(a_worker())
    domain.erase(book, uuid4(), effects := Effects(uuid4()))
    domain.withdraw_consent(book, uuid4(), effects)
    assert effects.events == []
