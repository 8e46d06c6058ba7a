"""The page "wie keek in dit dossier": for the privacy officer, and to print for the person who asks. And the one of who signed in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from starlette.responses import Response

from services.intake.audit import gathering, store, words
from shared.access import machines
from shared.access.audit import entries
from shared.web import formats, lists
from shared.web.call import Call
from shared.web.forms import Errors, Typed
from shared.web.languages import gettext, lazy
from shared.web.lists import Shape
from shared.web.problems import Problem
from shared.web.routing import Page

SERVICES = {"intake": lazy("Aanmelding"), "coordination": lazy("Coördinatie"), "notifications": lazy("Berichten")}
COLUMNS = [{"text": text} for text in (lazy("Wanneer"), lazy("Wie"), lazy("Wat"), lazy("Waarom"), lazy("Waar"))]
REFUSED = "refused"
KINDS = {entries.SEEN: lazy("Gezien"), entries.DONE: lazy("Gedaan"), REFUSED: lazy("Niet toegelaten")}
LOOKED = Shape(filters={"dienst": list(SERVICES), "wat": list(KINDS)}, rows=100, whole=True)
FIELDS = [
    {"name": "dienst", "label": lazy("Waar"), "options": [{"value": code, "text": text} for code, text in SERVICES.items()]},
    {"name": "wat", "label": lazy("Wat"), "options": [{"value": code, "text": text} for code, text in KINDS.items()]},
]
SIGN_INS = "/intake/audit/sign-ins"
SIGN_IN_COLUMNS = [{"text": text} for text in (lazy("Wanneer"), lazy("Wie"), lazy("Wat"))]
UNKNOWN = lazy("Er is geen aanmelding of dossier met deze referentie.")


async def looked(call: Call) -> Response:
    """Who looked at the file of one person; without a person, the question which one."""
    asked = call.request.query_params.get("person")
    if asked is None:
        return call.page("audit/ask.html", typed=Typed(), errors=Errors())
    person_id = _id(asked)
    if person_id is None:
        raise Problem(404, "not_found", "There is nothing at this address.")
    list_ = lists.read(LOOKED, "/intake/audit", call.request.query_params, {"person": str(person_id)})
    found = await gathering.gather(call, person_id)
    fits = [(service, row) for service, row in found.entries if _fits(list_, service, row)]
    leaf = list_.leaf(len(fits))
    if last := lists.elsewhere((list_, leaf)):
        return call.redirect(last)
    shown = fits[leaf.offset : leaf.last]
    names = await gathering.names(call, [row for _, row in shown])
    return call.page(
        "audit/looked.html",
        person_id=person_id,
        references=found.references,
        away=[SERVICES[service] for service in found.away],
        columns=COLUMNS,
        rows=[_row(service, row, names) for service, row in shown],
        asked=list_,
        leaf=leaf,
        whole=len(found.entries),
        fields=FIELDS,
        at=formats.full_date(call.now),
    )


def _fits(asked: lists.Asked, service: str, row: Mapping[str, Any]) -> bool:
    """Whether the filter lets an entry through; the services' entries are together only here."""
    kind = row["outcome"] if row["outcome"] in (entries.SEEN, entries.DONE) else REFUSED
    return asked.of("dienst") in (None, service) and asked.of("wat") in (None, kind)


async def ask(call: Call) -> Response:
    """From a reference or a person's id to the page; a name never comes into an address."""
    typed = await call.form()
    sought = str(typed["sought"]).strip()
    person_id = _id(sought)
    if person_id is None and sought:
        async with call.read() as connection:
            person_id = await store.person_of(connection, sought.upper())
    if person_id is None:
        return call.page("audit/ask.html", 422, typed=typed, errors=Errors({"sought": UNKNOWN}))
    return call.redirect(f"/intake/audit?person={person_id}")


async def signed_in(call: Call) -> Response:
    """Who signed in and out in the last thirty days, and who was refused; of one worker or machine where one is named."""
    asked = call.request.query_params.get("worker")
    worker = None if asked is None else _id(asked)
    if asked is not None and worker is None:
        raise Problem(404, "not_found", "There is nothing at this address.")
    rows = await gathering.signed_in(call, worker)
    names = await gathering.names(call, rows) | {client.id: client.title for client in await machines.every()}
    return call.page(
        "audit/signed_in.html",
        worker=worker,
        columns=SIGN_IN_COLUMNS,
        rows=[_sign_in(row, names) for row in rows],
        days=gathering.SIGN_INS_SHOWN.days,
    )


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _sign_in(row: Mapping[str, Any], names: Mapping[UUID, str]) -> list[Any]:
    who, about = row["actor_id"], row["subject_id"]
    known = {id: names.get(id) or gettext("medewerker of systeem {id}", id=str(id)[:8]) for id in (who, about) if id}
    organisation = names.get(row["organisation_id"]) if who else None
    whom = None if who else known.get(about)  # of who has a session, `about` is the session
    return [
        f"{formats.full_date(row['at'])} {formats.clock(row['at'])}",
        {
            "text": known.get(who, words.role(row["role"])),
            "url": who and f"{SIGN_INS}?worker={who}",
            "note": ", ".join(part for part in (words.role(row["role"]) if who else "", organisation) if part),
        },
        {"text": words.action(row["action"]), "note": ", ".join(part for part in (whom, words.refusal(row["outcome"])) if part)},
    ]


def _row(service: str, row: Mapping[str, Any], names: Mapping[UUID, str]) -> list[Any]:
    who = names.get(row["actor_id"])
    if who is None:
        who = gettext("medewerker {id}", id=str(row["actor_id"])[:8]) if row["actor_id"] else gettext("Zorgspoor, automatisch")
    what = words.action(row["action"])
    refused = words.outcome(row["outcome"])
    why = (words.PURPOSES.get(row["purpose"], row["purpose"]), words.RELATIONS.get(row["relation"], ""))
    organisation = names.get(row["organisation_id"])
    return [
        f"{formats.full_date(row['at'])} {formats.clock(row['at'])}",
        {"text": who, "note": ", ".join(part for part in (words.role(row["role"]), organisation) if part)},
        f"{what} ({refused})" if refused else what,
        ", ".join(str(part) for part in why if part),
        SERVICES[service],
    ]


PAGES = [Page("GET", "/intake/audit", looked), Page("POST", "/intake/audit", ask), Page("GET", SIGN_INS, signed_in)]
