"""Working time: Monday to Friday 9:00–17:00 in Brussels, without Belgian public holidays."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from shared.working_time import BRUSSELS, add_working_days, add_working_hours, is_working_day, working_time_between


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BRUSSELS)


@pytest.mark.parametrize(
    ("start", "hours", "expected"),
    [
        ("2026-11-24 09:30", 2, "2026-11-24 11:30"),
        ("2026-11-24 16:00", 2, "2026-11-25 10:00"),
        ("2026-11-24 09:00", 8, "2026-11-24 17:00"),
        ("2026-11-24 17:00", 1, "2026-11-25 10:00"),
        ("2026-11-24 06:00", 1, "2026-11-24 10:00"),
        ("2026-11-27 16:30", 1, "2026-11-30 09:30"),
        ("2026-11-28 12:00", 1, "2026-11-30 10:00"),
        ("2026-11-10 16:00", 2, "2026-11-12 10:00"),
        ("2026-12-24 16:00", 2, "2026-12-28 10:00"),
        ("2026-10-23 16:00", 2, "2026-10-26 10:00"),
        ("2026-11-24 09:30:01", 1, "2026-11-24 10:31"),
    ],
)
def test_hours_are_counted_only_while_people_work(start, hours, expected):
    assert add_working_hours(at(start), hours) == at(expected)


@pytest.mark.parametrize(
    ("start", "days", "expected"),
    [
        ("2026-11-24 10:42", 1, "2026-11-25 10:42"),
        ("2026-11-20 10:42", 1, "2026-11-23 10:42"),
        ("2026-11-10 15:00", 1, "2026-11-12 15:00"),
        ("2026-11-24 10:00", 10, "2026-12-08 10:00"),
        ("2026-11-21 03:00", 1, "2026-11-23 17:00"),
    ],
)
def test_a_working_day_is_eight_working_hours(start, days, expected):
    assert add_working_days(at(start), days) == at(expected)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2026-11-24 09:30", "2026-11-24 11:40", timedelta(hours=2, minutes=10)),
        ("2026-11-24 16:00", "2026-11-25 10:00", timedelta(hours=2)),
        ("2026-11-20 16:00", "2026-11-23 10:00", timedelta(hours=2)),
        ("2026-11-24 18:00", "2026-11-24 20:00", timedelta(0)),
        ("2026-11-10 12:00", "2026-11-12 12:00", timedelta(hours=8)),
        ("2026-11-24 12:00", "2026-11-24 11:00", timedelta(0)),
        ("2026-11-21 12:00", "2026-11-22 12:00", timedelta(0)),
        ("2026-11-02 09:00", "2026-11-30 09:00", timedelta(hours=8 * 19)),
    ],
)
def test_the_time_between_leaves_out_nights_weekends_and_holidays(start, end, expected):
    assert working_time_between(at(start), at(end)) == expected


def test_what_is_added_lies_between():
    start = at("2026-12-23 13:17")
    for hours in (0.5, 3, 8, 17, 80, 400):
        assert working_time_between(start, add_working_hours(start, hours)) == timedelta(hours=hours)


def test_an_answer_is_in_utc_also_across_the_change_to_summer_time():
    deadline = add_working_days(at("2026-03-27 10:00"), 1)
    assert deadline == datetime(2026, 3, 30, 8, 0, tzinfo=UTC)
    assert deadline.tzinfo is UTC


@pytest.mark.parametrize(
    "day", ["2026-01-01", "2026-04-06", "2026-05-01", "2026-05-14", "2026-05-25", "2026-07-21", "2026-11-11", "2026-12-25"]
)
def test_nobody_works_on_a_public_holiday(day):
    assert not is_working_day(date.fromisoformat(day))
