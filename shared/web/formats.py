"""Dates, times and numbers as people in Belgium write them. Times are given in UTC and shown in Brussels time, 24 hours."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

BRUSSELS = ZoneInfo("Europe/Brussels")
WEEKDAYS = ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag")
MONTHS = ("januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november", "december")


def local(moment: datetime) -> datetime:
    """A moment on the clock of Brussels."""
    return moment.astimezone(BRUSSELS)


def day_of(moment: date | datetime) -> date:
    """The day in Brussels of a moment, or the day itself."""
    return local(moment).date() if isinstance(moment, datetime) else moment


def full_date(moment: date | datetime) -> str:
    """`24/11/2026`"""
    return f"{day_of(moment):%d/%m/%Y}"


def short_date(moment: date | datetime, now: datetime) -> str:
    """`24/11`, with the year when it is not this year."""
    day = day_of(moment)
    return f"{day:%d/%m}" if day.year == day_of(now).year else full_date(day)


def weekday(moment: date | datetime, now: datetime) -> str:
    """`di 24/11`"""
    return f"{WEEKDAYS[day_of(moment).weekday()][:2]} {short_date(moment, now)}"


def long_day(moment: date | datetime) -> str:
    """`dinsdag 24 november`"""
    day = day_of(moment)
    return f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]}"


def clock(moment: datetime) -> str:
    """`9:30`"""
    at = local(moment)
    return f"{at.hour}:{at:%M}"


def moment_text(moment: datetime, now: datetime) -> str:
    """`vandaag 11:00`, `gisteren 16:20`, `morgen 9:00`, otherwise `di 24/11 11:00`."""
    near = {timedelta(0): "vandaag", timedelta(days=-1): "gisteren", timedelta(days=1): "morgen"}
    name = near.get(day_of(moment) - day_of(now)) or weekday(moment, now)
    return f"{name} {clock(moment)}"


def number(value: float | Decimal, digits: int | None = None) -> str:
    """A number with a comma, and a point between thousands: `4.812`, `79,8`. `digits` fixes the decimals; otherwise at most two, without zeros."""
    exact = Decimal(str(value)).quantize(Decimal(1).scaleb(-(2 if digits is None else digits)), ROUND_HALF_UP)
    text = f"{exact:,f}".replace(",", " ").replace(".", ",").replace(" ", ".")
    return text.rstrip("0").rstrip(",") if digits is None and "," in text else text


def points(hundredths: int) -> str:
    """Points, kept as whole hundredths: `480` is `4,8`."""
    return number(Decimal(hundredths) / 100)


def percent(share: float) -> str:
    """A share of one as a whole percentage: `0.75` is `75 %`."""
    return f"{number(share * 100, 0)} %"
