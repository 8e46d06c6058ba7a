"""What becomes of an offer: accepted, declined for six reasons, undone, settled, expired."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.coordination import words
from services.coordination.cases import joining, steps
from services.coordination.offers import answers
from services.coordination.offers.answers import AcceptOffer, DeclineOffer, UndoAnswer
from services.coordination.offers.domain import FOR_EVER, Book, DeclineReason, Effects, Offer
from services.coordination.workforce.domain import Worker
from shared.events.coordination import CaseOffered, CaseReturned, OfferEnded
from shared.items import Decision
from shared.working_time import BRUSSELS, add_working_days
from tests.unit.coordination.builders import LEAD, NOW, a_book, a_referral, a_worker, as_coordinator, open_offer, receive, types

WINDOW = timedelta(minutes=10)


def accept(book: Book, offer: Offer, **changes: Any) -> Decision:
    return answers.accept(
        book, AcceptOffer(**({"id": uuid4(), "offer_id": offer.id, "by": as_coordinator(offer.coordinator_id)} | changes))
    )


def decline(book: Book, offer: Offer, reason: DeclineReason = DeclineReason.NO_ROOM, **changes: Any) -> Decision:
    known = {"id": uuid4(), "offer_id": offer.id, "by": as_coordinator(offer.coordinator_id), "reason": reason}
    return answers.decline(book, DeclineOffer(**(known | changes)))


def undo(book: Book, offer: Offer) -> Decision:
    return answers.undo(book, UndoAnswer(uuid4(), offer.id, as_coordinator(offer.coordinator_id), WINDOW))


def settle(book: Book, offer: Offer, after: timedelta = WINDOW) -> Effects:
    book.now += after
    answers.settle_due(book, offer.id, effects := Effects(uuid4()))
    return effects


def code(decision: Decision) -> str:
    assert decision.refusal is not None
    return decision.refusal.code


def other_than(worker_id: UUID, *workers: Worker) -> Worker:
    (other,) = [worker for worker in workers if worker.id != worker_id]
    return other


def test_accepting_assigns_the_case_and_tells_everyone() -> None:
    worker = a_worker()
    book = a_book(worker)
    case, _ = receive(book)
    decision = accept(book, open_offer(book, case))
    assert types(decision.events) == ["case_assigned"]
    assert (case.status, case.coordinator_id, book.loads[worker.id].used) == ("assigned", worker.id, 1800)
    assert decision.answer["status"] == "accepted"


def test_of_two_answers_the_first_counts() -> None:
    book = a_book(a_worker())
    case, _ = receive(book)
    offer = open_offer(book, case)
    assert accept(book, offer).refusal is None
    again, other = accept(book, offer), decline(book, offer)
    assert (code(again), code(other)) == ("offer_answered", "offer_answered")
    assert again.refusal is not None
    assert again.refusal.status == 409
    assert case.status == "assigned"


def test_nobody_answers_the_offer_of_another() -> None:
    book = a_book(a_worker())
    case, _ = receive(book)
    offer = open_offer(book, case)
    assert code(accept(book, offer, by=as_coordinator(UUID(int=9)))) == "offer_not_found"
    assert code(decline(book, offer, by=as_coordinator(UUID(int=9)))) == "offer_not_found"
    assert code(answers.undo(book, UndoAnswer(uuid4(), offer.id, as_coordinator(UUID(int=9))))) == "offer_not_found"
    assert code(accept(book, offer, offer_id=UUID(int=9))) == "offer_not_found"
    assert offer.status == "offered"


def test_after_the_deadline_an_offer_cannot_be_accepted() -> None:
    book = a_book(a_worker())
    case, _ = receive(book)
    offer = open_offer(book, case)
    book.now = offer.deadline
    assert code(accept(book, offer)) == "offer_ended"


@pytest.mark.parametrize("reason", [reason for reason in DeclineReason if reason is not DeclineReason.WRONG_PROGRAMME])
def test_a_declined_case_goes_to_the_next(reason: DeclineReason) -> None:
    one, two = a_worker(), a_worker()
    book = a_book(one, two)
    case, _ = receive(book)
    offer = open_offer(book, case)
    decision = decline(book, offer, reason)
    assert types(decision.events) == ["offer_ended", "case_offered"]
    ended, offered = decision.events
    assert isinstance(ended, OfferEnded)
    assert isinstance(offered, CaseOffered)
    assert (ended.end, ended.reason, ended.coordinator_id) == ("declined", reason, offer.coordinator_id)
    assert offered.coordinator_id == other_than(offer.coordinator_id, one, two).id
    assert book.loads[offer.coordinator_id].used == 1500


def test_no_room_comes_back_to_the_same_after_ten_working_days() -> None:
    worker = a_worker()
    book = a_book(worker)
    case, _ = receive(book)
    decision = decline(book, open_offer(book, case), DeclineReason.NO_ROOM)
    assert (case.status, case.reason, case.owner_id) == ("waiting", "declined", LEAD)
    again = add_working_days(NOW, 10)
    assert [(timer.kind, timer.subject) for timer in decision.timers if timer.due_at == again] == [
        ("offer_again", case.id),
        ("waiting_late", case.id),
    ]
    book.now = again - timedelta(minutes=1)
    steps.try_again(book, case.id, Effects(uuid4()))
    assert case.status == "waiting"
    book.now = again
    steps.try_again(book, case.id, Effects(uuid4()))
    assert open_offer(book, case).coordinator_id == worker.id


def test_who_is_not_independent_is_never_offered_the_case_again() -> None:
    book = a_book(a_worker())
    case, _ = receive(book)
    offer = open_offer(book, case)
    decision = decline(book, offer, DeclineReason.NOT_INDEPENDENT)
    assert offer.excludes_until == FOR_EVER
    assert "offer_again" not in [timer.kind for timer in decision.timers]
    book.now = NOW + timedelta(days=3650)
    steps.try_again(book, case.id, Effects(uuid4()))
    assert (case.status, case.reason) == ("waiting", "declined")


def test_language_leaves_the_language_a_filter_while_no_interpreter_is_agreed() -> None:
    one, other, two = a_worker(), a_worker(languages=frozenset({"nl"})), a_worker()
    book = a_book(one, other, two)
    case, _ = receive(book, languages=("fr",))
    first = open_offer(book, case).coordinator_id
    decline(book, open_offer(book, case), DeclineReason.LANGUAGE)
    assert open_offer(book, case).coordinator_id == other_than(first, one, two).id
    decline(book, open_offer(book, case), DeclineReason.LANGUAGE)
    assert (case.status, case.reason) == ("waiting", "declined")


def test_language_shuts_out_only_who_declined_where_an_interpreter_is_agreed() -> None:
    one, two = a_worker(languages=frozenset({"fr"})), a_worker(languages=frozenset({"nl"}))
    book = a_book(one, two)
    case, _ = receive(book, languages=("ps",), interpreter=True)
    first = open_offer(book, case).coordinator_id
    decline(book, open_offer(book, case), DeclineReason.LANGUAGE)
    assert open_offer(book, case).coordinator_id == other_than(first, one, two).id
    decline(book, open_offer(book, case), DeclineReason.LANGUAGE)
    assert (case.status, case.reason) == ("waiting", "declined")


AGAIN = add_working_days(NOW, 10)


@pytest.mark.parametrize(
    ("reason", "days", "until"),
    [
        (DeclineReason.NO_ROOM, (), AGAIN),
        (DeclineReason.NOT_INDEPENDENT, (), FOR_EVER),
        (DeclineReason.LANGUAGE, (), FOR_EVER),
        (DeclineReason.CANNOT_GET_THERE, (), FOR_EVER),
        (DeclineReason.AWAY_SOON, (), AGAIN),
        (DeclineReason.AWAY_SOON, (date(2026, 11, 30), date(2026, 12, 4)), datetime(2026, 12, 5, tzinfo=BRUSSELS)),
        (DeclineReason.AWAY_SOON, (date(2026, 11, 2), date(2026, 11, 6)), AGAIN),
        (DeclineReason.WRONG_PROGRAMME, (), None),
    ],
)
def test_each_reason_keeps_the_case_away_for_as_long_as_the_table_says(
    reason: DeclineReason, days: tuple[date, ...], until: datetime | None
) -> None:
    book = a_book(a_worker())
    case, _ = receive(book)
    offer = open_offer(book, case)
    decision = decline(book, offer, reason, **dict(zip(("away_from", "away_to"), days, strict=False)))
    assert offer.excludes_until == until
    again = [timer.due_at for timer in decision.timers if timer.kind == "offer_again"]
    assert again == ([until] if until not in (None, FOR_EVER) else [])
    assert case.status == ("returned" if reason is DeclineReason.WRONG_PROGRAMME else "waiting")


def test_the_table_above_knows_every_reason_and_pages_have_words_for_each() -> None:
    tested = {mark[0] for mark in test_each_reason_keeps_the_case_away_for_as_long_as_the_table_says.pytestmark[0].args[1]}  # type: ignore[attr-defined]
    assert tested == set(DeclineReason) == set(words.DECLINES)


def test_a_reason_that_the_table_does_not_know_is_a_fault_and_shuts_nobody_out_silently() -> None:
    book = a_book(a_worker())
    case, _ = receive(book)
    with pytest.raises(AssertionError):
        decline(book, open_offer(book, case), "too_far")  # type: ignore[arg-type]


def test_cannot_get_there_goes_to_the_next_whose_area_serves_the_municipality() -> None:
    elsewhere, here, whole_zone = a_worker(municipalities=frozenset({"44019"})), a_worker(municipalities=frozenset({"43005"})), a_worker()
    book = a_book(elsewhere, here, whole_zone, carried={here.id: 3000})
    case, _ = receive(book, nis="43005")
    assert open_offer(book, case).coordinator_id == whole_zone.id
    decline(book, open_offer(book, case), DeclineReason.CANNOT_GET_THERE)
    assert open_offer(book, case).coordinator_id == here.id
    decline(book, open_offer(book, case), DeclineReason.CANNOT_GET_THERE)
    assert (case.status, case.reason) == ("waiting", "declined")


def test_away_soon_asks_for_the_days_and_leaves_the_case_alone_until_the_return() -> None:
    book = a_book(a_worker())
    case, _ = receive(book)
    offer = open_offer(book, case)
    decision = decline(book, offer, DeclineReason.AWAY_SOON, away_from=date(2026, 12, 21), away_to=date(2027, 1, 2))
    assert ("absence_asked", offer.id) in [(timer.kind, timer.subject) for timer in decision.timers]
    assert offer.excludes_until == datetime(2027, 1, 3, tzinfo=BRUSSELS)
    assert (offer.away_from, offer.away_to) == (datetime(2026, 12, 21, tzinfo=BRUSSELS), datetime(2027, 1, 2, tzinfo=BRUSSELS))


@pytest.mark.parametrize(
    ("days", "code_", "field"),
    [
        ({"away_from": date(2026, 12, 21)}, "both_days_needed", "away_to"),
        ({"away_to": date(2026, 12, 21)}, "both_days_needed", "away_from"),
        ({"away_from": date(2026, 12, 21), "away_to": date(2026, 12, 20)}, "ends_before_start", "away_to"),
    ],
)
def test_days_away_are_whole_and_in_order(days: dict[str, date], code_: str, field: str) -> None:
    book = a_book(a_worker())
    case, _ = receive(book)
    refusal = decline(book, open_offer(book, case), DeclineReason.AWAY_SOON, **days).refusal
    assert refusal is not None
    assert (refusal.code, refusal.status, refusal.field) == (code_, 422, field)
    assert case.status == "offered"


def test_wrong_programme_returns_the_case_to_the_intake_of_the_zone_and_is_offered_to_nobody() -> None:
    intake = a_worker(roles=frozenset({"zone_intake"}), fte=0)
    book = a_book(a_worker(), a_worker(), intake)
    case, _ = receive(book)
    decision = decline(book, open_offer(book, case), DeclineReason.WRONG_PROGRAMME)
    assert types(decision.events) == ["offer_ended", "case_returned"]
    returned = decision.events[1]
    assert isinstance(returned, CaseReturned)
    assert (case.status, case.owner_id, returned.reason) == ("returned", intake.id, "wrong_programme")


def test_who_said_wrong_programme_may_have_the_case_with_the_right_one() -> None:
    worker = a_worker()
    book = a_book(worker)
    referral = a_referral(programme="frail")
    case, _ = receive(book, referral)
    decline(book, open_offer(book, case), DeclineReason.WRONG_PROGRAMME)
    receive(book, referral.model_copy(update={"programme": "perinatal"}))
    assert open_offer(book, case).coordinator_id == worker.id


def test_a_returned_case_is_offered_again_when_intake_decided_on_another_programme() -> None:
    worker = a_worker()
    book = a_book(worker, a_worker())
    referral = a_referral(programme="frail")
    case, _ = receive(book, referral)
    decline(book, open_offer(book, case), DeclineReason.WRONG_PROGRAMME)
    _, events = receive(book, referral.model_copy(update={"programme": "perinatal", "role": "case_manager"}))
    assert types(events) == ["case_offered"]
    assert (case.programmes, case.role, case.points, open_offer(book, case).points) == (("perinatal",), "case_manager", 600, 600)


def test_when_all_have_declined_the_case_waits_for_that_reason_with_the_zone_lead() -> None:
    book = a_book(a_worker(), a_worker())
    case, _ = receive(book)
    decline(book, open_offer(book, case), DeclineReason.CANNOT_GET_THERE)
    decline(book, open_offer(book, case), DeclineReason.NOT_INDEPENDENT)
    assert (case.status, case.reason, case.owner_id) == ("waiting", "declined", LEAD)


def test_points_freed_by_a_decline_serve_who_waits_longest() -> None:
    worker = a_worker()
    book = a_book(worker, carried={worker.id: 8200})
    case, _ = receive(book)
    waiting, _ = receive(book, received_at=NOW - timedelta(days=2))
    decline(book, open_offer(book, case), DeclineReason.NO_ROOM)
    assert (waiting.status, case.status) == ("offered", "waiting")


def test_until_it_is_settled_an_answer_counts_for_the_load_and_tells_nobody() -> None:
    one, two = a_worker(), a_worker()
    book = a_book(one, two)
    case, _ = receive(book)
    offer = open_offer(book, case)
    decision = decline(book, offer, undo=WINDOW)
    assert decision.events == ()
    assert [(timer.kind, timer.subject, timer.due_at) for timer in decision.timers] == [("offer_final", offer.id, NOW + WINDOW)]
    assert (case.status, book.loads[offer.coordinator_id].used) == ("offered", 1500)
    assert types(settle(book, offer).events) == ["offer_ended", "case_offered"]
    assert settle(book, offer).events == []


def test_an_acceptance_is_told_when_it_can_no_longer_be_undone() -> None:
    book = a_book(a_worker())
    case, _ = receive(book)
    offer = open_offer(book, case)
    assert accept(book, offer, undo=WINDOW).events == ()
    assert case.status == "offered"
    assert settle(book, offer, timedelta(minutes=9)).events == []
    assert types(settle(book, offer, timedelta(minutes=1)).events) == ["case_assigned"]
    assert (case.status, case.assigned_at) == ("assigned", NOW)


def test_an_acceptance_undone_is_an_open_offer_again() -> None:
    worker = a_worker()
    book = a_book(worker)
    case, _ = receive(book)
    offer = open_offer(book, case)
    accept(book, offer, undo=WINDOW)
    assert undo(book, offer).refusal is None
    assert (offer.status, offer.answered_at, book.loads[worker.id].used) == ("offered", None, 1800)
    assert settle(book, offer).events == []
    assert accept(book, offer).refusal is None


def test_a_decline_undone_takes_its_points_back() -> None:
    worker = a_worker()
    book = a_book(worker, a_worker())
    case, _ = receive(book)
    offer = open_offer(book, case)
    decline(book, offer, undo=WINDOW)
    assert undo(book, offer).refusal is None
    assert (offer.status, offer.reason, offer.excludes_until) == ("offered", None, None)
    assert book.loads[offer.coordinator_id].used == 1800


def test_a_decline_whose_points_were_given_away_stays() -> None:
    worker = a_worker()
    book = a_book(worker, carried={worker.id: 8200})
    case, _ = receive(book)
    receive(book, received_at=NOW - timedelta(days=2))
    offer = open_offer(book, case)
    decline(book, offer, undo=WINDOW)
    assert code(undo(book, offer)) == "undo_full"
    assert book.loads[worker.id].used == 10_000


def test_a_decline_undone_after_another_programme_was_added_carries_both() -> None:
    worker = a_worker()
    book = a_book(worker)
    case, _ = receive(book, programme="perinatal")
    offer = open_offer(book, case)
    decline(book, offer, undo=WINDOW)
    receive(book, person_id=case.person_id, programme="frail")
    undo(book, offer)
    assert (offer.points, case.points, book.loads[worker.id].used) == (750, 750, 1500 + 750)


def test_after_the_window_nothing_is_undone() -> None:
    book = a_book(a_worker())
    case, _ = receive(book)
    offer = open_offer(book, case)
    assert code(undo(book, offer)) == "undo_too_late"
    accept(book, offer, undo=WINDOW)
    book.now += WINDOW
    assert code(undo(book, offer)) == "undo_too_late"


def test_an_answer_undone_shortly_before_the_deadline_leaves_time_to_answer() -> None:
    book = a_book(a_worker())
    case, _ = receive(book)
    offer = open_offer(book, case)
    book.now = offer.deadline - timedelta(minutes=1)
    accept(book, offer, undo=WINDOW)
    decision = undo(book, offer)
    assert offer.deadline == book.now + WINDOW
    assert [(timer.kind, timer.due_at) for timer in decision.timers] == [("offer_deadline", offer.deadline)]


def test_an_offer_that_nobody_answers_goes_to_the_next_and_comes_back_later() -> None:
    one, two = a_worker(), a_worker()
    book = a_book(one, two)
    case, _ = receive(book)
    offer = open_offer(book, case)
    book.now = offer.deadline
    answers.expire_due(book, offer.id, effects := Effects(uuid4()))
    assert types(effects.events) == ["offer_ended", "case_offered"]
    assert (offer.status, offer.excludes_until) == ("expired", add_working_days(book.now, 10))
    assert open_offer(book, case).coordinator_id == other_than(offer.coordinator_id, one, two).id
    assert book.loads[offer.coordinator_id].used == 1500


def test_an_offer_to_who_is_known_expires_and_then_the_ordinary_order_holds() -> None:
    known, free, household = a_worker(), a_worker(), uuid4()
    book = a_book(known, free, carried={known.id: 5000})
    book.familiar = {household: known.id}
    case, _ = receive(book, household_id=household)
    book.now = open_offer(book, case).deadline
    answers.expire_due(book, open_offer(book, case).id, Effects(uuid4()))
    assert (open_offer(book, case).coordinator_id, open_offer(book, case).familiar) == (free.id, False)


def test_the_deadline_of_an_answered_offer_passes_unnoticed() -> None:
    book = a_book(a_worker())
    case, _ = receive(book)
    offer = open_offer(book, case)
    answers.expire_due(book, offer.id, early := Effects(uuid4()))
    accept(book, offer, undo=WINDOW)
    book.now = offer.deadline
    answers.expire_due(book, offer.id, late := Effects(uuid4()))
    assert (early.events, late.events, offer.status) == ([], [], "accepted")


def test_a_case_withdrawn_while_an_answer_could_be_undone_is_assigned_to_nobody() -> None:
    worker = a_worker()
    book = a_book(worker)
    case, _ = receive(book)
    offer = open_offer(book, case)
    accept(book, offer, undo=WINDOW)
    joining.withdraw(book, case.referrals[0].id, Effects(uuid4()))
    assert settle(book, offer).events == []
    assert (case.status, offer.status, book.loads[worker.id].used) == ("closed", "withdrawn", 1500)
