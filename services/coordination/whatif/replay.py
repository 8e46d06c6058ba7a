"""One future of a zone, day by day, with the rule that places real cases: `offers.choice`, the turns and points of `cases.domain`, the filters and
capacities of `workforce.domain`. Pure.

Simpler than the real thing: an offer is taken at once and never turned down, and what comes free on a day is given out before anybody new comes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from heapq import heapify, heappop, heappush
from typing import TypeAlias
from uuid import UUID

from services.coordination.cases.domain import turn, workload
from services.coordination.offers import choice
from services.coordination.offers.choice import Question
from services.coordination.rule import RULE
from services.coordination.whatif import scenario
from services.coordination.whatif.domain import ASSUMED, TAIL, Held, Zone
from services.coordination.whatif.futures import Fate, Future
from services.coordination.whatif.scenario import Change
from services.coordination.workforce.domain import Kind, Role, Team, a_team
from shared.working_time import BRUSSELS

DAYS = 7
NOBODY = -1  # the place of who is in the team no more
Turn: TypeAlias = tuple[bool, datetime, int]


@dataclass(slots=True)
class Load:
    """What one coordinator carries, as the rule asks for it."""

    used: int
    recent: int = 0


@dataclass(slots=True)
class Case:
    """A case that somebody has."""

    place: int
    points: int
    programmes: tuple[str, ...]
    intensity: str
    first_weeks: bool = True
    is_open: bool = True


@dataclass(slots=True)
class Asker:
    """A case without a coordinator. `came`: days from today; before it for who waits now."""

    came: int
    question: Question
    fate: Fate
    excluded: tuple[tuple[UUID, datetime], ...] = ()
    served: int | None = None

    def asked_at(self, moment: datetime) -> Question:
        """What the rule is asked now: who turned it down may be asked again later."""
        if not self.excluded:
            return self.question
        return self.question._replace(excluded=tuple([id for id, until in self.excluded if until > moment]))


@dataclass(slots=True)
class Line:
    """Those who wait for the same: where the first of them does not fit, none of them does."""

    kind: Kind
    points: int
    waiting: list[tuple[Turn, Asker]] = field(default_factory=list)  # a heap


@dataclass(frozen=True, slots=True)
class World:
    """A zone with its changes: how many cases come for each that came, and the team from each day on which it turns. The same for all seeds."""

    zone: Zone
    factor: float
    teams: dict[int, Team]
    weeks: int

    @property
    def days(self) -> int:
        return (self.weeks + TAIL) * DAYS

    def moment(self, day: int, second: int = 0) -> datetime:
        """So many days from today."""
        return datetime.combine(self.zone.today, time(), BRUSSELS) + timedelta(days=day, seconds=second)


def world(zone: Zone, changes: Sequence[Change], weeks: int) -> World:
    """The zone as the changes would have it, for so many weeks to be shown."""
    workers = scenario.workers_with(zone.workers, changes, zone.code)
    turning: list[date] = scenario.turns(workers, zone.today, zone.today + timedelta(weeks=weeks + TAIL))
    teams = {(day - zone.today).days: a_team(zone.code, UUID(int=0), day, workers) for day in turning}
    return World(zone, scenario.intake_of(changes), teams, weeks)


@dataclass(frozen=True, slots=True)
class Replayed:
    """What one future came to: how many wait at the end of each week, everybody who came, and what each carries at the end."""

    waiting: tuple[int, ...]
    askers: tuple[Asker, ...]
    used: tuple[int, ...]


def replay(world: World, future: Future) -> Replayed:
    """Run one future through a world."""
    run = Run(world)
    run.begin(future)
    coming = [each for each in future.coming if each.share < world.factor]
    waiting: list[int] = []
    askers: list[Asker] = []
    used: list[int] = []
    next_one = 0
    for day in range(world.days):
        run.wake(day)
        while next_one < len(coming) and coming[next_one].day == day:
            one = coming[next_one]
            asker = Asker(day, one.question, one.fate)
            run.come(asker, one.urgency, world.moment(day, one.second))
            askers.append(asker)
            next_one += 1
        if day % DAYS == DAYS - 1 and len(waiting) < world.weeks:
            waiting.append(run.waiting)
            used = [load.used for load in run.loads]
    return Replayed(tuple(waiting), tuple(askers), tuple(used))


class Run:
    """The state of one replay."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.team = world.teams[0]
        self.places = {worker.id: place for place, worker in enumerate(self.team.members)}
        self.loads = [Load(worker.fixed + world.zone.elsewhere.get(worker.id, 0)) for worker in self.team.members]
        self.day = 0
        self.moment = world.moment(0)
        self.waiting = 0
        self._acts: list[list[Callable[[], None]]] = [[] for _ in range(world.days)]
        self._lines: dict[tuple[Question, int], Line] = {}
        self._came_free = True  # points or people, since the waiting list was last tried
        self._changes = 0
        self._most_room: dict[
            Kind, tuple[int, int]
        ] = {}  # at most, among those who can take a kind; and after which change that was counted
        self._turns = 0

    def begin(self, future: Future) -> None:
        """As the zone stands now."""
        zone = self.world.zone
        for held, fate in zip(zone.held, future.held, strict=True):
            self._hold(held, fate)
        for worker_id, days in zone.recent.items():
            for day in days:
                self._count_recent(self.places.get(worker_id, NOBODY), RULE.recent_days + 1 - (zone.today - day).days)
        for each, fate in zip(zone.waiting, future.waiting, strict=True):
            self._queue(Asker(0, each.question, fate, each.excluded), each.urgency, each.received_at)

    def wake(self, day: int) -> None:
        """A day begins: what falls due on it happens, then who waits is served."""
        self.day, self.moment = day, self.world.moment(day)
        if day and day in self.world.teams:
            self._turn(self.world.teams[day])
        for act in self._acts[day]:
            act()
        self._serve()

    def come(self, asker: Asker, urgency: str, at: datetime) -> None:
        """Somebody comes, and waits where nobody fits."""
        question = asker.question
        if not self._has_room(question[:4], question.points) or not self._place(asker):
            self._queue(asker, urgency, at)

    def _queue(self, asker: Asker, urgency: str, at: datetime) -> None:
        self._turns += 1
        self.waiting += 1
        alike = (_as_far_as_it_limits(asker.question), self._turns if asker.excluded else 0)
        line = self._lines.setdefault(alike, Line(asker.question[:4], asker.question.points))
        heappush(line.waiting, ((*turn(urgency, at), self._turns), asker))
        for _, until in asker.excluded:
            self._later((until - self.moment).days + 1, self._ask_again)

    def _serve(self) -> None:
        """Try the whole waiting list in the order of its turns."""
        if not self._came_free:
            return
        self._came_free = False
        heads = [(line.waiting[0][0], alike) for alike, line in self._lines.items() if self._has_room(line.kind, line.points)]
        heapify(heads)
        while heads:
            _, alike = heappop(heads)
            line = self._lines[alike]
            if not self._has_room(line.kind, line.points) or not self._place(line.waiting[0][1]):
                continue
            heappop(line.waiting)
            self.waiting -= 1
            if line.waiting:
                heappush(heads, (line.waiting[0][0], alike))
            else:
                del self._lines[alike]

    def _place(self, asker: Asker) -> bool:
        """Ask the rule; give the case to whom it picks."""
        place = choice.choose(asker.asked_at(self.moment), self.team, self.loads, asker.fate.draw).chosen
        if place is None:
            return False
        asker.served = self.day
        self._changed(place, asker.question.points)
        self._count_recent(place, RULE.recent_days + 1)
        case = Case(place, asker.question.points, asker.question.programmes, "normal")
        self._later(ASSUMED.contact_days, lambda: self._reweigh(case, intensity=asker.fate.intensity))
        self._later(RULE.first_weeks * DAYS, lambda: self._reweigh(case, first_weeks=False))
        self._later(asker.fate.weeks * DAYS, lambda: self._close(case))
        return True

    def _has_room(self, kind: Kind, points: int) -> bool:
        """Whether anybody who passes the fixed filters has room. Where nobody has, the rule need not be asked: that would take most of the time."""
        most, counted = self._most_room.get(kind, (points, -1))
        if points <= most and counted != self._changes:
            most = max([capacity - self.loads[place].used for place, _, capacity in self.team.sieve(kind).passing], default=-1)
            self._most_room[kind] = most, self._changes
        return points <= most

    def _changed(self, place: int, points: int) -> None:
        """Somebody carries more, or less."""
        self.loads[place].used += points
        self._changes += 1
        if points < 0:
            self._came_free = True
            room = self.team.members[place].capacity(self.team.day) - self.loads[place].used
            for kind, (most, _) in self._most_room.items():
                if room > most:  # at most: whether this one passes the filters is looked at when it matters
                    self._most_room[kind] = room, -1

    def _hold(self, held: Held, fate: Fate) -> None:
        """A case that somebody has when the replay begins."""
        case = Case(self.places.get(held.coordinator_id, NOBODY), 0, held.programmes, held.intensity, held.first_weeks_end is not None)
        self._carry(case, held.points)
        if not held.met:
            self._later(ASSUMED.contact_days, lambda: self._reweigh(case, intensity=fate.intensity))
        if held.first_weeks_end:
            self._later((held.first_weeks_end - self.world.zone.now) / timedelta(days=1), lambda: self._reweigh(case, first_weeks=False))
        self._later(fate.weeks * DAYS, lambda: self._close(case))

    def _later(self, days: float, act: Callable[[], None]) -> None:
        """Let something happen so many days from this one, the next at the earliest."""
        day = self.day + max(round(min(days, len(self._acts))), 1)
        if day < len(self._acts):
            self._acts[day].append(act)

    def _count_recent(self, place: int, days: int) -> None:
        if place == NOBODY or days <= 0:
            return
        load = self.loads[place]
        load.recent += 1

        def no_more() -> None:
            load.recent -= 1

        self._later(days, no_more)

    def _reweigh(self, case: Case, *, intensity: str = "", first_weeks: bool = True) -> None:
        if case.is_open:
            case.intensity, case.first_weeks = intensity or case.intensity, case.first_weeks and first_weeks
            self._carry(case, workload(case.programmes, case.intensity, case.first_weeks))

    def _close(self, case: Case) -> None:
        case.is_open = False
        self._carry(case, 0)

    def _carry(self, case: Case, points: int) -> None:
        difference, case.points = points - case.points, points
        if case.place != NOBODY and difference:
            self._changed(case.place, difference)

    def _turn(self, team: Team) -> None:
        """From today on capacities and presence are others, and the fixed points with them."""
        for place, (before, after) in enumerate(zip(self.team.members, team.members, strict=True)):
            self._changed(place, after.fixed - before.fixed)
        self.team = team
        self._ask_again()

    def _ask_again(self) -> None:
        """Points or people came free: there may be room for who waits."""
        self._most_room.clear()
        self._came_free = True


def _as_far_as_it_limits(question: Question) -> Question:
    """What decides whether anybody fits: not who is familiar, nor, where a care coordinator is asked, who cares already."""
    return question._replace(familiar=None, caring=question.caring if question.role == Role.CASE_MANAGER else ())
