"""What happens to a referral. The moment is 24 November 2026, 9:00."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from services.intake.programmes.domain import Outcome
from services.intake.referrals import domain
from services.intake.referrals.book import Judgement
from services.intake.referrals.requests import CheckAnswer, Withdrawal
from services.intake.referrals.states import BEFORE_FIRST_CONTACT, FOLLOWED_BY, TAKEN_BACK, Status
from shared.events import intake
from shared.items import Decision, Timer
from shared.working_time import add_working_days
from tests.unit.intake.referrals import CHECK_DUE, NOW, a_book, a_person_row, a_referral, a_request, a_submission, an_eligibility


def received(**changes):
    item = a_submission(**changes)
    book = a_book()
    person = a_person_row(item.person_id)
    decision = domain.receive(book, item, person, "OM-26-1947-K")
    return item, book, book.referrals[item.id], decision


@pytest.mark.parametrize(
    ("outcome", "status", "event"),
    [
        (Outcome.ELIGIBLE, Status.RECEIVED, intake.ReferralAccepted),
        (Outcome.INFORMATION_NEEDED, Status.INFORMATION_NEEDED, intake.InformationNeeded),
        (Outcome.HUMAN_CHECK, Status.RECEIVED, intake.CheckRequested),
        (Outcome.NOT_ELIGIBLE, Status.NOT_ELIGIBLE, intake.ReferralRefused),
        (Outcome.ADVICE, Status.NOT_ELIGIBLE, intake.ReferralRefused),
        (Outcome.COORDINATED, Status.NOT_ELIGIBLE, intake.ReferralRefused),
    ],
)
def test_the_outcome_gives_the_state_and_the_one_fact_that_others_hear(outcome, status, event):
    _, _, referral, decision = received(eligibility=an_eligibility(outcome))
    assert referral.status is status
    assert [type(fact) for fact in decision.events] == [event]
    assert decision.answer["status"] == status


@pytest.mark.parametrize("outcome", [Outcome.ELIGIBLE, Outcome.INFORMATION_NEEDED, Outcome.NOT_ELIGIBLE])
def test_a_sender_who_wishes_it_gets_a_human_first_whatever_the_rule_says(outcome):
    _, _, referral, decision = received(request=a_request(human_check=True), eligibility=an_eligibility(outcome))
    assert (referral.status, referral.check_due_at) == (Status.RECEIVED, CHECK_DUE)
    assert [fact.due_at for fact in decision.events] == [CHECK_DUE]


def test_coordination_hears_the_own_language_first_and_each_once():
    request = a_request(languages=["nl", "fr", "nl", "ar"])
    _, _, _, decision = received(request=request)
    assert decision.events[0].languages == ("fr", "nl", "ar")


def test_the_senders_organisation_always_cares_already():
    ours, theirs = uuid4(), uuid4()
    _, _, _, decision = received(sender_organisation_id=ours, request=a_request(caring_organisations=[theirs, ours, theirs]))
    assert decision.events[0].caring_organisation_ids == (ours, theirs)


@pytest.mark.parametrize(
    ("asked", "by_rule", "urgency"),
    [
        ({"level": "normal"}, "normal", "normal"),
        ({"level": "normal"}, "high", "high"),
        ({"level": "high", "reason": "Geen dak vannacht"}, "normal", "high"),
    ],
)
def test_a_referral_is_urgent_when_the_rule_or_the_sender_says_so(asked, by_rule, urgency):
    _, _, referral, _ = received(request=a_request(urgency=asked), eligibility=an_eligibility(urgency=by_rule))
    assert referral.urgency == urgency


@pytest.mark.parametrize(
    ("said", "kept"), [(None, NOW), (NOW - timedelta(days=1), NOW - timedelta(days=1)), (NOW + timedelta(days=1), NOW)]
)
def test_consent_is_never_given_in_the_future(said, kept):
    _, book, _, _ = received(request=a_request(consent={"given": True, "by": "person", "at": said}))
    assert [consent.said_at for consent in book.consents] == [kept]


def test_no_event_holds_anything_personal():
    for outcome in Outcome:
        item, _, _, decision = received(eligibility=an_eligibility(outcome))
        told = decision.events[0].model_dump_json()
        person = item.request.person
        for personal in (
            person.given_name,
            person.family_name,
            person.phone,
            person.address.street,
            str(person.birth_date),
            item.request.worries,
        ):
            assert personal not in told


def test_what_was_sent_is_kept_in_one_record_under_the_referrals_id():
    item, book, _, _ = received()
    assert [(record.id, record.kind, record.person_id) for record in book.records] == [(item.id, "request", item.person_id)]
    assert domain.Request.model_validate_json(book.records[0].body, context={"today": NOW.date()}) == item.request


def test_completing_with_what_was_missing_makes_it_accepted():
    referral = a_referral(Status.INFORMATION_NEEDED, judgement=Judgement("information_needed", ("weeks_pregnant",), "1", None, None, NOW))
    book = a_book(referral)
    decision = domain.complete(book, referral, an_eligibility(), referral.sender_id, human_check=False)
    assert book.referrals[referral.id].status is Status.RECEIVED
    assert isinstance(decision.events[0], intake.ReferralAccepted)
    assert [step.what for step in book.steps] == ["information_added", "received"]


def test_completing_with_something_else_tells_nobody_again():
    referral = a_referral(Status.INFORMATION_NEEDED, judgement=Judgement("information_needed", ("eossp",), "1", None, None, NOW))
    book = a_book(referral)
    decision = domain.complete(
        book, referral, an_eligibility(Outcome.INFORMATION_NEEDED, missing=("eossp",)), referral.sender_id, human_check=False
    )
    assert decision.events == ()
    assert [step.what for step in book.steps] == ["information_added"]


def test_an_open_check_stays_open_with_its_own_deadline_when_the_sender_adds_something():
    due = NOW + timedelta(hours=3)
    referral = a_referral(check_due_at=due)
    book = a_book(referral)
    domain.complete(book, referral, an_eligibility(), referral.sender_id, human_check=False)
    assert book.referrals[referral.id].check_due_at == due


def test_what_a_human_decided_a_human_looks_at_again():
    refused = a_referral(Status.NOT_ELIGIBLE, judgement=Judgement("not_eligible", (), "1", None, None, NOW, decided_by=uuid4()))
    book = a_book(refused)
    decision = domain.complete(book, refused, an_eligibility(), refused.sender_id, human_check=False)
    assert book.referrals[refused.id].check_due_at == CHECK_DUE
    assert isinstance(decision.events[0], intake.CheckRequested)


@pytest.mark.parametrize("status", list(Status))
def test_only_what_nobody_in_coordination_has_is_judged_again(status):
    assert domain.reconsidered(a_referral(status)) is (status in {Status.INFORMATION_NEEDED, Status.NOT_ELIGIBLE})
    assert domain.reconsidered(a_referral(status, check_due_at=NOW)) is (
        status in {Status.INFORMATION_NEEDED, Status.NOT_ELIGIBLE, Status.RECEIVED}
    )


@pytest.mark.parametrize("status", list(Status))
def test_until_it_is_closed_what_is_added_is_told_by_its_record(status):
    book, referral, record = a_book(), a_referral(status), uuid4()
    decision = domain.keep_addition(book, referral, uuid4(), record)
    if status in {Status.CLOSED, Status.WITHDRAWN, Status.ENTERED_IN_ERROR, Status.DRAFT}:
        assert (decision.refusal.code, decision.refusal.values, decision.events) == ("too_late", {"status": status}, ())
        assert book.steps == []
    else:
        assert decision.events == (intake.InformationAdded(person_id=referral.person_id, referral_id=referral.id, record_id=record),)


def asked(status=Status.INFORMATION_NEEDED, **changes):
    judged = Judgement("information_needed", ("eossp", "bmi"), "1", None, None, NOW)
    return a_referral(status, **{"judgement": judged, "information_due_at": NOW} | changes)


def test_who_is_asked_something_has_five_working_days():
    item, _, referral, decision = received(eligibility=an_eligibility(Outcome.INFORMATION_NEEDED, missing=("eossp",)))
    assert referral.information_due_at == add_working_days(NOW, 5) == NOW + timedelta(days=7)
    assert decision.timers == (Timer(domain.ANSWER_DUE, item.id, referral.information_due_at),)


def test_what_a_human_asks_has_the_same_deadline():
    referral, decision, _ = checked({"answer": "information_needed", "text": "Welk telefoonnummer?"})
    assert decision.timers == (Timer(domain.ANSWER_DUE, referral.id, add_working_days(NOW, 5)),)


def test_without_an_answer_in_time_the_intake_of_the_zone_looks():
    referral = asked()
    book = a_book(referral)
    decision = domain.stop_waiting(book, referral)
    looked_at = book.referrals[referral.id]
    assert (looked_at.status, looked_at.check_due_at, looked_at.information_due_at) == (Status.RECEIVED, CHECK_DUE, NOW)
    assert [type(event) for event in decision.events] == [intake.CheckRequested]
    assert [(step.what, step.by, step.reason) for step in book.steps] == [("check_requested", None, "no_answer")]


@pytest.mark.parametrize(
    "referral",
    [
        a_referral(Status.RECEIVED, information_due_at=None),
        a_referral(Status.RECEIVED, information_due_at=NOW, check_due_at=CHECK_DUE),
        asked(information_due_at=NOW + timedelta(minutes=1)),
        a_referral(Status.WITHDRAWN),
    ],
    ids=["answered", "looked at already", "asked anew", "withdrawn"],
)
def test_a_deadline_that_means_nothing_any_more_does_nothing(referral):
    book = a_book(referral)
    assert domain.stop_waiting(book, referral) == Decision()
    assert (book.steps, book.referrals.changed()) == ([], [])


def test_an_answer_that_helps_a_little_asks_the_rest_with_a_new_deadline_and_one_that_does_not_keeps_the_old():
    for missing, due, timers in ((("bmi",), add_working_days(NOW, 5), 1), (("eossp", "bmi"), NOW + timedelta(days=1), 0)):
        referral = asked(information_due_at=NOW + timedelta(days=1))
        book = a_book(referral)
        eligibility = an_eligibility(Outcome.INFORMATION_NEEDED, missing=missing)
        decision = domain.complete(book, referral, eligibility, referral.sender_id, human_check=False)
        assert (book.referrals[referral.id].information_due_at, len(decision.timers)) == (due, timers)


def test_an_answer_after_the_deadline_waits_for_who_looks_and_an_answer_before_it_is_over():
    late, early = asked(status=Status.RECEIVED, check_due_at=CHECK_DUE), asked()
    for referral, due in ((late, NOW), (early, None)):
        book = a_book(referral)
        domain.complete(book, referral, an_eligibility(), referral.sender_id, human_check=False)
        assert (book.referrals[referral.id].status, book.referrals[referral.id].information_due_at) == (Status.RECEIVED, due)
        assert book.referrals[referral.id].check_due_at == referral.check_due_at


def checked(answer, **open_check):
    referral = a_referral(**{"check_due_at": CHECK_DUE, **open_check})
    book = a_book(referral)
    worker = uuid4()
    decision = domain.answer_check(book, referral, CheckAnswer.model_validate(answer), worker)
    return book.referrals[referral.id], decision, worker


def test_a_human_names_programme_role_and_level_of_what_is_eligible():
    referral, decision, worker = checked(
        {"answer": "eligible", "programme": "frail", "role": "care_coordinator", "level": "complex"}, programme="unknown"
    )
    assert (referral.programme, referral.check_due_at, referral.judgement.decided_by) == ("frail", None, worker)
    assert (decision.events[0].programme, decision.events[0].role) == ("frail", "care_coordinator")


def test_a_human_refuses_with_a_reason_and_the_sender_hears_it():
    referral, decision, _ = checked({"answer": "refused", "text": "Al in behandeling"})
    assert (referral.status, referral.judgement.role) == (Status.NOT_ELIGIBLE, None)
    assert isinstance(decision.events[0], intake.ReferralRefused)


def test_a_human_asks_the_sender_something():
    referral, decision, _ = checked({"answer": "information_needed", "text": "Welk telefoonnummer?"})
    assert referral.status is Status.INFORMATION_NEEDED
    assert decision.events[0].missing == ("text",)


@pytest.mark.parametrize(
    "answer",
    [
        {"answer": "eligible", "programme": "frail"},
        {"answer": "eligible", "programme": "frail", "role": "case_manager"},
        {"answer": "refused"},
        {"answer": "information_needed"},
    ],
)
def test_half_an_answer_to_a_check_is_no_answer(answer):
    with pytest.raises(ValueError, match="Expected"):
        CheckAnswer.model_validate(answer)


def test_a_check_is_answered_once():
    _, decision, _ = checked({"answer": "refused", "text": "Neen"}, check_due_at=None)
    assert decision.refusal.code == "no_check_open"
    assert decision.events == ()


@pytest.mark.parametrize("status", sorted(BEFORE_FIRST_CONTACT))
def test_a_referral_is_withdrawn_until_the_first_contact(status):
    referral = a_referral(status, check_due_at=NOW)
    book = a_book(referral)
    decision = domain.withdraw(book, referral, Withdrawal(reason="moved"), referral.sender_id)
    assert book.referrals[referral.id].status is Status.WITHDRAWN
    assert book.referrals[referral.id].check_due_at is None
    assert decision.events[0].entered_in_error is False


@pytest.mark.parametrize("status", [Status.FIRST_CONTACT, Status.PAUSED])
def test_after_the_first_contact_only_an_error_is_taken_back(status):
    referral = a_referral(status)
    assert domain.withdraw(a_book(referral), referral, Withdrawal(), uuid4()).refusal.code == "too_late"
    book = a_book(referral)
    assert domain.withdraw(book, referral, Withdrawal(entered_in_error=True), uuid4()).events[0].entered_in_error
    assert book.referrals[referral.id].status is Status.ENTERED_IN_ERROR


def test_withdrawing_twice_is_done_once():
    referral = a_referral(Status.WITHDRAWN)
    decision = domain.withdraw(a_book(referral), referral, Withdrawal(), uuid4())
    assert (decision.refusal, decision.events) == (None, ())


def test_a_closed_referral_stays_closed():
    referral = a_referral(Status.CLOSED)
    for error in (False, True):
        assert domain.withdraw(a_book(referral), referral, Withdrawal(entered_in_error=error), uuid4()).refusal.code == "too_late"


def test_every_state_says_what_may_follow_and_nothing_follows_an_end():
    assert set(FOLLOWED_BY) == set(Status)
    assert all(not FOLLOWED_BY[status] for status in (*TAKEN_BACK, Status.CLOSED))
    assert all(Status.DRAFT not in following for following in FOLLOWED_BY.values())


@pytest.mark.parametrize("outcome", ["advice", "coordinated", "not_eligible"])
def test_a_no_to_somebody_in_danger_is_looked_at_by_a_human_first(outcome: str) -> None:
    from types import SimpleNamespace

    assert domain.state_of(SimpleNamespace(outcome=outcome, urgency="high"), False) == (Status.RECEIVED, True)  # type: ignore[arg-type]
    assert domain.state_of(SimpleNamespace(outcome=outcome, urgency="normal"), False) == (Status.NOT_ELIGIBLE, False)  # type: ignore[arg-type]
