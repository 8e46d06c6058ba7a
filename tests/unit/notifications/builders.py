"""Events and files for the tests of notifications; what a test does not say does not matter to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from shared.events import coordination, intake
from shared.events.coordination import ReferralLink
from shared.items import Event, Received

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
ZONE = "meetjesland-oost"


def received(event: Event, at: datetime = NOW) -> Received[Any]:
    return Received(uuid4(), at, uuid4(), event)


def a_link(sender_id: UUID | None = None, reference: str = "ZS-2026-0001") -> ReferralLink:
    return ReferralLink(referral_id=uuid4(), reference=reference, sender_id=sender_id or uuid4())


def referral_accepted(**changes: Any) -> intake.ReferralAccepted:
    return intake.ReferralAccepted(
        **{
            "person_id": uuid4(),
            "referral_id": uuid4(),
            "reference": "ZS-2026-0001",
            "programme": "perinatal",
            "role": "care_coordinator",
            "level": "complex",
            "zone": ZONE,
            "nis": "43005",
            "languages": ("nl",),
            "sender_id": uuid4(),
            "sender_organisation_id": uuid4(),
            "received_at": NOW,
            "rule_version": "2026-11",
        }
        | changes
    )


def referral_refused(**changes: Any) -> intake.ReferralRefused:
    return intake.ReferralRefused(
        **{
            "person_id": uuid4(),
            "referral_id": uuid4(),
            "reference": "ZS-2026-0001",
            "zone": ZONE,
            "sender_id": uuid4(),
            "programme": "obesity",
            "rule_version": "2026-11",
        }
        | changes
    )


def information_needed(**changes: Any) -> intake.InformationNeeded:
    return intake.InformationNeeded(
        **{
            "person_id": uuid4(),
            "referral_id": uuid4(),
            "reference": "ZS-2026-0001",
            "zone": ZONE,
            "sender_id": uuid4(),
            "missing": ("belrai_screener",),
        }
        | changes
    )


def check_requested(**changes: Any) -> intake.CheckRequested:
    return intake.CheckRequested(
        **{
            "person_id": uuid4(),
            "referral_id": uuid4(),
            "reference": "ZS-2026-0001",
            "zone": ZONE,
            "sender_id": uuid4(),
            "due_at": NOW + timedelta(days=2),
        }
        | changes
    )


def glass_broken(**changes: Any) -> intake.GlassBroken:
    known: dict[str, Any] = {
        "person_id": uuid4(),
        "referral_id": uuid4(),
        "reference": "ZS-2026-0001",
        "zone": ZONE,
        "actor_id": uuid4(),
        "reason": "danger",
        "until": NOW,
    }
    return intake.GlassBroken(**(known | changes))


def of_a_case(event: type[coordination.CaseEvent], **changes: Any) -> Any:
    """A fact about a case with one referral, with plausible values for whatever fields the event has."""
    known: dict[str, Any] = {
        "person_id": uuid4(),
        "case_id": uuid4(),
        "case_reference": "D-2026-0001",
        "zone": ZONE,
        "referrals": (a_link(),),
        "offer_id": uuid4(),
        "coordinator_id": uuid4(),
        "role": "care_coordinator",
        "deadline": NOW,
        "owner_id": uuid4(),
        "late_at": NOW,
        "end": "expired",
        "reason": "no_room",
        "outcome": "goals_reached",
        "first_contact_due": NOW,
        "status": "assigned",
        "record_id": uuid4(),
        "member_id": uuid4(),
        "care_role": "home_nursing",
        "sees": ("contact",),
    } | changes
    return event(**{name: value for name, value in known.items() if name in event.model_fields})
