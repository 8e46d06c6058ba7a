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
from services.intake.referrals.relations import facts_of
from services.intake.referrals.sight import seen
from services.intake.referrals.web import not_found
from shared.access.rules import PRIVACY_OFFICER
from shared.web import forms
from shared.web.call import Call
from shared.web.routing import Operation, Page

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

    state: str


async def history(call: Call) -> ConsentHistory:
    """To who may see the referral, and to the privacy officer."""
    async with call.kernel.transaction() as connection:  # the privacy officer sees no referrals, and yet what was said with one
        row = await referrals.read(connection, call.path["id"])
        if row is None or not (ground := call.may(facts_of(row, call.actor.id))):
            raise not_found()
        said = await store.history(connection, row["person_id"])
        await call.looked(connection, [seen(row, ground)])
    shown = said if PRIVACY_OFFICER in call.actor.roles else of_referral(said, row["id"])
    return ConsentHistory(
        state="withdrawn" if is_withdrawn(said) else "given",
        history=[ConsentView(**{name: getattr(each, name) for name in ConsentView.model_fields}) for each in shown],
    )


async def withdraw(call: Call) -> dict[str, Any]:
    """The person of a referral takes consent back."""
    answer: dict[str, Any] = (await call.submit(handlers.withdraw, handlers.WithdrawConsent(call.body, call.actor, call.path["id"]))).answer
    return answer


async def withdraw_for(call: Call) -> dict[str, Any]:
    """The privacy officer writes down what the person asked, by the person's id."""
    item = handlers.WithdrawConsent(call.body, call.actor, person_id=call.path["id"])
    answer: dict[str, Any] = (await call.submit(handlers.withdraw, item)).answer
    return answer


async def withdraw_by_form(call: Call) -> Response:
    """The button on the page of a referral."""
    checked = forms.check(Said, await call.form())
    decision = await call.decide(handlers.withdraw, handlers.WithdrawConsent(checked.value or Said(), call.actor, call.path["id"]))
    if decision.refusal is not None:
        raise not_found()
    return call.redirect(f"/intake/referrals/{call.path['id']}#toestemming-ingetrokken")


OPERATIONS = [
    Operation(
        "GET",
        "/intake/api/referrals/{id:uuid}/consent",
        history,
        "What was said on consent about the person of a referral",
        answer=ConsentHistory,
        refusals=REFUSALS,
    ),
    Operation(
        "POST",
        "/intake/api/referrals/{id:uuid}/consent/withdraw",
        withdraw,
        "The person of a referral takes consent back",
        body=Said,
        answer=Withdrawn,
        refusals=REFUSALS,
    ),
    Operation(
        "POST",
        "/intake/api/persons/{id:uuid}/consent/withdraw",
        withdraw_for,
        "A person takes consent back",
        body=Said,
        answer=Withdrawn,
        refusals=REFUSALS,
    ),
]
PAGES = [Page("POST", "/intake/referrals/{id:uuid}/no-consent", withdraw_by_form)]
