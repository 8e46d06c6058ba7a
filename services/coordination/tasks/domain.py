"""What the zone lead is asked to look at, and that it was looked at. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from shared.access.rules import Action, Asking, Facts, may
from shared.items import Decision, Entry, Refusal, Shelf


@dataclass(frozen=True, slots=True)
class Task:
    """Something about a case that the zone lead is asked to look at. Once done it says who said so and when."""

    id: UUID
    case_id: UUID
    zone: str
    kind: str  # `training`: the coordinator is not trained for an added programme; `reassign`: the holder left; `rest`: nobody looked after a rest
    owner_id: UUID | None
    asked_at: datetime
    done_at: datetime | None = None
    done_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class MarkDone:
    """A zone lead did what a task asks."""

    id: UUID
    task_id: UUID
    by: Asking


def mark_done(tasks: Shelf[Task], item: MarkDone, now: datetime) -> Decision:
    """Keep who did it and when; of two who say so the first counts."""
    task = tasks.get(item.task_id)
    if task is None:
        return Decision(refusal=NOT_FOUND)
    ground = may(item.by, Action.DO_TASK, Facts(zones=frozenset({task.zone})))
    about = Entry(None, task.case_id, task.id, task.zone, ground.relation)
    if not ground:
        return Decision(refusal=NOT_FOUND).about(about)
    if task.done_at is None:
        task = replace(task, done_at=now, done_by=item.by.id)
        tasks.put(task)
    return Decision(
        {
            "task_id": str(task.id),
            "case_id": str(task.case_id),
            "zone": task.zone,
            "done_at": task.done_at.isoformat() if task.done_at else None,
            "done_by": str(task.done_by),
        }
    ).about(about)


NOT_FOUND = Refusal("task_not_found", 404)
