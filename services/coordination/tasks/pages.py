"""The button of a task on the zone board."""

from __future__ import annotations

from starlette.responses import Response

from services.coordination.tasks import handlers
from services.coordination.tasks.domain import MarkDone
from shared.clock import new_id
from shared.web.call import Call
from shared.web.problems import Problem
from shared.web.routing import Page


async def mark_done(call: Call) -> Response:
    """The task is done, and back to the board of its zone."""
    await call.form()
    decision = await call.decide(handlers.mark_done, MarkDone(new_id(), call.path["id"], call.actor))
    if decision.refusal is not None:
        raise Problem(404, "not_found", "There is no such task, or it is not of a zone that you lead.")
    return call.redirect(f"/coordination/zones/{decision.answer['zone']}#gedaan")


PAGES = [Page("POST", "/coordination/tasks/{id:uuid}/done", mark_done)]
