"""What-if: what a zone is now, what came to it lately, and what would be changed. Types only; the replaying stands beside it. Pure."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias
from uuid import UUID

from services.coordination.offers.choice import Question
from services.coordination.workforce.domain import Worker

SEEDS = tuple(range(20))
FEWEST_WEEKS, MOST_WEEKS, USUAL_WEEKS = 4, 26, 12
TAIL = 13  # weeks that are replayed beyond the last one shown, to see how long who came then waits; who waits longer counts as this
COHORT = 4  # weeks whose new cases are looked at together, since in one week few come
MOST_CHANGES = 3
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What is taken for granted where the past says too little; weeks and counts."""

    past_weeks: int
    lengths_weeks: int
    fewest_weeks: int
    fewest_cases: int
    fewest_closings: int
    weighs: int
    contact_days: int
    length: dict[str, int]

    def length_of(self, programme: str) -> int:
        """Weeks from assignment to closing."""
        return self.length.get(programme, self.length["other"])


def read_assumptions(text: str) -> Assumptions:
    """The assumptions in a TOML text."""
    data: dict[str, Any] = tomllib.loads(text)
    return Assumptions(**data)


ASSUMED = read_assumptions((Path(__file__).parent / "data" / "assumptions.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Arrival:
    """One case as it came in a past week: on which day of it, when, and what the rule was asked. `question.points` is its weight when new."""

    day: int
    second: int
    urgency: str
    question: Question


@dataclass(frozen=True, slots=True)
class Held:
    """A case that a coordinator of the zone has now, or is offered. `since`: when they came to have it."""

    coordinator_id: UUID
    points: int
    programmes: tuple[str, ...]
    intensity: str
    since: datetime
    met: bool
    first_weeks_end: datetime | None  # None: it weighs no more for being new


@dataclass(frozen=True, slots=True)
class Waiting:
    """A case that waits now. `excluded`: who is not to be asked until when."""

    received_at: datetime
    urgency: str
    question: Question
    excluded: tuple[tuple[UUID, datetime], ...] = ()


# How long cases of one programme lasted, by band of age: closings, and the weeks in which one could have come.
Bands: TypeAlias = tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True)
class Past:
    """What came and went: whole weeks of intake, the oldest first; bands of length and intensities by programme."""

    monday: date  # on which the first of the weeks begins
    weeks: tuple[tuple[Arrival, ...], ...]
    lengths: Mapping[str, Bands]
    intensities: tuple[str, ...]
    offers: int = 0  # answered or expired in these weeks, and of them:
    turned_down: int = 0

    @property
    def came(self) -> int:
        return sum(len(week) for week in self.weeks)

    @property
    def until(self) -> date:
        """The first day after."""
        return self.monday + len(self.weeks) * WEEK

    def closings(self, programme: str) -> int:
        return sum(closings for closings, _ in self.lengths.get(programme, ()))

    @property
    def is_enough(self) -> bool:
        """Whether it says anything about weeks to come."""
        return len(self.weeks) >= ASSUMED.fewest_weeks and self.came >= ASSUMED.fewest_cases


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone at one moment, without names. `elsewhere`: points that a worker carries for other zones; `recent`: when cases came, by worker."""

    code: str
    now: datetime
    today: date
    workers: tuple[Worker, ...]
    held: tuple[Held, ...]
    waiting: tuple[Waiting, ...]
    past: Past
    elsewhere: Mapping[UUID, int]
    recent: Mapping[UUID, tuple[date, ...]]

    @property
    def programmes(self) -> list[str]:
        """All that come here or are held."""
        coming = {arrival.question.programmes[0] for week in self.past.weeks for arrival in week}
        return sorted(coming | {held.programmes[0] for held in self.held} | {each.question.programmes[0] for each in self.waiting})

    @property
    def languages(self) -> list[str]:
        """All that are spoken or asked for here, the commonest first."""
        asked = [each.question.languages for each in self.waiting] + [each.question.languages for week in self.past.weeks for each in week]
        spoken = Counter(language for languages in (*asked, *(worker.languages for worker in self.workers)) for language in languages)
        return sorted(spoken, key=lambda language: (-spoken[language], language))

    @property
    def assumed(self) -> list[str]:
        """Programmes of which too few cases were closed to know how long they last."""
        return [programme for programme in self.programmes if self.past.closings(programme) < ASSUMED.fewest_closings]


@dataclass(frozen=True, slots=True)
class Range:
    """The 10th, 50th and 90th percentile over the seeds."""

    low: float
    middle: float
    high: float


def range_of(values: Sequence[float]) -> Range:
    """Percentiles of at least one value, such that eight in ten of further ones are to be expected within."""
    known = sorted(values)

    def at(share: float) -> float:
        place = min(max(share * (len(known) + 1) - 1, 0), len(known) - 1)
        below = int(place)
        above = min(below + 1, len(known) - 1)
        return known[below] + (known[above] - known[below]) * (place - below)

    return Range(at(0.1), at(0.5), at(0.9))


@dataclass(frozen=True, slots=True)
class Week:
    """One week to come, from today's weekday on: cases without a coordinator at its end; weeks within which eight in ten of who came in it and
    the three weeks before are offered to one. TAIL stands for more, None for nobody who came."""

    first: date
    waiting: Range
    wait: Range | None


@dataclass(frozen=True, slots=True)
class Carried:
    """What one coordinator carries at the end, fixed part included, of how much; points in hundredths."""

    coordinator_id: UUID
    used: Range
    capacity: int


@dataclass(frozen=True, slots=True)
class Course:
    """How it goes: week by week, and what everyone carries at the end."""

    weeks: tuple[Week, ...]
    load: tuple[Carried, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """How it goes as it is now, and with the changes; in how many of the seeds fewer, as many and more wait at the end with them."""

    now: Course
    then: Course | None
    fewer: int = 0
    equal: int = 0
    more: int = 0
