"""What the JSON API of referrals answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from services.intake.programmes.domain import EligibilityDecision
from services.intake.referrals import views


class ReasonView(BaseModel):
    """One criterion as it was judged; `counts` is false where another way to fit made it irrelevant."""

    code: str
    state: str
    text: str
    counts: bool


class EligibilityView(BaseModel):
    """What the rules propose, with every reason. `missing` are fields of facts."""

    outcome: str
    rule_version: str
    role: str | None
    level: str | None
    missing: list[str]
    reasons: list[ReasonView]
    where_else: list[str] = []
    nearest_programme: str | None = None


class SentView(BaseModel):
    """A referral that was sent."""

    id: UUID
    reference: str
    status: str
    zone: str
    eligibility: EligibilityView
    links: dict[str, str]


class ProposalView(BaseModel):
    """What would happen; nothing was kept."""

    zone: str
    zone_name: str
    eligibility: EligibilityView


class StepView(BaseModel):
    at: datetime
    what: str
    reason: str | None


class CoordinatorView(BaseModel):
    """Who coordinates, as the directory knows them; absent while it does not answer."""

    name: str
    phone: str | None


class ReferralView(BaseModel):
    """The status of a referral: who acts next, and by when."""

    id: UUID
    reference: str
    status: str
    programme: str
    zone: str
    urgency: str
    outcome: str
    rule_version: str
    role: str | None
    level: str | None
    missing: list[str]
    next_actor: str
    due_at: datetime | None
    reason: str | None
    case_id: UUID | None
    coordinator_id: UUID | None
    coordinator: CoordinatorView | None = None
    owner_id: UUID | None
    received_at: datetime
    updated_at: datetime
    links: dict[str, str]
    history: list[StepView] = []


class ReferralList(BaseModel):
    referrals: list[ReferralView]


class StatusView(BaseModel):
    """Where the referral is after a command."""

    id: UUID
    reference: str
    status: str


def sent(answer: Mapping[str, Any], decision: EligibilityDecision, language: str) -> dict[str, Any]:
    """The answer to who sent it. A repeated request gets the first answer; the reasons follow from the same body."""
    return {
        "id": answer["id"],
        "reference": answer["reference"],
        "status": answer["status"],
        "zone": answer["zone"],
        "eligibility": eligibility(decision, language) | {name: answer[name] for name in ("outcome", "rule_version", "role", "level")},
        "links": views.links(answer["id"]),
    }


def eligibility(decision: EligibilityDecision, language: str) -> dict[str, Any]:
    """A decision with its reasons in the language asked."""
    return {
        "outcome": decision.outcome,
        "rule_version": decision.rule_version,
        "role": decision.role,
        "level": decision.level,
        "missing": decision.missing,
        "where_else": [place.text(language) for place in decision.where_else],
        "nearest_programme": decision.nearest,
        "reasons": [
            {"code": reason.code, "state": reason.state, "text": reason.text(language), "counts": reason.counts}
            for reason in decision.reasons
        ],
    }


def view(row: Mapping[str, Any]) -> ReferralView:
    """A referral as it stands."""
    fields = {name: row[name] for name in ReferralView.model_fields if name in row}
    return ReferralView(**fields, next_actor=views.next_actor(row), due_at=views.due(row), links=views.links(row["id"]))
