"""Figures of a zone over time, week by week. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from shared.working_time import BRUSSELS, HOURS_A_DAY, working_time_between

WEEKS = 12
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Course:
    """What became of one case: when it came, from when until when somebody held it, when it was closed."""

    opened_at: datetime
    held: tuple[tuple[datetime, datetime | None], ...]  # in the order of time
    closed_at: datetime | None

    @property
    def assigned_at(self) -> datetime | None:
        """When somebody held it first."""
        return self.held[0][0] if self.held else None

    def is_without(self, at: datetime) -> bool:
        """Whether it was open at that moment, and held by nobody."""
        is_open = self.opened_at < at and (self.closed_at is None or self.closed_at >= at)
        return is_open and not any(since < at and (until is None or until >= at) for since, until in self.held)


@dataclass(frozen=True, slots=True)
class Week:
    """One week: cases that came, were assigned for the first time and were closed; those without a coordinator at its end (or now)."""

    monday: date
    opened: int
    assigned: int
    closed: int
    without: int
    days_half: (
        float | None
    )  # working days from opening to assignment that half of those assigned needed at most; None where there were none
    days_most: float | None  # the same for eight in ten


def first_monday(now: datetime) -> date:
    """The Monday on which the weeks shown begin; the running week is the last of them."""
    today = now.astimezone(BRUSSELS).date()
    return today - timedelta(days=today.weekday()) - (WEEKS - 1) * WEEK


def begins(monday: date) -> datetime:
    """The moment at which a day begins in Brussels."""
    return datetime.combine(monday, time(), BRUSSELS)


def weeks(courses: Sequence[Course], now: datetime) -> list[Week]:
    """The weeks up to now, the oldest first."""
    first = first_monday(now)
    return [_week(courses, first + number * WEEK, now) for number in range(WEEKS)]


def _week(courses: Sequence[Course], monday: date, now: datetime) -> Week:
    start, end = begins(monday), begins(monday + WEEK)

    def inside(moment: datetime | None) -> bool:
        return moment is not None and start <= moment < end

    waits = sorted(
        working_time_between(course.opened_at, course.assigned_at).total_seconds() / 3600 / HOURS_A_DAY
        for course in courses
        if course.assigned_at is not None and inside(course.assigned_at)
    )
    return Week(
        monday,
        opened=sum(inside(course.opened_at) for course in courses),
        assigned=len(waits),
        closed=sum(inside(course.closed_at) for course in courses),
        without=sum(course.is_without(min(end, now)) for course in courses),
        days_half=_at_most(waits, 0.5),
        days_most=_at_most(waits, 0.8),
    )


def _at_most(sorted_values: Sequence[float], share: float) -> float | None:
    """The smallest value that this share of the values does not exceed."""
    return sorted_values[math.ceil(len(sorted_values) * share) - 1] if sorted_values else None
