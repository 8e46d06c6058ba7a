"""A referral as it is kept, and all that a batch of referrals may read or change. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.intake.consents.domain import Consent
from services.intake.matches.domain import Match
from services.intake.records.domain import Record
from services.intake.referrals.states import Status
from shared.events.intake import Urgency
from shared.items import Shelf


class Judgement(NamedTuple):
    """The eligibility decision as it is kept: codes only. The reasons follow from what was sent,
    by the same version of the rule on the same day. `decided_by` is a human; None: the rule.
    """

    outcome: str
    missing: tuple[str, ...]
    rule_version: str
    role: str | None
    level: str | None
    judged_at: datetime
    decided_by: UUID | None = None


class Referral(NamedTuple):
    """One request by one sender for one person, as intake decided on it. `check_due_at` is set while a human has to look.

    `information_due_at` is until when the sender could answer what was asked; it stays while a human looks because no answer came in time.
    `unsure` while a human is asked whether the person is somebody known.
    """

    id: UUID
    reference: str
    person_id: UUID
    sender_id: UUID
    sender_organisation_id: UUID
    programme: str
    zone: str
    nis: str
    status: Status
    urgency: Urgency
    needs: tuple[str, ...]
    received_at: datetime
    judgement: Judgement
    check_due_at: datetime | None = None
    information_due_at: datetime | None = None
    unsure: bool = False

    @property
    def waits_for_match(self) -> bool:
        """Not handed over before it is known who it is about. What is urgent does not wait: it gets a case of its own."""
        return self.unsure and self.urgency == "normal"


class Step(NamedTuple):
    """One line of a referral's history: codes and ids only."""

    referral_id: UUID
    at: datetime
    what: str
    by: UUID | None = None
    reason: str | None = None


class Care(NamedTuple):
    """What coordination needs to know of a person besides the referral itself."""

    languages: tuple[str, ...]
    interpreter: bool
    household_id: UUID | None
    caring_organisation_ids: tuple[UUID, ...]


@dataclass(slots=True)
class Book:
    """All that a batch may read or change. `check_due_at` is when a human has to have looked at what this batch brings them."""

    now: datetime
    check_due_at: datetime
    referrals: Shelf[Referral] = field(default_factory=Shelf)
    care: dict[UUID, Care] = field(default_factory=dict)  # by referral
    steps: list[Step] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    matches: list[Match] = field(default_factory=list)
    consents: list[Consent] = field(default_factory=list)
