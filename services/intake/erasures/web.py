"""Erasing over HTTP, for the privacy officer: ask for it, and see how far it is."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.intake.erasures import domain, handlers, ledger, store
from shared.access.audit import checkpoints
from shared.items import Entry
from shared.web import returned
from shared.web.call import Call
from shared.web.problems import Problem
from shared.web.routing import Operation

REFUSALS = {
    "several_persons": "This reference is that of several persons. Name one of them, by the reference of a referral or by id.",
    "person_not_found": "There is no such person or referral, and none was erased under this name.",
    "person_held": "A legal hold keeps everything about this person. Lift it first: POST /intake/api/holds/lift.",
}


class Named(BaseModel):
    """A person, by the person's id, by the id or reference of one of the referrals, or by the reference of the case."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, json_schema_extra={"examples": [{"person": "OM-26-1947-K"}]})
    person: Annotated[str, Field(max_length=60, pattern=r"^[0-9A-Za-z-]+$")]


class ErasureView(BaseModel):
    """How far an erasure is: by service when it confirmed, null as long as it has not. `erasure_id` is the pseudonym that stays."""

    erasure_id: UUID
    asked_at: datetime
    why: str
    confirmed: dict[str, datetime | None]
    done: bool


class Meant(BaseModel):
    """Who goes when this is erased, and what with them."""

    persons: int
    referrals: int
    cases: int


async def meant(call: Call) -> Meant:
    """Before anybody is erased: whom a reference means."""
    async with call.kernel.transaction() as tx:
        persons = await store.persons_named(tx, call.body.person)
        referrals, cases = await store.extent(tx, persons)
        await call.looked(tx, [Entry(person) for person in persons] or [Entry()])
    return Meant(persons=len(persons), referrals=referrals, cases=cases)


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


class LineView(BaseModel):
    """One erasure of the ledger: where it stands, every id that the person had, and when it was."""

    place: int
    person_ids: list[UUID]
    at: datetime


class LedgerView(BaseModel):
    """The ledger outside the database. `problems`: what shows that it is not as it was written."""

    erasures: list[LineView]
    problems: list[str]


class Places(BaseModel):
    """Erasures by their place in the ledger."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, json_schema_extra={"examples": [{"places": [1, 2]}]})
    places: Annotated[list[int], Field(max_length=100)]


class Repeated(BaseModel):
    """How far each is, and the places of those whom a legal hold set since keeps."""

    erasures: list[ErasureView]
    held: list[int]


async def read_ledger(call: Call) -> LedgerView:
    """Who has to be erased again after older tables were restored."""
    file = _ledger(call)
    key = checkpoints.private_key(call.kernel.settings.audit_key.get_secret_value()).public_key()
    async with call.kernel.transaction() as connection:
        problems = ledger.problems(file, key, await store.last_place(connection))
    lines = [LineView(place=line.place, person_ids=list(line.person_ids), at=line.at) for line in ledger.read(file)]
    return LedgerView(erasures=lines, problems=problems)


async def repeat(call: Call) -> dict[str, Any]:
    """Erase again who stands at these places of the ledger."""
    wanted = set(call.body.places)
    lines = [line for line in ledger.read(_ledger(call)) if line.place in wanted]
    done = {line.place: await call.decide_under(None, handlers.repeat, handlers.RepeatErasure(line, call.actor.id)) for line in lines}
    answers = [decision.answer for decision in done.values() if decision.refusal is None]
    return {"erasures": answers, "held": [place for place, decision in done.items() if decision.refusal is not None]}


def _ledger(call: Call) -> Path:
    folder = call.kernel.settings.audit_checkpoints
    if folder is None:
        raise Problem(409, "no_ledger", "No ledger is kept here.", "ZORGSPOOR_AUDIT_CHECKPOINTS names the folder that it is kept in.")
    return ledger.file_in(folder)


OPERATIONS = [
    Operation("POST", "/intake/api/erasures/meant", meant, "Whom an erasure would take", body=Named, answer=Meant),
    Operation("POST", "/intake/api/erasures", erase, "Erase a person", body=Named, answer=ErasureView, status=202, refusals=REFUSALS),
    Operation("GET", "/intake/api/erasures/{id:uuid}", read, "How far an erasure is", answer=ErasureView),
    Operation("GET", "/intake/api/erasures/ledger", read_ledger, "The ledger of erasures outside the database", answer=LedgerView),
    Operation(
        "POST", "/intake/api/erasures/repeat", repeat, "Erase again after a restore", body=Places, answer=Repeated, refusals=REFUSALS
    ),
    *returned.operations("intake", store.returned),
]
