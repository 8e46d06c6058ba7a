"""The JSON API of referrals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.intake.referrals import answers, contacts, handlers, proposals, store, views, zone_map
from services.intake.referrals.domain import SubmitReferral
from services.intake.referrals.proposals import Expected, Proposal
from services.intake.referrals.relations import facts_of
from services.intake.referrals.requests import Addition, CheckAnswer, Question, Request, Withdrawal, day, known_facts
from services.intake.referrals.sight import seen
from services.intake.referrals.states import Status
from shared.access.actors import Actor
from shared.access.rules import organisation
from shared.clock import new_id
from shared.items import Decision
from shared.web import problems
from shared.web.call import Call
from shared.web.problems import FieldError, Problem
from shared.web.routing import Operation

REFUSALS = {
    "not_found": "There is no such referral for you.",
    "too_late": "This is no longer possible: the referral is {status}.",
    "no_check_open": "Nobody has to look at this referral now: it is {status}.",
    "facts_disagree": "Expected facts that agree with each other and with what was sent before.",
    "match_open": "Answer first whether the person is somebody known.",
}


class ListQuery(BaseModel):
    """Newest first; `before` is the id of the last referral of the page before."""

    model_config = ConfigDict(extra="forbid")
    status: Status | None = None
    before: UUID | None = None
    limit: int = Field(default=100, ge=1, le=500)


class ChoiceNeeded(Problem):
    """One field is not as expected, and these are the choices."""

    def __init__(self, expected: Expected) -> None:
        super().__init__(
            422,
            "invalid",
            "The request is not as expected.",
            expected.english,
            [FieldError(expected.field, expected.code, expected.english)],
        )
        self.choices = expected.choices

    def document(self) -> dict[str, Any]:
        return super().document() | {"choices": [{"code": code, "name": name} for code, name in self.choices]}


async def submit(call: Call) -> dict[str, Any]:
    """Send a referral."""
    today = day(call.now)
    request, wrong = proposals.sendable(call.body, today)
    if wrong:
        raise _invalid(wrong)
    proposal = await _proposed(call, request, today)
    decision = await call.submit(handlers.submit, command(call.actor, request, proposal))
    return answers.sent(decision.answer, proposal.eligibility, call.actor.language)


def command(actor: Actor, request: Request, proposal: Proposal, draft_id: UUID | None = None) -> SubmitReferral:
    """What is handed over to be sent. A draft keeps its id."""
    return SubmitReferral(
        id=draft_id or new_id(),
        person_id=new_id(),
        sender_id=actor.id,
        sender_organisation_id=organisation(actor),
        request=request,
        eligibility=proposal.eligibility,
        zone=proposal.zone.code,
        reference_prefix=proposal.zone.prefix,
        nis=proposal.nis,
        from_draft=draft_id is not None,
    )


async def _proposed(call: Call, request: Request, today: date) -> Proposal:
    zones = await zone_map.of(call.kernel)
    address = request.person.address
    served = zones.served(address.postcode, address.municipality, request.zone)
    return _found(proposals.propose(zones, served, request.programme, known_facts(request.person, request.facts), today))


def _found(proposal: Proposal | Expected, path: str = "person.address.") -> Proposal:
    if isinstance(proposal, Expected):
        proposal = replace(proposal, field=proposal.field.replace("address.", path))
        raise ChoiceNeeded(proposal) if proposal.choices else _invalid([proposal])
    return proposal


def _invalid(wrong: Sequence[Expected]) -> Problem:
    return problems.invalid([FieldError(each.field, each.code, each.english) for each in wrong])


async def propose(call: Call) -> dict[str, Any]:
    """What the rules propose, before anything is sent or kept."""
    asked: Question = call.body
    today = day(call.now)
    if wrong := proposals.dates(asked, today):
        raise _invalid(wrong)
    zones = await zone_map.of(call.kernel)
    served = zones.served(asked.postcode, asked.municipality, asked.zone)
    found = _found(proposals.propose(zones, served, asked.programme, known_facts(asked, asked.facts), today), "")
    language = call.actor.language
    return {
        "zone": found.zone.code,
        "zone_name": found.zone.name(language),
        "eligibility": answers.eligibility(found.eligibility, language),
    }


def not_found() -> Problem:
    """There is none, or it is none of theirs: both look the same."""
    return Problem(404, "not_found", "There is no such referral for you.")


async def read(call: Call) -> answers.ReferralView:
    """One referral of the actor's organisation, or of a zone whose intake the actor does."""
    async with call.read() as connection:
        row = await store.read(connection, call.path["id"])
        if row is None or not (ground := call.may(facts_of(row, call.actor.id))):
            raise not_found()
        history = await store.steps(connection, row["id"])
        await call.looked(connection, [seen(row, ground)])
    known = (await contacts.of(call, [row])).get(row["coordinator_id"])
    return answers.view(row).model_copy(
        update={
            "history": [answers.StepView(at=step.at, what=step.what, reason=step.reason) for step in views.history(row, history)],
            "coordinator": answers.CoordinatorView(name=known.name, phone=known.phone) if known else None,
        }
    )


async def listed(call: Call) -> answers.ReferralList:
    """The referrals of the actor's own organisation."""
    query: ListQuery = call.query
    async with call.read() as connection:
        rows = await store.listed(connection, call.bounds, query.status, query.before, query.limit)
        await call.looked(connection, [seen(row, call.may(facts_of(row, call.actor.id))) for row in rows])
    return answers.ReferralList(referrals=[answers.view(row) for row in rows])


async def add_information(call: Call) -> dict[str, Any]:
    """The sender adds something."""
    if wrong := proposals.added_dates(call.body, day(call.now)):
        raise _invalid(wrong)
    decision = await call.submit(handlers.complete, handlers.CompleteReferral(call.path["id"], call.actor, call.body, new_id()))
    return _where_it_is(decision)


async def withdraw(call: Call) -> dict[str, Any]:
    """The sender takes the referral back."""
    decision = await call.submit(handlers.withdraw, handlers.WithdrawReferral(call.path["id"], call.actor, call.body))
    return _where_it_is(decision)


async def answer_check(call: Call) -> dict[str, Any]:
    """A worker of the zone decides."""
    decision = await call.submit(handlers.answer_check, handlers.AnswerCheck(call.path["id"], call.actor, call.body, new_id()))
    return _where_it_is(decision)


def _where_it_is(decision: Decision) -> dict[str, Any]:
    return {name: decision.answer[name] for name in ("id", "reference", "status")}


OPERATIONS = [
    Operation("POST", "/intake/api/referrals", submit, "Send a referral", body=Request, answer=answers.SentView, status=201),
    Operation(
        "GET", "/intake/api/referrals", listed, "The referrals of one's own organisation", query=ListQuery, answer=answers.ReferralList
    ),
    Operation("GET", "/intake/api/referrals/{id:uuid}", read, "The status of a referral", answer=answers.ReferralView),
    Operation(
        "POST",
        "/intake/api/referrals/{id:uuid}/information",
        add_information,
        "Add information to a referral",
        body=Addition,
        answer=answers.StatusView,
        refusals=REFUSALS,
    ),
    Operation(
        "POST",
        "/intake/api/referrals/{id:uuid}/withdraw",
        withdraw,
        "Take a referral back",
        body=Withdrawal,
        answer=answers.StatusView,
        refusals=REFUSALS,
    ),
    Operation(
        "POST",
        "/intake/api/referrals/{id:uuid}/check-answer",
        answer_check,
        "Decide on a referral that a human has to look at",
        body=CheckAnswer,
        answer=answers.StatusView,
        refusals=REFUSALS,
    ),
    Operation(
        "POST",
        "/intake/api/eligibility",
        propose,
        "What the rules propose, before anything is sent or kept",
        body=Question,
        answer=answers.ProposalView,
    ),
]
