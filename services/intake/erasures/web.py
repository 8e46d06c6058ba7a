"""Erasing over HTTP, for the privacy officer: ask for it, and see how far it is."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.intake.erasures import domain, handlers, store
from shared.web.call import Call
from shared.web.problems import Problem
from shared.web.routing import Operation

REFUSALS = {
    "person_not_found": "There is no such person or referral, and none was erased under this name.",
    "person_held": "A legal hold keeps everything about this person. Lift it first: POST /intake/api/holds/lift.",
}


class Named(BaseModel):
    """A person, by the person's id, or by the id or reference of one of the referrals."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, json_schema_extra={"examples": [{"person": "OM-26-1947-K"}]})
    person: Annotated[str, Field(max_length=60, pattern=r"^[0-9A-Za-z-]+$")]


class ErasureView(BaseModel):
    """How far an erasure is: by service when it confirmed, null as long as it has not. `erasure_id` is the pseudonym that stays."""

    erasure_id: UUID
    asked_at: datetime
    why: str
    confirmed: dict[str, datetime | None]
    done: bool


async def erase(call: Call) -> dict[str, Any]:
    """Erase a person. Asked again, it goes on where it was."""
    answer: dict[str, Any] = (await call.submit(handlers.erase, handlers.ErasePerson(call.body.person, call.actor.id))).answer
    return answer


async def read(call: Call) -> dict[str, Any]:
    """How far it is."""
    async with call.kernel.transaction() as connection:
        found = (await store.read(connection, [call.path["id"]])).get(call.path["id"])
    if found is None:
        raise Problem(404, "not_found", "There is no such erasure.")
    return domain.answer(found)


OPERATIONS = [
    Operation("POST", "/intake/api/erasures", erase, "Erase a person", body=Named, answer=ErasureView, status=202, refusals=REFUSALS),
    Operation("GET", "/intake/api/erasures/{id:uuid}", read, "How far an erasure is", answer=ErasureView),
]
