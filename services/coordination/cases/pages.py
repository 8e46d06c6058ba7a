"""Pages of one case with its decision card, its history and what can be done now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
from starlette.responses import Response

from services.coordination import cards, persons, words
from services.coordination.additions import store as additions
from services.coordination.additions.domain import Addition
from services.coordination.cases import handlers, history, listing, queries, steps
from services.coordination.cases.bodies import Closing, FirstContactForm, Pausing
from services.coordination.cases.domain import AGREES_IN, CANCELS_IN, CHOSEN, HELD, Outcome, Rest
from services.coordination.leave import store as leave_rows
from services.coordination.leave.shown import days as leave_days
from services.coordination.persons import UNKNOWN, Person
from services.coordination.sight import facts_of, seen
from services.coordination.tasks import queries as task_rows
from services.coordination.team import pages as team_pages
from services.coordination.team import store as team_rows
from services.coordination.workforce.domain import Absence, Filter
from shared.access.rules import Action, may
from shared.clock import new_id
from shared.items import Decision
from shared.web import formats, helplines
from shared.web.call import Call
from shared.web.forms import Errors, check
from shared.web.languages import gettext, within
from shared.web.problems import Problem
from shared.web.routing import Page


async def case(call: Call) -> Response:
    """One case."""
    return await _case(call)


async def _case(call: Call, status: int = 200, form: str = "", errors: Mapping[str, str] | None = None) -> Response:
    async with call.read() as connection:
        row = await queries.case_seen(connection, call.path["id"])
        if row is None or not (ground := may(call.actor, Action.SEE_CASE, facts_of(row, call.actor.id))):
            raise Problem(404, "not_found", "There is no such case, or it is not yours to see.")
        offers = await queries.offers_of(connection, row["id"])
        referrals = await queries.referrals_of(connection, row["id"])
        tasks = await task_rows.tasks_of(connection, row["id"])
        added = await additions.of_case(connection, row["id"])
        members = await team_rows.of_case(connection, row["id"])
        covers = await leave_rows.of_case(connection, row["id"], formats.day_of(call.now)) if row["status"] in HELD else []
        latest = await queries.latest_cards(connection, [row["id"]])
        explained = await queries.explained(connection, latest.values())
        await call.looked(connection, [seen(row, ground)])
    person = await _person(call, row)
    team = await team_pages.around(call, row, members, referrals)
    card = explained.get(row["id"])
    return call.page(
        "cases/case.html",
        status,
        row=row,
        person=person,
        title=person.name or gettext("Dossier {reference}", reference=row["reference"]),
        stand=_stand(call, row),
        stages=history.stages(row),
        history=history.entries(row, referrals, offers, tasks, await _added(call, row, added), team["entries"]),
        team=team,
        facts=[*map(_cover, covers), *_facts(call, row, person)],
        helplines=helplines.where(row["needs"]) if row["status"] != "closed" else [],
        card=cards.in_words(card, call.actor.id) if card else None,
        acts=_acts(call, row, card),
        form=form,
        errors=Errors(errors or {}),
        typed=call.typed or {},
        outcomes=_outcomes(),
        rests=[{"value": code, "text": text} for code, text in words.RESTS.items()],
        next_week=formats.local(call.now) + timedelta(weeks=1),
        intensities=words.INTENSITIES,
        levels=words.LEVELS,
        moment=formats.local(call.now),
        said=words.REFUSALS.get(call.request.query_params.get("let_op", "")),
    )


async def _person(call: Call, row: asyncpg.Record) -> Person:
    """With name once the case is held and told; before that a summary for who is offered it."""
    if _responsible(call, row):
        return (await persons.known(call, [row["person_id"]])).get(row["person_id"], UNKNOWN)
    return (await persons.offered(call, [row["person_id"]])).get(row["person_id"], UNKNOWN)


def _responsible(call: Call, row: asyncpg.Record) -> bool:
    """Whether the reader may know who the person is."""
    return bool(may(call.actor, Action.SEE_PERSON, facts_of(row, call.actor.id)))


async def _added(call: Call, row: asyncpg.Record, added: Sequence[Addition]) -> list[tuple[Addition, str]]:
    """What senders added, with the text where the reader may know it. Asked after the person: what makes them responsible has come by then."""
    if not _responsible(call, row):
        return [(each, words.TEXT_LATER) for each in added]
    texts = await persons.additions(call, [each.record_id for each in added])
    return [(each, texts.get(each.record_id, words.TEXT_AWAY)) for each in added]


def _stand(call: Call, row: asyncpg.Record) -> dict[str, str]:
    """Who acts next, in one sentence."""
    kind, _ = words.STATUSES[row["status"]]
    mine = row["holder_id"] == call.actor.id
    told = {
        "who": gettext("u") if mine else row["holder"],
        "owner": row["owner"] or (gettext("De zone") if row["status"] == "waiting" else gettext("De intake van de zone")),
        "why": within(str(words.WAITING.get(row["reason"], row["reason"] or ""))),
        "day": formats.short_date(row["paused_until"], call.now) if row["paused_until"] else "",
        "outcome": within(str(words.OUTCOMES.get(row["outcome"], row["outcome"] or ""))),
    }
    if row["status"] == "offered" and row["offer_status"] == "accepted":
        text = gettext("Aanvaard door {who}; anderen horen het om {clock}", clock=formats.clock(row["final_at"]), **told)
    elif row["status"] != "offered" or row["holder_id"]:
        text = str(words.STANDS[row["status"]]).format_map(told)
    else:
        text = gettext("Geweigerd; het volgende aanbod vertrekt zo meteen")
    return {"kind": kind, "text": text}


def _cover(row: asyncpg.Record) -> dict[str, Any]:
    """Who looks after the case while its coordinator is on leave."""
    return {"term": gettext("Vervanging"), "value": row["name"], "note": leave_days(Absence(row["starts_on"], row["ends_on"]))}


def _facts(call: Call, row: asyncpg.Record, person: Person) -> list[dict[str, Any]]:
    weight = str(words.INTENSITIES[row["intensity"]])
    if row["first_weeks"] and row["first_weeks_end"]:
        until = formats.short_date(row["first_weeks_end"], call.now)
        weight = gettext("{intensity} × 1,5 in de eerste zes weken, tot {day}", intensity=weight, day=until)
    elif row["first_weeks"]:
        weight = gettext("{intensity} × 1,5 in de eerste zes weken", intensity=weight)
    facts = [
        {"term": gettext("Hoe bereiken"), "value": person.reach} if person.reach else None,
        {"term": gettext("Bericht inspreken"), "value": gettext("Ja") if person.voicemail else gettext("Nee, alleen persoonlijk")}
        if person.voicemail is not None
        else None,
        {"term": gettext("Wat baart zorgen"), "value": person.worries} if person.worries else None,
        {"term": gettext("Nood"), "value": person.need} if person.need not in ("", words.programmes(row["programmes"])) else None,
        {"term": gettext("Programma"), "value": words.programmes(row["programmes"])},
        {"term": gettext("Rol"), "value": words.ROLES[row["role"]]},
        {
            "term": gettext("Procesniveau"),
            "value": words.LEVELS.get(row["level"], row["level"]),
            "note": None if row["first_contact_at"] else gettext("voorstel, te bevestigen bij het eerste contact"),
        },
        {"term": gettext("Taal"), "value": words.spoken(row["languages"], row["interpreter"]), "note": person.language_note},
        {"term": gettext("Voorrang"), "value": words.URGENCIES[row["urgency"]]},
        {"term": gettext("Gewicht"), "value": gettext("{points} punten", points=formats.points(row["points"])), "note": weight},
    ]
    return [fact for fact in facts if fact]


ACTS: Mapping[str, frozenset[str]] = {
    "assigned": frozenset({"contact", "pause", "close"}),
    "first_contact": frozenset({"pause", "close"}),
    "paused": frozenset({"resume", "close"}),
}
LEADS_ACTS: Mapping[str, frozenset[str]] = dict.fromkeys(("waiting", "offered", "returned"), frozenset({"close"}))


def _acts(call: Call, row: asyncpg.Record, card: Mapping[str, Any] | None) -> frozenset[str]:
    """What this reader can do with the case now."""
    facts = facts_of(row, call.actor.id)
    acts: frozenset[str] = ACTS.get(row["status"], frozenset())
    if may(call.actor, Action.ARRANGE_INTERPRETER, facts):
        return acts | LEADS_ACTS.get(row["status"], frozenset()) | _of_language(row, card)
    return acts if may(call.actor, Action.MOVE_CASE, facts) else frozenset()


def _of_language(row: asyncpg.Record, card: Mapping[str, Any] | None) -> frozenset[str]:
    """An interpreter helps where the language shuts somebody out; one that was agreed can be taken back until somebody accepted."""
    if row["interpreter"]:
        return frozenset({"no_interpreter"} if row["status"] in CANCELS_IN else ())
    shut_out = card is not None and any(candidate.get("failing") == Filter.LANGUAGE for candidate in card["candidates"])
    return frozenset({"interpreter"} if row["status"] in AGREES_IN and shut_out else ())


def _outcomes() -> Sequence[dict[str, str]]:
    return [{"value": code, "text": text} for code, text in words.OUTCOMES.items() if code in CHOSEN]


async def note_first_contact(call: Call) -> Response:
    """The form of the first contact."""
    checked = check(FirstContactForm, await call.form())
    if checked.value is None:
        return await _case(call, 422, "contact", checked.errors)
    said = checked.value
    decision = await call.decide(
        handlers.note_first_contact,
        steps.NoteFirstContact(new_id(), call.path["id"], call.actor, said.contact_at, said.level, said.intensity),
    )
    if decision.refusal is not None and decision.refusal.field:
        return await _case(call, 422, "contact", {"day": words.REFUSALS[decision.refusal.code]})
    return _back(call, decision)


async def close(call: Call) -> Response:
    """The form that ends a case."""
    checked = check(Closing, await call.form())
    if checked.value is None:
        return await _case(call, 422, "close", checked.errors)
    return _back(
        call, await call.decide(handlers.close, steps.CloseCase(new_id(), call.path["id"], call.actor, Outcome(checked.value.outcome)))
    )


async def pause(call: Call) -> Response:
    """The form that lets the case rest."""
    checked = check(Pausing, await call.form())
    if checked.value is None:
        return await _case(call, 422, "pause", checked.errors)
    item = steps.PauseCase(new_id(), call.path["id"], call.actor, checked.value.until, Rest(checked.value.reason))
    decision = await call.decide(handlers.pause, item)
    if decision.refusal is not None and decision.refusal.field:
        return await _case(call, 422, "pause", {"until": words.REFUSALS[decision.refusal.code]})
    return _back(call, decision)


async def resume(call: Call) -> Response:
    """Go on."""
    await call.form()
    return _back(call, await call.decide(handlers.resume, steps.ResumeCase(new_id(), call.path["id"], call.actor)))


async def agree_interpreter(call: Call) -> Response:
    """The button of an agreed interpreter."""
    return await _interpreter(call, agreed=True)


async def cancel_interpreter(call: Call) -> Response:
    """The button that takes it back."""
    return await _interpreter(call, agreed=False)


async def _interpreter(call: Call, *, agreed: bool) -> Response:
    await call.form()
    return _back(call, await call.decide(handlers.agree_interpreter, steps.AgreeInterpreter(new_id(), call.path["id"], call.actor, agreed)))


def _back(call: Call, decision: Decision) -> Response:
    here = address(call.path["id"])
    return call.redirect(f"{here}#gelukt" if decision.refusal is None else f"{here}?let_op={decision.refusal.code}")


def address(case_id: UUID) -> str:
    """Where a case is read."""
    return f"/coordination/cases/{case_id}"


PAGES = [
    Page("GET", "/coordination/cases", listing.listing),
    Page("GET", "/coordination/cases/{id:uuid}", case),
    Page("POST", "/coordination/cases/{id:uuid}/first-contact", note_first_contact),
    Page("POST", "/coordination/cases/{id:uuid}/close", close),
    Page("POST", "/coordination/cases/{id:uuid}/pause", pause),
    Page("POST", "/coordination/cases/{id:uuid}/resume", resume),
    Page("POST", "/coordination/cases/{id:uuid}/interpreter", agree_interpreter),
    Page("POST", "/coordination/cases/{id:uuid}/interpreter/cancel", cancel_interpreter),
]
