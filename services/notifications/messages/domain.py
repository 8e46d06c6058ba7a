"""Who is told what: from an event to the records of whom it concerns. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, UUID, uuid5

from services.notifications.directory.domain import EMAIL
from shared.access.rules import Facts
from shared.events import coordination, intake
from shared.events.notifications import MessageFailed
from shared.ids import derived_id, pseudonym
from shared.items import Event, Received
from shared.working_time import BRUSSELS


class Role(StrEnum):
    """As what somebody is told."""

    SENDER = "sender"
    COORDINATOR = "coordinator"
    COVER = "cover"  # looks after cases while their coordinator is on leave
    OWNER = "owner"  # who answers for a waiting case: the zone lead
    ZONE_INTAKE = "zone_intake"
    PRIVACY_OFFICER = "privacy_officer"
    MEMBER = "member"  # of the care team


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
    INFORMATION_ADDED = "information_added"
    INFORMATION_MISSED = "information_missed"
    CLOSED = "closed"
    SHARING_STOPPED = "sharing_stopped"
    GLASS_BROKEN = "glass_broken"
    TEAM_JOINED = "team_joined"
    COVERING = "covering"
    COVER_ENDED = "cover_ended"


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
    intake.GlassBroken: ((Role.PRIVACY_OFFICER, Kind.GLASS_BROKEN),),
    coordination.ReferralJoined: ((Role.SENDER, Kind.ASSIGNED),),
    coordination.CaseOffered: ((Role.COORDINATOR, Kind.OFFERED),),
    coordination.CaseWaiting: ((Role.OWNER, Kind.WAITING),),
    coordination.CaseAssigned: ((Role.SENDER, Kind.ASSIGNED),),
    coordination.OfferEnded: ((Role.COORDINATOR, Kind.OFFER_ENDED),),
    coordination.CaseReturned: ((Role.ZONE_INTAKE, Kind.RETURNED),),
    coordination.InformationNoted: ((Role.COORDINATOR, Kind.INFORMATION_ADDED), (Role.OWNER, Kind.INFORMATION_ADDED)),
    coordination.InformationMissed: ((Role.SENDER, Kind.INFORMATION_MISSED),),
    coordination.CaseClosed: ((Role.SENDER, Kind.CLOSED), (Role.COORDINATOR, Kind.CLOSED)),
    coordination.CareTeamJoined: ((Role.MEMBER, Kind.TEAM_JOINED),),
    coordination.SharingStopped: ((Role.COORDINATOR, Kind.SHARING_STOPPED),),
    coordination.CasesCovered: ((Role.COVER, Kind.COVERING), (Role.COVER, Kind.COVER_ENDED)),
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
    (Role.COORDINATOR, Kind.INFORMATION_ADDED): "/coordination/cases/{case_id}",
    (Role.COORDINATOR, Kind.SHARING_STOPPED): "/coordination/cases",
    Role.COVER: "/coordination/day",
    Role.OWNER: "/coordination/cases/{case_id}",
    Role.ZONE_INTAKE: "/intake/referrals/{referral_id}",
    Role.PRIVACY_OFFICER: "/intake/glass",
    Role.MEMBER: "/coordination/teams/{case_id}",
}

UNREACHABLE = "unreachable"  # not in the directory, no longer active, or without an address
NOT_WANTED = "not_wanted"
ERASED = "erased"
STOPPED = frozenset({"consent_withdrawn", ERASED})  # why nothing is told about somebody any more
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
    stopped: dict[UUID, str] = field(default_factory=dict)  # by pseudonym, about whom nothing is told, and why
    privacy_officers: list[UUID] = field(default_factory=list)


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
    person: UUID | None


class Addressee(NamedTuple):
    """Somebody to be told. Without a `recipient_id` it is whoever has this role in the event's zone. The reference is the one they know."""

    role: Role
    kind: Kind
    recipient_id: UUID | None
    referral_id: UUID | None
    reference: str


def addressees(event: Any) -> list[Addressee]:
    """Whom an event concerns, as far as it says so itself."""
    if (untold := UNTOLD.get(type(event))) and untold(event):
        return []
    return [addressee for role, kind in TOLD[type(event)] for addressee in ADDRESSEES[role](kind, event)]


def tell(book: Book, item: Received[Any], addressed: Iterable[Addressee]) -> list[Message]:
    """The records one event causes; somebody with two roles hears once."""
    event = item.event
    person = person_of(event)
    stopped = book.stopped.get(person) if person else None
    case_id = event.case_id if type(event) in OF_A_CASE else None
    told: dict[UUID, Message] = {}
    for role, kind, named_id, referral_id, reference in addressed:
        for recipient_id in (named_id,) if named_id is not None else in_zone(book, role, event.zone):
            if recipient_id in told or (stopped == ERASED and kind is not Kind.SHARING_STOPPED):
                continue
            reach = book.reach.get(recipient_id)
            told[recipient_id] = Message(
                derived_id(item.id, recipient_id, EMAIL),
                item.id,
                recipient_id,
                EMAIL,
                role,
                kind,
                DEFAULT_LANGUAGE if reach is None else reach.language,
                reference,
                None if stopped == ERASED else referral_id,
                case_id,
                event.zone,
                *(starting_state(reach) if stopped is None or kind is Kind.SHARING_STOPPED else (State.SKIPPED, stopped)),
                item.at,
                None if stopped == ERASED else person,
            )
    return list(told.values())


def person_of(event: Any) -> UUID | None:
    """The pseudonym of whom an event is about; who covers is told about many at once, and by no name."""
    return None if type(event) is coordination.CasesCovered else pseudonym(event.person_id)


def starting_state(reach: Reach | None) -> tuple[str, str | None]:
    """Waiting to be sent, or why it is not."""
    if reach is None or not reach.active or not reach.has_email:
        return State.FAILED, UNREACHABLE
    return (State.WAITING, None) if reach.wants_email else (State.SKIPPED, NOT_WANTED)


def in_zone(book: Book, role: Role, zone: str) -> list[UUID]:
    """Who has this role in a zone: intake workers, without them and for a waiting case the leads, else nobody. The privacy officer is of every zone."""
    if role is Role.PRIVACY_OFFICER:
        return book.privacy_officers or [nobody(zone)]
    workers = book.intake_of.get(zone) if role is Role.ZONE_INTAKE else None
    return workers or book.leads_of.get(zone) or [nobody(zone)]


def nobody(zone: str) -> UUID:
    """Stands for whoever should be told in a zone that has nobody: the record is kept under it and seen as unreachable."""
    return uuid5(NAMESPACE_URL, f"zone:{zone}")


# types rather than isinstance: with pydantic's metaclass that check is the dearest part of telling
OF_A_CASE = frozenset(event for event in TOLD if issubclass(event, coordination.CaseEvent))


def _senders(kind: Kind, event: Any) -> list[Addressee]:
    if type(event) not in OF_A_CASE:
        return [Addressee(Role.SENDER, kind, event.sender_id, event.referral_id, event.reference)]
    newest_first = reversed(event.referrals)  # one message for a sender with several referrals
    return [Addressee(Role.SENDER, kind, link.sender_id, link.referral_id, link.reference) for link in newest_first]


def _coordinator(kind: Kind, event: Any) -> list[Addressee]:
    return [] if event.coordinator_id is None else [Addressee(Role.COORDINATOR, kind, event.coordinator_id, *_subject(event))]


def _owner(kind: Kind, event: Any) -> list[Addressee]:
    if getattr(event, "coordinator_id", None) is not None:
        return []  # whoever has the case is told instead
    return [Addressee(Role.OWNER, kind, event.owner_id, *_subject(event))]


def _cover(kind: Kind, event: Any) -> list[Addressee]:
    """One message for all cases of a leave, known by its days."""
    if (kind is Kind.COVERING) is not bool(event.case_ids):
        return []
    first, last = event.starts_at.astimezone(BRUSSELS), event.ends_at.astimezone(BRUSSELS) - timedelta(days=1)
    return [Addressee(Role.COVER, kind, event.cover_id, None, f"{first:%d/%m/%Y} – {last:%d/%m/%Y}")]


def _zone_intake(kind: Kind, event: Any) -> list[Addressee]:
    return [Addressee(Role.ZONE_INTAKE, kind, None, *_subject(event))]


def _privacy_officer(kind: Kind, event: Any) -> list[Addressee]:
    return [Addressee(Role.PRIVACY_OFFICER, kind, None, *_subject(event))]


def _member(kind: Kind, event: Any) -> list[Addressee]:
    return [Addressee(Role.MEMBER, kind, event.member_id, *_subject(event))]


ADDRESSEES: Mapping[Role, Callable[[Kind, Any], list[Addressee]]] = {
    Role.SENDER: _senders,
    Role.COORDINATOR: _coordinator,
    Role.COVER: _cover,
    Role.OWNER: _owner,
    Role.ZONE_INTAKE: _zone_intake,
    Role.PRIVACY_OFFICER: _privacy_officer,
    Role.MEMBER: _member,
}


def _subject(event: Any) -> tuple[UUID | None, str]:
    """The referral and the reference by which those who work in the zone know what an event is about."""
    if type(event) in OF_A_CASE:
        return (event.referrals[0].referral_id if event.referrals else None), event.case_reference
    return event.referral_id, event.reference


def facts_of(row: Mapping[str, Any]) -> Facts:
    """What a message says of who may see it."""
    return Facts(subject_id=row["recipient_id"], zones=frozenset({row["zone"]} if row["zone"] else ()))


def page(role: str, kind: str, referral_id: UUID | None, case_id: UUID | None) -> str:
    """The path of the page behind a message."""
    pattern = PAGES.get((Role(role), Kind(kind))) or PAGES[Role(role)]
    return pattern.format(referral_id=referral_id, case_id=case_id)


def failures(messages: Iterable[Message]) -> tuple[Event, ...]:
    """What others hear of records that cannot be sent as the directory stands."""
    return tuple(
        MessageFailed(message_id=m.id, caused_by=m.event_id, recipient_id=m.recipient_id, channel=m.channel, reason=UNREACHABLE)
        for m in messages
        if m.state is State.FAILED
    )
