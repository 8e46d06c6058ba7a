"""Leave: days on which a worker is away, and who covers which of their cases meanwhile. Pure: days and `now` are arguments."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Literal, TypeAlias
from uuid import UUID

from services.coordination.offers.domain import Book, Effects
from services.coordination.tasks.domain import Task
from services.coordination.workforce.changes import midnight
from services.coordination.workforce.domain import Absence, Worker
from shared.access.rules import Action, Asking, Facts, Ground, may
from shared.events.coordination import CasesCovered
from shared.ids import derived_id
from shared.items import Refusal

State: TypeAlias = Literal["coming", "now", "over"]
MOST_DAYS = 366
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Leave:
    """Days on which a worker is away, with by case who covers it."""

    id: UUID
    worker_id: UUID
    days: Absence
    covers: Mapping[UUID, UUID] = field(default_factory=dict)

    def state(self, today: date) -> State:
        if self.days.ends_on < today:
            return "over"
        return "coming" if today < self.days.starts_on else "now"


@dataclass(frozen=True, slots=True)
class AskCovers:
    """Somebody asks who could cover the cases of a worker on these days. `leave_id`: these are the new days of that leave."""

    id: UUID
    worker_id: UUID
    by: Asking
    days: Absence
    leave_id: UUID | None = None
    named: Mapping[UUID, UUID | None] | None = None


@dataclass(frozen=True, slots=True)
class PlanLeave:
    """A worker is away on these days. `covers` says for each case who covers it, or None for nobody; without it nothing is said of covers.

    `substitute_id` is one name for all cases, where that name fits. `leave_id`: these are the new days of that leave.
    """

    id: UUID
    worker_id: UUID
    by: Asking
    days: Absence
    covers: Mapping[UUID, UUID | None] | None = None
    substitute_id: UUID | None = None
    leave_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class EndLeave:
    """A worker is not away after all: what is to come is taken back, what runs ended yesterday. Named by id, or by its days."""

    id: UUID
    by: Asking
    leave_id: UUID | None = None
    worker_id: UUID | None = None
    days: Absence | None = None


NOT_FOUND = Refusal("worker_not_found", 404)
NO_LEAVE = Refusal("leave_not_found", 404)
OVER = Refusal("leave_over")
CASES_CHANGED = Refusal("cases_changed")


def may_plan(by: Asking, worker: Worker) -> Ground:
    """Whether somebody may say when this worker is away: the worker, or who leads a zone of theirs."""
    return may(by, Action.NOTE_ABSENCE, Facts(subject_id=worker.id, zones=worker.zones))


def refused_days(days: Absence, leaves: Iterable[Leave], today: date, leave_id: UUID | None = None) -> Refusal | None:
    """Why a worker with these leaves cannot be away on these days, or None. `leave_id` is the leave that gets them."""
    known = list(leaves)
    changed = next((leave for leave in known if leave.id == leave_id), None)
    if changed and changed.state(today) == "over":
        return OVER
    begun = changed is not None and changed.days.starts_on == days.starts_on
    if refusal := _refused_stretch(days, today, begun=begun):
        return refusal
    met = next((leave for leave in known if leave is not changed and leave.days.meets(days)), None)
    if met is None:
        return None
    told = {"starts_on": f"{met.days.starts_on:%d/%m/%Y}", "ends_on": f"{met.days.ends_on:%d/%m/%Y}"}
    return Refusal("overlaps", 422, field="starts_on", values=told)


def _refused_stretch(days: Absence, today: date, *, begun: bool) -> Refusal | None:
    if days.ends_on < days.starts_on:
        return Refusal("ends_before_start", 422, field="ends_on")
    if days.starts_on < today and not begun:
        return Refusal("starts_in_past", 422, field="starts_on")
    if days.ends_on < today:
        return Refusal("ends_in_past", 422, field="ends_on")
    return Refusal("too_long", 422, field="ends_on") if (days.ends_on - days.starts_on).days >= MOST_DAYS else None


def refused_substitute(worker: Worker, substitute: Worker | None) -> Refusal | None:
    """Why this is nobody who can stand in for everything: who does works in a zone of who is away, and holds cases too."""
    stands_in = (
        substitute is not None
        and substitute.id != worker.id
        and substitute.active
        and substitute.holds_cases()
        and not substitute.zones.isdisjoint(worker.zones)
    )
    return None if stands_in else Refusal("no_substitute", 422, field="substitute_id")


def besides(days: Absence, leaves: Iterable[Leave]) -> list[Absence]:
    """The stretches of these days on which no leave is known yet."""
    free = [days]
    for leave in leaves:
        free = [part for each in free for part in _without(each, leave.days)]
    return free


def _without(days: Absence, taken: Absence) -> list[Absence]:
    if not days.meets(taken):
        return [days]
    before, after = Absence(days.starts_on, taken.starts_on - DAY), Absence(taken.ends_on + DAY, days.ends_on)
    return [part for part in (before, after) if part.starts_on <= part.ends_on]


def ended(leave: Leave, today: date) -> Leave | None:
    """What is left of a leave that is taken back: the days that have passed, or nothing."""
    return replace(leave, days=Absence(leave.days.starts_on, today - DAY)) if leave.days.starts_on < today else None


def told(before: Leave | None, after: Leave | None, zones: Mapping[UUID, str]) -> list[CasesCovered]:
    """What each cover hears: all their cases of this leave at once, none when they cover no more. `zones`: of the cases."""
    found = []
    for cover_id in sorted({*_by_cover(before), *_by_cover(after)}):
        old, new = _by_cover(before).get(cover_id, ()), _by_cover(after).get(cover_id, ())
        leave = after if new and after else before
        if leave is None or (old == new and before and after and before.days == after.days):
            continue
        found.append(
            CasesCovered(
                leave_id=leave.id,
                coordinator_id=leave.worker_id,
                cover_id=cover_id,
                zone=next(zones[case] for case in (new or old) if case in zones),
                starts_at=midnight(leave.days.starts_on),
                ends_at=midnight(leave.days.ends_on + DAY),
                case_ids=new,
            )
        )
    return found


def _by_cover(leave: Leave | None) -> dict[UUID, tuple[UUID, ...]]:
    covers = leave.covers if leave else {}
    return {who: tuple(sorted(case for case, cover in covers.items() if cover == who)) for who in covers.values()}


def ask_zone(book: Book, cases: Collection[UUID], asked: Mapping[UUID, Sequence[str]], effects: Effects) -> None:
    """Cases that nobody covers become tasks of the zone lead, unless they are already."""
    for case in [book.cases[id] for id in cases]:
        if COVER not in asked.get(case.id, ()):
            owner = book.teams[case.zone].owner if case.zone in book.teams else None
            book.tasks.append(Task(derived_id(effects.cause, case.id, COVER), case.id, case.zone, COVER, owner, book.now))


COVER = "cover"  # the kind of task
