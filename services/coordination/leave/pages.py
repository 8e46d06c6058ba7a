"""Leave: whose it is and when, who covers which case meanwhile, and one confirmation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from starlette.responses import Response

from services.coordination import persons, words
from services.coordination.leave import handlers, shown, store
from services.coordination.leave.bodies import Covers, Days, Somebody
from services.coordination.leave.domain import AskCovers, EndLeave, PlanLeave, may_plan
from services.coordination.leave.proposing import Proposal
from services.coordination.workforce import store as workforce_rows
from services.coordination.workforce.domain import Absence, Worker
from shared.clock import new_id
from shared.items import Refusal
from shared.web.call import Call
from shared.web.forms import Errors, Typed, check
from shared.web.languages import gettext
from shared.web.problems import Problem
from shared.web.routing import Page
from shared.working_time import BRUSSELS


async def mine(call: Call) -> Response:
    """To one's own leave."""
    return call.redirect(address(call.actor.id))


async def of_somebody(call: Call) -> Response:
    """To the leave of whom the zone lead chose."""
    checked = check(Somebody, await call.form())
    return call.redirect(address(checked.value.wie if checked.value else call.actor.id))


async def leave(call: Call) -> Response:
    """The leaves of one worker, and the form for a new one."""
    return await _leave(call)


async def _leave(call: Call, status: int = 200, errors: Mapping[str, str] | None = None) -> Response:
    today = call.now.astimezone(BRUSSELS).date()
    async with call.read() as connection:
        worker = await _worker(call, connection)
        found = await store.leaves_of(connection, [worker.id])
        held = await store.held(connection, worker.id)
        names = await workforce_rows.names(connection, {who for each in found for who in each.covers.values()})
    rows = shown.leaves(found, held, names, today)
    typed = call.typed or Typed()
    at = f"-{typed['leave_id']}" if typed["leave_id"] else ""
    return call.page(
        "leave/leave.html",
        status,
        worker=worker,
        own=worker.id == call.actor.id,
        here=address(worker.id),
        leaves=rows,
        held=len(held),
        errors=Errors(errors or {}),
        problems={f"{field}{at}": message for field, message in (errors or {}).items()},
        labels={f"starts_on{at}": gettext("Eerste dag"), f"ends_on{at}": gettext("Laatste dag")},
        typed=typed,
        said=words.REFUSALS.get(call.request.query_params.get("let_op", "")),
        planned=next((row["id"] for row in rows if str(row["id"]) == call.request.query_params.get("verlof")), None),
    )


async def _worker(call: Call, connection: Any) -> Worker:
    """The worker whose leave it is. Raises a 404 problem when that is not for who asks to plan."""
    worker = next(iter(await workforce_rows.workers(connection, [call.path["id"]])), None)
    if worker is None or not may_plan(call.actor, worker):
        raise Problem(404, "not_found", "There is no such worker, or not in a zone that you lead.")
    return worker


async def choose_days(call: Call) -> Response:
    """The form of the days: on to the proposal, or back with what is wrong."""
    checked = check(Days, await call.form())
    if checked.value is None:
        return await _leave(call, 422, checked.errors)
    days = checked.value
    decision = await call.decide_under(
        None, handlers.ask_covers, AskCovers(new_id(), call.path["id"], call.actor, Absence(days.starts_on, days.ends_on), days.leave_id)
    )
    if decision.refusal is not None:
        return await _not_so(call, decision.refusal)
    return call.redirect(proposal_address(call.path["id"], days))


async def proposal(call: Call) -> Response:
    """Who could cover which case."""
    checked = check(Days, dict(call.request.query_params))
    if checked.value is None:
        return call.redirect(address(call.path["id"]))
    return await _proposal(call, checked.value)


async def _proposal(call: Call, days: Days, status: int = 200, named: Mapping[UUID, UUID | None] | None = None, said: str = "") -> Response:
    item = AskCovers(new_id(), call.path["id"], call.actor, Absence(days.starts_on, days.ends_on), days.leave_id, named)
    decision = await call.decide_under(None, handlers.ask_covers, item)
    if decision.refusal is not None:
        return await _not_so(call, decision.refusal)
    found: Proposal = decision.answer
    async with call.read() as connection:
        worker = await _worker(call, connection)
        owners = {part.team.owner for part in found.parts if part.team.owner}
        names = await workforce_rows.names(connection, {*found.rooms, *owners, *(who for who in (named or {}).values() if who)})
    known = await persons.known(call, [part.case.person_id for part in found.parts])
    owner = next((names[id] for id in owners if id in names), "") or words.ZONE_LEAD
    rows = shown.parts(found, {id: person.name for id, person in known.items()}, names, str(owner), call.actor.id, call.now)
    return call.page(
        "leave/proposal.html",
        status,
        worker=worker,
        own=worker.id == call.actor.id,
        here=address(worker.id),
        days=shown.days(found.days),
        asked=days,
        parts_=rows,
        problems={f"cover.{row['id']}": row["error"] for row in rows if row["error"]},
        rooms=shown.rooms(found, names),
        left=len(found.left),
        said=said,
    )


async def confirm(call: Call) -> Response:
    """The one confirmation; or the proposal again, with what was chosen, when that does not fit or was only to be counted."""
    typed = await call.form()
    checked = check(Covers, typed)
    if checked.value is None:
        return call.redirect(address(call.path["id"]))
    said = checked.value
    if typed["_action"] == "count":
        return await _proposal(call, said, named=said.covers)
    item = PlanLeave(
        new_id(), call.path["id"], call.actor, Absence(said.starts_on, said.ends_on), covers=said.covers, leave_id=said.leave_id
    )
    decision = await call.decide(handlers.plan, item)
    if decision.refusal is None:
        return call.redirect(f"{address(call.path['id'])}?verlof={decision.answer['leave_id']}#bewaard")
    if decision.refusal.code in ("cover_unfit", "cases_changed"):
        return await _proposal(call, said, 422, said.covers, str(words.REFUSALS[decision.refusal.code]))
    return await _not_so(call, decision.refusal)


async def take_back(call: Call) -> Response:
    """Not away after all, or back earlier."""
    await call.form()
    async with call.read() as connection:
        worker_id = await store.worker_of(connection, call.path["id"])
    decision = await call.decide(handlers.end, EndLeave(new_id(), call.actor, call.path["id"]))
    if worker_id is None or (decision.refusal is not None and decision.refusal.status == 404):
        raise Problem(404, "not_found", "There is no such leave, or not of somebody in a zone that you lead.")
    return call.redirect(
        f"{address(worker_id)}#terug" if decision.refusal is None else f"{address(worker_id)}?let_op={decision.refusal.code}"
    )


async def _not_so(call: Call, refusal: Refusal) -> Response:
    """The page of the days with what is wrong with them."""
    if refusal.status == 404:
        raise Problem(404, "not_found", "There is no such worker or leave, or not in a zone that you lead.")
    text = str(words.REFUSALS[refusal.code]).format_map(refusal.values)
    return await _leave(call, 422, {refusal.field or "starts_on": text})


def address(worker_id: UUID) -> str:
    """Where the leave of a worker is seen."""
    return f"/coordination/workers/{worker_id}/leave"


def proposal_address(worker_id: UUID, days: Days) -> str:
    """Where is seen who could cover on some days."""
    changed = f"&leave_id={days.leave_id}" if days.leave_id else ""
    return f"{address(worker_id)}/proposal?starts_on={days.starts_on}&ends_on={days.ends_on}{changed}"


PAGES = [
    Page("GET", "/coordination/leave", mine),
    Page("POST", "/coordination/leave", of_somebody),
    Page("POST", "/coordination/leave/{id:uuid}/back", take_back),
    Page("GET", "/coordination/workers/{id:uuid}/leave", leave),
    Page("POST", "/coordination/workers/{id:uuid}/leave", choose_days),
    Page("GET", "/coordination/workers/{id:uuid}/leave/proposal", proposal),
    Page("POST", "/coordination/workers/{id:uuid}/leave/proposal", confirm),
]
