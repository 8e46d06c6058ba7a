"""What coordination tells about a referral's case, and how the referral follows it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from services.intake.referrals.states import COORDINATED, Status, may_follow
from shared.events import coordination

REOPENED = "wrong_programme"
OF_A_CASE = {status.value: status for status in COORDINATED}


class Progress(NamedTuple):
    """Coordination's part of a referral as last told at `told_at`.

    `offered_to` may see a summary of the person; `coordinator_id` accepted and may see more; `owner_id` answers for a waiting case.
    `deadline` is when the next step is due; `check_due_at` is set while the zone's intake has to look.
    """

    id: UUID
    status: Status
    told_at: datetime | None = None
    case_id: UUID | None = None
    case_reference: str | None = None
    offered_to: UUID | None = None
    coordinator_id: UUID | None = None
    role: str | None = None
    reason: str | None = None
    owner_id: UUID | None = None
    deadline: datetime | None = None
    check_due_at: datetime | None = None
    person_id: UUID | None = None


def follow(before: Progress, event: coordination.CaseEvent, at: datetime, check_due_at: datetime) -> Progress | None:
    """The referral after this news; None when it says nothing to a referral that has ended, or that turned out to be about another person
    than the case. News of one person comes in order (the kernel sees
    to that), so `at` is only kept: the clocks of two transactions may disagree.

    `check_due_at` is when the zone's intake has to have looked, should the case come back to it.
    """
    if event.person_id != before.person_id:
        return None
    news = NEWS[type(event)](event, before, check_due_at)
    after = before._replace(told_at=at, case_id=event.case_id, case_reference=event.case_reference, **news)
    return after if after.status is before.status or may_follow(before.status, after.status) else None


News = Mapping[str, Any]
NOBODY: News = {"offered_to": None, "coordinator_id": None, "reason": None, "owner_id": None, "deadline": None}


def _joined(event: coordination.ReferralJoined, before: Progress, check_due_at: datetime) -> News:
    status = OF_A_CASE.get(event.status, Status.RECEIVED)  # an open case that is neither offered nor waiting has just come
    holds = status in {Status.ASSIGNED, Status.FIRST_CONTACT, Status.PAUSED}
    return {
        **NOBODY,
        "status": status,
        "coordinator_id": event.coordinator_id if holds else None,
        "offered_to": event.coordinator_id if status is Status.OFFERED else None,
        "role": event.role,
        "reason": event.reason,
        "owner_id": event.owner_id,
        "deadline": event.deadline,
    }


def _offered(event: coordination.CaseOffered, before: Progress, check_due_at: datetime) -> News:
    return {**NOBODY, "status": Status.OFFERED, "offered_to": event.coordinator_id, "role": event.role, "deadline": event.deadline}


def _waiting(event: coordination.CaseWaiting, before: Progress, check_due_at: datetime) -> News:
    return {**NOBODY, "status": Status.WAITING, "reason": event.reason, "owner_id": event.owner_id, "deadline": event.late_at}


def _offer_ended(event: coordination.OfferEnded, before: Progress, check_due_at: datetime) -> News:
    # what comes next is told by the event behind this one; until then nobody else is offered the case
    return {"offered_to": None} if before.offered_to == event.coordinator_id else {}


def _assigned(event: coordination.CaseAssigned, before: Progress, check_due_at: datetime) -> News:
    return {
        **NOBODY,
        "status": Status.ASSIGNED,
        "coordinator_id": event.coordinator_id,
        "role": event.role,
        "deadline": event.first_contact_due,
    }


def _returned(event: coordination.CaseReturned, before: Progress, check_due_at: datetime) -> News:
    return {**NOBODY, "status": Status.RECEIVED, "reason": REOPENED, "check_due_at": check_due_at}


def _first_contact(event: coordination.FirstContactMade, before: Progress, check_due_at: datetime) -> News:
    return {**NOBODY, "status": Status.FIRST_CONTACT, "coordinator_id": event.coordinator_id}


def _paused(event: coordination.CasePaused, before: Progress, check_due_at: datetime) -> News:
    return {**NOBODY, "status": Status.PAUSED, "coordinator_id": event.coordinator_id, "deadline": event.until}


def _resumed(event: coordination.CaseResumed, before: Progress, check_due_at: datetime) -> News:
    return {**NOBODY, "status": OF_A_CASE[event.status], "coordinator_id": event.coordinator_id, "deadline": event.first_contact_due}


def _closed(event: coordination.CaseClosed, before: Progress, check_due_at: datetime) -> News:
    return {
        **NOBODY,
        "status": Status.CLOSED,
        "coordinator_id": event.coordinator_id or before.coordinator_id,
        "reason": event.outcome,
        "check_due_at": None,  # a case that came back to intake may be closed before anyone looked
    }


def _information_missed(event: coordination.InformationMissed, before: Progress, check_due_at: datetime) -> News:
    return {}


# Not listened to: that a case was opened, since the event behind it names the case and says more; that an addition was noted, since its
# sender knows; that nothing is shared any more, since intake said so.
NEWS: Mapping[type[coordination.CaseEvent], Callable[[Any, Progress, datetime], News]] = {
    coordination.ReferralJoined: _joined,
    coordination.CaseOffered: _offered,
    coordination.CaseWaiting: _waiting,
    coordination.OfferEnded: _offer_ended,
    coordination.CaseAssigned: _assigned,
    coordination.CaseReturned: _returned,
    coordination.FirstContactMade: _first_contact,
    coordination.CasePaused: _paused,
    coordination.CaseResumed: _resumed,
    coordination.CaseClosed: _closed,
    coordination.InformationMissed: _information_missed,
}

# What a line of the referral's history says. An opened case and an offer that ended are told by what comes next; that a referral joined
# another one is not told to its sender at all.
STEP_OF: Mapping[type[coordination.CaseEvent], str] = {
    coordination.CaseOffered: "offered",
    coordination.CaseWaiting: "waiting",
    coordination.CaseAssigned: "assigned",
    coordination.CaseReturned: "returned",
    coordination.FirstContactMade: "first_contact",
    coordination.CasePaused: "paused",
    coordination.CaseResumed: "resumed",
    coordination.CaseClosed: "closed",
    coordination.InformationMissed: "information_missed",
}
