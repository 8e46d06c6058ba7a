"""What a page that refreshes itself need not record again, and what it must."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from shared.access.audit.refreshes import LASTS, Refreshes
from shared.items import Entry

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
SEEN = Entry(uuid4(), uuid4(), uuid4(), "zone", "holds", "cases.listing", "seen", "care", uuid4(), "coordinator", uuid4(), uuid4())
ROW = {"status": "assigned"}


@pytest.fixture
def refreshes() -> Refreshes:
    made = Refreshes(most=3)
    made.remember([(SEEN, ROW)], NOW)
    return made


def test_the_same_row_is_not_recorded_again_for_some_minutes(refreshes: Refreshes) -> None:
    again = replace(SEEN, request_id=uuid4())
    assert refreshes.new([(again, dict(ROW))], NOW + LASTS - timedelta(seconds=1)) == []
    assert refreshes.new([(again, ROW)], NOW + LASTS) == [again], "counted from the record, not from the last refresh"


@pytest.mark.parametrize("name", [name for name in Entry.__dataclass_fields__ if name != "request_id"])
def test_anything_else_about_it_is_recorded(refreshes: Refreshes, name: str) -> None:
    changes: dict[str, Any] = {name: "another" if isinstance(getattr(SEEN, name), str) else uuid4()}
    assert refreshes.new([(other := replace(SEEN, **changes), ROW)], NOW) == [other]


def test_a_row_that_changed_is_recorded(refreshes: Refreshes) -> None:
    assert refreshes.new([(SEEN, {"status": "paused"})], NOW) == [SEEN]


def test_what_was_not_committed_is_not_remembered(refreshes: Refreshes) -> None:
    other = replace(SEEN, person=uuid4())
    assert refreshes.new([(other, ROW)], NOW) == refreshes.new([(other, ROW)], NOW) == [other]


def test_it_forgets_rather_than_grows(refreshes: Refreshes) -> None:
    others = [(replace(SEEN, person=uuid4()), ROW) for _ in range(3)]
    refreshes.remember(others, NOW)
    assert len(refreshes.recorded) == 3
    assert refreshes.new([(SEEN, ROW), *others], NOW) == [SEEN]
