"""Figures of a zone, week by week."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from services.coordination.figures import charts
from services.coordination.figures.domain import WEEKS, Course, Week, weeks

NOW = datetime(2026, 11, 26, 11, tzinfo=UTC)  # a Thursday
MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)
DAY = timedelta(days=1)


def this_week(*courses: Course) -> Week:
    return weeks(courses, NOW)[-1]


def test_twelve_weeks_end_with_the_running_one() -> None:
    shown = weeks([], NOW)
    assert [week.monday for week in shown] == [date(2026, 9, 7) + timedelta(weeks=number) for number in range(WEEKS)]
    assert shown[-1] == Week(date(2026, 11, 23), 0, 0, 0, 0, None, None)


def test_a_week_begins_and_ends_at_midnight_in_brussels() -> None:
    sunday = datetime(2026, 11, 22, 22, 59, tzinfo=UTC)
    shown = weeks([Course(sunday, (), None), Course(sunday + timedelta(minutes=1), (), None)], NOW)
    assert [week.opened for week in shown[-2:]] == [1, 1]


def test_over_the_end_of_summer_time_a_week_is_an_hour_longer() -> None:
    last = datetime(2026, 10, 25, 22, 59, tzinfo=UTC)
    assert [week.opened for week in weeks([Course(last, (), None)], NOW)][WEEKS - 6 : WEEKS - 4] == [1, 0]


def test_who_is_assigned_again_counts_as_assigned_once_and_is_without_in_between() -> None:
    course = Course(MONDAY - 7 * DAY, ((MONDAY - 6 * DAY, MONDAY - 2 * DAY), (MONDAY + DAY, None)), None)
    before, now = weeks([course], NOW)[-2:]
    assert (before.assigned, now.assigned) == (1, 0)
    assert (before.without, now.without) == (1, 0)


def test_who_is_closed_is_not_without() -> None:
    assert this_week(Course(MONDAY, (), MONDAY + DAY)) == Week(date(2026, 11, 23), 1, 0, 1, 0, None, None)


def test_the_running_week_counts_who_is_without_now_and_not_at_its_end() -> None:
    assert this_week(Course(MONDAY, ((NOW - DAY, None),), None)).without == 0
    assert this_week(Course(MONDAY, ((NOW + DAY, None),), None)).without == 1


def test_waits_are_working_days_that_half_and_eight_in_ten_did_not_exceed() -> None:
    courses = [Course(MONDAY, ((MONDAY + timedelta(hours=hours), None),), None) for hours in (0, 4, 4, 8, 8 + 2 * 24)]
    week = this_week(*courses)
    assert (week.assigned, week.days_half, week.days_most) == (5, 0.5, 1.0)


def test_a_chart_reaches_a_round_number_and_marks_what_is_beyond_the_limit() -> None:
    shown = charts.of([Week(date(2026, 11, 9), 7, 1, 0, 3, 2.0, 12.5), Week(date(2026, 11, 16), 0, 0, 0, 0, None, None)], 10)
    opened, _, days = shown["charts"]
    assert (opened["scale"], opened["columns"][0]["height"], len(opened["columns"])) == (10, 70.0, 1)
    assert (days["scale"], days["limit"], days["columns"][0]["fill"], days["now"]) == (20, 50.0, "fill-late", "–")
    assert [row["days_most"] for row in shown["rows"]] == ["–", "12,5"]
