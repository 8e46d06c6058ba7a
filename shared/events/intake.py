"""What intake publishes on `intake.events`. Every fact is about one person and keyed by that person."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from shared.items import PersonEvent

Urgency = Literal["normal", "high"]


class ReferralAccepted(PersonEvent):
    """A referral is eligible and consented: coordination opens a case or joins it to the open one."""

    type = "intake.referral_accepted.v1"
    referral_id: UUID
    reference: str
    programme: str
    role: str
    level: str
    zone: str
    nis: str  # municipality, NIS code of Statbel
    languages: tuple[str, ...]  # ISO 639-1, else 639-3 (sign languages; `und`: another), the person's own first
    interpreter: bool = False  # an interpreter is agreed: language no longer limits who can take the case
    needs: tuple[str, ...] = ()
    urgency: Urgency = "normal"
    sender_id: UUID
    sender_organisation_id: UUID
    caring_organisation_ids: tuple[UUID, ...] = ()
    household_id: UUID | None = None
    received_at: datetime
    rule_version: str


class ReferralRefused(PersonEvent):
    """A referral fits no programme; the reasons stand with intake."""

    type = "intake.referral_refused.v1"
    referral_id: UUID
    reference: str
    zone: str
    sender_id: UUID
    programme: str
    rule_version: str


class InformationNeeded(PersonEvent):
    """The rule cannot say yet: the sender is asked to complete the referral."""

    type = "intake.information_needed.v1"
    referral_id: UUID
    reference: str
    zone: str
    sender_id: UUID
    missing: tuple[str, ...]  # names of the facts that are missing


class CheckRequested(PersonEvent):
    """A human of the zone looks: the sender asked for it, does not know the programme, the rule demands it, or the person may be known."""

    type = "intake.check_requested.v1"
    referral_id: UUID
    reference: str
    zone: str
    sender_id: UUID
    due_at: datetime


class InformationAdded(PersonEvent):
    """A sender added something to a referral that coordination has; the text stays with intake, under `record_id`."""

    type = "intake.information_added.v1"
    referral_id: UUID
    record_id: UUID


class ReferralMoved(PersonEvent):
    """A referral turned out to be about another person than this one: it leaves this person's case, which closes with its last referral.
    Where it goes, `referral_accepted` tells under the other person; the two come in either order."""

    type = "intake.referral_moved.v1"
    referral_id: UUID
    reference: str
    zone: str
    sender_id: UUID


class ReferralWithdrawn(PersonEvent):
    """The sender took the referral back, or it was entered in error. The person's other referrals stay."""

    type = "intake.referral_withdrawn.v1"
    referral_id: UUID
    reference: str
    zone: str
    sender_id: UUID
    entered_in_error: bool = False


class ConsentWithdrawn(PersonEvent):
    """The person no longer consents: nothing more is shared, and no third party is told anything more. The ids are those that intake knows."""

    type = "intake.consent_withdrawn.v1"
    overtakes = True
    referral_ids: tuple[UUID, ...]
    case_ids: tuple[UUID, ...] = ()


class ConsentGiven(PersonEvent):
    """A person who had withdrawn consent consents again."""

    type = "intake.consent_given.v1"
    overtakes = True


class PersonErased(PersonEvent):
    """Intake erased everything about this person: whoever holds something does the same and says so. The ids are those that intake knew."""

    type = "intake.person_erased.v1"
    overtakes = True
    referral_ids: tuple[UUID, ...]
    case_ids: tuple[UUID, ...] = ()
    former_ids: tuple[UUID, ...] = ()  # given up when somebody turned out to be this person; what stands under them goes too

    @property
    def person_ids(self) -> tuple[UUID, ...]:
        """Every id that the person ever had, today's first."""
        return (self.person_id, *self.former_ids)


class HoldSet(PersonEvent):
    """A legal hold: nothing about this person is erased or let go of until it is lifted."""

    type = "intake.hold_set.v1"
    overtakes = True


class HoldLifted(PersonEvent):
    """The legal hold on this person is over."""

    type = "intake.hold_lifted.v1"
    overtakes = True


class GlassBroken(PersonEvent):
    """Somebody without a relation to the person looks at a referral, in an emergency, until then. The privacy officer is told."""

    type = "intake.glass_broken.v1"
    referral_id: UUID
    reference: str
    zone: str
    actor_id: UUID
    reason: str
    until: datetime
