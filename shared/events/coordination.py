"""What coordination publishes on `coordination.events`. Facts about one person are keyed by that person, those about a worker by
the worker."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.items import Event, PersonEvent

OfferEnd = Literal["declined", "expired", "withdrawn"]
StopReason = Literal["consent_withdrawn", "erased"]
Part = Literal["contact", "need", "worries"]


class ReferralLink(BaseModel):
    """One referral of a case and who sent it, so that a fact about the case reaches every sender."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    referral_id: UUID
    reference: str
    sender_id: UUID


class CaseEvent(PersonEvent):
    """A fact about one case. `case_reference` is what people read; `referrals` are all referrals joined to it."""

    case_id: UUID
    case_reference: str
    zone: str
    referrals: tuple[ReferralLink, ...]


class ReferralJoined(CaseEvent):
    """Another referral was joined to the open case; `referrals` holds only that one. `status` is the case's own at that moment."""

    type = "coordination.referral_joined.v1"
    status: str
    coordinator_id: UUID | None = None
    programme_added: str | None = None
    role: str | None = None
    reason: str | None = None  # why the case waits, and who owns it
    owner_id: UUID | None = None
    deadline: datetime | None = None  # of the offer, of the first contact, or when waiting is late


class CaseOffered(CaseEvent):
    """The case is offered to one coordinator until the deadline."""

    type = "coordination.case_offered.v1"
    offer_id: UUID
    coordinator_id: UUID
    role: str
    deadline: datetime


class CaseWaiting(CaseEvent):
    """Nobody fits now: the case waits, with a blocking reason and a named owner."""

    type = "coordination.case_waiting.v1"
    reason: str
    owner_id: UUID | None  # the zone lead; None only while the zone has none
    late_at: datetime
    late: bool = False  # said again, once `late_at` has passed


class OfferEnded(CaseEvent):
    """An offer ended without being accepted. The coordinator hears of it unless it was their own answer."""

    type = "coordination.offer_ended.v1"
    offer_id: UUID
    coordinator_id: UUID
    end: OfferEnd
    reason: str | None = None  # the coded reason of a decline


class CaseAssigned(CaseEvent):
    """A coordinator accepted: the person has a named coordinator."""

    type = "coordination.case_assigned.v1"
    offer_id: UUID
    coordinator_id: UUID
    role: str
    first_contact_due: datetime


class CaseReturned(CaseEvent):
    """A coordinator said it is the wrong programme: the zone's intake looks again."""

    type = "coordination.case_returned.v1"
    reason: str


class FirstContactMade(CaseEvent):
    """The coordinator met or spoke to the person."""

    type = "coordination.first_contact_made.v1"
    coordinator_id: UUID
    contact_at: datetime


class CasePaused(CaseEvent):
    """The case rests; its coordinator keeps it and looks again at `until`. Until then no deadline runs."""

    type = "coordination.case_paused.v1"
    coordinator_id: UUID
    until: datetime


class CaseResumed(CaseEvent):
    """A case that rested goes on; `status` is where it was, and its deadline has moved by the working time it rested."""

    type = "coordination.case_resumed.v1"
    status: str
    coordinator_id: UUID
    first_contact_due: datetime | None = None  # while the first contact is still to be made


class InformationNoted(CaseEvent):
    """A sender added something to an open case: who has it reads it; `referrals` holds only the referral that it was added to."""

    type = "coordination.information_noted.v1"
    record_id: UUID
    coordinator_id: UUID | None = None  # who covers, holds or is offered the case
    owner_id: UUID | None = None  # without a coordinator: who owns the case; None only while the zone has nobody


class InformationMissed(CaseEvent):
    """What a sender added came after the case was closed: nobody reads it; `referrals` holds only the referral that it was added to."""

    type = "coordination.information_missed.v1"
    record_id: UUID


class CaseClosed(CaseEvent):
    """The case ended with a coded outcome."""

    type = "coordination.case_closed.v1"
    outcome: str
    coordinator_id: UUID | None = None


class SharingStopped(CaseEvent):
    """Consent was withdrawn or the person was erased: nothing of this case is shared any more. Who holds or is offered it hears so once."""

    type = "coordination.sharing_stopped.v1"
    reason: StopReason
    coordinator_id: UUID | None = None


class CareTeamJoined(CaseEvent):
    """A provider of the directory is in the care team of the case from now on and hears so. `sees`: the parts of the person that the care role
    needs, beside who they are."""

    type = "coordination.care_team_joined.v1"
    member_id: UUID
    care_role: str
    sees: tuple[Part, ...]


class CareTeamLeft(CaseEvent):
    """A provider was taken out of the care team of the case."""

    type = "coordination.care_team_left.v1"
    member_id: UUID


class PersonErased(PersonEvent):
    """Coordination erased what it held about this person; `referral_ids` were here."""

    type = "coordination.person_erased.v1"
    referral_ids: tuple[UUID, ...]


class CasesCovered(Event):
    """From one midnight to another somebody covers these cases for their coordinator, who is on leave: all of them at once, none any more when
    there are none. The last word about a leave and a cover counts.
    """

    type = "coordination.cases_covered.v1"
    leave_id: UUID
    coordinator_id: UUID
    cover_id: UUID
    zone: str  # of a case among them
    starts_at: datetime
    ends_at: datetime
    case_ids: tuple[UUID, ...]

    @property
    def key(self) -> UUID:
        return self.coordinator_id
