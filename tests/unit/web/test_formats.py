from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from shared.web import formats

NOW = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)


def test_times_are_those_of_brussels_in_winter_and_summer() -> None:
    assert formats.clock(datetime(2026, 11, 24, 8, 30, tzinfo=UTC)) == "9:30"
    assert formats.clock(datetime(2026, 7, 1, 22, 5, tzinfo=UTC)) == "0:05"
    assert formats.full_date(datetime(2026, 7, 1, 22, 5, tzinfo=UTC)) == "02/07/2026"


def test_the_year_is_left_out_when_it_is_this_year() -> None:
    assert formats.short_date(date(2026, 1, 9), NOW) == "09/01"
    assert formats.short_date(date(2025, 12, 31), NOW) == "31/12/2025"


def test_new_year_begins_at_midnight_in_brussels() -> None:
    assert formats.short_date(date(2027, 1, 1), datetime(2026, 12, 31, 23, 30, tzinfo=UTC)) == "01/01"


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (datetime(2026, 11, 24, 10, 0, tzinfo=UTC), "vandaag 11:00"),
        (datetime(2026, 11, 23, 15, 20, tzinfo=UTC), "gisteren 16:20"),
        (datetime(2026, 11, 25, 11, 30, tzinfo=UTC), "morgen 12:30"),
        (datetime(2026, 11, 20, 8, 15, tzinfo=UTC), "vr 20/11 9:15"),
        (datetime(2025, 11, 20, 8, 15, tzinfo=UTC), "do 20/11/2025 9:15"),
    ],
)
def test_moments_near_now_have_a_word(moment: datetime, expected: str) -> None:
    assert formats.moment_text(moment, NOW) == expected


def test_days_have_dutch_names() -> None:
    assert formats.long_day(NOW) == "dinsdag 24 november"
    assert formats.weekday(date(2026, 11, 29), NOW) == "zo 29/11"


@pytest.mark.parametrize(
    ("value", "digits", "expected"),
    [
        (79.8, None, "79,8"),
        (4812, None, "4.812"),
        (1234567.891, None, "1.234.567,89"),
        (100, None, "100"),
        (0.8, 2, "0,80"),
        (0.955, 2, "0,96"),
        (Decimal("2.5"), 0, "3"),
        (-3.5, None, "-3,5"),
        (0, None, "0"),
    ],
)
def test_numbers_have_a_comma(value: float, digits: int | None, expected: str) -> None:
    assert formats.number(value, digits) == expected


@pytest.mark.parametrize(("hundredths", "expected"), [(480, "4,8"), (200, "2"), (10000, "100"), (125, "1,25"), (0, "0")])
def test_points_are_kept_in_hundredths(hundredths: int, expected: str) -> None:
    assert formats.points(hundredths) == expected


def test_shares_are_whole_percentages() -> None:
    assert formats.percent(0.7549) == "75 %"
