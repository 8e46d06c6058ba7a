"""Person search of screen 1: who was referred before by the sender's own organisation, and taking over what was told then.

What is typed travels by POST only. Of anybody else the answer is the same as of nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from starlette.responses import Response

from services.intake.drafts import forms as drafted
from services.intake.drafts.handlers import SaveDraft, save_draft
from services.intake.drafts.web import PERSON_FIELDS, opened, person_page, receipt
from services.intake.keys.secrets import index_key
from services.intake.persons.domain import Day, PersonDetails
from services.intake.records import store as records
from services.intake.referrals import store as referrals
from services.intake.referrals import words
from services.intake.referrals.handlers import request_from
from services.intake.referrals.relations import facts_of
from services.intake.referrals.requests import day
from services.intake.referrals.sight import seen
from services.intake.searches import domain, handlers, store
from services.intake.searches.domain import Sought, Told
from services.intake.zones import places
from shared.access.rules import Action, bounds, may, organisation
from shared.text import Line
from shared.web import forms
from shared.web.call import Call
from shared.web.forms import Errors, Typed
from shared.web.languages import current, gettext, lazy
from shared.web.routing import Page

SHOWN = 8  # persons at once; more are found by typing more
NOT_ENOUGH = lazy("Typ het begin van de naam, een geboortedatum of een rijksregisternummer.")


class Search(BaseModel):
    """What was typed to find a person."""

    text: Line | None = None
    born: Day | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A person as the organisation told of them last."""

    referral_id: UUID
    name: str
    note: str


async def search(call: Call) -> Response:
    """Who of those whom one's own organisation referred has this name, birth date or number. To a script only the list."""
    typed = await call.form()
    checked = forms.check(Search, typed)
    looked_for = domain.sought(checked.value.text or "", checked.value.born) if checked.value else Sought()
    errors = checked.errors or Errors({} if looked_for.is_enough else {"text": str(NOT_ENOUGH)})
    suggesting = typed["_action"] == "suggest"
    screen = None if suggesting else await opened(call)
    if screen is None and not suggesting:
        return receipt(call)
    found, more = ([], False) if errors else await _find(call, looked_for)
    if screen is None:
        return call.page("searches/suggestions.html", 422 if errors else 200, found=found, more=more)
    sought = Typed({name: value for name, value in typed.items() if name in Search.model_fields})
    return person_page(
        call, screen, 422 if errors else 200, sought=sought, sought_errors=errors, found=None if errors else found, more=more
    )


async def _find(call: Call, looked_for: Sought) -> tuple[list[Found], bool]:
    """The persons, last referred first, and whether there are more."""
    own, whose = bounds(call.actor, Action.SEE_OWN_REFERRALS), organisation(call.actor)
    async with call.read() as connection:
        new = bool(await store.unmarked(connection, whose, 1))
    if new:
        await call.decide_under(None, handlers.mark_told, handlers.MarkTold(call.actor))
    async with call.read() as connection:
        rows = await store.found(connection, own, domain.marks_for(looked_for, whose, index_key()))
        bodies = await records.bodies(connection, [row["id"] for row in rows])
        persons: dict[Told, Any] = {}
        for row in rows:
            person = domain.told(bodies[row["id"]])
            if person is not None and domain.fits(looked_for, person):
                persons.setdefault(person, row)
        shown = list(persons.values())[:SHOWN]
        await call.looked(connection, [seen(row, may(call.actor, Action.SEE_OWN_REFERRALS, facts_of(row, call.actor.id))) for row in shown])
    return [_found(row["id"], row["received_at"], bodies[row["id"]], call.now) for row in shown], len(persons) > SHOWN


def _found(id: UUID, received_at: datetime, sent: dict[str, Any], now: datetime) -> Found:
    told = request_from(sent, received_at).person
    last = gettext("laatste aanmelding {day}", day=f"{day(received_at):%d/%m/%Y}")
    return Found(id, told.name, " · ".join(part for part in (_age(told, day(now)), _place(told), last) if part))


def _age(told: PersonDetails, today: date) -> str | None:
    return words.age_text(told.birth_date.isoformat() if told.birth_date else None, told.birth_year, today)


def _place(told: PersonDetails) -> str:
    address = told.address
    street = " ".join(part for part in (address.street, address.number) if part)
    at = f"{address.postcode} {places.called(address.postcode, address.municipality, current())}".strip()
    return f"{street}, {at}" if street else at


async def use(call: Call) -> Response:
    """Fill screen 1 with what one's own organisation told of a person before."""
    posted = await call.form()
    screen = await opened(call)
    if screen is None:
        return receipt(call)
    told = await _told(call, str(posted["referral"]))
    if told is None:
        return call.redirect(screen.url(1))
    filled = drafted.person_typed(*told, day(call.now))
    typed = drafted.merged(screen.typed, PERSON_FIELDS, filled)
    decision = await call.decide_under(None, save_draft, SaveDraft(screen.id, call.actor, dict(typed)))
    return receipt(call) if decision.refusal is not None else call.redirect(screen.url(1) + "#overgenomen")


async def _told(call: Call, named: str) -> tuple[PersonDetails, str | None] | None:
    """Who a referral of one's own organisation was about, with the zone that was chosen; None where there is none such."""
    try:
        id = UUID(named)
    except ValueError:
        return None
    async with call.read() as connection:
        row = await referrals.read(connection, id)
        if row is None or not (ground := may(call.actor, Action.SEE_OWN_REFERRALS, facts_of(row, call.actor.id))):
            return None
        sent = (await records.bodies(connection, [id]))[id]
        await call.looked(connection, [seen(row, ground)])
    if "erased" in sent:
        return None
    request = request_from(sent, row["received_at"])
    return request.person, request.zone


PAGES = [Page("POST", "/intake/refer/search/{id:uuid}", search), Page("POST", "/intake/refer/known/{id:uuid}", use)]
