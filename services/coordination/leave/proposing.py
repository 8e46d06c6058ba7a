"""Who covers each case while its coordinator is away: the assignment rule, run over the days of the leave. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, TypeAlias
from uuid import UUID

from services.coordination.cases.domain import HELD, Case, Status
from services.coordination.derived import draw
from services.coordination.offers.choice import Choice, Question, blocking_reason, choose
from services.coordination.offers.domain import Book, question_of
from services.coordination.workforce.domain import Absence, Filter, Team
from shared.working_time import BRUSSELS

# Why somebody is asked before those with more room: they cover this case already, or they know the person or the household.
Tie: TypeAlias = Literal["covers", "knows"]


@dataclass(frozen=True, slots=True)
class Known:
    """What a proposal looks at besides the book: by case who covers it already and who knows the person, by worker the points they cover for
    others in those days, by case the kinds of open tasks."""

    covers: Mapping[UUID, UUID] = field(default_factory=dict)
    familiar: Mapping[UUID, UUID] = field(default_factory=dict)
    covering: Mapping[UUID, int] = field(default_factory=dict)
    tasks: Mapping[UUID, Sequence[str]] = field(default_factory=dict)


@dataclass(slots=True)
class Room:
    """What one coordinator carries, in hundredths: before the leave, and during it with what they cover."""

    before: int
    capacity: int
    recent: int
    during: int

    @property
    def used(self) -> int:
        return self.during


@dataclass(frozen=True, slots=True)
class Part:
    """One case of a proposal. Without `cover_id` the zone lead owns it: nobody fits, nobody was named, or who was named fails (`failing`)."""

    case: Case
    team: Team
    question: Question
    choice: Choice
    cover_id: UUID | None
    named_id: UUID | None = None
    failing: Filter | None = None
    tie: Tie | None = None
    first_contact_due: datetime | None = None  # when it falls in those days
    tasks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """Who covers what during some days of leave, the most pressing case first; `rooms` of everyone who was looked at."""

    worker_id: UUID
    days: Absence
    parts: tuple[Part, ...]
    rooms: Mapping[UUID, Room]

    @property
    def covers(self) -> dict[UUID, UUID]:
        return {part.case.id: part.cover_id for part in self.parts if part.cover_id}

    @property
    def left(self) -> tuple[Part, ...]:
        return tuple(part for part in self.parts if part.cover_id is None)

    @property
    def unfit(self) -> tuple[Part, ...]:
        """Where somebody was named who cannot cover."""
        return tuple(part for part in self.parts if part.named_id and part.cover_id is None)


def held_by(book: Book, worker_id: UUID) -> list[Case]:
    """The cases of a worker that somebody has to look after meanwhile."""
    return [case for case in book.cases if case.coordinator_id == worker_id and case.status in HELD]


def propose(book: Book, worker_id: UUID, days: Absence, known: Known, named: Mapping[UUID, UUID | None] | None = None) -> Proposal:
    """For each case the rule's choice among those who are there all days, with what earlier cases of the proposal add to their load.

    `named` says who covers instead, by case; None: nobody. It only counts for who fits.
    """
    teams = {zone: present(team, days, worker_id) for zone, team in book.teams.items()}
    rooms = _rooms(book, teams.values(), known)
    held = sorted(held_by(book, worker_id), key=Case.rank)
    parts = [_part(book, case, teams[case.zone], rooms, worker_id, days, known, named or {}) for case in held]
    return Proposal(worker_id, days, tuple(parts), rooms)


def present(team: Team, days: Absence, without: UUID) -> Team:
    """A team as it is through some days: who is away on one of them counts as on leave, who goes on leave is not in it."""
    members = [
        replace(member, absences=(days,) if any(map(days.meets, member.absences)) else ())
        for member in team.members
        if member.id != without
    ]
    leads = tuple(sorted(team.leads, key=lambda lead: lead == without))
    return Team(team.zone, team.version, days.starts_on, tuple(members), leads, team.intake)


def _rooms(book: Book, teams: Iterable[Team], known: Known) -> dict[UUID, Room]:
    rooms: dict[UUID, Room] = {}
    for team in teams:
        for member in team.members:
            load = book.loads[member.id]
            used = load.used + known.covering.get(member.id, 0)
            rooms[member.id] = Room(used, member.capacity(team.day), load.recent, used)
    return rooms


def _part(
    book: Book,
    case: Case,
    team: Team,
    rooms: Mapping[UUID, Room],
    worker_id: UUID,
    days: Absence,
    known: Known,
    named: Mapping[UUID, UUID | None],
) -> Part:
    already, knows = known.covers.get(case.id), known.familiar.get(case.id)
    question = question_of(book, case)._replace(familiar=already or knows)
    choice = choose(question, team, [rooms[member.id] for member in team.members], draw(worker_id, case.id))
    if already and not choice.familiar:  # who covered cannot any more
        question = question._replace(familiar=knows)
        choice = choose(question, team, [rooms[member.id] for member in team.members], draw(worker_id, case.id))
    fitting = {team.members[place].id for _, place, _, _ in choice.ranked}
    wanted = named[case.id] if case.id in named else _chosen(choice, team)
    cover_id = wanted if wanted in fitting else None
    if cover_id:
        rooms[cover_id].during += case.points
        rooms[cover_id].recent += 1
    return Part(
        case,
        team,
        question,
        choice,
        cover_id,
        named.get(case.id),
        None if cover_id else _failing(choice, team, wanted),
        None if cover_id != question.familiar or cover_id is None else "covers" if cover_id == already else "knows",
        case.first_contact_due if case.status == Status.ASSIGNED and _falls_in(case.first_contact_due, days) else None,
        tuple(known.tasks.get(case.id, ())),
    )


def _chosen(choice: Choice, team: Team) -> UUID | None:
    return None if choice.chosen is None else team.members[choice.chosen].id


def _failing(choice: Choice, team: Team, wanted: UUID | None) -> Filter | None:
    """Why who was named cannot cover, or why nobody can; None when somebody could and nobody was wanted."""
    if wanted:
        found = [*[(place, failing) for place, failing, _ in choice.unfit], *choice.out]
        return next((failing for place, failing in found if team.members[place].id == wanted), Filter.NOT_ACTIVE)
    return None if choice.ranked else blocking_reason(choice)


def _falls_in(moment: datetime | None, days: Absence) -> bool:
    return moment is not None and days.covers(moment.astimezone(BRUSSELS).date())
