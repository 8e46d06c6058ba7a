"""Care teams over HTTP: adding to one, taking out of it, and those that somebody is in."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from services.coordination.sight import as_member, seen
from services.coordination.team import handlers, pages, queries
from services.coordination.team.bodies import Leaving, NewMember
from services.coordination.team.domain import RemoveMember
from shared.clock import new_id
from shared.web import problems
from shared.web.call import Call
from shared.web.problems import FieldError, Problem
from shared.web.routing import Operation, Page


class Changed(BaseModel):
    """A care team after a command."""

    case_id: UUID
    reference: str
    member_id: UUID


class TeamView(BaseModel):
    """An open case in whose care team somebody is: as what, and since when. `sees`: the parts of the person that the role needs."""

    id: UUID
    reference: str
    person_id: UUID
    zone: str
    status: str
    coordinator_id: UUID | None
    care_role: str
    sees: list[str]
    joined_at: datetime


class TeamList(BaseModel):
    teams: list[TeamView]


async def add_member(call: Call) -> Changed:
    """A provider or worker of the directory comes into the care team of a case."""
    decision = await pages.added(call, call.body)
    if decision is None:
        told = FieldError("member_id", "not_in_directory", SENTENCES["not_in_directory"])
        raise Problem(422, "validation", "The request is not as expected.", errors=[told])
    if decision.refusal is not None:
        raise problems.of_refusal(decision.refusal, SENTENCES)
    return Changed(**decision.answer)


async def remove_member(call: Call) -> Changed:
    """Somebody leaves the care team of a case; said of who is out already it changes nothing."""
    item = RemoveMember(new_id(), call.path["id"], call.actor, call.body.member_id)
    return Changed(**(await call.submit(handlers.remove_member, item)).answer)


async def list_teams(call: Call) -> TeamList:
    """The open cases in whose care team the actor is."""
    async with call.read() as connection:
        rows = await queries.teams_seen(connection, call.bounds)
        await call.looked(connection, [seen(row, call.may(as_member(row, call.actor.id))) for row in rows])
    return TeamList(teams=[TeamView(**{name: row[name] for name in TeamView.model_fields}) for row in rows])


SENTENCES = {
    "case_not_found": "There is no such case, or its care team is not yours to change.",
    "case_in_other_state": "The case is {status} now, which does not allow this.",
    "no_consent": "Consent was withdrawn: nobody comes into the care team.",
    "unknown_care_role": "Expected a role of a care team.",
    "is_coordinator": "Expected somebody else than the coordinator.",
    "already_in_team": "Expected somebody who is not in the care team yet.",
    "not_in_directory": "Expected an active provider or worker of the directory.",
}

OPERATIONS = [
    Operation(
        "POST",
        "/coordination/api/cases/{id:uuid}/team",
        add_member,
        "Add somebody to the care team of a case",
        body=NewMember,
        answer=Changed,
        refusals=SENTENCES,
    ),
    Operation(
        "POST",
        "/coordination/api/cases/{id:uuid}/team/remove",
        remove_member,
        "Take somebody out of the care team of a case",
        body=Leaving,
        answer=Changed,
        refusals=SENTENCES,
    ),
    Operation("GET", "/coordination/api/teams", list_teams, "The cases in whose care team one is", answer=TeamList),
]
PAGES: list[Page] = pages.PAGES
