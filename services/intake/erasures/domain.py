"""Erasing a person: what is asked, what the ledger says of it, and which drafts are about the same person. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple
from uuid import UUID

from services.intake.persons.domain import PersonDetails

Why = Literal["asked", "period_over"]
ANNOUNCE_AGAIN = timedelta(seconds=15)  # who asks again after this long, and somebody has not confirmed, has it announced once more


class Erasure(NamedTuple):
    """One row of the ledger. `person_id` is there until every service has confirmed."""

    pseudonym: UUID
    person_id: UUID | None
    asked_as: UUID
    why: Why
    asked_by: UUID | None
    asked_at: datetime
    announced_at: datetime
    coordination_at: datetime | None = None
    notifications_at: datetime | None = None

    @property
    def done(self) -> bool:
        return self.coordination_at is not None and self.notifications_at is not None


def answer(erasure: Erasure) -> dict[str, Any]:
    """What who asked is told: when, and which service confirmed when."""
    told = {"intake": erasure.asked_at, "coordination": erasure.coordination_at, "notifications": erasure.notifications_at}
    return {
        "erasure_id": str(erasure.pseudonym),
        "asked_at": erasure.asked_at.isoformat(),
        "why": erasure.why,
        "confirmed": {service: at.isoformat() if at else None for service, at in told.items()},
        "done": erasure.done,
    }


def is_stuck(erasure: Erasure, now: datetime) -> bool:
    """Whether it has to be announced once more."""
    return not erasure.done and erasure.announced_at + ANNOUNCE_AGAIN <= now


def is_about(typed: Mapping[str, Any], person: PersonDetails) -> bool:
    """Whether what was typed in a draft is about this person: the same national number, or the same family and given name."""
    number = "".join(filter(str.isdigit, str(typed.get("person.national_number", ""))))
    if person.national_number and number:
        return number == "".join(filter(str.isdigit, person.national_number))
    names = [_plain(str(typed.get(f"person.{name}", ""))) for name in ("family_name", "given_name")]
    return names == [_plain(person.family_name), _plain(person.given_name)]


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())
