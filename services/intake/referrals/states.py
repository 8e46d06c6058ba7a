"""The states of a referral as its sender sees them, and which may follow which. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Status(StrEnum):
    """A state, by the word that machines use."""

    DRAFT = "draft"
    RECEIVED = "received"
    INFORMATION_NEEDED = "information_needed"
    NOT_ELIGIBLE = "not_eligible"
    WAITING = "waiting"
    OFFERED = "offered"
    ASSIGNED = "assigned"
    FIRST_CONTACT = "first_contact"
    PAUSED = "paused"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    ENTERED_IN_ERROR = "entered_in_error"


DECIDED = frozenset({Status.RECEIVED, Status.INFORMATION_NEEDED, Status.NOT_ELIGIBLE})
TAKEN_BACK = frozenset({Status.WITHDRAWN, Status.ENTERED_IN_ERROR})
COORDINATED = frozenset({Status.WAITING, Status.OFFERED, Status.ASSIGNED, Status.FIRST_CONTACT, Status.PAUSED, Status.CLOSED})
BEFORE_FIRST_CONTACT = DECIDED | {Status.WAITING, Status.OFFERED, Status.ASSIGNED}
UNTIL_CLOSED = BEFORE_FIRST_CONTACT | {Status.FIRST_CONTACT, Status.PAUSED}

FOLLOWED_BY: Mapping[Status, frozenset[Status]] = {
    Status.DRAFT: DECIDED,
    Status.RECEIVED: DECIDED | COORDINATED | TAKEN_BACK,
    Status.INFORMATION_NEEDED: DECIDED | TAKEN_BACK,
    Status.NOT_ELIGIBLE: DECIDED | TAKEN_BACK,
    # a wrong programme brings a case back to intake, so `received` may follow an offer or an assignment
    Status.WAITING: COORDINATED | TAKEN_BACK | {Status.RECEIVED},
    Status.OFFERED: COORDINATED | TAKEN_BACK | {Status.RECEIVED},
    Status.ASSIGNED: COORDINATED | TAKEN_BACK | {Status.RECEIVED},
    # after the first contact a case may still change hands, but its referral is no longer taken back
    Status.FIRST_CONTACT: COORDINATED | {Status.ENTERED_IN_ERROR},
    Status.PAUSED: COORDINATED | {Status.ENTERED_IN_ERROR},
    Status.CLOSED: frozenset(),
    Status.WITHDRAWN: frozenset(),
    Status.ENTERED_IN_ERROR: frozenset(),
}


def may_follow(before: Status, after: Status) -> bool:
    """Whether a referral in one state may come into another; staying where it is, with news, is allowed while it is open."""
    return after in FOLLOWED_BY[before]
