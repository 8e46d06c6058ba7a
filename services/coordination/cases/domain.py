"""The one open file of a person in coordination: its states, its referrals and its workload. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import TypedDict, TypeVar
from uuid import UUID

from services.coordination.rule import RULE
from shared.events.coordination import ReferralLink
from shared.items import Refusal
from shared.working_time import BRUSSELS, add_working_hours, working_time_between

Fact = TypeVar("Fact")


class Status(StrEnum):
    """Where a case stands, as everyone is told: an answer that can still be undone has not moved it yet."""

    WAITING = "waiting"
    OFFERED = "offered"
    ASSIGNED = "assigned"
    FIRST_CONTACT = "first_contact"
    PAUSED = "paused"
    RETURNED = "returned"  # wrong programme: the zone's intake looks again
    CLOSED = "closed"


class Outcome(StrEnum):
    """Why a case ended."""

    GOALS_REACHED = "goals_reached"
    HANDED_OVER = "handed_over"
    NO_LONGER_WANTED = "no_longer_wanted"
    NOT_REACHED = "not_reached"
    MOVED = "moved"
    PREGNANCY_LOSS = "pregnancy_loss"
    DECEASED = "deceased"
    WITHDRAWN = "withdrawn"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    ERASED = "erased"


# what a person may choose; the others follow from what senders and the person asked for
CHOSEN = frozenset(Outcome) - {Outcome.WITHDRAWN, Outcome.CONSENT_WITHDRAWN, Outcome.ERASED}


class Rest(StrEnum):
    """Why a case rests."""

    ADMITTED = "admitted"
    AWAY = "away"
    ASKED = "asked"
    OTHER_CARE_FIRST = "other_care_first"


HELD = frozenset({Status.ASSIGNED, Status.FIRST_CONTACT, Status.PAUSED})
CLOSES_FROM = {Status.WAITING, Status.OFFERED, Status.ASSIGNED, Status.FIRST_CONTACT, Status.PAUSED, Status.RETURNED}
PAUSES_FROM = {Status.ASSIGNED, Status.FIRST_CONTACT}
CONTACT_FROM = {Status.ASSIGNED}
RESTS_AT_MOST = timedelta(days=90)  # assumption: later than that nobody knows any more why
UNSEEN_AFTER = 2  # working days after a rest ended, when the zone lead is asked to look (assumption)
AGREES_IN = {Status.WAITING}
CANCELS_IN = {Status.WAITING, Status.OFFERED}


@dataclass(slots=True)
class Referral:
    """One referral of a case."""

    id: UUID
    case_id: UUID
    reference: str
    sender_id: UUID
    programme: str
    received_at: datetime
    withdrawn_at: datetime | None = None
    told: ReferralLink | None = None

    @property
    def link(self) -> ReferralLink:
        """This referral as events carry it; made once, since several events in a row do."""
        if self.told is None:
            self.told = ReferralLink(referral_id=self.id, reference=self.reference, sender_id=self.sender_id)
        return self.told


class Head(TypedDict):
    """The fields that all events about a case have in common."""

    person_id: UUID
    case_id: UUID
    case_reference: str
    zone: str
    referrals: tuple[ReferralLink, ...]


@dataclass(slots=True)
class Case:
    """A working copy of one case. `points` is its workload now, `urgency` is `normal` or `high`, `languages` the person's own first."""

    id: UUID
    reference: str
    person_id: UUID
    zone: str
    nis: str
    programmes: tuple[str, ...]
    role: str
    level: str
    languages: tuple[str, ...]
    interpreter: bool
    urgency: str
    needs: tuple[str, ...]
    caring_organisations: tuple[UUID, ...]
    household_id: UUID | None
    received_at: datetime
    opened_at: datetime
    points: int
    status: str = Status.WAITING
    reason: str | None = None  # why it waits or was returned
    owner_id: UUID | None = None  # who has to act on it while it waits or is returned
    waiting_since: datetime | None = None
    late_at: datetime | None = None
    is_late: bool = False
    familiar_id: UUID | None = None  # coordinator of the household or of an earlier case: offered first
    intensity: str = "normal"
    first_weeks: bool = True
    first_weeks_end: datetime | None = None
    coordinator_id: UUID | None = None
    assigned_at: datetime | None = None
    first_contact_due: datetime | None = None
    first_contact_at: datetime | None = None
    paused_from: str | None = None
    paused_at: datetime | None = None
    paused_until: datetime | None = None  # when its coordinator looks at it again
    pause_reason: str | None = None
    closed_at: datetime | None = None
    outcome: str | None = None
    referrals: list[Referral] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        return self.status != Status.CLOSED

    def head(self, only: Referral | None = None) -> Head:
        """What every event about this case begins with: all referrals that still count, or one only."""
        told = [only] if only else [referral for referral in self.referrals if referral.withdrawn_at is None]
        return {
            "person_id": self.person_id,
            "case_id": self.id,
            "case_reference": self.reference,
            "zone": self.zone,
            "referrals": tuple([referral.link for referral in told]),
        }

    def rank(self) -> tuple[bool, datetime, UUID]:
        """Order on the waiting list; who came at the same moment, by id."""
        return *turn(self.urgency, self.received_at), self.id


def turn(urgency: str, received_at: datetime) -> tuple[bool, datetime]:
    """Order on the waiting list: high urgency first, then the oldest."""
    return urgency != "high", received_at


class FactMissing(Exception):
    """A case is in a state that promises a fact which is not there. The table's own checks say the same."""


def known(fact: Fact | None) -> Fact:
    """A fact that the state of its case promises."""
    if fact is None:
        raise FactMissing
    return fact


def workload(programmes: Collection[str], intensity: str = "normal", first_weeks: bool = True) -> int:
    """Points of a case: the largest weight and half of the others, by intensity; more in the first weeks (decisions 29)."""
    weights = sorted((RULE.weight[programme] for programme in programmes), reverse=True)
    weight = weights[0] + sum(weights[1:]) // 2
    percent = RULE.intensity[intensity] * (RULE.first_weeks_percent if first_weeks else 100)
    return weight * percent // 10_000


def first_weeks_end(assigned_at: datetime) -> datetime:
    """When a case stops weighing more for being new."""
    return assigned_at + timedelta(weeks=RULE.first_weeks)


def due_after_rest(due: datetime, paused_at: datetime, now: datetime) -> datetime:
    """A deadline of a case that goes on: the working time that was left when it was paused is left still. One that had passed stays."""
    left = working_time_between(paused_at, due)
    return add_working_hours(now, left / timedelta(hours=1)) if left else due


def rest_ends(until: date) -> datetime:
    """When a case that rests until a day is looked at again: as that day opens, or the first working day after it."""
    return add_working_hours(datetime.combine(until, time(), BRUSSELS), 0)


def refused_rest(case: Case, until: date, now: datetime) -> Refusal | None:
    """Why a case cannot rest until a day, or None."""
    if case.status not in PAUSES_FROM:
        return Refusal("case_in_other_state", values={"status": case.status})
    days = until - now.astimezone(BRUSSELS).date()
    if days <= timedelta(0):
        return Refusal("rest_ends_too_soon", 422, field="until")
    return Refusal("rest_too_long", 422, field="until") if days > RESTS_AT_MOST else None


def refused_contact(case: Case, contact_at: datetime, now: datetime) -> Refusal | None:
    """Why a first contact cannot be noted, or None."""
    if case.status not in CONTACT_FROM:
        return Refusal("case_in_other_state", values={"status": case.status})
    if contact_at > now:
        return Refusal("contact_in_future", 422, field="contact_at")
    if case.assigned_at and day_of(contact_at) < day_of(case.assigned_at):
        return Refusal("contact_before_assignment", 422, field="contact_at")
    return None


def day_of(moment: datetime) -> date:
    return moment.date()
