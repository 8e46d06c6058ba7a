"""What one service recorded about some persons: for the privacy officer, and for the person's own request."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.access.audit import entries
from shared.access.rules import NOTHING
from shared.items import Entry
from shared.web.call import Call
from shared.web.routing import Operation

A_PERSON = "0190a3c2-7a53-7c1e-9f7b-3f1f2f6f0001"


class About(BaseModel):
    """Persons, and referrals, drafts or cases, by id."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"person_ids": [A_PERSON], "subject_ids": []}]})
    person_ids: list[UUID] = Field(default=[], max_length=100)
    subject_ids: list[UUID] = Field(default=[], max_length=1_000)


class EntryView(BaseModel):
    """One line of the audit: ids and codes. `outcome`: `done`, `seen`, or the code of the refusal. `actor_id` is empty for a batch."""

    id: int
    at: datetime
    actor_id: UUID | None
    role: str
    organisation_id: UUID | None
    zone: str | None
    person_id: UUID | None
    case_id: UUID | None
    subject_id: UUID | None
    action: str
    purpose: str
    relation: str | None
    outcome: str
    request_id: UUID | None


class Entries(BaseModel):
    """The newest first."""

    entries: list[EntryView]


async def looked_at(call: Call) -> Entries:
    """Who did and saw what of these persons in this service. That somebody asks is an entry too."""
    async with call.read() as connection:
        rows = await entries.about(connection, call.body.person_ids, call.body.subject_ids)
        ground = call.may(NOTHING).relation
        persons = [Entry(person_id, relation=ground) for person_id in call.body.person_ids]
        await call.looked(connection, [*persons, *(Entry(subject=id, relation=ground) for id in call.body.subject_ids)])
    return Entries(entries=[EntryView(**dict(row)) for row in rows])


def operations(service: str) -> list[Operation]:
    """The operation on the audit of one service."""
    return [
        Operation("POST", f"/{service}/api/audit/entries", looked_at, "Who did and saw what of some persons", body=About, answer=Entries)
    ]
