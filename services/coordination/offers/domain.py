"""Offers, and what a batch works on: placing cases with coordinators and serving the waiting list. Pure.

Working copies are changed in place and put back on their shelf; nothing outside the book is touched.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.coordination.cases.domain import Case, Referral, Status, known, workload
from services.coordination.derived import draw
from services.coordination.offers.choice import Card, Question, blocking_reason, choose
from services.coordination.rule import RULE
from services.coordination.tasks.domain import Task
from services.coordination.workforce.domain import Team
from shared.access.rules import Action, Asking, Facts, Ground, may
from shared.events.coordination import CaseOffered, CaseWaiting, OfferEnd, OfferEnded
from shared.ids import derived_id
from shared.items import Decision, Event, Refusal, Shelf, Timer
from shared.working_time import add_working_days

FOR_EVER = datetime(9999, 1, 1, tzinfo=UTC)


class OfferStatus(StrEnum):
    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"  # an assignment that is over


ACTIVE = frozenset({OfferStatus.OFFERED, OfferStatus.ACCEPTED})


class DeclineReason(StrEnum):
    NO_ROOM = "no_room"
    NOT_INDEPENDENT = "not_independent"
    LANGUAGE = "language"
    CANNOT_GET_THERE = "cannot_get_there"
    AWAY_SOON = "away_soon"
    WRONG_PROGRAMME = "wrong_programme"


@dataclass(slots=True)
class Offer:
    """A case offered to one coordinator. `points` are reserved while it is active; `settled` once an answer can no longer be undone."""

    id: UUID
    case_id: UUID
    role: str
    coordinator_id: UUID
    points: int
    offered_at: datetime
    deadline: datetime
    familiar: bool = False
    status: str = OfferStatus.OFFERED
    reason: str | None = None
    answered_at: datetime | None = None
    final_at: datetime | None = None
    settled: bool = False
    excludes_until: datetime | None = None  # until when this coordinator is not offered this case again
    ended_at: datetime | None = None
    away_from: datetime | None = None
    away_to: datetime | None = None


@dataclass(slots=True)
class Load:
    """What one coordinator carries now. `grew`: a case already held came to weigh more, the one way past the capacity."""

    id: UUID
    used: int
    recent: int = 0
    zones: frozenset[str] = frozenset()
    delta: int = 0
    grew: bool = False
    moved: bool = False

    def add(self, points: int, cases: int = 0) -> None:
        """Carry more or less: points, and cases of the last 30 days."""
        self.used += points
        self.delta += points
        self.recent += cases
        self.moved = True


@dataclass(slots=True)
class Book:
    """All that a batch may read or change, loaded and locked once."""

    now: datetime
    teams: dict[str, Team] = field(default_factory=dict)
    loads: dict[UUID, Load] = field(default_factory=dict)
    load_versions: dict[str, UUID] = field(default_factory=dict)  # of the locked zones, as they were read
    cases: Shelf[Case] = field(default_factory=Shelf)
    offers: Shelf[Offer] = field(default_factory=Shelf)
    referrals: Shelf[Referral] = field(default_factory=Shelf)
    offers_of: dict[UUID, list[Offer]] = field(default_factory=dict)
    open_cases: dict[UUID, Case] = field(default_factory=dict)  # by person
    familiar: dict[UUID, UUID] = field(default_factory=dict)  # household or person → coordinator known from before
    references: list[str] = field(default_factory=list)  # free ones, to be taken from the end
    waiting: dict[UUID, Case] = field(default_factory=dict)
    opened: list[Case] = field(default_factory=list)
    offered: list[Offer] = field(default_factory=list)
    cards: list[Card] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    benches: dict[str, list[Load]] = field(default_factory=dict)
    covers: dict[UUID, frozenset[UUID]] = field(default_factory=dict)  # who cover today, by case; where people act

    def may(self, by: Asking, action: Action, case: Case) -> Ground:
        """Whether somebody may do this to a case, and on which ground."""
        covered_by = self.covers.get(case.id, frozenset())
        return may(by, action, Facts(zones=frozenset({case.zone}), holder_id=case.coordinator_id, covered_by=covered_by))

    def bench(self, zone: str) -> list[Load]:
        """The loads of a zone's team, in the order of its members."""
        found = self.benches.get(zone)
        if found is None:
            found = self.benches[zone] = [self.loads[member.id] for member in self.teams[zone].members]
        return found

    def active_offer(self, case: Case) -> Offer | None:
        return next((offer for offer in self.offers_of.get(case.id, ()) if offer.status in ACTIVE), None)


@dataclass(slots=True)
class Effects:
    """What deciding one item brings about. `cause` is the id of the item: new ids and draws follow from it."""

    cause: UUID
    events: list[Event] = field(default_factory=list)
    timers: list[Timer] = field(default_factory=list)

    def decision(self, answer: Any = None) -> Decision:
        return Decision(answer, tuple(self.events), tuple(self.timers))


def refused(refusal: Refusal) -> Decision:
    return Decision(refusal=refusal)


def place(book: Book, case: Case, effects: Effects, *, anew: bool = False) -> bool:
    """Offer the case to whom the rule picks (true), or let it wait with its reason and its owner (false). `anew`: the case itself changed,
    so its card is kept although the reason stays the same."""
    team, chance = book.teams[case.zone], draw(effects.cause, case.id)
    question = question_of(book, case)
    choice = choose(question, team, book.bench(case.zone), chance)
    card = Card(case.id, book.now, team, question, chance, choice, None, None)
    if choice.chosen is None:
        card.reason = blocking_reason(choice)
        if _wait(book, case, card.reason, team.owner, effects) or anew:
            book.cards.append(card)
        return False
    card.chosen_id = team.members[choice.chosen].id
    book.cards.append(card)
    _offer(book, case, book.bench(case.zone)[choice.chosen], choice.familiar, effects)
    return True


def question_of(book: Book, case: Case) -> Question:
    """What the rule is asked about this case now."""
    offers = book.offers_of.get(case.id, ())
    return Question(
        case.role,
        case.programmes,
        () if case.interpreter else case.languages,
        case.nis,
        case.points,
        case.caring_organisations,
        tuple([offer.coordinator_id for offer in offers if offer.excludes_until and offer.excludes_until > book.now]),
        case.familiar_id,
    )


def _offer(book: Book, case: Case, load: Load, familiar: bool, effects: Effects) -> None:
    deadline = add_working_days(book.now, RULE.continuity_days if familiar else RULE.offer_days)
    offer = Offer(derived_id(effects.cause, case.id, "offer"), case.id, case.role, load.id, case.points, book.now, deadline, familiar)
    load.add(case.points, 1)
    book.offers_of.setdefault(case.id, []).append(offer)
    book.offers.rows[offer.id] = offer
    book.offered.append(offer)
    book.waiting.pop(case.id, None)
    case.status, case.reason, case.owner_id, case.waiting_since, case.late_at, case.is_late = Status.OFFERED, None, None, None, None, False
    book.cases.put(case)
    effects.timers.append(Timer("offer_deadline", offer.id, deadline))
    effects.events.append(
        CaseOffered(**case.head(), offer_id=offer.id, coordinator_id=offer.coordinator_id, role=offer.role, deadline=deadline)
    )


def _wait(book: Book, case: Case, reason: str, owner: UUID | None, effects: Effects) -> bool:
    """True when this is news: the case did not wait yet, or for another reason, or with another owner."""
    book.waiting[case.id] = case
    if case.status == Status.WAITING and (case.reason, case.owner_id) == (reason, owner):
        return False
    if case.status != Status.WAITING or case.waiting_since is None:
        case.status, case.waiting_since, case.late_at = Status.WAITING, book.now, add_working_days(book.now, RULE.late_days)
        effects.timers.append(Timer("waiting_late", case.id, case.late_at))
    case.reason, case.owner_id = reason, owner
    book.cases.put(case)
    effects.events.append(waiting_event(case))
    return True


def waiting_event(case: Case) -> CaseWaiting:
    """The fact that a case waits, why and with whom."""
    return CaseWaiting(**case.head(), reason=known(case.reason), owner_id=case.owner_id, late_at=known(case.late_at), late=case.is_late)


def serve(book: Book, zones: Iterable[str], effects: Effects) -> int:
    """Points freed up in these zones: try the whole waiting list, the oldest of the highest priority first. How many were offered."""
    served, among = 0, set(zones)
    for case in sorted((case for case in book.waiting.values() if case.zone in among), key=Case.rank):
        served += place(book, case, effects)
    return served


def release(book: Book, offer: Offer, status: OfferStatus) -> frozenset[str]:
    """End an active offer or assignment and give its points back; the zones where they may now be used."""
    load = book.loads[offer.coordinator_id]
    load.add(-offer.points, 0 if status == OfferStatus.ENDED else -1)
    offer.status, offer.ended_at = status, book.now
    book.offers.put(offer)
    return load.zones


def end_offer(book: Book, case: Case, offer: Offer, effects: Effects, *, end: OfferEnd, reason: str | None = None) -> frozenset[str]:
    """An offer expires or is withdrawn: its points come free and its coordinator hears of it."""
    zones = release(book, offer, OfferStatus(end))
    offer.reason, offer.settled = reason, True
    effects.events.append(ended_event(case, offer, end))
    return zones | {case.zone}


def ended_event(case: Case, offer: Offer, end: OfferEnd) -> OfferEnded:
    return OfferEnded(**case.head(), offer_id=offer.id, coordinator_id=offer.coordinator_id, end=end, reason=offer.reason)


def queue_again(book: Book, case: Case) -> None:
    """Put a case that lost its offer on the waiting list, so that `serve` gives it its turn among the others."""
    book.waiting[case.id] = case


def reweigh(book: Book, case: Case) -> frozenset[str]:
    """Give a case its new points after its programmes, intensity or age changed; the zones where points came free.

    A case that is held may grow past its holder's capacity: the person's need is what it is.
    """
    case.points, offer = workload(case.programmes, case.intensity, case.first_weeks), book.active_offer(case)
    book.cases.put(case)
    if offer is None or offer.points == case.points:
        return frozenset()
    difference, offer.points = case.points - offer.points, case.points
    book.offers.put(offer)
    load = book.loads[offer.coordinator_id]
    load.add(difference)
    load.grew = load.grew or difference > 0
    return load.zones if difference < 0 else frozenset()
