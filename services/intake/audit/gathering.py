"""Gathering what all services recorded about one person, and who these people are."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.intake.audit import store
from services.intake.persons import joined
from shared.access import asking, database
from shared.access.audit import entries, sign_ins
from shared.access.rules import NOTHING
from shared.items import Entry
from shared.settings import SERVICES
from shared.web.ask import ask
from shared.web.call import Call

SECONDS = 5.0
SIGN_INS_SHOWN = timedelta(days=30)
NAMES_AT_ONCE = 100
IDS = ("actor_id", "organisation_id", "person_id", "case_id", "subject_id", "request_id")


@dataclass(slots=True)
class Gathered:
    """The entries of all services that answered, the newest first, as (service, entry)."""

    references: list[str]
    entries: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    away: list[str] = field(default_factory=list)


async def gather(call: Call, person_id: UUID) -> Gathered:
    """What was recorded about a person under every id they had, their referrals, drafts and cases. That it was asked for is recorded first."""
    async with call.read() as connection:
        referrals = await store.referrals_of(connection, person_id)
        subjects = list({id for row in referrals for id in (row["id"], row["case_id"]) if id})
        await call.looked(connection, [Entry(person_id, relation=call.may(NOTHING).relation)])
        persons = [person_id, *await joined.former(connection, [person_id])]
        own = await entries.about(connection, persons, subjects)
    found = Gathered([row["reference"] for row in referrals], [("intake", dict(row)) for row in own])
    for service in SERVICES[1:]:
        body = {"person_ids": persons, "subject_ids": subjects}
        answer = await ask(call, service, "POST", f"/{service}/api/audit/entries", body, timeout=SECONDS)
        if answer is None:
            found.away.append(service)
        else:
            found.entries += [(service, _read(entry)) for entry in answer["entries"]]
    found.entries.sort(key=lambda each: each[1]["at"], reverse=True)
    return found


async def signed_in(call: Call, worker: UUID | None) -> list[Mapping[str, Any]]:
    """Who signed in and out of late, of one worker or machine or of all, the newest first. That it was asked for is recorded first."""
    async with call.read() as connection:
        await call.looked(connection, [Entry(subject=worker, relation=call.may(NOTHING).relation)])
    async with database.connected() as connection:
        await asking.as_actor(connection, call.actor, call.now)
        return [dict(row) for row in await sign_ins.found(connection, worker, call.now - SIGN_INS_SHOWN)]


def _read(entry: Mapping[str, Any]) -> dict[str, Any]:
    ids = {name: entry[name] and UUID(entry[name]) for name in IDS}
    return {**entry, **ids, "at": datetime.fromisoformat(entry["at"])}


async def names(call: Call, rows: Collection[Mapping[str, Any]]) -> dict[UUID, str]:
    """Who acted and for which organisation, by id, as far as the directory knows them."""
    ids = sorted({id for row in rows for id in (row["actor_id"], row["organisation_id"]) if id})
    known: dict[UUID, str] = {}
    for some in _portions(ids):
        answer = await ask(call, "notifications", "GET", f"/notifications/api/contacts?ids={','.join(map(str, some))}", timeout=SECONDS)
        for contact in answer["contacts"] if answer else ():
            known[UUID(contact["id"])] = contact["name"]
            if contact["organisation_id"]:
                known.setdefault(UUID(contact["organisation_id"]), contact["organisation"])
    return known


def _portions(ids: Sequence[UUID]) -> list[Sequence[UUID]]:
    return [ids[start : start + NAMES_AT_ONCE] for start in range(0, len(ids), NAMES_AT_ONCE)]
