"""What moves a case that is there: first contact, pause, closure, time. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.coordination.cases.domain import (
    AGREES_IN,
    CANCELS_IN,
    CLOSES_FROM,
    HELD,
    UNSEEN_AFTER,
    Case,
    Outcome,
    Rest,
    Status,
    due_after_rest,
    known,
    refused_contact,
    refused_rest,
    rest_ends,
)
from services.coordination.offers.domain import (
    ACTIVE,
    Book,
    Effects,
    OfferStatus,
    end_offer,
    place,
    queue_again,
    refused,
    release,
    reweigh,
    serve,
    waiting_event,
)
from services.coordination.tasks.domain import Task
from shared.access.rules import Action, Asking
from shared.events.coordination import CaseClosed, CasePaused, CaseResumed, FirstContactMade
from shared.ids import derived_id
from shared.items import Decision, Refusal, Timer
from shared.working_time import add_working_days


@dataclass(frozen=True, slots=True)
class NoteFirstContact:
    """The coordinator met or spoke to the person: the level is confirmed, the intensity set."""

    id: UUID
    case_id: UUID
    by: Asking
    contact_at: datetime
    level: str
    intensity: str


@dataclass(frozen=True, slots=True)
class CloseCase:
    """The case ends with a coded outcome."""

    id: UUID
    case_id: UUID
    by: Asking
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class PauseCase:
    """The case rests until a day, for a reason; its coordinator keeps it and looks again then."""

    id: UUID
    case_id: UUID
    by: Asking
    until: date
    reason: Rest


@dataclass(frozen=True, slots=True)
class ResumeCase:
    """A paused case goes on where it was."""

    id: UUID
    case_id: UUID
    by: Asking


@dataclass(frozen=True, slots=True)
class AgreeInterpreter:
    """The zone lead agreed on an interpreter for a case that waits; with `agreed` false there is none after all."""

    id: UUID
    case_id: UUID
    by: Asking
    agreed: bool = True


def note_first_contact(book: Book, item: NoteFirstContact) -> Decision:
    """The points follow the intensity; what comes free serves who waits."""
    case = book.cases.get(item.case_id)
    if case is None or not book.may(item.by, Action.MOVE_CASE, case):
        return refused(NOT_FOUND)
    if refusal := refused_contact(case, item.contact_at, book.now):
        return refused(refusal)
    case.status, case.first_contact_at, case.level, case.intensity = Status.FIRST_CONTACT, item.contact_at, item.level, item.intensity
    effects = Effects(item.id)
    effects.events.append(FirstContactMade(**case.head(), coordinator_id=known(case.coordinator_id), contact_at=item.contact_at))
    serve(book, reweigh(book, case), effects)
    return effects.decision(answer_of(case))


def close(book: Book, item: CloseCase) -> Decision:
    """End a case; the oldest waiting one is offered at once."""
    case = book.cases.get(item.case_id)
    if case is None or not book.may(item.by, Action.MOVE_CASE, case):
        return refused(NOT_FOUND)
    if case.status not in CLOSES_FROM:
        return refused(in_other_state(case))
    effects = Effects(item.id)
    end(book, case, item.outcome, effects)
    return effects.decision(answer_of(case))


def end(book: Book, case: Case, outcome: Outcome, effects: Effects) -> None:
    """Close a case: what is offered or held comes free and goes to who waits longest."""
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
    effects.events.append(CaseClosed(**case.head(), outcome=outcome, coordinator_id=case.coordinator_id if held else None))
    serve(book, freed, effects)


def pause(book: Book, item: PauseCase) -> Decision:
    """Rest: the points stay reserved, the coordinator stays, no deadline runs until the day on which somebody looks again."""
    case = book.cases.get(item.case_id)
    if case is None or not book.may(item.by, Action.MOVE_CASE, case):
        return refused(NOT_FOUND)
    if refusal := refused_rest(case, item.until, book.now):
        return refused(refusal)
    until = rest_ends(item.until)
    case.paused_from, case.status, case.paused_at = case.status, Status.PAUSED, book.now
    case.paused_until, case.pause_reason = until, item.reason
    book.cases.put(case)
    effects = Effects(item.id)
    effects.events.append(CasePaused(**case.head(), coordinator_id=known(case.coordinator_id), until=until))
    effects.timers.append(Timer("rest_unseen", case.id, add_working_days(until, UNSEEN_AFTER)))
    return effects.decision(answer_of(case))


def resume(book: Book, item: ResumeCase) -> Decision:
    """Go on where the case was, with as much working time left as there was."""
    case = book.cases.get(item.case_id)
    if case is None or not book.may(item.by, Action.MOVE_CASE, case):
        return refused(NOT_FOUND)
    if case.status != Status.PAUSED:
        return refused(in_other_state(case))
    case.status, paused_at = known(case.paused_from), known(case.paused_at)
    case.paused_from = case.paused_at = case.paused_until = case.pause_reason = None
    if case.status == Status.ASSIGNED:
        case.first_contact_due = due_after_rest(known(case.first_contact_due), paused_at, book.now)
    book.cases.put(case)
    effects = Effects(item.id)
    due = case.first_contact_due if case.status == Status.ASSIGNED else None
    effects.events.append(CaseResumed(**case.head(), status=case.status, coordinator_id=known(case.coordinator_id), first_contact_due=due))
    return effects.decision(answer_of(case))


def agree_interpreter(book: Book, item: AgreeInterpreter) -> Decision:
    """With an interpreter language limits nobody, so the case may fit now; without one it does again."""
    case = book.cases.get(item.case_id)
    if case is None or not book.may(item.by, Action.ARRANGE_INTERPRETER, case):
        return refused(NOT_FOUND)
    if case.interpreter == item.agreed:
        return Decision(answer_of(case))
    if case.status not in (AGREES_IN if item.agreed else CANCELS_IN):
        return refused(in_other_state(case))
    case.interpreter = item.agreed
    book.cases.put(case)
    effects = Effects(item.id)
    if case.status == Status.WAITING:
        place(book, case, effects, anew=True)
    else:
        _take_from_who_cannot_speak(book, case, effects)
    return effects.decision(answer_of(case))


def _take_from_who_cannot_speak(book: Book, case: Case, effects: Effects) -> None:
    """An offer that nobody answered yet goes on, unless its coordinator needs no interpreter."""
    offer = book.active_offer(case)
    if offer is None or offer.status != OfferStatus.OFFERED:
        return
    if any(member.id == offer.coordinator_id and member.speaks(case.languages) for member in book.teams[case.zone].members):
        return
    zones = end_offer(book, case, offer, effects, end="withdrawn", reason="no_interpreter")
    queue_again(book, case)
    serve(book, zones, effects)


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


def rest_unseen(book: Book, case_id: UUID, effects: Effects) -> None:
    """A rest is over and nobody looked: the zone lead is asked to."""
    case = book.cases.get(case_id)
    if case and case.status == Status.PAUSED and add_working_days(known(case.paused_until), UNSEEN_AFTER) <= book.now:
        owner = book.teams[case.zone].owner
        book.tasks.append(Task(derived_id(effects.cause, case.id, "task"), case.id, case.zone, "rest", owner, book.now))


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
