"""Working time of a zone's intake: Monday to Friday, 9:00 to 17:00 in Brussels, without Belgian public holidays (an assumption). Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays

BRUSSELS = ZoneInfo("Europe/Brussels")
OPENS, CLOSES = time(9), time(17)


@cache
def _public(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("BE", years=year))


def is_working_day(day: date) -> bool:
    return day.weekday() < 5 and day not in _public(day.year)


def working_days_later(moment: datetime, days: int) -> datetime:
    """The same time of day so many working days on; outside working time the count starts when the next working day opens."""
    local = moment.astimezone(BRUSSELS)
    day, clock = local.date(), max(local.time().replace(tzinfo=None), OPENS)
    if not is_working_day(day) or clock >= CLOSES:
        day, clock = _next(day), OPENS
    for _ in range(days):
        day = _next(day)
    return datetime.combine(day, clock, BRUSSELS).astimezone(UTC)


def _next(day: date) -> date:
    day += timedelta(days=1)
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def day(moment: datetime) -> date:
    """The day in Brussels."""
    return moment.astimezone(BRUSSELS).date()
