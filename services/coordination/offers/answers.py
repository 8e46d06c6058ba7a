"""What becomes of an offer: accepted, declined, undone, settled, expired. Pure.

An answer counts at once for the load; it is told, and acts, once it can no longer be undone (decisions 19).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import assert_never
from uuid import UUID

from services.coordination.cases.domain import Case, Status, first_weeks_end
from services.coordination.offers.domain import (
    FOR_EVER,
    Book,
    DeclineReason,
    Effects,
    Offer,
    OfferStatus,
    end_offer,
    ended_event,
    queue_again,
    refused,
    release,
    serve,
)
from services.coordination.rule import RULE
from services.coordination.tasks.domain import Task
from shared.access.rules import Action, Asking, Facts, Ground, may
from shared.events.coordination import CaseAssigned, CaseReturned
from shared.ids import derived_id
from shared.items import Decision, Refusal, Timer
from shared.working_time import BRUSSELS, add_working_days


@dataclass(frozen=True, slots=True)
class AcceptOffer:
    """A coordinator takes a case. `id` names the command; `undo` is how long the answer can be taken back."""

    id: UUID
    offer_id: UUID
    by: Asking
    undo: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class DeclineOffer:
    """A coordinator says no, with one of six reasons; with `away_soon` the days may be given."""

    id: UUID
    offer_id: UUID
    by: Asking
    reason: DeclineReason
    away_from: date | None = None
    away_to: date | None = None
    undo: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class UndoAnswer:
    """A coordinator takes an answer back; the offer then stays open for at least `undo`."""

    id: UUID
    offer_id: UUID
    by: Asking
    undo: timedelta = timedelta(0)


def accept(book: Book, item: AcceptOffer) -> Decision:
    """Take the case: nobody else can from now on."""
    offer = book.offers.get(item.offer_id)
    if offer is None:
        return refused(NOT_FOUND)
    if refusal := refused_answer(book, offer, item.by):
        return refused(refusal)
    offer.status = OfferStatus.ACCEPTED
    effects = Effects(item.id)
    _answer(book, offer, item.undo, effects)
    return effects.decision(answer_of(book, offer))


def decline(book: Book, item: DeclineOffer) -> Decision:
    """Say no: the points come free at once, the reason acts once the answer is settled."""
    offer = book.offers.get(item.offer_id)
    if offer is None:
        return refused(NOT_FOUND)
    if refusal := refused_answer(book, offer, item.by) or refused_days(item):
        return refused(refusal)
    zones = release(book, offer, OfferStatus.DECLINED)
    offer.reason, offer.away_from, offer.away_to = item.reason, day_start(item.away_from), day_start(item.away_to)
    offer.excludes_until = excluded_until(item, book.now)
    effects = Effects(item.id)
    _answer(book, offer, item.undo, effects)
    serve(book, zones | {book.cases[offer.case_id].zone}, effects)
    return effects.decision(answer_of(book, offer))


def undo(book: Book, item: UndoAnswer) -> Decision:
    """Back to an open offer, as long as the answer is not settled and, after a decline, the points are still free."""
    offer = book.offers.get(item.offer_id)
    if offer is None or not may_answer(offer, item.by):
        return refused(NOT_FOUND)
    if offer.settled or offer.status not in (OfferStatus.ACCEPTED, OfferStatus.DECLINED) or (offer.final_at and offer.final_at <= book.now):
        return refused(Refusal("undo_too_late"))
    if offer.status == OfferStatus.DECLINED:
        case = book.cases[offer.case_id]
        if not _fits(book, case, offer):
            return refused(Refusal("undo_full"))
        offer.points = case.points  # another programme may have been added meanwhile
        book.loads[offer.coordinator_id].add(offer.points, 1)
    offer.status, offer.reason, offer.answered_at, offer.final_at, offer.excludes_until, offer.ended_at = (
        OfferStatus.OFFERED,
        None,
        None,
        None,
        None,
        None,
    )
    offer.away_from = offer.away_to = None
    offer.deadline = max(offer.deadline, book.now + item.undo)
    book.offers.put(offer)
    effects = Effects(item.id, timers=[Timer("offer_deadline", offer.id, offer.deadline)])
    return effects.decision(answer_of(book, offer))


def settle(book: Book, offer: Offer, effects: Effects) -> None:
    """The answer can no longer be undone: it is told, and a decline does what its reason says."""
    case = book.cases[offer.case_id]
    offer.settled = True
    book.offers.put(offer)
    if offer.status == OfferStatus.ACCEPTED:
        _assign(book, case, offer, effects)
        return
    effects.events.append(ended_event(case, offer, "declined"))
    if offer.away_from and offer.away_to:
        effects.timers.append(Timer("absence_asked", offer.id, book.now))
    if offer.reason == DeclineReason.WRONG_PROGRAMME:
        _return(book, case, effects)
        return
    if offer.excludes_until and offer.excludes_until < FOR_EVER:
        effects.timers.append(Timer("offer_again", case.id, offer.excludes_until))
    queue_again(book, case)
    serve(book, {case.zone}, effects)


def settle_due(book: Book, offer_id: UUID, effects: Effects) -> None:
    """The undo window of an answer passed. Nothing, if it was undone or answered again later."""
    offer = book.offers.get(offer_id)
    if offer and not offer.settled and offer.final_at and offer.final_at <= book.now:
        settle(book, offer, effects)


def expire_due(book: Book, offer_id: UUID, effects: Effects) -> None:
    """The deadline of an offer passed without an answer: on to the next."""
    offer = book.offers.get(offer_id)
    if offer is None or offer.status != OfferStatus.OFFERED or offer.deadline > book.now:
        return
    case = book.cases[offer.case_id]
    zones = end_offer(book, case, offer, effects, end="expired")
    offer.excludes_until = add_working_days(book.now, RULE.again_days)
    effects.timers.append(Timer("offer_again", case.id, offer.excludes_until))
    queue_again(book, case)
    serve(book, zones, effects)


NOT_FOUND = Refusal("offer_not_found", 404)


def refused_answer(book: Book, offer: Offer, by: Asking) -> Refusal | None:
    """Why this offer cannot be answered by this coordinator, or None."""
    if not may_answer(offer, by):
        return NOT_FOUND
    if offer.status in (OfferStatus.ACCEPTED, OfferStatus.DECLINED, OfferStatus.ENDED):
        return Refusal("offer_answered", values={"status": offer.status})
    if offer.status != OfferStatus.OFFERED or offer.deadline <= book.now:
        return Refusal("offer_ended", values={"deadline": offer.deadline.isoformat()})
    return None


def may_answer(offer: Offer, by: Asking) -> Ground:
    """Whether an offer is somebody's to answer."""
    return may(by, Action.ANSWER_OFFER, Facts(offered_to=offer.coordinator_id))


def refused_days(item: DeclineOffer) -> Refusal | None:
    if (item.away_from is None) != (item.away_to is None):
        return Refusal("both_days_needed", 422, field="away_to" if item.away_to is None else "away_from")
    if item.away_from and item.away_to and item.away_to < item.away_from:
        return Refusal("ends_before_start", 422, field="away_to")
    return None


def excluded_until(item: DeclineOffer, now: datetime) -> datetime | None:
    """Until when who declined is not offered this case again; None: not at all (decisions 31). The type checker knows a reason left out."""
    match item.reason:
        case DeclineReason.NO_ROOM:
            return add_working_days(now, RULE.again_days)
        case DeclineReason.AWAY_SOON:
            back = day_start(item.away_to + timedelta(days=1)) if item.away_to else None
            return back if back and back > now else add_working_days(now, RULE.again_days)
        case DeclineReason.NOT_INDEPENDENT | DeclineReason.LANGUAGE | DeclineReason.CANNOT_GET_THERE:
            return FOR_EVER
        case DeclineReason.WRONG_PROGRAMME:
            return None  # it comes back with another programme, or with the zone's word that this one is right
        case _:
            assert_never(item.reason)


def day_start(day: date | None) -> datetime | None:
    return datetime(day.year, day.month, day.day, tzinfo=BRUSSELS) if day else None


def answer_of(book: Book, offer: Offer) -> dict[str, str | None]:
    """What who answered gets back: ids, codes and times."""
    return {
        "offer_id": str(offer.id),
        "case_id": str(offer.case_id),
        "status": str(offer.status),
        "undo_until": None if offer.settled or offer.final_at is None else offer.final_at.isoformat(),
        "deadline": offer.deadline.isoformat(),
    }


def _answer(book: Book, offer: Offer, window: timedelta, effects: Effects) -> None:
    offer.answered_at, offer.final_at = book.now, book.now + window
    book.offers.put(offer)
    if window:
        effects.timers.append(Timer("offer_final", offer.id, offer.final_at))
    else:
        settle(book, offer, effects)


def _fits(book: Book, case: Case, offer: Offer) -> bool:
    team = book.teams[case.zone]
    worker = next((member for member in team.members if member.id == offer.coordinator_id), None)
    return worker is not None and book.loads[worker.id].used + case.points <= worker.capacity(team.day)


def _assign(book: Book, case: Case, offer: Offer, effects: Effects) -> None:
    assigned_at = offer.answered_at or book.now
    case.status, case.coordinator_id, case.assigned_at = Status.ASSIGNED, offer.coordinator_id, assigned_at
    case.first_contact_due = add_working_days(assigned_at, RULE.first_contact_days)
    case.first_weeks_end = first_weeks_end(assigned_at)
    book.cases.put(case)
    effects.timers.append(Timer("first_weeks_over", case.id, case.first_weeks_end))
    team = book.teams[case.zone]
    if any(member.id == offer.coordinator_id and member.on_leave(team.day) for member in team.members):
        # accepted just before leave began: nobody looks after it yet
        book.tasks.append(Task(derived_id(effects.cause, case.id, "cover"), case.id, case.zone, "cover", team.owner, book.now))
    effects.events.append(
        CaseAssigned(
            **case.head(), offer_id=offer.id, coordinator_id=offer.coordinator_id, role=offer.role, first_contact_due=case.first_contact_due
        )
    )


def _return(book: Book, case: Case, effects: Effects) -> None:
    case.status, case.reason, case.owner_id = Status.RETURNED, DeclineReason.WRONG_PROGRAMME, book.teams[case.zone].intake_owner
    book.cases.put(case)
    effects.events.append(CaseReturned(**case.head(), reason=DeclineReason.WRONG_PROGRAMME))
