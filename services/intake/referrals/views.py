"""A referral as its sender sees it: what the state means, who acts next, and why the rule decided so. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from services.intake.programmes import domain as programmes
from services.intake.programmes.definitions import Programmes
from services.intake.programmes.domain import EligibilityDecision, Outcome
from services.intake.referrals.book import Step
from services.intake.referrals.requests import Request, day, known_facts
from services.intake.referrals.states import Status

NextActor = Literal["sender", "zone_intake", "coordination", "coordinator", "zone_lead", "nobody"]

NEXT: Mapping[Status, NextActor] = {
    Status.DRAFT: "sender",
    Status.RECEIVED: "coordination",
    Status.INFORMATION_NEEDED: "sender",
    Status.NOT_ELIGIBLE: "nobody",
    Status.WAITING: "zone_lead",
    Status.OFFERED: "coordinator",
    Status.ASSIGNED: "coordinator",
    Status.FIRST_CONTACT: "coordinator",
    Status.PAUSED: "coordinator",
    Status.CLOSED: "nobody",
    Status.WITHDRAWN: "nobody",
    Status.ENTERED_IN_ERROR: "nobody",
}


def next_actor(row: Mapping[str, Any]) -> NextActor:
    """Who has to act before anything happens."""
    return "zone_intake" if row["check_due_at"] is not None else NEXT[Status(row["status"])]


def due(row: Mapping[str, Any]) -> datetime | None:
    """By when the next step is due."""
    asked = row["information_due_at"] if row["status"] == Status.INFORMATION_NEEDED else None
    moment: datetime | None = row["check_due_at"] or asked or row["deadline"]
    return moment


def asks(row: Mapping[str, Any]) -> bool:
    """Whether facts are asked that the sender can still give."""
    waits = row["status"] == Status.INFORMATION_NEEDED or row["check_due_at"] is not None
    return waits and row["programme"] != programmes.UNKNOWN_PROGRAMME and row["missing"] not in ([], ["text"])


def history(row: Mapping[str, Any], steps: Iterable[Step]) -> list[Step]:
    """All that happened, oldest first. That it was received is no row of the history: the referral says it."""
    return [Step(row["id"], row["received_at"], Status.RECEIVED.value, row["sender_id"]), *steps]


def reasons(known: Programmes, row: Mapping[str, Any], request: Request, entity: str) -> EligibilityDecision | None:
    """The rule's decision made again, on what was sent, by the same version on the same day; None when that version is not shipped any more."""
    judged_on = day(row["judged_at"])
    stored = EligibilityDecision(Outcome(row["outcome"]), request.programme, entity, row["rule_version"], judged_on, ())
    try:
        return programmes.again(known, stored, known_facts(request.person, request.facts))
    except (KeyError, programmes.UnknownProgramme):
        return None


def links(id: UUID | str) -> dict[str, str]:
    """Where the referral is found."""
    return {
        "self": f"/intake/api/referrals/{id}",
        "status": f"/intake/api/referrals/{id}",
        "page": f"/intake/referrals/{id}",
        "messages": f"/notifications/api/messages?referral={id}",
    }
