"""Who is told what: from an event to the records of whom it concerns. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, UUID, uuid5

from services.notifications.directory.domain import EMAIL
from shared.events import coordination, intake
from shared.events.notifications import MessageFailed
from shared.items import Event, Received


class Role(StrEnum):
    """As what somebody is told."""

    SENDER = "sender"
    COORDINATOR = "coordinator"
    OWNER = "owner"                     # who answers for a waiting case: the zone lead
    ZONE_INTAKE = "zone_intake"


class Kind(StrEnum):
    """What somebody is told; also the name of the text."""

    RECEIVED = "received"
    NOT_ELIGIBLE = "not_eligible"
    INFORMATION_NEEDED = "information_needed"
    CHECK = "check"
    OFFERED = "offered"
    WAITING = "waiting"
    ASSIGNED = "assigned"
    OFFER_ENDED = "offer_ended"
    RETURNED = "returned"
    CLOSED = "closed"


class State(StrEnum):
    WAITING = "waiting"
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"
    SKIPPED = "skipped"


# Who hears what. On the normal way a sender hears three times: received, assigned, closed.
TOLD: Mapping[type[Event], tuple[tuple[Role, Kind], ...]] = {
    intake.ReferralAccepted: ((Role.SENDER, Kind.RECEIVED),),
    intake.ReferralRefused: ((Role.SENDER, Kind.NOT_ELIGIBLE),),
    intake.InformationNeeded: ((Role.SENDER, Kind.INFORMATION_NEEDED),),
    intake.CheckRequested: ((Role.ZONE_INTAKE, Kind.CHECK),),
    coordination.ReferralJoined: ((Role.SENDER, Kind.ASSIGNED),),
    coordination.CaseOffered: ((Role.COORDINATOR, Kind.OFFERED),),
    coordination.CaseWaiting: ((Role.OWNER, Kind.WAITING),),
    coordination.CaseAssigned: ((Role.SENDER, Kind.ASSIGNED),),
    coordination.OfferEnded: ((Role.COORDINATOR, Kind.OFFER_ENDED),),
    coordination.CaseReturned: ((Role.ZONE_INTAKE, Kind.RETURNED),),
    coordination.CaseClosed: ((Role.SENDER, Kind.CLOSED), (Role.COORDINATOR, Kind.CLOSED)),
}

# Facts of these events that nobody needs to be told: one's own decline, and joining a case that has no coordinator yet.
UNTOLD: Mapping[type[Event], Callable[[Any], bool]] = {
    coordination.OfferEnded: lambda event: event.end == "declined",
    coordination.ReferralJoined: lambda event: event.status not in {"assigned", "first_contact", "paused"},
}

# Where the page behind a message is: by role, and by kind where that differs.
PAGES: Mapping[Role | tuple[Role, Kind], str] = {
    Role.SENDER: "/intake/referrals/{referral_id}",
    Role.COORDINATOR: "/coordination/day",
    (Role.COORDINATOR, Kind.CLOSED): "/coordination/cases/{case_id}",
    Role.OWNER: "/coordination/cases/{case_id}",
    Role.ZONE_INTAKE: "/intake/referrals/{referral_id}",
    (Role.ZONE_INTAKE, Kind.RETURNED): "/coordination/cases/{case_id}",
}

UNREACHABLE = "unreachable"             # not in the directory, no longer active, or without an address
NOT_WANTED = "not_wanted"
DEFAULT_LANGUAGE = "nl"


class Reach(NamedTuple):
    """What the directory knows of a recipient, as far as telling needs it."""

    language: str
    has_email: bool
    wants_email: bool
    active: bool


@dataclass(slots=True)
class Book:
    """What a batch of events needs of the directory."""

    reach: dict[UUID, Reach] = field(default_factory=dict)
    intake_of: dict[str, list[UUID]] = field(default_factory=dict)
    leads_of: dict[str, list[UUID]] = field(default_factory=dict)


class Message(NamedTuple):
    """A new record: one per event, recipient and channel. A tuple, because hundreds are made per batch."""

    id: UUID
    event_id: UUID
    recipient_id: UUID
    channel: str
    role: str
    kind: str
    language: str
    reference: str
    referral_id: UUID | None
    case_id: UUID | None
    zone: str
    state: str
    reason: str | None
    fact_at: datetime


def tell(book: Book, item: Received[Any]) -> list[Message]:
    """The records one event causes; somebody with two roles hears once."""
    event = item.event
    untold = UNTOLD.get(type(event))
    if untold is not None and untold(event):
        return []
    case_id: UUID | None = getattr(event, "case_id", None)
    told: dict[UUID, Message] = {}
    for role, kind in TOLD[type(event)]:
        for recipient_id, referral_id, reference in ADDRESSEES[role](book, event):
            if recipient_id in told:
                continue
            reach = book.reach.get(recipient_id)
            state, reason = starting_state(reach)
            told[recipient_id] = Message(
                uuid5(item.id, f"{recipient_id}.{EMAIL}"), item.id, recipient_id, EMAIL, role, kind,
                DEFAULT_LANGUAGE if reach is None else reach.language, reference, referral_id, case_id, event.zone, state, reason, item.at)
    return list(told.values())


def starting_state(reach: Reach | None) -> tuple[str, str | None]:
    """Waiting to be sent, or why it is not."""
    if reach is None or not reach.active or not reach.has_email:
        return State.FAILED, UNREACHABLE
    return (State.WAITING, None) if reach.wants_email else (State.SKIPPED, NOT_WANTED)


Addressees = Iterator[tuple[UUID, UUID | None, str]]        # recipient, referral, and the reference this recipient knows


def _senders(_: Book, event: Any) -> Addressees:
    if isinstance(event, coordination.CaseEvent):
        for link in reversed(event.referrals):              # the newest first: one message for a sender with several referrals
            yield link.sender_id, link.referral_id, link.reference
    else:
        yield event.sender_id, event.referral_id, event.reference


def _coordinator(_: Book, event: Any) -> Addressees:
    if event.coordinator_id is not None:
        yield event.coordinator_id, *_subject(event)


def _owner(book: Book, event: coordination.CaseWaiting) -> Addressees:
    owners = [event.owner_id] if event.owner_id is not None else book.leads_of.get(event.zone)
    for owner_id in owners or [nobody(event.zone)]:
        yield owner_id, *_subject(event)


def _zone_intake(book: Book, event: Any) -> Addressees:
    for worker_id in book.intake_of.get(event.zone) or book.leads_of.get(event.zone) or [nobody(event.zone)]:
        yield worker_id, *_subject(event)


ADDRESSEES: Mapping[Role, Callable[[Book, Any], Addressees]] = {
    Role.SENDER: _senders, Role.COORDINATOR: _coordinator, Role.OWNER: _owner, Role.ZONE_INTAKE: _zone_intake}


def _subject(event: Any) -> tuple[UUID | None, str]:
    """The referral and the reference by which those who work in the zone know what an event is about."""
    if isinstance(event, coordination.CaseEvent):
        return (event.referrals[0].referral_id if event.referrals else None), event.case_reference
    return event.referral_id, event.reference


def nobody(zone: str) -> UUID:
    """Stands for whoever should be told in a zone that has nobody: the record is kept under it and seen as unreachable."""
    return uuid5(NAMESPACE_URL, f"zone:{zone}")


def recipients_named(event: Any) -> Iterator[UUID]:
    """The recipients that an event names itself, to be looked up."""
    for link in getattr(event, "referrals", ()):
        yield link.sender_id
    for name in ("sender_id", "coordinator_id", "owner_id"):
        if (id := getattr(event, name, None)) is not None:
            yield id


def asks_zone(event: Any) -> bool:
    """Whether the recipients of an event are found by its zone."""
    if type(event) is coordination.CaseWaiting:
        return event.owner_id is None
    return any(role is Role.ZONE_INTAKE for role, _ in TOLD[type(event)])


def page(role: str, kind: str, referral_id: UUID | None, case_id: UUID | None) -> str:
    """The path of the page behind a message."""
    pattern = PAGES.get((Role(role), Kind(kind))) or PAGES[Role(role)]
    return pattern.format(referral_id=referral_id, case_id=case_id)


def failures(messages: Iterable[Message]) -> tuple[Event, ...]:
    """What others hear of records that cannot be sent as the directory stands."""
    return tuple(
        MessageFailed(message_id=m.id, caused_by=m.event_id, recipient_id=m.recipient_id, channel=m.channel, reason=UNREACHABLE)
        for m in messages if m.state is State.FAILED)
