"""What happens to a referral: received, completed, checked by a human, withdrawn. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.intake.consents.domain import Consent
from services.intake.matches.domain import Match
from services.intake.persons.domain import Person
from services.intake.persons.register import Doubt
from services.intake.programmes.domain import EligibilityDecision
from services.intake.records.domain import Record
from services.intake.referrals.announcing import ANNOUNCED, accepted, check_requested, information_needed, refused
from services.intake.referrals.book import Book, Care, Judgement, Referral, Step
from services.intake.referrals.requests import CheckAnswer, Request, Withdrawal, consented_at
from services.intake.referrals.states import TAKEN_BACK, UNTIL_CLOSED, Status, may_follow
from shared.events import intake
from shared.items import Decision, PersonEvent, Refusal, Timer
from shared.working_time import add_working_days

CHECK_DAYS = 2  # working days for the zone's intake to look (an assumption)
ANSWER_DAYS = 5  # working days for the sender to answer what is asked (an assumption)
ANSWER_DUE = "information_due"
NO_ANSWER = "no_answer"


@dataclass(frozen=True, slots=True)
class SubmitReferral:
    """Send a referral. `eligibility` is the rule's decision on it today; `id` is the draft's where there was one."""

    id: UUID
    person_id: UUID  # for when the person is new
    sender_id: UUID
    sender_organisation_id: UUID
    request: Request
    eligibility: EligibilityDecision
    zone: str
    reference_prefix: str
    nis: str
    from_draft: bool = False


def care(request: Request, person: Person, sender_organisation_id: UUID) -> Care:
    """What coordination is told; the person's own language comes first, the sender's organisation always cares already."""
    own, told = person.details.language, request.person.language
    languages = tuple(dict.fromkeys((own, told, *request.languages))) if request.languages or told != own else (own,)
    caring = (sender_organisation_id, *(id for id in dict.fromkeys(request.caring_organisations) if id != sender_organisation_id))
    return Care(languages, person.details.interpreter, person.household_id, caring)


def receive(book: Book, item: SubmitReferral, person: Person, reference: str, doubt: Doubt | None = None) -> Decision:
    """Enter a referral with the state that its eligibility gives it; with a doubt about the person, the zone's intake is asked."""
    request, eligibility = item.request, item.eligibility
    status, checked = state_of(eligibility, request.human_check)
    urgent = request.urgency.level == "high" or eligibility.urgency == "high"
    referral = Referral(
        id=item.id,
        reference=reference,
        person_id=person.id,
        sender_id=item.sender_id,
        sender_organisation_id=item.sender_organisation_id,
        programme=request.programme,
        zone=item.zone,
        nis=item.nis,
        status=status,
        urgency="high" if urgent else "normal",
        needs=request.facts.needs or (),
        received_at=book.now,
        judgement=judgement(eligibility, book.now),
        check_due_at=book.check_due_at if checked else None,
        unsure=doubt is not None and doubt.known_id != person.id,
    )
    book.care[item.id] = care(request, person, item.sender_organisation_id)
    book.records.append(kept_request(item.id, person.id, request, book.now))
    book.consents.append(_consent(item, person.id, book.now))
    decision = _announce(book, referral, item.sender_id)
    return _ask_zone(book, referral, doubt, decision) if doubt else decision


def _consent(item: SubmitReferral, person_id: UUID, now: datetime) -> Consent:
    """The consent that came with a referral."""
    said = item.request.consent
    return Consent(
        person_id,
        item.id,
        "given",
        str(said.by),
        said.how,
        consented_at(item.request, now),
        said.wording,
        said.language,
        item.sender_id,
        now,
    )


def _ask_zone(book: Book, referral: Referral, doubt: Doubt, decision: Decision) -> Decision:
    book.matches.append(Match(referral.id, doubt.known_id, referral.zone, doubt.reach_added, book.now, book.check_due_at))
    if any(isinstance(event, intake.CheckRequested) for event in decision.events):
        return decision  # the zone's intake hears once that there is something to look at
    return replace(decision, events=(*decision.events, check_requested(book, referral._replace(check_due_at=book.check_due_at))))


def kept_request(id: UUID, person_id: UUID, request: Request, now: datetime) -> Record:
    """What the sender sent, to show and to judge again. The record has the id of its referral."""
    return Record(id, person_id, id, "request", request.model_dump_json(exclude_none=True), now)


def complete(book: Book, referral: Referral, eligibility: EligibilityDecision, by: UUID, *, human_check: bool) -> Decision:
    """Judge a referral again with what its sender added. Where a human has to look, or decided before, a human looks again."""
    status, checked = state_of(eligibility, human_check or bool(referral.check_due_at or referral.judgement.decided_by))
    urgency: intake.Urgency = "high" if eligibility.urgency == "high" else referral.urgency
    judged = referral._replace(
        status=status,
        urgency=urgency,
        judgement=judgement(eligibility, book.now),
        check_due_at=(referral.check_due_at or book.check_due_at) if checked else None,
        information_due_at=referral.information_due_at if referral.check_due_at or status is Status.INFORMATION_NEEDED else None,
    )
    book.steps.append(Step(referral.id, book.now, "information_added", by))
    if (status, judged.check_due_at, judged.judgement.missing) == (referral.status, referral.check_due_at, referral.judgement.missing):
        book.referrals.put(judged)  # nobody acts differently, so nobody is told
        return Decision(answer=answer(judged))
    return _announce(book, judged, by)


def state_of(eligibility: EligibilityDecision, human_check: bool) -> tuple[Status, bool]:
    """The state, and whether a human looks first: where the rule says so, where the sender wishes it, and where a no would leave danger alone."""
    endangered = eligibility.urgency == "high" and eligibility.outcome in {"advice", "coordinated", "not_eligible"}
    if human_check or endangered or eligibility.outcome == "human_check":
        return Status.RECEIVED, True
    return STATUS_OF.get(eligibility.outcome, Status.NOT_ELIGIBLE), False


def judgement(eligibility: EligibilityDecision, now: datetime) -> Judgement:
    return Judgement(eligibility.outcome, eligibility.missing, eligibility.rule_version, eligibility.role, eligibility.level, now)


STATUS_OF = {"eligible": Status.RECEIVED, "information_needed": Status.INFORMATION_NEEDED}


def _announce(book: Book, referral: Referral, by: UUID) -> Decision:
    if referral.waits_for_match and referral.status is Status.RECEIVED and referral.check_due_at is None:
        referral = referral._replace(check_due_at=book.check_due_at)
    what = "check_requested" if referral.check_due_at else referral.status.value
    if what == "received" and referral.received_at == book.now:
        return _put(book, referral, accepted(book, referral))  # `received_at` says it already
    if what == "information_needed":
        return _ask_sender(book, referral, by)
    return _enter(book, referral, Step(referral.id, book.now, what, by, referral.judgement.outcome), ANNOUNCED[what](book, referral))


def _ask_sender(book: Book, referral: Referral, by: UUID) -> Decision:
    """Ask the sender, until a day on which somebody else looks."""
    due = add_working_days(book.now, ANSWER_DAYS)
    asked = referral._replace(information_due_at=due)
    step = Step(asked.id, book.now, "information_needed", by, asked.judgement.outcome)
    decision = _enter(book, asked, step, information_needed(book, asked))
    return replace(decision, timers=(Timer(ANSWER_DUE, asked.id, due),))


def stop_waiting(book: Book, referral: Referral) -> Decision:
    """No answer came in time: a human looks. Nothing happens where the sender answered, took the referral back, or was asked anew."""
    due = referral.information_due_at
    if referral.status is not Status.INFORMATION_NEEDED or due is None or due > book.now:
        return Decision()
    unanswered = referral._replace(status=Status.RECEIVED, check_due_at=book.check_due_at)
    return _enter(book, unanswered, Step(referral.id, book.now, "check_requested", None, NO_ANSWER), check_requested(book, unanswered))


def _enter(book: Book, referral: Referral, step: Step, event: PersonEvent) -> Decision:
    book.steps.append(step)
    return _put(book, referral, event)


def _put(book: Book, referral: Referral, event: PersonEvent) -> Decision:
    book.referrals.put(referral)
    return Decision(answer=answer(referral), events=(event,))


def answer(referral: Referral) -> dict[str, str | None]:
    """What the sender is answered, and what is kept to answer a repeated request: ids and codes."""
    judged = referral.judgement
    return {
        "id": str(referral.id),
        "reference": referral.reference,
        "status": referral.status.value,
        "zone": referral.zone,
        "outcome": judged.outcome,
        "rule_version": judged.rule_version,
        "role": judged.role,
        "level": judged.level,
    }


def answer_check(book: Book, referral: Referral, given: CheckAnswer, by: UUID) -> Decision:
    """A worker of the zone's intake decided: eligible for a programme with role and level, refused, or the sender is asked something."""
    if referral.check_due_at is None or referral.status is not Status.RECEIVED:
        return Decision(refusal=Refusal("no_check_open", values={"status": referral.status.value}))
    if referral.waits_for_match:
        return Decision(refusal=Refusal("match_open"))
    eligible = given.answer == "eligible"
    judged = referral.judgement._replace(
        outcome=OUTCOME_OF[given.answer],
        missing=(),
        role=given.role if eligible else None,
        level=given.level if eligible else None,
        judged_at=book.now,
        decided_by=by,
    )
    decided = referral._replace(check_due_at=None, information_due_at=None, judgement=judged)
    if eligible:
        decided = decided._replace(programme=given.programme or referral.programme)
        return _enter(book, decided, Step(referral.id, book.now, "check_eligible", by), accepted(book, decided))
    if given.answer == "refused":
        decided = decided._replace(status=Status.NOT_ELIGIBLE)
        return _enter(book, decided, Step(referral.id, book.now, "check_refused", by), refused(book, decided))
    return _ask_sender(book, decided._replace(status=Status.INFORMATION_NEEDED, judgement=judged._replace(missing=("text",))), by)


OUTCOME_OF: dict[Literal["eligible", "refused", "information_needed"], str] = {
    "eligible": "eligible",
    "refused": "not_eligible",
    "information_needed": "information_needed",
}


def reconsidered(referral: Referral) -> bool:
    """Whether what a sender adds now is judged again: nobody in coordination has the referral yet."""
    asked_or_refused = referral.status in {Status.INFORMATION_NEEDED, Status.NOT_ELIGIBLE}
    return asked_or_refused or (referral.status is Status.RECEIVED and referral.check_due_at is not None)


def keep_addition(book: Book, referral: Referral, by: UUID, record_id: UUID) -> Decision:
    """What was added goes to who has the case, as long as it is not closed; the text stays here, under `record_id`."""
    if referral.status not in UNTIL_CLOSED:
        return Decision(refusal=Refusal("too_late", values={"status": referral.status.value}))
    book.steps.append(Step(referral.id, book.now, "information_added", by))
    added = intake.InformationAdded(person_id=referral.person_id, referral_id=referral.id, record_id=record_id)
    return Decision(answer=answer(referral), events=(added,))


def withdraw(book: Book, referral: Referral, asked: Withdrawal, by: UUID) -> Decision:
    """Take a referral back: until the first contact, or as entered in error until it is closed. Asked twice, it is done once."""
    after = Status.ENTERED_IN_ERROR if asked.entered_in_error else Status.WITHDRAWN
    if referral.status in TAKEN_BACK:
        return Decision(answer=answer(referral))
    if not may_follow(referral.status, after):
        return Decision(refusal=Refusal("too_late", values={"status": referral.status.value}))
    taken = referral._replace(status=after, check_due_at=None, information_due_at=None)
    return _enter(
        book,
        taken,
        Step(referral.id, book.now, after.value, by, asked.reason),
        intake.ReferralWithdrawn(
            person_id=referral.person_id,
            referral_id=referral.id,
            reference=referral.reference,
            zone=referral.zone,
            sender_id=referral.sender_id,
            entered_in_error=asked.entered_in_error,
        ),
    )
