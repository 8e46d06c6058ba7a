"""Cases over HTTP: lists, one case with its decision card, and what moves it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.coordination.cases import handlers, pages, queries, steps
from services.coordination.cases.bodies import Closing, FirstContact, Pausing
from services.coordination.cases.domain import Outcome, Rest, Status
from services.coordination.offers.web import OfferView, offer_view
from services.coordination.sight import facts_of, seen
from shared.clock import new_id
from shared.web.call import Call
from shared.web.problems import Problem
from shared.web.routing import Operation, Page


class CasesQuery(BaseModel):
    """Cases in one state, of one zone; without both all that may be seen."""

    model_config = ConfigDict(extra="forbid")
    status: Status | None = None
    zone: str | None = Field(default=None, max_length=60, pattern=r"^[^\x00-\x1f]*$")
    limit: int = Field(default=200, ge=1, le=1000)


class WorkerView(BaseModel):
    """A worker by id and name."""

    id: UUID
    name: str


class CaseView(BaseModel):
    """One case: ids, codes, times; the person's name and address are intake's. `points` in hundredths."""

    id: UUID
    reference: str
    person_id: UUID
    zone: str
    nis: str
    programmes: list[str]
    role: str
    level: str
    languages: list[str]
    interpreter: bool
    urgency: str
    needs: list[str]
    points: int
    intensity: str
    status: str
    reason: str | None
    owner: WorkerView | None
    coordinator: WorkerView | None
    received_at: datetime
    waiting_since: datetime | None
    late_at: datetime | None
    assigned_at: datetime | None
    first_contact_due: datetime | None
    first_contact_at: datetime | None
    paused_at: datetime | None
    paused_until: datetime | None
    pause_reason: str | None
    closed_at: datetime | None
    outcome: str | None


class CaseList(BaseModel):
    cases: list[CaseView]


class ReferralView(BaseModel):
    """A referral of a case."""

    referral_id: UUID
    reference: str
    sender_id: UUID
    programme: str
    received_at: datetime
    withdrawn_at: datetime | None


class CandidateView(BaseModel):
    """One candidate of a decision. Who fitted has a rank and the load after the case ÷ capacity; who did not, the first failing filter."""

    coordinator_id: UUID
    name: str
    capacity: int
    fte: int
    first_year: bool
    used: int | None = None
    rank: int | None = None
    points: int | None = None
    after: float | None = None
    recent: int | None = None
    chosen: bool = False
    failing: str | None = None


class CardView(BaseModel):
    """Why this coordinator, why not the others. `repeatable`: the rule run again on what was kept gives the same choice."""

    decided_at: datetime
    rule_version: str
    draw: float
    chosen: UUID | None
    reason: str | None
    familiar: bool
    question: dict[str, Any]
    candidates: list[CandidateView]
    repeatable: bool | None


class WholeCase(CaseView):
    """A case with its referrals, all its offers and its last decision."""

    referrals: list[ReferralView]
    offers: list[OfferView]
    decision_card: CardView | None


class Moved(BaseModel):
    """A case after a command. `points` in hundredths."""

    case_id: UUID
    reference: str
    status: str
    points: int


async def list_cases(call: Call) -> CaseList:
    """Cases that the actor may see, high urgency first, then the oldest."""
    async with call.read() as connection:
        rows = await queries.cases_seen(connection, call.bounds, queries.Wanted(call.query.status, call.query.zone, limit=call.query.limit))
        await call.looked(connection, [seen(row, call.may(facts_of(row, call.actor.id))) for row in rows])
    return CaseList(cases=[CaseView(**case_view(row)) for row in rows])


async def get_case(call: Call) -> WholeCase:
    """One case with everything that explains it."""
    async with call.read() as connection:
        row = await queries.case_seen(connection, call.path["id"])
        if row is None or not (ground := call.may(facts_of(row, call.actor.id))):
            raise Problem(404, "case_not_found", "There is no such case, or it is not yours to see.")
        referrals = await queries.referrals_of(connection, row["id"])
        offers = await queries.offers_of(connection, row["id"])
        cards = await queries.explained(connection, (await queries.latest_cards(connection, [row["id"]])).values())
        await call.looked(connection, [seen(row, ground)])
    return WholeCase(
        **case_view(row),
        referrals=[ReferralView(**dict(referral)) for referral in referrals],
        offers=[offer_view(offer, row) for offer in offers],
        decision_card=CardView(**cards[row["id"]]) if row["id"] in cards else None,
    )


async def note_first_contact(call: Call) -> Moved:
    """Note the first contact; the points follow the intensity."""
    said: FirstContact = call.body
    return Moved(
        **(
            await call.submit(
                handlers.note_first_contact,
                steps.NoteFirstContact(new_id(), call.path["id"], call.actor, said.contact_at, said.level, said.intensity),
            )
        ).answer
    )


async def close(call: Call) -> Moved:
    """End a case."""
    return Moved(
        **(await call.submit(handlers.close, steps.CloseCase(new_id(), call.path["id"], call.actor, Outcome(call.body.outcome)))).answer
    )


async def pause(call: Call) -> Moved:
    """Let a case rest until a day."""
    said: Pausing = call.body
    item = steps.PauseCase(new_id(), call.path["id"], call.actor, said.until, Rest(said.reason))
    return Moved(**(await call.submit(handlers.pause, item)).answer)


async def resume(call: Call) -> Moved:
    """Go on with a paused case."""
    return Moved(**(await call.submit(handlers.resume, steps.ResumeCase(new_id(), call.path["id"], call.actor))).answer)


async def agree_interpreter(call: Call) -> Moved:
    """An interpreter is agreed for a case that waits: its language limits nobody any more."""
    return await _interpreter(call, agreed=True)


async def cancel_interpreter(call: Call) -> Moved:
    """There is no interpreter after all; an unanswered offer to somebody without the language goes on."""
    return await _interpreter(call, agreed=False)


async def _interpreter(call: Call, *, agreed: bool) -> Moved:
    item = steps.AgreeInterpreter(new_id(), call.path["id"], call.actor, agreed)
    return Moved(**(await call.submit(handlers.agree_interpreter, item)).answer)


def case_view(row: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a case that people see, out of a row of `queries`."""
    view = {name: row[name] for name in CaseView.model_fields if name not in ("owner", "coordinator")}
    view["owner"] = WorkerView(id=row["owner_id"], name=row["owner"] or "") if row["owner_id"] else None
    view["coordinator"] = WorkerView(id=row["holder_id"], name=row["holder"]) if row["holder_id"] else None
    return view


SENTENCES = {
    "case_not_found": "There is no such case, or it is not yours to change.",
    "case_in_other_state": "The case is {status} now, which does not allow this.",
    "contact_in_future": "Expected a moment that has passed.",
    "rest_ends_too_soon": "Expected a day after today.",
    "rest_too_long": "Expected a day within 90 days.",
    "contact_before_assignment": "Expected a day on or after the day of assignment.",
}

OPERATIONS = [
    Operation("GET", "/coordination/api/cases", list_cases, "Cases by state and zone", query=CasesQuery, answer=CaseList),
    Operation("GET", "/coordination/api/cases/{id:uuid}", get_case, "One case with its decision card", answer=WholeCase),
    Operation(
        "POST",
        "/coordination/api/cases/{id:uuid}/first-contact",
        note_first_contact,
        "Note the first contact",
        body=FirstContact,
        answer=Moved,
        refusals=SENTENCES,
    ),
    Operation("POST", "/coordination/api/cases/{id:uuid}/close", close, "Close a case", body=Closing, answer=Moved, refusals=SENTENCES),
    Operation("POST", "/coordination/api/cases/{id:uuid}/pause", pause, "Pause a case", body=Pausing, answer=Moved, refusals=SENTENCES),
    Operation("POST", "/coordination/api/cases/{id:uuid}/resume", resume, "Resume a paused case", answer=Moved, refusals=SENTENCES),
    Operation(
        "POST",
        "/coordination/api/cases/{id:uuid}/interpreter",
        agree_interpreter,
        "Agree on an interpreter for a waiting case",
        answer=Moved,
        refusals=SENTENCES,
    ),
    Operation(
        "POST",
        "/coordination/api/cases/{id:uuid}/interpreter/cancel",
        cancel_interpreter,
        "Take an interpreter back",
        answer=Moved,
        refusals=SENTENCES,
    ),
]
PAGES: list[Page] = pages.PAGES
