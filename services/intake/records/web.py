"""What senders added to referrals, for whoever is responsible for the person: by record, never by name."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.intake.programmes.definitions import load_programmes
from services.intake.records import store
from services.intake.referrals import store as referrals
from services.intake.referrals import words
from services.intake.referrals.relations import facts_of
from services.intake.referrals.requests import Addition, day, kept
from services.intake.referrals.sight import seen
from shared.access.rules import Relation
from shared.web.call import Call
from shared.web.routing import Operation


class Asked(BaseModel):
    """Records by id."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"record_ids": ["0192d0c4-9c5e-7cc3-9d50-4e3c2a5e1f11"]}]})
    record_ids: Annotated[list[UUID], Field(max_length=200)]


class AdditionView(BaseModel):
    """What a sender added, line by line."""

    record_id: UUID
    at: datetime
    lines: list[str]


class Additions(BaseModel):
    """Records about a person without a relation to who asks are left out."""

    additions: list[AdditionView]


async def additions(call: Call) -> Additions:
    """To the coordinator who accepted or who stands in for them, and to the lead of the zone; not to the care team."""
    async with call.read() as connection:
        notes = await store.additions(connection, call.body.record_ids)
        rows = await referrals.known_to(connection, list({note.person_id for note in notes}), call.bounds)
        known = {
            id: ground
            for id, row in rows.items()
            if (ground := call.may(facts_of(row, call.actor.id))) and ground.relation is not Relation.TEAM
        }
        sent = await store.bodies(connection, [note.about for note in notes])
        await call.looked(connection, [seen(rows[note.person_id], known[note.person_id]) for note in notes if note.person_id in known])
    programmes = load_programmes(day(call.now))
    return Additions(
        additions=[
            AdditionView(
                record_id=note.id, at=note.at, lines=words.added(programmes, kept(sent[note.about]), Addition.model_validate(note.body))
            )
            for note in notes
            if note.person_id in known
        ]
    )


OPERATIONS = [
    Operation(
        "POST",
        "/intake/api/additions",
        additions,
        "What senders added to referrals, for whoever is responsible for these persons",
        body=Asked,
        answer=Additions,
    )
]
