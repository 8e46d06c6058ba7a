"""Dates, times and numbers as people in Belgium write them, in the language of the request. Times are given in UTC and shown in Brussels time."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_date

from shared.web import languages
from shared.web.languages import lazy

BRUSSELS = ZoneInfo("Europe/Brussels")
LONG_DAY = {"de": "EEEE, d. MMMM"}
SEPARATORS = {"fr": ("\N{NO-BREAK SPACE}", ","), "en": (",", ".")}  # of thousands and of decimals
POINT_AND_COMMA = (".", ",")


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
    return f"{format_date(day_of(moment), 'EE', languages.current())} {short_date(moment, now)}"


def long_day(moment: date | datetime) -> str:
    """`dinsdag 24 november`"""
    language = languages.current()
    return format_date(day_of(moment), LONG_DAY.get(language, "EEEE d MMMM"), language)


def clock(moment: datetime) -> str:
    """`9:30`"""
    at = local(moment)
    return f"{at.hour}:{at:%M}"


def moment_text(moment: datetime, now: datetime) -> str:
    """`vandaag 11:00`, `gisteren 16:20`, `morgen 9:00`, otherwise `di 24/11 11:00`."""
    near = {timedelta(0): NEAR[0], timedelta(days=-1): NEAR[1], timedelta(days=1): NEAR[2]}
    template = near.get(day_of(moment) - day_of(now)) or AT
    return str(template).format(day=weekday(moment, now), clock=clock(moment))


NEAR = (lazy("vandaag {clock}"), lazy("gisteren {clock}"), lazy("morgen {clock}"))
AT = lazy("{day} {clock}")


def number(value: float | Decimal, digits: int | None = None) -> str:
    """A number with a comma, and a point between thousands: `4.812`, `79,8`. `digits` fixes the decimals; otherwise at most two, without zeros."""
    exact = Decimal(str(value)).quantize(Decimal(1).scaleb(-(2 if digits is None else digits)), ROUND_HALF_UP)
    whole, _, decimals = f"{exact:,f}".partition(".")
    thousands, comma = SEPARATORS.get(languages.current(), POINT_AND_COMMA)
    decimals = decimals.rstrip("0") if digits is None else decimals
    return whole.replace(",", thousands) + (comma + decimals if decimals else "")


def points(hundredths: int) -> str:
    """Points, kept as whole hundredths: `480` is `4,8`."""
    return number(Decimal(hundredths) / 100)


def percent(share: float) -> str:
    """A share of one as a whole percentage: `0.75` is `75 %`."""
    return f"{number(share * 100, 0)}%" if languages.current() == "en" else f"{number(share * 100, 0)} %"
