"""Breaking the glass: in an emergency somebody without a relation looks, with a reason, for a few hours, and it is told. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from shared.access.rules import Asking

LASTS = timedelta(hours=4)
EMERGENCY = "emergency"  # the purpose that the audit tells


class Reason(StrEnum):
    """Why somebody has to look at once."""

    DANGER = "danger"
    NOBODY_REACHABLE = "nobody_reachable"  # who holds the case, who stands in and the zone
    ASKED_BY_RESCUE = "asked_by_rescue"


@dataclass(frozen=True, slots=True)
class Glass:
    """Who may look at whom until when, and why: what the audit and the privacy officer are told."""

    id: UUID
    actor_id: UUID
    person_id: UUID
    referral_id: UUID
    reason: Reason
    broken_at: datetime
    until: datetime


def glass(id: UUID, by: Asking, person_id: UUID, referral_id: UUID, reason: Reason, now: datetime) -> Glass:
    """What happens when somebody breaks the glass of a person now."""
    return Glass(id, by.id, person_id, referral_id, reason, now, now + LASTS)
