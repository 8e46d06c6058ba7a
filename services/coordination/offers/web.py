"""Offers over HTTP: what is offered to whom, and the answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.coordination.offers import answers, handlers, pages, queries
from services.coordination.offers.bodies import Decline
from services.coordination.sight import in_zone, offer_seen, undo_window
from services.coordination.workforce import store as workforce_rows
from shared.access.rules import Facts
from shared.clock import new_id
from shared.web.call import Call
from shared.web.problems import Problem
from shared.web.routing import Operation, Page


class OffersQuery(BaseModel):
    """Offers of this coordinator; one's own when left out."""

    model_config = ConfigDict(extra="forbid")
    coordinator: UUID | None = None


class OfferView(BaseModel):
    """One offer with the facts that may be seen before it is accepted. `points` in hundredths."""

    id: UUID
    case_id: UUID
    case_reference: str
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
    coordinator_id: UUID
    coordinator: str
    status: str
    familiar: bool
    offered_at: datetime
    deadline: datetime
    reason: str | None
    answered_at: datetime | None
    undo_until: datetime | None


class OfferList(BaseModel):
    offers: list[OfferView]


class Answered(BaseModel):
    """An offer after an answer; until `undo_until` it can be taken back."""

    offer_id: UUID
    case_id: UUID
    status: str
    undo_until: datetime | None
    deadline: datetime


async def list_offers(call: Call) -> OfferList:
    """Offers of one coordinator, the nearest deadline first: one's own, or those of a coordinator in a zone that one leads."""
    wanted: UUID = call.query.coordinator or call.actor.id
    async with call.read() as connection:
        zones = await workforce_rows.zones_of_workers(connection, [wanted])
        if not call.may(Facts(subject_id=wanted, zones=frozenset(zones))):
            raise Problem(403, "not_yours", "These offers are not yours to see.", "A coordinator sees the own offers only.")
        rows = [row for row in await queries.offers_to(connection, wanted) if wanted == call.actor.id or call.may(in_zone(row["zone"]))]
        await call.looked(connection, [offer_seen(row, call.actor) for row in rows])
    return OfferList(offers=[offer_view(row, row) for row in rows])


async def accept(call: Call) -> Answered:
    """Take the case."""
    return Answered(
        **(await call.submit(handlers.accept, answers.AcceptOffer(new_id(), call.path["id"], call.actor, undo_window(call)))).answer
    )


async def decline(call: Call) -> Answered:
    """Say no, with the reason that decides what happens next."""
    said: Decline = call.body
    return Answered(
        **(
            await call.submit(
                handlers.decline,
                answers.DeclineOffer(new_id(), call.path["id"], call.actor, said.reason, said.away_from, said.away_to, undo_window(call)),
            )
        ).answer
    )


async def undo(call: Call) -> Answered:
    """Take an answer back."""
    return Answered(
        **(await call.submit(handlers.undo, answers.UndoAnswer(new_id(), call.path["id"], call.actor, undo_window(call)))).answer
    )


def offer_view(offer: Mapping[str, Any], case: Mapping[str, Any]) -> OfferView:
    """An offer as people see it, out of rows of `queries`."""
    of_case = {
        name: case[name] for name in ("person_id", "zone", "nis", "programmes", "level", "languages", "interpreter", "urgency", "needs")
    }
    of_offer = {
        name: offer[name]
        for name in (
            "id",
            "case_id",
            "role",
            "points",
            "coordinator_id",
            "status",
            "familiar",
            "offered_at",
            "deadline",
            "reason",
            "answered_at",
        )
    }
    return OfferView(
        **of_case,
        **of_offer,
        case_reference=case["reference"],
        coordinator=offer["name"] or "",
        undo_until=None if offer["settled"] or offer["status"] == "offered" else offer["final_at"],
    )


SENTENCES = {
    "offer_not_found": "There is no such offer, or it is not yours to answer.",
    "offer_answered": "This offer was already answered: it is {status}. The first answer counts.",
    "offer_ended": "This offer is no longer open; its deadline was {deadline}.",
    "undo_too_late": "This answer can no longer be taken back.",
    "undo_full": "The points of this offer are no longer free, so it cannot come back.",
    "both_days_needed": "Expected the first and the last day away, or neither.",
    "ends_before_start": "Expected a last day on or after the first.",
}

OPERATIONS = [
    Operation("GET", "/coordination/api/offers", list_offers, "Offers of a coordinator", query=OffersQuery, answer=OfferList),
    Operation("POST", "/coordination/api/offers/{id:uuid}/accept", accept, "Accept an offer", answer=Answered, refusals=SENTENCES),
    Operation(
        "POST", "/coordination/api/offers/{id:uuid}/decline", decline, "Decline an offer", body=Decline, answer=Answered, refusals=SENTENCES
    ),
    Operation("POST", "/coordination/api/offers/{id:uuid}/undo", undo, "Take an answer back", answer=Answered, refusals=SENTENCES),
]
PAGES: list[Page] = pages.PAGES
