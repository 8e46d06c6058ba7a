"""Tasks of the zone lead over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.coordination.sight import in_zone
from services.coordination.tasks import handlers, pages, queries
from services.coordination.tasks.domain import MarkDone
from shared.clock import new_id
from shared.items import Entry
from shared.web.call import Call
from shared.web.problems import Problem
from shared.web.routing import Operation, Page


class TasksQuery(BaseModel):
    """Tasks of this zone, of all one's own zones when left out; those that are `done`, or those that are not."""

    model_config = ConfigDict(extra="forbid")
    zone: str | None = Field(default=None, max_length=60, pattern=r"^[^\x00-\x1f]*$")
    done: bool = False


class TaskView(BaseModel):
    """What the zone lead is asked to look at. `owner_id` is None only while the zone has no lead."""

    id: UUID
    case_id: UUID
    case_reference: str
    zone: str
    kind: str
    owner_id: UUID | None
    asked_at: datetime
    done_at: datetime | None
    done_by: UUID | None


class TaskList(BaseModel):
    tasks: list[TaskView]


class Done(BaseModel):
    """A task that is done: who said so first, and when."""

    task_id: UUID
    case_id: UUID
    zone: str
    done_at: datetime
    done_by: UUID


async def list_tasks(call: Call) -> TaskList:
    """Tasks of zones that are the actor's own."""
    zones = call.actor.zones if call.query.zone is None else {call.query.zone}
    if not all(call.may(in_zone(zone)) for zone in zones):
        raise Problem(403, "not_your_zone", "This zone is not yours to see.", "Ask for one of your own zones.")
    async with call.read() as connection:
        rows = await queries.tasks_in(connection, zones, done=call.query.done)
        await call.looked(
            connection, [Entry(None, row["case_id"], row["id"], row["zone"], call.may(in_zone(row["zone"])).relation) for row in rows]
        )
    return TaskList(tasks=[task_view(row) for row in rows])


async def mark_done(call: Call) -> Done:
    """The zone lead did what the task asks. Said again it changes nothing."""
    return Done(**(await call.submit(handlers.mark_done, MarkDone(new_id(), call.path["id"], call.actor))).answer)


def task_view(row: Mapping[str, Any]) -> TaskView:
    """A task as people see it, out of a row of `queries`."""
    return TaskView(case_reference=row["reference"], **{name: row[name] for name in TaskView.model_fields if name != "case_reference"})


SENTENCES = {"task_not_found": "There is no such task, or it is not of a zone that you lead."}

OPERATIONS = [
    Operation("GET", "/coordination/api/tasks", list_tasks, "What zone leads are asked to look at", query=TasksQuery, answer=TaskList),
    Operation("POST", "/coordination/api/tasks/{id:uuid}/done", mark_done, "Mark a task done", answer=Done, refusals=SENTENCES),
]
PAGES: list[Page] = pages.PAGES
