"""Legal holds over HTTP, for the privacy officer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import BaseModel

from services.intake.erasures.web import Named
from services.intake.holds import handlers
from shared.web.call import Call
from shared.web.routing import Operation

REFUSALS = {
    "person_not_found": "There is no such person or referral.",
    "several_persons": "This reference is that of several persons. Name one of them, by the reference of a referral or by id.",
}


class Hold(BaseModel):
    """Whether everything about the person is kept."""

    person_id: UUID
    held: bool


async def set_hold(call: Call) -> dict[str, Any]:
    """Keep everything about a person."""
    return await _change(call, keep=True)


async def lift_hold(call: Call) -> dict[str, Any]:
    """The periods of retention hold again."""
    return await _change(call, keep=False)


async def _change(call: Call, *, keep: bool) -> dict[str, Any]:
    answer: dict[str, Any] = (await call.submit(handlers.change, handlers.ChangeHold(call.body.person, keep))).answer
    return answer


OPERATIONS = [
    Operation("POST", "/intake/api/holds", set_hold, "Set a legal hold on a person", body=Named, answer=Hold, refusals=REFUSALS),
    Operation("POST", "/intake/api/holds/lift", lift_hold, "Lift a legal hold", body=Named, answer=Hold, refusals=REFUSALS),
]
