"""The three screens of a referral. What is typed is kept at every step, right or wrong; sending twice sends once."""

from __future__ import annotations

from hashlib import sha256
from typing import Any
from uuid import UUID

from starlette.responses import Response

from services.intake.drafts import forms, handlers, store
from services.intake.drafts.domain import bound_id, is_bound
from services.intake.drafts.screens import Screen, draft_name
from services.intake.keys.secrets import index_key
from services.intake.organisations import asking as organisations
from services.intake.persons.domain import as_unborn
from services.intake.programmes.definitions import load_programmes
from services.intake.records import store as records
from services.intake.referrals import choices, proposals, words, zone_map
from services.intake.referrals import handlers as referrals
from services.intake.referrals import store as referral_store
from services.intake.referrals.domain import state_of
from services.intake.referrals.proposals import Expected, Proposal
from services.intake.referrals.relations import facts_of
from services.intake.referrals.requests import day, known_facts
from services.intake.referrals.web import command
from shared.access.rules import organisation
from shared.clock import new_id
from shared.items import Entry
from shared.messaging.idempotency import IdempotencyKey
from shared.web.call import Call
from shared.web.forms import Errors, Typed
from shared.web.languages import gettext
from shared.web.problems import Problem
from shared.web.routing import Page

PERSON_FIELDS = ("person.", "zone")
NEED_FIELDS = ("programme", "facts.", "caring", "consent.", "urgency.", "worries", "human_check")
ON_SCREEN_2 = {"propose": "voorstel", "seek": organisations.FIELD}  # buttons that show the same screen again, and where
CHECKED = "?nakijken=1"  # the screen shows what is still expected
CHANGED = "?gewijzigd=1"  # the screen says that what was to be sent is not what stands here now


async def begin(call: Call) -> Response:
    """A new referral: its id is known before anything is kept, so that sending the first screen twice makes one draft."""
    return call.redirect(f"/intake/refer/1/{bound_id(new_id(), organisation(call.actor), index_key())}")


def own_id(call: Call) -> UUID:
    """The id of the address. Raises a problem where it is none of one's own organisation, the same whether there is something or not."""
    id: UUID = call.path["id"]
    if is_bound(id, organisation(call.actor), index_key()):
        return id
    if any(is_bound(id, each.organisation_id or call.actor.id, index_key()) for each in call.actor.memberships):
        raise Problem(409, "other_organisation", "This belongs to another of your organisations.", "Choose that organisation first.")
    raise Problem(404, "not_found", "There is nothing at this address.")


async def opened(call: Call) -> Screen | None:
    """The draft, empty when nothing was kept yet; None when it was sent already. Raises a problem as `own_id` does."""
    id = own_id(call)
    async with call.read() as connection:
        draft = await store.read(connection, id)
        typed = {}
        if draft and (ground := call.may(draft.facts)):
            typed = (await records.bodies(connection, [id])).get(id, {})
            await call.looked(connection, [Entry(subject=id, relation=ground.relation)])
        # last: a draft that is sent meanwhile is gone from the one or found as the other
        row = await referral_store.read(connection, id)
        if row and call.may(facts_of(row, call.actor.id)):
            return None
    return Screen(id, Typed(typed), await zone_map.of(call.kernel), load_programmes(day(call.now)))


def receipt(call: Call) -> Response:
    return call.redirect(f"/intake/referrals/{call.path['id']}/receipt")


async def person(call: Call) -> Response:
    """Screen 1: who."""
    screen = await opened(call)
    return receipt(call) if screen is None else person_page(call, screen)


def person_page(call: Call, screen: Screen, status: int = 200, **search: Any) -> Response:
    """Screen 1, with what was `sought` on it and what was `found`."""
    errors, asked = _person_errors(call, screen) if "nakijken" in call.request.query_params else (Errors(), None)
    return call.page(
        "drafts/person.html",
        status,
        screen=screen,
        typed=screen.typed,
        errors=errors,
        labels=forms.LABELS,
        languages=choices.LANGUAGES,
        asked=asked,
        choices=_choices,
        **{"sought": Typed(), "sought_errors": Errors(), "found": None, **search},
    )


def _choices(asked: Expected) -> list[dict[str, str]]:
    return [{"value": code, "text": name} for code, name in asked.choices]


def _person_errors(call: Call, screen: Screen) -> tuple[Errors, Expected | None]:
    """What screen 1 still expects, and the choice of municipality or zone that is open."""
    checked = forms.check(forms.PersonScreen, screen.typed)
    if checked.value is None:
        return forms.in_order({**checked.errors, **_unknown_place(screen)}), None
    today = day(call.now)
    if wrong := proposals.dates(checked.value.person, today, "person."):
        return forms.errors_of(wrong), None
    address = checked.value.person.address
    found = proposals.place(screen.zones, screen.zones.served(address.postcode, address.municipality, checked.value.zone))
    return (forms.errors_of([found]), found) if isinstance(found, Expected) else (Errors(), None)


def _unknown_place(screen: Screen) -> dict[str, str]:
    """Whether the postcode is served can be said before the rest of the screen is right."""
    postcode = str(screen.typed["person.address.postcode"]).strip()
    found = proposals.place(screen.zones, screen.zones.served(postcode, None, None)) if postcode else None
    return forms.errors_of([found]) if isinstance(found, Expected) and found.field == "address.postcode" else {}


async def keep_person(call: Call) -> Response:
    """Keep screen 1, and go on when it is whole."""
    return await _keep(call, PERSON_FIELDS, 1)


async def need(call: Call) -> Response:
    """Screen 2: what is needed, with the proposal beside it."""
    screen = await opened(call)
    if screen is None:
        return receipt(call)
    if errors := _person_errors(call, screen)[0]:
        return call.redirect(screen.url(1) + CHECKED)
    if "nakijken" in call.request.query_params:
        errors = _need_errors(screen)
    return call.page(
        "drafts/need.html",
        screen=screen,
        typed=screen.typed,
        errors=errors,
        labels=forms.LABELS,
        choices=words.programme_choices(screen.programmes, screen.entity),
        proposal=_proposal(call, screen),
        caring=await organisations.question(call, screen.typed),
        consents=choices.CONSENT_BY,
        consent_by=screen.typed["consent.by"] or screen.proposed_by(str(screen.typed["programme"]), day(call.now)),
        refused=screen.typed["consent.given"] == forms.REFUSED,
        helplines=words.helplines(screen.facts),
        **words.questions(screen.programmes, screen.entity),
    )


def _need_errors(screen: Screen) -> Errors:
    if screen.typed["consent.given"] == forms.REFUSED:
        return forms.errors_of([proposals.REFUSED])  # nothing else on the screen matters then
    checked = forms.check(forms.NeedScreen, screen.typed)
    if checked.value is not None and not checked.value.consent.given:
        return forms.errors_of([proposals.NO_CONSENT])
    return checked.errors


def _proposal(call: Call, screen: Screen) -> dict[str, Any] | None:
    """What the rules propose for what is typed so far, in words; None while that cannot be said."""
    who, answers = forms.check(forms.PersonScreen, screen.typed).value, forms.check(forms.Answers, screen.typed).value
    if who is None or answers is None:
        return None
    today = day(call.now)
    person, address = as_unborn(who.person, today), who.person.address
    served = screen.zones.served(address.postcode, address.municipality, who.zone)
    found = proposals.propose(screen.zones, served, answers.programme, known_facts(person, answers.facts), today)
    if isinstance(found, Expected):
        return {"outcome": "expected", "title": gettext("Nog niet te zeggen"), "reasons": [{"text": found.on_page, "fits": False}]}
    return words.proposal(screen.programmes, found)


async def keep_need(call: Call) -> Response:
    """Keep screen 2, and go on when it is whole."""
    return await _keep(call, NEED_FIELDS, 2)


async def _keep(call: Call, fields: tuple[str, ...], number: int) -> Response:
    posted = await call.form()
    screen = await opened(call)
    if screen is None:
        return receipt(call)
    typed = forms.merged(screen.typed, fields, posted)
    if number == 1 and typed["person.address.postcode"] != screen.typed["person.address.postcode"]:
        for chosen in ("zone", "person.address.municipality"):
            typed.pop(chosen, None)  # chosen for another address
    shown = posted["_shown"] if number == 2 else typed["programme"]
    if shown != typed["programme"] and typed["consent.by"] == screen.proposed_by(str(shown), day(call.now)):
        typed.pop("consent.by", None)  # proposed with another programme
    now = Screen(screen.id, typed, screen.zones, screen.programmes)
    errors = _person_errors(call, now)[0] if number == 1 else _need_errors(now)
    found_first = posted["_action"] == "next" and organisations.are_unseen(typed, posted)
    if posted["_action"] == "next" and not errors and not found_first:
        typed.pop(organisations.SOUGHT, None)  # who goes on has done with looking
    decision = await call.decide_under(None, handlers.save_draft, handlers.SaveDraft(screen.id, call.actor, dict(typed)))
    if decision.refusal is not None:
        return receipt(call)
    if posted["_action"] == "itself":  # the page goes on as it is
        return Response(status_code=204)
    if posted["_action"] == "later":
        return call.redirect("/intake/referrals#bewaard")
    other_questions = shown != typed["programme"] and number == 2 and typed["programme"]  # they belong to another programme
    sought = organisations.FIELD if found_first and not errors else None
    if place := "voorstel" if other_questions else ON_SCREEN_2.get(str(posted["_action"]), sought):
        return call.redirect(f"{now.url(2)}#{place}")
    return call.redirect(now.url(number) + CHECKED if errors else now.url(number + 1))


async def review(call: Call) -> Response:
    """Screen 3: everything once more, and what sending does."""
    screen = await opened(call)
    if screen is None:
        return receipt(call)
    found = _whole(call, screen)
    if isinstance(found, Response):
        return found
    request, proposal = found
    caring = await organisations.told(call, request.caring_organisations)
    return call.page(
        "drafts/check.html",
        screen=screen,
        answers=words.answers(screen.programmes, request, proposal, screen.id, caring),
        proposal=words.proposal(screen.programmes, proposal),
        version=forms.version(screen.typed),
        changed="gewijzigd" in call.request.query_params,
        checked=state_of(proposal.eligibility, request.human_check)[1],
        helplines=words.helplines(request.facts),
        voicemail=request.person.voicemail,
    )


async def send(call: Call) -> Response:
    """Send what was seen. The draft's id is the key: a second click, or a second try after a fault, gets the same receipt."""
    posted = await call.form()
    screen = await opened(call)
    if screen is None:
        return receipt(call)
    if posted["_version"] != forms.version(screen.typed):
        return call.redirect(screen.url(3) + CHANGED)  # another tab or a colleague kept something else meanwhile
    found = _whole(call, screen)
    if isinstance(found, Response):
        return found
    request, proposal = found
    key = IdempotencyKey(str(organisation(call.actor)), f"draft {screen.id}", sha256(screen.id.bytes).digest())
    await call.decide_under(key, referrals.submit, command(call.actor, request, proposal, screen.id))
    return receipt(call)  # refused only when it was sent or thrown away meanwhile: the receipt knows which


def _whole(call: Call, screen: Screen) -> tuple[Any, Proposal] | Response:
    """The request and its proposal, or the way to the screen that still expects something."""
    checked = forms.whole(screen.typed, day(call.now))
    if checked.value is None or _need_errors(screen):
        return call.redirect(screen.url(1 if _person_errors(call, screen)[0] else 2) + CHECKED)
    request = checked.value
    address = request.person.address
    served = screen.zones.served(address.postcode, address.municipality, request.zone)
    found = proposals.propose(screen.zones, served, request.programme, known_facts(request.person, request.facts), day(call.now))
    if isinstance(found, Expected):
        return call.redirect(screen.url(2 if found.field == "programme" else 1) + CHECKED)
    return request, found


async def discard(call: Call) -> Response:
    """Throw a draft away."""
    await call.form()
    await call.decide_under(None, handlers.discard_draft, handlers.DiscardDraft(own_id(call), call.actor))
    return call.redirect("/intake/referrals#weggegooid")


async def ask_discard(call: Call) -> Response:
    """Throwing away cannot be undone: ask first."""
    screen = await opened(call)
    if screen is None:
        return receipt(call)
    return call.page("drafts/discard.html", screen=screen, name=draft_name(screen.typed))


PAGES = [
    Page("GET", "/intake/refer", begin),
    Page("GET", "/intake/refer/1/{id:uuid}", person),
    Page("POST", "/intake/refer/1/{id:uuid}", keep_person),
    Page("GET", "/intake/refer/2/{id:uuid}", need),
    Page("POST", "/intake/refer/2/{id:uuid}", keep_need),
    Page("GET", "/intake/refer/3/{id:uuid}", review),
    Page("POST", "/intake/refer/3/{id:uuid}", send),
    Page("GET", "/intake/refer/discard/{id:uuid}", ask_discard),
    Page("POST", "/intake/refer/discard/{id:uuid}", discard),
]
