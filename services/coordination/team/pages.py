"""Pages of care teams: adding to one and taking out of it, and for who is in one the case as far as the role needs it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg
from starlette.responses import Response

from services.coordination import directory, persons, words
from services.coordination.cases import queries as case_rows
from services.coordination.cases.domain import HELD
from services.coordination.directory import Colleague
from services.coordination.persons import UNKNOWN, Person
from services.coordination.sight import as_member, facts_of, seen
from services.coordination.team import handlers, queries, roles, shown, store
from services.coordination.team.bodies import Leaving, NewMember
from services.coordination.team.domain import AddMember, Member, RemoveMember
from shared.access.rules import Action, may
from shared.clock import new_id
from shared.items import Decision
from shared.web.call import Call
from shared.web.forms import Errors, check
from shared.web.languages import current, gettext
from shared.web.problems import Problem
from shared.web.routing import Page


async def around(call: Call, row: asyncpg.Record, members: Sequence[Member], referrals: Sequence[asyncpg.Record]) -> dict[str, Any]:
    """The care team on the page of a case, and who came and left, for who may know the person; nobody before somebody coordinates.

    `arranges`: whether who asks can change the team now.
    """
    facts = facts_of(row, call.actor.id)
    if row["coordinator_id"] is None or not may(call.actor, Action.SEE_PERSON, facts):
        return {"lines": [], "entries": [], "arranges": False}
    known = await directory.known(call, shown.ids(row, members, referrals))
    return {
        "lines": shown.everybody(row, str(words.ROLES[row["role"]]), members, known, referrals),
        "entries": shown.entries(members, known),
        "arranges": row["status"] in HELD and bool(may(call.actor, Action.ARRANGE_TEAM, facts)),
    }


async def adding(call: Call) -> Response:
    """Who can be added: everybody whom the directory has in the zone of the case."""
    return await _adding(call)


async def search(call: Call) -> Response:
    """Who can be added, by words of a name; a typed name never comes into an address."""
    return await _adding(call, words=str((await call.form())["words"]).strip()[:100])


async def _adding(call: Call, status: int = 200, words: str = "", errors: Mapping[str, str] | None = None) -> Response:
    row = await _arranged(call)
    found = await directory.search(call, words, None if words else row["zone"])
    return call.page(
        "team/add.html",
        status,
        row=row,
        words=words,
        away=found is None,
        colleagues=[_choice(each) for each in found or () if each.id != row["coordinator_id"]],
        roles=shown.choices(),
        typed=call.typed or {},
        errors=Errors(errors or {}),
    )


def _choice(colleague: Colleague) -> dict[str, str]:
    return {"value": str(colleague.id), "text": colleague.name, "hint": colleague.note}


async def _arranged(call: Call) -> asyncpg.Record:
    """A case of which who asks arranges the care team now."""
    async with call.read() as connection:
        row = await case_rows.case_seen(connection, call.path["id"])
        if row is None or row["status"] not in HELD or not (ground := call.may(facts_of(row, call.actor.id))):
            raise Problem(404, "not_found", "There is no such case, or its care team is not yours to change.")
        await call.looked(connection, [seen(row, ground)])
    return row


async def add(call: Call) -> Response:
    """The form that adds somebody."""
    typed = await call.form()
    sought = str(typed["_words"])
    checked = check(NewMember, typed)
    if checked.value is None:
        return await _adding(call, 422, sought, checked.errors)
    decision = await added(call, checked.value)
    if decision is None:
        return await _adding(call, 422, sought, {"member_id": str(words.REFUSALS["not_in_directory"])})
    if decision.refusal is not None and decision.refusal.field:
        return await _adding(call, 422, sought, {decision.refusal.field: str(words.REFUSALS[decision.refusal.code])})
    return _back(call, decision)


async def added(call: Call, new: NewMember) -> Decision | None:
    """Have somebody of the directory added; None when nobody active has this id. Raises a 503 problem when the directory does not answer: it is
    asked only for who may add somebody."""
    async with call.read() as connection:
        row = await case_rows.case_seen(connection, call.path["id"])
    colleague = None
    if row is not None and call.may(facts_of(row, call.actor.id)):
        colleague = await directory.colleague(call, new.member_id)
        if colleague is None:
            return None
    organisation_id = colleague.organisation_id if colleague else None
    item = AddMember(new_id(), call.path["id"], call.actor, new.member_id, organisation_id, new.care_role)
    return await call.decide(handlers.add_member, item)


async def remove(call: Call) -> Response:
    """The form that takes somebody out."""
    checked = check(Leaving, await call.form())
    if checked.value is None:
        raise Problem(422, "validation", "The form does not say who leaves.")
    item = RemoveMember(new_id(), call.path["id"], call.actor, checked.value.member_id)
    return _back(call, await call.decide(handlers.remove_member, item))


def _back(call: Call, decision: Decision) -> Response:
    here = f"/coordination/cases/{call.path['id']}"
    return call.redirect(f"{here}#gelukt" if decision.refusal is None else f"{here}?let_op={decision.refusal.code}")


async def listing(call: Call) -> Response:
    """The open cases in whose care team who asks is."""
    async with call.read() as connection:
        rows = await queries.teams_seen(connection, call.bounds)
        await call.looked_over(connection, [(seen(row, call.may(as_member(row, call.actor.id))), row) for row in rows])
    known = await persons.known(call, [row["person_id"] for row in rows])
    return call.page("team/list.html", teams=[_entry(row, known.get(row["person_id"], UNKNOWN)) for row in rows])


def _entry(row: asyncpg.Record, person: Person) -> dict[str, Any]:
    return {
        "id": row["id"],
        "reference": row["reference"],
        "name": person.name,
        "note": person.note if person is not UNKNOWN else "",
        "role": roles.named(row["care_role"], current()),
        "coordinator": row["coordinator"] or "—",
        "since": row["joined_at"],
        **shown.stand(row),
    }


async def team(call: Call) -> Response:
    """One of these, with who coordinates, who else is in the team, and of the person what the role needs."""
    async with call.read() as connection:
        row = await queries.team_seen(connection, call.bounds, call.path["id"])
        if row is None or not (ground := call.may(as_member(row, call.actor.id))):
            raise Problem(404, "not_found", "There is no such case, or you are not in its care team.")
        members = await store.of_case(connection, row["id"])
        await call.looked(connection, [seen(row, ground)])
    person = (await persons.known(call, [row["person_id"]])).get(row["person_id"], UNKNOWN)
    known = await directory.known(call, shown.ids(row, members))
    return call.page(
        "team/team.html",
        row=row,
        person=person,
        title=person.name or gettext("Dossier {reference}", reference=row["reference"]),
        stand=shown.stand(row),
        role=roles.named(row["care_role"], current()),
        sees=shown.seen_parts(row["sees"]),
        coordinator=known.get(row["coordinator_id"]),
        facts=_facts(row, person),
        lines=shown.everybody(row, gettext("Coördinator"), members, known),
        course=shown.course(row, members, known),
    )


def _facts(row: asyncpg.Record, person: Person) -> list[dict[str, Any]]:
    """Of the person, what the role needs: intake leaves out the rest."""
    voicemail = gettext("Ja") if person.voicemail else gettext("Nee, alleen persoonlijk")
    facts = [
        (gettext("Hoe bereiken"), person.reach, None),
        (gettext("Bericht inspreken"), None if person.voicemail is None else voicemail, None),
        (gettext("Wat baart zorgen"), person.worries, None),
        (gettext("Nood"), person.need or words.programmes(row["programmes"]), None),
        (gettext("Taal"), words.languages([person.language]) if person.language else None, person.language_note),
    ]
    return [{"term": term, "value": value, "note": note} for term, value, note in facts if value]


PAGES = [
    Page("GET", "/coordination/cases/{id:uuid}/team", adding),
    Page("POST", "/coordination/cases/{id:uuid}/team", add),
    Page("POST", "/coordination/cases/{id:uuid}/team/search", search),
    Page("POST", "/coordination/cases/{id:uuid}/team/remove", remove),
    Page("GET", "/coordination/teams", listing),
    Page("GET", "/coordination/teams/{id:uuid}", team),
]
