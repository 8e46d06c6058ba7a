"""The zone lead agrees on an interpreter for a case that waits, or takes that back."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from services.coordination.cases import steps
from services.coordination.cases.domain import Case
from services.coordination.cases.steps import AgreeInterpreter
from services.coordination.offers import answers
from services.coordination.offers.answers import AcceptOffer, DeclineOffer
from services.coordination.offers.domain import Book, DeclineReason
from services.coordination.workforce.domain import Worker
from shared.access.rules import Somebody
from shared.events.coordination import CaseOffered, OfferEnded
from shared.items import Decision
from tests.unit.coordination.builders import LEAD, ZONE, a_book, a_worker, as_coordinator, as_lead, open_offer, receive, types

BY_LEAD = as_lead(LEAD, frozenset({ZONE}))


def agree(book: Book, case: Case, by: Somebody = BY_LEAD, *, agreed: bool = True) -> Decision:
    return steps.agree_interpreter(book, AgreeInterpreter(uuid4(), case.id, by, agreed))


def a_case_nobody_understands(worker: Worker, carried: int = 0) -> tuple[Book, Case]:
    book = a_book(worker, carried={worker.id: carried})
    case, _ = receive(book, languages=("ps",))
    assert (case.status, case.reason) == ("waiting", "language")
    return book, case


def test_with_an_interpreter_the_case_is_offered_at_once_to_who_fits_otherwise() -> None:
    book, case = a_case_nobody_understands(worker := a_worker())
    decision = agree(book, case)
    (offered,) = decision.events
    assert isinstance(offered, CaseOffered)
    assert (offered.coordinator_id, case.status, decision.answer["status"]) == (worker.id, "offered", "offered")
    assert book.cards[-1].question.languages == ()


def test_where_nobody_fits_even_so_the_case_waits_for_what_blocks_it_now() -> None:
    book, case = a_case_nobody_understands(a_worker(), carried=8400)
    assert types(agree(book, case).events) == ["case_waiting"]
    assert (case.status, case.reason, case.owner_id) == ("waiting", "capacity", LEAD)


def test_the_card_is_made_anew_also_where_the_reason_stays_the_same() -> None:
    speaks, other = a_worker(languages=frozenset({"ps"})), a_worker()
    book = a_book(speaks, other, carried={speaks.id: 8400, other.id: 8400})
    case, _ = receive(book, languages=("ps",))
    assert (case.reason, len(book.cards)) == ("capacity", 1)
    assert agree(book, case).events == ()
    assert (case.reason, len(book.cards), book.cards[-1].choice.out) == ("capacity", 2, ())


def test_who_then_declines_for_the_language_shuts_out_nobody_else() -> None:
    one, two = a_worker(), a_worker()
    book = a_book(one, two)
    case, _ = receive(book, languages=("ps",))
    agree(book, case)
    offer = open_offer(book, case)
    answers.decline(book, DeclineOffer(uuid4(), offer.id, as_coordinator(offer.coordinator_id), DeclineReason.LANGUAGE))
    assert {offer.coordinator_id, open_offer(book, case).coordinator_id} == {one.id, two.id}


def test_agreeing_twice_is_agreeing_once() -> None:
    book, case = a_case_nobody_understands(a_worker())
    agree(book, case)
    again = agree(book, case)
    assert (again.refusal, again.events, again.answer["status"]) == (None, (), "offered")


def test_taken_back_while_it_waits_the_language_blocks_again() -> None:
    book, case = a_case_nobody_understands(a_worker(), carried=8400)
    agree(book, case)
    assert types(agree(book, case, agreed=False).events) == ["case_waiting"]
    assert (case.interpreter, case.reason) == (False, "language")


def test_taken_back_while_it_is_offered_the_offer_leaves_who_cannot_speak_with_the_person() -> None:
    book, case = a_case_nobody_understands(worker := a_worker())
    agree(book, case)
    decision = agree(book, case, agreed=False)
    assert types(decision.events) == ["offer_ended", "case_waiting"]
    ended = decision.events[0]
    assert isinstance(ended, OfferEnded)
    assert (ended.end, ended.reason, ended.coordinator_id) == ("withdrawn", "no_interpreter", worker.id)
    assert (case.status, case.reason, book.loads[worker.id].used) == ("waiting", "language", 1500)
    agree(book, case)
    assert open_offer(book, case).coordinator_id == worker.id, "who did nothing wrong is not shut out"


def test_taken_back_an_offer_to_who_speaks_the_language_stays() -> None:
    book = a_book(a_worker(languages=frozenset({"ps"})))
    case, _ = receive(book, languages=("ps",), interpreter=True)
    offer = open_offer(book, case)
    assert agree(book, case, agreed=False).events == ()
    assert (case.interpreter, open_offer(book, case)) == (False, offer)


@pytest.mark.parametrize("by", [as_lead(LEAD, frozenset({"brussel-noord"})), as_coordinator(LEAD)])
def test_only_the_lead_of_the_zone_agrees(by: Somebody) -> None:
    book, case = a_case_nobody_understands(a_worker())
    refusal = agree(book, case, by).refusal
    assert refusal is not None
    assert (refusal.code, refusal.status, case.interpreter) == ("case_not_found", 404, False)


def test_who_holds_a_case_is_not_its_lead_and_a_case_that_is_held_needs_no_agreement() -> None:
    book = a_book(worker := a_worker())
    case, _ = receive(book)
    answers.accept(book, AcceptOffer(uuid4(), open_offer(book, case).id, as_coordinator(worker.id)))
    for by, code in ((as_coordinator(worker.id), "case_not_found"), (BY_LEAD, "case_in_other_state")):
        refusal = agree(book, case, by).refusal
        assert refusal is not None
        assert refusal.code == code


def test_an_unknown_case_is_not_found() -> None:
    refusal = steps.agree_interpreter(a_book(), AgreeInterpreter(uuid4(), UUID(int=9), BY_LEAD)).refusal
    assert refusal is not None
    assert refusal.status == 404
