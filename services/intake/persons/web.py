"""What coordination's pages show of a person: a fragment to whoever is responsible, a summary to whoever is offered the case."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import asyncpg
from pydantic import BaseModel, ConfigDict, Field

from services.intake.persons import store
from services.intake.persons.domain import Person, age
from services.intake.programmes.definitions import Programmes, load_programmes, said
from services.intake.records import store as records
from services.intake.referrals import store as referrals
from services.intake.referrals.relations import facts_of
from services.intake.referrals.requests import day
from services.intake.referrals.sight import seen
from services.intake.teams.domain import blanks
from services.intake.zones import places
from shared.access.rules import Relation
from shared.items import Entry
from shared.web.call import Call
from shared.web.languages import current, gettext, within
from shared.web.routing import Operation

REFUSED = "not_found"
TRIES, PAUSE = 4, 0.05  # what coordination told may still be on its way here; the asking page waits 300 ms


class Asked(BaseModel):
    """Persons by id."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"person_ids": ["0192d0c4-9c5e-7cc3-9d50-4e3c2a5e1f11"]}]})
    person_ids: Annotated[list[UUID], Field(max_length=200)]


class Fragment(BaseModel):
    """What whoever is responsible for a person sees; fields that the role of a member of the care team does not need are blank."""

    person_id: UUID
    name: str
    age: int | None
    birth_date: date | None
    birth_year: int | None
    due_date: date | None
    municipality: str
    address: str
    phone: str | None
    email: str | None
    language: str
    language_note: str | None
    interpreter: bool
    reach: str | None
    voicemail: bool | None
    need: str
    worries: str | None


class Summary(BaseModel):
    """What whoever is offered a case sees before accepting: no name, no address."""

    person_id: UUID
    age: int | None
    birth_year: int | None
    due_date: date | None
    need: str
    municipality: str
    language: str
    interpreter: bool


class Fragments(BaseModel):
    """Persons without a relation to who asks are left out."""

    fragments: list[Fragment]


class Summaries(BaseModel):
    """Persons whose case is not offered to who asks are left out."""

    summaries: list[Summary]


async def fragments(call: Call) -> Fragments:
    """To the coordinator who accepted or who stands in for them, to the lead of the zone, and in part to the care team."""
    found = await _related(call)
    return Fragments(fragments=[_needed(call, row, _fragment(person, row, sent, call.now)) for person, row, sent in found])


async def summaries(call: Call) -> Summaries:
    """To the coordinator to whom the case is offered now."""
    found = await _related(call)
    return Summaries(summaries=[_summary(person, row, sent, call.now) for person, row, sent in found])


async def _related(call: Call) -> list[tuple[Person, asyncpg.Record, dict[str, Any]]]:
    """The asked persons with whom there is a relation, the referral it rests on, and what was sent with it."""
    asked: Asked = call.body
    rows: dict[UUID, asyncpg.Record] = {}
    for attempt in range(TRIES):
        if attempt:
            await asyncio.sleep(PAUSE)
        async with call.read() as connection:
            found = await referrals.known_to(connection, asked.person_ids, call.bounds)
            grounds = {id: call.may(facts_of(row, call.actor.id)) for id, row in found.items()}
            rows = {id: row for id, row in found.items() if grounds[id]}
            if len(rows) == len(set(asked.person_ids)) or attempt == TRIES - 1:
                people = await store.read(connection, list(rows))
                sent = await records.bodies(connection, [row["id"] for row in rows.values()])
                refused = [(Entry(id, outcome=REFUSED), None) for id in set(asked.person_ids) - rows.keys()]
                shown = [(seen(row, grounds[id]), (people[id], sent[row["id"]])) for id, row in rows.items()]
                await call.looked_over(connection, [*shown, *refused])
                return [(people[id], row, sent[row["id"]]) for id, row in rows.items()]
    return []


def _needed(call: Call, row: asyncpg.Record, whole: Fragment) -> Fragment:
    """The whole, or as much of it as the role in the care team needs where that is the ground."""
    ground = call.may(facts_of(row, call.actor.id))
    return whole.model_copy(update=blanks(row["sees"])) if ground.relation is Relation.TEAM else whole


def _fragment(person: Person, row: asyncpg.Record, sent: Mapping[str, Any], now: datetime) -> Fragment:
    told = person.details
    return Fragment(
        person_id=person.id,
        name=told.name,
        age=_age(person, now),
        birth_date=told.birth_date,
        birth_year=sent["person"].get("birth_year"),
        due_date=told.due_date,
        municipality=municipality(person.nis),
        address=written_address(person),
        phone=told.phone,
        email=told.email,
        language=told.language,
        language_note=sent["person"].get("language_note"),
        interpreter=told.interpreter,
        reach=told.reach,
        voicemail=told.voicemail,
        need=_need(row, now),
        worries=sent.get("worries"),
    )


def _summary(person: Person, row: asyncpg.Record, sent: Mapping[str, Any], now: datetime) -> Summary:
    told = person.details
    return Summary(
        person_id=person.id,
        age=_age(person, now),
        birth_year=sent["person"].get("birth_year"),
        due_date=told.due_date,
        need=_need(row, now),
        municipality=municipality(person.nis),
        language=told.language,
        interpreter=told.interpreter,
    )


def _age(person: Person, now: datetime) -> int | None:
    return None if person.details.birth_date is None else age(person.details.birth_date, day(now))


def _need(row: Mapping[str, Any], now: datetime) -> str:
    return need_sentence(load_programmes(day(now)), row["programme"], row["needs"])


def need_sentence(programmes: Programmes, programme: str, needs: Iterable[str]) -> str:
    """Programme and needs in words: `Zwanger of jong gezin: huisvesting, psychisch welzijn`."""
    rule = next((rule for (code, _), rule in programmes.in_force.items() if code == programme), None)
    if rule is None:
        return gettext("Programma nog te bepalen")
    told = set(needs)
    label = rule.label(current())
    words = [within(said(labels, current())) for code, labels in programmes.need_labels().items() if code in told]
    return gettext("{programme}: {needs}", programme=label, needs=", ".join(words)) if words else label


def municipality(nis: str) -> str:
    """The name of a municipality, or its code when it exists no more."""
    found = places.municipalities().get(nis)
    return found.name(current()) if found else nis


def written_address(person: Person) -> str:
    """On one line, as on a letter."""
    address = person.details.address
    street = " ".join(part for part in (address.street, address.number) if part)
    return f"{street}, {address.postcode} {municipality(person.nis)}" if street else f"{address.postcode} {municipality(person.nis)}"


OPERATIONS = [
    Operation(
        "POST",
        "/intake/api/fragments",
        fragments,
        "What whoever is responsible for these persons sees of them",
        body=Asked,
        answer=Fragments,
    ),
    Operation(
        "POST",
        "/intake/api/summaries",
        summaries,
        "What whoever is offered these persons' cases sees of them",
        body=Asked,
        answer=Summaries,
    ),
]
