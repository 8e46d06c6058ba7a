"""What moves a case: a referral accepted or withdrawn, first contact, pause, closure, time. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.coordination.cases.domain import (
    CLOSES_FROM,
    HELD,
    PAUSES_FROM,
    By,
    Case,
    Outcome,
    Referral,
    Status,
    Task,
    known,
    link_of,
    may_act,
    refused_contact,
    workload,
)
from services.coordination.derived import derived_id
from services.coordination.offers.domain import (
    ACTIVE,
    Book,
    Effects,
    OfferStatus,
    end_offer,
    place,
    refused,
    release,
    reweigh,
    serve,
    waiting_event,
)
from shared.events.coordination import CaseClosed, CaseOpened, FirstContactMade, ReferralJoined
from shared.events.intake import ReferralAccepted
from shared.items import Decision, Refusal


@dataclass(frozen=True, slots=True)
class NoteFirstContact:
    """The coordinator met or spoke to the person: the level is confirmed, the intensity set."""

    id: UUID
    case_id: UUID
    by: By
    contact_at: datetime
    level: str
    intensity: str


@dataclass(frozen=True, slots=True)
class CloseCase:
    """The case ends with a coded outcome."""

    id: UUID
    case_id: UUID
    by: By
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class PauseCase:
    """The case rests for a while; its coordinator keeps it."""

    id: UUID
    case_id: UUID
    by: By


@dataclass(frozen=True, slots=True)
class ResumeCase:
    """A paused case goes on where it was."""

    id: UUID
    case_id: UUID
    by: By


def receive(book: Book, referral: ReferralAccepted, effects: Effects) -> None:
    """Open the person's one case and place it, or join the referral to the case that is open."""
    case = book.open_cases.get(referral.person_id)
    if case is None:
        case = _open(book, referral, effects)
        place(book, case, effects)
    elif case.status == Status.RETURNED:
        _join(book, case, referral)
        case.programmes, case.role, case.level = _programmes(case), referral.role, referral.level
        reweigh(book, case)
        place(book, case, effects)
    elif book.referrals.get(referral.referral_id) is None:
        _add(book, case, referral, effects)


def _open(book: Book, referral: ReferralAccepted, effects: Effects) -> Case:
    programmes = (referral.programme,)
    case = Case(
        id=derived_id(effects.cause, referral.person_id, "case"), reference=book.references.pop(), person_id=referral.person_id,
        zone=referral.zone, nis=referral.nis, programmes=programmes, role=referral.role, level=referral.level,
        languages=referral.languages, interpreter=referral.interpreter, urgency=referral.urgency, needs=referral.needs,
        caring_organisations=_caring(referral), household_id=referral.household_id, received_at=referral.received_at,
        opened_at=book.now, points=workload(programmes),
        familiar_id=book.familiar.get(referral.person_id) or (book.familiar.get(referral.household_id) if referral.household_id else None))
    book.cases.rows[case.id] = case
    book.opened.append(case)
    book.open_cases[case.person_id] = case
    _link(book, case, referral)
    effects.events.append(CaseOpened(person_id=case.person_id, case_id=case.id, case_reference=case.reference, zone=case.zone,
                                     referrals=case.links(), programme=referral.programme))
    return case


def _caring(referral: ReferralAccepted) -> tuple[UUID, ...]:
    """The organisations that already care; the sender's is one (decisions 28)."""
    if referral.sender_organisation_id in referral.caring_organisation_ids:
        return referral.caring_organisation_ids
    return (*referral.caring_organisation_ids, referral.sender_organisation_id)


def _link(book: Book, case: Case, referral: ReferralAccepted) -> Referral:
    linked = Referral(referral.referral_id, case.id, referral.reference, referral.sender_id, referral.programme, referral.received_at)
    case.referrals.append(linked)
    book.referrals.put(linked)
    return linked


def _join(book: Book, case: Case, referral: ReferralAccepted) -> Referral:
    """What another referral teaches about the person is added; nothing known is taken away."""
    linked = next((known for known in case.referrals if known.id == referral.referral_id), None)
    if linked:
        linked.programme, linked.withdrawn_at = referral.programme, None
        book.referrals.put(linked)
    else:
        linked = _link(book, case, referral)
    case.languages = tuple(dict.fromkeys(case.languages + referral.languages))
    case.interpreter = case.interpreter or referral.interpreter
    case.urgency = "high" if "high" in (case.urgency, referral.urgency) else "normal"
    case.needs = tuple(dict.fromkeys(case.needs + referral.needs))
    case.caring_organisations = tuple(dict.fromkeys(case.caring_organisations + _caring(referral)))
    case.household_id = case.household_id or referral.household_id
    book.cases.put(case)
    return linked


def _add(book: Book, case: Case, referral: ReferralAccepted, effects: Effects) -> None:
    """Second referral on an open case: joined, no new offer; another programme adds half its weight (decisions 29)."""
    linked = _join(book, case, referral)
    added = None if referral.programme in case.programmes else referral.programme
    if added:
        case.programmes = (*case.programmes, added)
        reweigh(book, case)
    offer = book.active_offer(case)
    effects.events.append(ReferralJoined(
        person_id=case.person_id, case_id=case.id, case_reference=case.reference, zone=case.zone, referrals=(link_of(linked),),
        status=case.told_status, coordinator_id=offer.coordinator_id if offer else None, programme_added=added))
    if case.status == Status.WAITING:
        place(book, case, effects)
    elif added and offer and not _is_trained(book, offer.coordinator_id, added):
        team = book.teams[case.zone]
        book.tasks.append(Task(derived_id(effects.cause, case.id, "task"), case.id, case.zone, "training", team.owner, book.now))


def _is_trained(book: Book, coordinator_id: UUID, programme: str) -> bool:
    return any(member.id == coordinator_id and programme in member.programmes for team in book.teams.values() for member in team.members)


def withdraw(book: Book, referral_id: UUID, effects: Effects) -> None:
    """A referral was taken back; with the last one the case closes, and what was reserved for it comes free."""
    referral = book.referrals.get(referral_id)
    if referral is None or referral.withdrawn_at is not None:
        return
    referral.withdrawn_at = book.now
    book.referrals.put(referral)
    case = book.cases[referral.case_id]
    if not case.is_open:
        return
    if left := _programmes(case):
        case.programmes = left
        serve(book, reweigh(book, case) | {case.zone}, effects)     # what waits itself may fit now
        return
    _close(book, case, Outcome.WITHDRAWN, effects)


def _programmes(case: Case) -> tuple[str, ...]:
    return tuple(dict.fromkeys(referral.programme for referral in case.referrals if referral.withdrawn_at is None))


def note_first_contact(book: Book, item: NoteFirstContact) -> Decision:
    """The points follow the intensity; what comes free serves who waits."""
    case = book.cases.get(item.case_id)
    if case is None:
        return refused(NOT_FOUND)
    if refusal := refused_contact(case, item.by, item.contact_at, book.now):
        return refused(refusal)
    case.status, case.first_contact_at, case.level, case.intensity = Status.FIRST_CONTACT, item.contact_at, item.level, item.intensity
    effects = Effects(item.id)
    effects.events.append(FirstContactMade(
        person_id=case.person_id, case_id=case.id, case_reference=case.reference, zone=case.zone, referrals=case.links(),
        coordinator_id=known(case.coordinator_id), contact_at=item.contact_at))
    serve(book, reweigh(book, case), effects)
    return effects.decision(answer_of(case))


def close(book: Book, item: CloseCase) -> Decision:
    """End a case; the oldest waiting one is offered at once."""
    case = book.cases.get(item.case_id)
    if case is None or not may_act(case, item.by):
        return refused(NOT_FOUND)
    if case.status not in CLOSES_FROM:
        return refused(in_other_state(case))
    effects = Effects(item.id)
    _close(book, case, item.outcome, effects)
    return effects.decision(answer_of(case))


def _close(book: Book, case: Case, outcome: Outcome, effects: Effects) -> None:
    freed: set[str] = set()
    book.waiting.pop(case.id, None)
    for offer in book.offers_of.get(case.id, ()):
        if offer.status not in ACTIVE:
            offer.settled = True
            book.offers.put(offer)
        elif case.status in HELD:
            freed |= release(book, offer, OfferStatus.ENDED) | {case.zone}
        else:
            freed |= end_offer(book, case, offer, effects, end="withdrawn")
    held = case.status in HELD
    case.status, case.outcome, case.closed_at, case.reason, case.owner_id = Status.CLOSED, outcome, book.now, None, None
    book.cases.put(case)
    book.open_cases.pop(case.person_id, None)
    effects.events.append(CaseClosed(
        person_id=case.person_id, case_id=case.id, case_reference=case.reference, zone=case.zone, referrals=case.links(),
        outcome=outcome, coordinator_id=case.coordinator_id if held else None))
    serve(book, freed, effects)


def pause(book: Book, item: PauseCase) -> Decision:
    """Rest: the points stay reserved, the coordinator stays."""
    case = book.cases.get(item.case_id)
    if case is None or not may_act(case, item.by):
        return refused(NOT_FOUND)
    if case.status not in PAUSES_FROM:
        return refused(in_other_state(case))
    case.paused_from, case.status = case.status, Status.PAUSED
    book.cases.put(case)
    return Effects(item.id).decision(answer_of(case))


def resume(book: Book, item: ResumeCase) -> Decision:
    """Go on where the case was."""
    case = book.cases.get(item.case_id)
    if case is None or not may_act(case, item.by):
        return refused(NOT_FOUND)
    if case.status != Status.PAUSED or case.paused_from is None:
        return refused(in_other_state(case))
    case.status, case.paused_from = case.paused_from, None
    book.cases.put(case)
    return Effects(item.id).decision(answer_of(case))


def first_weeks_over(book: Book, case_id: UUID, effects: Effects) -> None:
    """A case is no longer new: it falls back to its own weight."""
    case = book.cases.get(case_id)
    if case and case.is_open and case.first_weeks and case.first_weeks_end and case.first_weeks_end <= book.now:
        case.first_weeks = False
        serve(book, reweigh(book, case), effects)


def become_late(book: Book, case_id: UUID, effects: Effects) -> None:
    """A case has waited too long: its owner is told once."""
    case = book.cases.get(case_id)
    if case and case.status == Status.WAITING and not case.is_late and case.late_at and case.late_at <= book.now:
        case.is_late = True
        book.cases.put(case)
        effects.events.append(waiting_event(case))


def try_again(book: Book, case_id: UUID, effects: Effects) -> None:
    """Time passed since somebody declined: the waiting list of the zone gets another turn."""
    case = book.cases.get(case_id)
    if case and case.status == Status.WAITING:
        serve(book, {case.zone}, effects)


NOT_FOUND = Refusal("case_not_found", 404)


def in_other_state(case: Case) -> Refusal:
    return Refusal("case_in_other_state", values={"status": str(case.status)})


def answer_of(case: Case) -> dict[str, Any]:
    """What who moved a case gets back."""
    return {"case_id": str(case.id), "reference": case.reference, "status": str(case.status), "points": case.points}
