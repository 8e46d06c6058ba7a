"""Consent over HTTP and from the page of a referral: its history, and taking it back."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from starlette.responses import Response

from services.intake.consents import handlers, store
from services.intake.consents.domain import Said, is_withdrawn, of_referral
from services.intake.referrals import store as referrals
from services.intake.referrals.sight import seen
from services.intake.referrals.web import may_see, not_found, organisation
from shared.access.actors import Actor
from shared.web import forms
from shared.web.call import Call
from shared.web.routing import Operation, Page

SENDERS = frozenset({"sender"})
ZONE = frozenset({"zone_intake", "zone_lead"})
OFFICER = frozenset({"privacy_officer"})
REFUSALS = {"not_found": "There is no such referral or person for you."}


class ConsentView(BaseModel):
    """One word on consent."""

    state: str
    said_by: str
    how: str
    said_at: datetime
    wording: str | None
    language: str
    recorded_by: UUID
    recorded_at: datetime


class ConsentHistory(BaseModel):
    """What was said on consent about the person of a referral, the oldest first; others' referrals only to the privacy officer."""

    state: str
    history: list[ConsentView]


class Withdrawn(BaseModel):
    """Consent is withdrawn: nothing more is shared or told."""

    person_id: UUID
    state: str


async def history(call: Call) -> ConsentHistory:
    """To who may see the referral, and to the privacy officer."""
    async with call.kernel.read() as connection:
        row = await referrals.read(connection, call.path["id"])
        if row is None or not (may_see(call.actor, row) or OFFICER & call.actor.roles):
            raise not_found()
        said = await store.history(connection, row["person_id"])
        await call.looked(connection, [seen(row, call.actor)])
    shown = said if OFFICER & call.actor.roles else of_referral(said, row["id"])
    return ConsentHistory(
        state="withdrawn" if is_withdrawn(said) else "given",
        history=[ConsentView(**{name: getattr(each, name) for name in ConsentView.model_fields}) for each in shown],
    )


async def withdraw(call: Call) -> dict[str, Any]:
    """The person of a referral takes consent back."""
    answer: dict[str, Any] = (await call.submit(handlers.withdraw, command(call.actor, call.path["id"], call.body))).answer
    return answer


async def withdraw_for(call: Call) -> dict[str, Any]:
    """The privacy officer writes down what the person asked, by the person's id."""
    item = handlers.WithdrawConsent(call.body, call.actor.id, person_id=call.path["id"], officer=True)
    answer: dict[str, Any] = (await call.submit(handlers.withdraw, item)).answer
    return answer


def command(actor: Actor, referral_id: UUID, said: Said) -> handlers.WithdrawConsent:
    """What is handed over: a sender speaks for what the own organisation sent, a zone's workers for what came to the zone."""
    return handlers.WithdrawConsent(
        said,
        actor.id,
        referral_id,
        organisation_id=organisation(actor) if SENDERS & actor.roles else None,
        zones=actor.zones if ZONE & actor.roles else frozenset(),
        officer=bool(OFFICER & actor.roles),
    )


async def withdraw_by_form(call: Call) -> Response:
    """The button on the page of a referral."""
    checked = forms.check(Said, await call.form())
    decision = await call.decide(handlers.withdraw, command(call.actor, call.path["id"], checked.value or Said()))
    if decision.refusal is not None:
        raise not_found()
    return call.redirect(f"/intake/referrals/{call.path['id']}#toestemming-ingetrokken")


OPERATIONS = [
    Operation(
        "GET",
        "/intake/api/referrals/{id:uuid}/consent",
        history,
        "What was said on consent about the person of a referral",
        SENDERS | ZONE | OFFICER,
        answer=ConsentHistory,
        refusals=REFUSALS,
    ),
    Operation(
        "POST",
        "/intake/api/referrals/{id:uuid}/consent/withdraw",
        withdraw,
        "The person of a referral takes consent back",
        SENDERS | ZONE | OFFICER,
        body=Said,
        answer=Withdrawn,
        refusals=REFUSALS,
    ),
    Operation(
        "POST",
        "/intake/api/persons/{id:uuid}/consent/withdraw",
        withdraw_for,
        "A person takes consent back",
        OFFICER,
        body=Said,
        answer=Withdrawn,
        refusals=REFUSALS,
    ),
]
PAGES = [Page("POST", "/intake/referrals/{id:uuid}/no-consent", withdraw_by_form, SENDERS | ZONE)]
