"""How long what is kept: the table itself, the nights, and a clock that moves."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.retention.table import BEGINS, ENDS, is_night, next_night, period, table
from shared.settings import SERVICES
from shared.working_time import BRUSSELS

MOMENTS = st.integers(0, 5 * 365 * 24 * 60).map(lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes))
CLASSES = (
    "drafts",
    "refused_referrals",
    "withdrawn_referrals",
    "closed_cases",
    "messages",
    "inbox",
    "event_log",
    "idempotency",
    "sessions",
)


def test_every_class_has_a_dated_row_with_a_source_or_says_that_it_is_an_assumption():
    assert set(table()) == set(CLASSES)
    for row in table().values():
        assert row.source.startswith("assumption") or "docs/" in row.source
        assert set(row.where) <= {*SERVICES, "access"}


def test_published_events_outlive_the_referrals_whose_count_looks_them_up():
    assert period("event_log").days > period("withdrawn_referrals").days


@given(MOMENTS)
def test_the_next_night_is_later_within_a_day_and_is_one(now: datetime):
    begins = next_night(now)
    assert now < begins <= now + timedelta(hours=25)
    assert is_night(begins)
    assert begins.astimezone(BRUSSELS).time() == BEGINS


@pytest.mark.parametrize(("hour", "night"), [(time(1, 29), False), (BEGINS, True), (time(4, 59), True), (ENDS, False), (time(14), False)])
@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 7, 1), date(2026, 10, 25), date(2026, 12, 24)])
def test_night_is_on_the_clock_of_brussels_in_summer_and_winter(hour: time, night: bool, day: date):
    assert is_night(datetime.combine(day, hour, BRUSSELS).astimezone(UTC)) is night
