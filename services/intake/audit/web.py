"""The audit of one person, and of who signed in, as FHIR AuditEvents, for the privacy officer."""

from __future__ import annotations

from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from services.intake.audit import gathering
from shared.access.audit import fhir
from shared.settings import ACCESS
from shared.web.call import Call
from shared.web.problems import Problem
from shared.web.routing import Operation

FHIR_JSON = "application/fhir+json"


class EventsQuery(BaseModel):
    """A person by id."""

    model_config = ConfigDict(extra="forbid")
    person: UUID


async def events(call: Call) -> Response:
    """Everything that all services recorded about a person, as a FHIR R4 Bundle. All of it, or nothing."""
    found = await gathering.gather(call, call.query.person)
    if found.away:
        raise Problem(503, "service_away", "Not every service answers.", f"No answer from {', '.join(found.away)}.", retry_after=5)
    return Response(orjson.dumps(fhir.bundle(found.entries, call.now)), media_type=FHIR_JSON)


class SignInsQuery(BaseModel):
    """A worker or machine by id, or everybody."""

    model_config = ConfigDict(extra="forbid")
    worker: UUID | None = None


async def sign_ins(call: Call) -> Response:
    """Who signed in and out in the last thirty days, and who was refused, as a FHIR R4 Bundle."""
    rows = await gathering.signed_in(call, call.query.worker)
    return Response(orjson.dumps(fhir.bundle([(ACCESS, row) for row in rows], call.now)), media_type=FHIR_JSON)


OPERATIONS = [
    Operation("GET", "/intake/api/audit/events", events, "Who did and saw what of a person, as FHIR AuditEvents", query=EventsQuery),
    Operation("GET", "/intake/api/audit/sign-ins", sign_ins, "Who signed in and out, as FHIR AuditEvents", query=SignInsQuery),
]
