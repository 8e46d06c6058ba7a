"""What the zone lead is asked to look at is marked done, once, with who and when."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from services.coordination.tasks.domain import MarkDone, Task, mark_done
from shared.access.rules import Somebody
from shared.items import Shelf
from tests.unit.coordination.builders import LEAD, NOW, ZONE, as_coordinator, as_lead

BY_LEAD = as_lead(LEAD, frozenset({ZONE}))


def a_shelf() -> tuple[Shelf[Task], UUID]:
    task = Task(uuid4(), uuid4(), ZONE, "training", LEAD, NOW - timedelta(days=1))
    return Shelf.of([task]), task.id


def test_who_did_it_and_when_is_kept() -> None:
    tasks, id = a_shelf()
    decision = mark_done(tasks, MarkDone(uuid4(), id, BY_LEAD), NOW)
    assert [(task.done_at, task.done_by) for task in tasks.changed()] == [(NOW, LEAD)]
    assert (decision.answer["done_at"], decision.answer["done_by"], decision.answer["zone"]) == (NOW.isoformat(), str(LEAD), ZONE)


def test_said_twice_the_first_counts() -> None:
    tasks, id = a_shelf()
    first = mark_done(tasks, MarkDone(uuid4(), id, BY_LEAD), NOW)
    other = as_lead(UUID(int=8), frozenset({ZONE}))
    assert mark_done(tasks, MarkDone(uuid4(), id, other), NOW + timedelta(hours=1)).answer == first.answer
    assert tasks[id].done_by == LEAD


@pytest.mark.parametrize("by", [as_coordinator(LEAD), as_lead(LEAD, frozenset({"brussel-noord"}))])
def test_only_a_lead_of_its_zone_does_it(by: Somebody) -> None:
    tasks, id = a_shelf()
    refusal = mark_done(tasks, MarkDone(uuid4(), id, by), NOW).refusal
    assert refusal is not None
    assert (refusal.code, refusal.status, tasks.changed()) == ("task_not_found", 404, [])


def test_an_unknown_task_is_not_found() -> None:
    refusal = mark_done(Shelf(), MarkDone(uuid4(), uuid4(), BY_LEAD), NOW).refusal
    assert refusal is not None
    assert refusal.code == "task_not_found"
