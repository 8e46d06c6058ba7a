"""Leave over HTTP: noting and taking back days away, with one name for all cases or none."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel

from services.coordination.leave import handlers, pages
from services.coordination.leave.bodies import Away
from services.coordination.leave.domain import EndLeave, PlanLeave
from services.coordination.workforce.domain import Absence
from shared.clock import new_id
from shared.web.call import Call
from shared.web.routing import Operation, Page


class Planned(BaseModel):
    """A leave that was noted. `covered`: cases that somebody looks after meanwhile; `left`: those that the zone lead is asked about."""

    worker_id: UUID
    leave_id: UUID
    away_today: bool
    covered: int
    left: int


class Ended(BaseModel):
    """A leave that was taken back."""

    worker_id: UUID
    leave_id: UUID
    away_today: bool


async def note_absence(call: Call) -> Planned:
    """A worker is away; from the first day on no offers, and what was offered goes to the next."""
    days = Absence(call.body.starts_on, call.body.ends_on)
    item = PlanLeave(new_id(), call.path["id"], call.actor, days, substitute_id=call.body.substitute_id)
    return Planned(**(await call.submit(handlers.plan, item)).answer)


async def cancel_absence(call: Call) -> Ended:
    """A worker is not away after all; of a leave that runs the days that passed stay."""
    days = Absence(call.body.starts_on, call.body.ends_on)
    return Ended(**(await call.submit(handlers.end, EndLeave(new_id(), call.actor, worker_id=call.path["id"], days=days))).answer)


SENTENCES = {
    "worker_not_found": "There is no such worker, or not in a zone that you lead.",
    "leave_not_found": "There is no such leave.",
    "leave_over": "This leave is over.",
    "ends_before_start": "Expected a last day on or after the first.",
    "starts_in_past": "Expected a first day from today on.",
    "ends_in_past": "Expected a last day from today on.",
    "too_long": "Expected at most a year.",
    "overlaps": "Expected days without other leave; there is leave from {starts_on} to {ends_on}.",
    "no_substitute": "Expected another coordinator of a zone of who is away.",
}
OPERATIONS = [
    Operation(
        "POST",
        "/coordination/api/workforce/{id:uuid}/absences",
        note_absence,
        "Note an absence",
        body=Away,
        answer=Planned,
        refusals=SENTENCES,
    ),
    Operation(
        "POST",
        "/coordination/api/workforce/{id:uuid}/absences/cancel",
        cancel_absence,
        "Take an absence back",
        body=Away,
        answer=Ended,
        refusals=SENTENCES,
    ),
]
PAGES: list[Page] = pages.PAGES
