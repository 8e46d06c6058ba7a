"""Working time: Monday to Friday 9:00–17:00 in Brussels, without Belgian public holidays. Pure; every time in and out has a time zone.

Deadlines are whole minutes, rounded up, so that the results for one minute are worked out once.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

import holidays

BRUSSELS = ZoneInfo("Europe/Brussels")
OPENS, CLOSES = time(9), time(17)
HOURS_A_DAY = 8
MINUTES_A_DAY = HOURS_A_DAY * 60
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


@cache
def public_holidays(year: int) -> frozenset[date]:
    """The Belgian public holidays of one year, from the package `holidays`."""
    return frozenset(holidays.country_holidays("BE", years=year))


@lru_cache(maxsize=4096)
def is_working_day(day: date) -> bool:
    """Monday to Friday and not a public holiday."""
    return day.weekday() < 5 and day not in public_holidays(day.year)


def add_working_days(start: datetime, days: float) -> datetime:
    """`start` plus working days of eight working hours: Tuesday 10:00 plus one is Wednesday 10:00. In UTC, a whole minute."""
    return add_working_hours(start, days * HOURS_A_DAY)


def add_working_hours(start: datetime, hours: float) -> datetime:
    """`start` plus working hours; what falls outside working time counts from the next opening. In UTC, a whole minute."""
    minute = start.replace(second=0, microsecond=0)
    if minute != start:
        minute += MINUTE
    return _after(minute, round(hours * 60))


def working_time_between(start: datetime, end: datetime) -> timedelta:
    """The working time from `start` to `end`; zero when `end` is not later."""
    if end <= start:
        return timedelta(0)
    first, last = start.astimezone(BRUSSELS), end.astimezone(BRUSSELS)
    if first.date() == last.date():
        return max(_worked(last) - _worked(first), timedelta(0))
    whole_days = _working_days_between(first.date() + DAY, last.date())
    return _whole_day(first.date()) - _worked(first) + whole_days * timedelta(hours=HOURS_A_DAY) + _worked(last)


@lru_cache(maxsize=8192)
def _after(start: datetime, minutes: int) -> datetime:
    local = start.astimezone(BRUSSELS)
    day, left = local.date(), timedelta(minutes=minutes)
    worked = _worked(local)
    while worked + left > _whole_day(day) or not is_working_day(day):
        left -= _whole_day(day) - worked
        day, worked = day + DAY, timedelta(0)
    return (datetime.combine(day, OPENS, BRUSSELS) + worked + left).astimezone(UTC)


def _worked(local: datetime) -> timedelta:
    """How much of that day's working time has passed."""
    if not is_working_day(local.date()) or local.time() <= OPENS:
        return timedelta(0)
    return min(local - datetime.combine(local.date(), OPENS, BRUSSELS), timedelta(hours=HOURS_A_DAY))


def _whole_day(day: date) -> timedelta:
    return timedelta(hours=HOURS_A_DAY) if is_working_day(day) else timedelta(0)


@lru_cache(maxsize=4096)
def _working_days_between(first: date, last: date) -> int:
    """Working days from `first` up to but not including `last`."""
    return sum(is_working_day(first + DAY * n) for n in range((last - first).days))
