"""The sender's pages of referrals, and the list of what the zone's intake has to look at."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import asyncpg
from starlette.responses import Response

from services.intake.consents import store as consents
from services.intake.consents.domain import is_withdrawn, of_referral
from services.intake.drafts import forms
from services.intake.drafts import store as drafts
from services.intake.drafts.handlers import KEPT
from services.intake.drafts.screens import draft_name
from services.intake.matches import store as matches
from services.intake.organisations import asking as organisations
from services.intake.programmes.definitions import Programmes, load_programmes
from services.intake.programmes.domain import Outcome
from services.intake.records import store as records
from services.intake.referrals import choices, handlers, listing, proposals, queries, sentences, store, views, words, zone_map
from services.intake.referrals.contacts import of as contacts_of
from services.intake.referrals.handlers import request_from
from services.intake.referrals.queries import Wanted
from services.intake.referrals.relations import facts_of
from services.intake.referrals.requests import Addition, CheckAnswer, Withdrawal, day
from services.intake.referrals.sight import seen
from services.intake.referrals.states import BEFORE_FIRST_CONTACT, UNTIL_CLOSED, Status
from services.intake.referrals.web import not_found
from shared.access.rules import Action, bounds, may
from shared.clock import new_id
from shared.items import Decision, Entry
from shared.web import lists
from shared.web.call import Call
from shared.web.forms import Errors, Typed
from shared.web.languages import current, gettext, lazy
from shared.web.routing import Page

STARTS = {
    "sender": "/intake/referrals",
    "coordinator": "/coordination/day",
    "zone_intake": "/intake/checks",
    "zone_lead": "/coordination/zones",
    "care_team": "/coordination/teams",
    "ops": "/operations",
    "privacy_officer": "/intake/audit",
}
LABELS = forms.LABELS | {
    "facts.birth_date": lazy("Geboortedatum"),
    "facts.sex": lazy("Geslacht"),
    "answer": lazy("Wat u beslist"),
    "programme": lazy("Programma"),
    "role": lazy("Rol"),
    "level": lazy("Procesniveau"),
    "reason": lazy("Waarom intrekken"),
}


async def front_door(call: Call) -> Response:
    """Everyone to the page of their first role."""
    roles = call.actor.roles
    return call.redirect(next((url for role, url in STARTS.items() if role in roles), "/intake/referrals"))


async def to_start(call: Call) -> Response:
    return call.redirect("/intake/referrals")


async def start(call: Call) -> Response:
    """The sender's own referrals: who acts next."""
    asked, concepts_asked = lists.together("/intake/referrals", call.request.query_params, listing.OWN, listing.DRAFTS)
    async with call.read() as connection:
        counted = await queries.own_counted(connection, call.bounds, _wanted(asked), sentences.ENDED)
        leaf, drafts_are = asked.leaf(sum(row["shown"] for row in counted)), bounds(call.actor, Action.WRITE_REFERRAL)
        concepts_leaf = concepts_asked.leaf(await drafts.count(connection, drafts_are))
        if last := lists.elsewhere((asked, leaf), (concepts_asked, concepts_leaf)):
            return call.redirect(last)
        rows = await queries.own(connection, call.bounds, _wanted(asked, leaf), sentences.ENDED)
        with_drafts = asked.number == 1 and asked.chosen in ({}, {"stand": Status.DRAFT})
        unsent = await drafts.listed(connection, drafts_are, concepts_asked.limit, concepts_leaf.offset) if with_drafts else []
        bodies = await records.bodies(connection, [*(row["id"] for row in rows), *(draft.id for draft in unsent)])
        drafted = [(Entry(subject=draft.id, relation=call.may(draft.facts).relation), draft) for draft in unsent]
        await call.looked_over(connection, [*((seen(row, call.may(facts_of(row, call.actor.id))), row) for row in rows), *drafted])
    zones, contacts, programmes = await zone_map.of(call.kernel), await contacts_of(call, rows), _programmes(call)
    return call.page(
        "referrals/start.html",
        asked=asked,
        leaf=leaf,
        concepts_asked=concepts_asked,
        concepts_leaf=concepts_leaf,
        fields=listing.fields(asked, programmes, zones),
        orders=listing.OWN_ORDERS,
        whole={listing.GROUPS[row["turn"]]: row["whole"] for row in counted},
        shown={listing.GROUPS[row["turn"]]: row["shown"] for row in counted},
        entries=[listing.entry(row, bodies[row["id"]], programmes, zones, contacts, call.now) for row in rows],
        concepts=[
            {"id": draft.id, "name": draft_name(bodies.get(draft.id, {})), "saved_at": draft.saved_at, "gone_at": draft.saved_at + KEPT}
            for draft in unsent
        ],
    )


def _wanted(asked: lists.Asked, leaf: lists.Leaf | None = None) -> Wanted:
    """What an address asks, as the questions to the database take it."""
    return Wanted(asked.of("stand"), asked.of("programma"), asked.of("zone"), asked.order, asked.limit, leaf.offset if leaf else 0)


def _programmes(call: Call) -> Programmes:
    return load_programmes(day(call.now))


async def referral(call: Call) -> Response:
    """The status of one referral; for the zone's intake also the form of the check."""
    return await _show(call, Typed(), Errors())


async def _show(call: Call, typed: Typed, errors: Errors, problem: str | None = None, status: int = 200) -> Response:
    async with call.read() as connection:
        row = await store.read(connection, call.path["id"])
        if row is None or not (ground := call.may(facts := facts_of(row, call.actor.id))):
            raise not_found()
        sent = (await records.bodies(connection, [row["id"]]))[row["id"]]
        steps = await store.steps(connection, row["id"])
        notes = await records.notes(connection, row["id"])
        match = await matches.read(connection, row["id"])
        said = await consents.history(connection, row["person_id"])
        await call.looked(connection, [seen(row, ground)])
    programmes, zones = _programmes(call), await zone_map.of(call.kernel)
    zone = zones.zones[row["zone"]]
    contacts = await contacts_of(call, [row], [step.by for step in steps if step.what in sentences.BY_NAME])
    request = request_from(sent, row["received_at"])
    decision = views.reasons(programmes, row, request, zone.entity)
    checks, own, for_person = (
        bool(may(call.actor, action, facts)) for action in (Action.ANSWER_CHECK, Action.CHANGE_REFERRAL, Action.WITHDRAW_CONSENT)
    )
    held = row["unsure"] and row["urgency"] == "normal"
    now_status = Status(row["status"])
    return call.page(
        "referrals/referral.html",
        status,
        row=row,
        name=request.person.name,
        zone=zone.name(current()),
        entry=listing.entry(row, sent, programmes, zones, contacts, call.now),
        history=sentences.history(row, steps, contacts),
        notes=notes,
        outcome=words.OUTCOMES[Outcome(row["outcome"])],
        why_checked=sentences.why_checked(row),
        reasons=words.reasons(decision) if decision else [],
        elsewhere=words.elsewhere(decision) if decision and now_status is Status.NOT_ELIGIBLE else [],
        who=words.who(request, row["nis"]),
        what=[*words.what(programmes, request), *await organisations.told(call, request.caring_organisations)],
        typed=typed,
        errors=errors,
        labels=LABELS,
        problem=problem,
        asks=row["programme"] if views.asks(row) else None,
        sexes=choices.SEXES,
        may_add=own and now_status in UNTIL_CLOSED,
        read_by=sentences.read_by(row),
        consents=words.consents(of_referral(said, row["id"])),
        consent_withdrawn=is_withdrawn(said),
        may_withdraw_consent=for_person and not is_withdrawn(said),
        may_withdraw=own and now_status in BEFORE_FIRST_CONTACT,
        may_ask_check=own and now_status in {Status.NOT_ELIGIBLE, Status.INFORMATION_NEEDED},
        may_check=row["check_due_at"] is not None and checks and not held,
        may_match=match is not None and match.answered_at is None and checks,
        choices=[each for each in words.programme_choices(programmes, zone.entity) if each["value"] != "unknown"],
        **words.questions(programmes, zone.entity),
    )


async def add_information(call: Call) -> Response:
    """The sender adds something."""
    typed = await call.form()
    checked = forms.check(Addition, typed)
    wrong = checked.errors if checked.value is None else forms.errors_of(proposals.added_dates(checked.value, day(call.now)))
    if checked.value is None or wrong:
        return await _show(call, checked.typed, _beside(wrong, "text"), status=422)
    return await _done(
        call,
        await call.decide(handlers.complete, handlers.CompleteReferral(call.path["id"], call.actor, checked.value, new_id())),
        "aangevuld",
        sentences.NOT_ADDED,
    )


async def withdraw(call: Call) -> Response:
    """The sender takes the referral back."""
    checked = forms.check(Withdrawal, await call.form())
    if checked.value is None:
        return await _show(call, checked.typed, checked.errors, status=422)
    return await _done(
        call, await call.decide(handlers.withdraw, handlers.WithdrawReferral(call.path["id"], call.actor, checked.value)), "ingetrokken"
    )


async def answer_check(call: Call) -> Response:
    """A worker of the zone decides."""
    checked = forms.check(CheckAnswer, await call.form())
    if checked.value is None:
        return await _show(call, checked.typed, _beside(checked.errors, "answer"), status=422)
    return await _done(
        call,
        await call.decide(handlers.answer_check, handlers.AnswerCheck(call.path["id"], call.actor, checked.value, new_id())),
        "nagekeken",
    )


def _beside(errors: Errors, first: str) -> Errors:
    """A mistake of the form as a whole stands beside its first field."""
    return Errors({first if field == "body" else field: message for field, message in errors.items()})


async def _done(call: Call, decision: Decision, anchor: str, crossed: Mapping[str, str] | None = None) -> Response:
    """Back to the referral, or why it was refused; `crossed` says so by the state that it came into meanwhile."""
    refusal = decision.refusal
    if refusal is None:
        return call.redirect(f"/intake/referrals/{call.path['id']}#{anchor}")
    said = (crossed or {}).get(refusal.values.get("status", "")) or sentences.REFUSED.get(refusal.code) or gettext("Dit lukte niet.")
    return await _show(call, call.typed or Typed(), Errors(), said, refusal.status)


async def receipt(call: Call) -> Response:
    """What was sent, and what happens now; to print."""
    async with call.read() as connection:
        row = await store.read(connection, call.path["id"])
        if row is None or not (ground := call.may(facts_of(row, call.actor.id))):
            raise not_found()
        sent = (await records.bodies(connection, [row["id"]]))[row["id"]]
        await call.looked(connection, [seen(row, ground)])
    request, zones = request_from(sent, row["received_at"]), await zone_map.of(call.kernel)
    zone = zones.zones[row["zone"]]
    return call.page(
        "referrals/receipt.html",
        row=row,
        name=request.person.name,
        zone=zone.name(current()),
        at=sentences.printed(row["received_at"]),
        next=sentences.next_step(row, zone.name(current()), {}, call.now),
        outcome=words.OUTCOMES[Outcome(row["outcome"])],
        role=words.role(_programmes(call), row["programme"], row["role"], zone.entity),
        who=words.who(request, row["nis"]),
        what=[*words.what(_programmes(call), request), *await organisations.told(call, request.caring_organisations)],
        why_checked=sentences.why_a_human_looks(row),
        helplines=words.helplines(request.facts),
        voicemail=request.person.voicemail,
    )


async def checks(call: Call) -> Response:
    """What the intake of the actor's zones has to look at, the most pressing first."""
    zones, matches_are = await zone_map.of(call.kernel), bounds(call.actor, Action.ANSWER_MATCH)
    shape = listing.checks(call.actor.zones & zones.zones.keys())
    asked, matches_asked = lists.together("/intake/checks", call.request.query_params, shape, listing.MATCHES)
    async with call.read() as connection:
        leaf = asked.leaf(await queries.to_check_counted(connection, call.bounds, _wanted(asked)))
        matches_leaf = matches_asked.leaf(await matches.count(connection, matches_are))
        if last := lists.elsewhere((asked, leaf), (matches_asked, matches_leaf)):
            return call.redirect(last)
        rows = await queries.to_check(connection, call.bounds, _wanted(asked, leaf))
        questions = await matches.listed(connection, matches_are, matches_asked.limit, matches_leaf.offset)
        bodies = await records.bodies(connection, [row["id"] for row in (*rows, *questions)])
        await call.looked_over(connection, [(seen(row, call.may(facts_of(row, call.actor.id))), row) for row in (*rows, *questions)])
    programmes = _programmes(call)

    def entry(row: asyncpg.Record, why: str, due: datetime) -> dict[str, Any]:
        told = listing.entry(row, bodies[row["id"]], programmes, zones, {}, call.now)
        return {**told, "zone": zones.zones[row["zone"]].name(current()), "why": why, "due": due}

    return call.page(
        "referrals/checks.html",
        asked=asked,
        leaf=leaf,
        matches_asked=matches_asked,
        matches_leaf=matches_leaf,
        fields=listing.fields(asked, programmes, zones),
        orders=listing.CHECK_ORDERS,
        entries=[entry(row, sentences.why_checked(row), row["check_due_at"]) for row in rows],
        matches=[entry(row, sentences.why_asked(row), row["due_at"]) for row in questions],
    )


PAGES = [
    Page("GET", "/", front_door),
    Page("GET", "/intake", to_start),
    Page("GET", "/intake/", to_start),
    Page("GET", "/intake/referrals", start),
    Page("GET", "/intake/referrals/{id:uuid}", referral),
    Page("GET", "/intake/referrals/{id:uuid}/receipt", receipt),
    Page("POST", "/intake/referrals/{id:uuid}/information", add_information),
    Page("POST", "/intake/referrals/{id:uuid}/withdraw", withdraw),
    Page("POST", "/intake/referrals/{id:uuid}/check-answer", answer_check),
    Page("GET", "/intake/checks", checks),
]
