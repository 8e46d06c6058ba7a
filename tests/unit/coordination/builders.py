"""Cases, workers and books for tests of coordination: whole and valid, with what matters to a test said by the test."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from services.coordination.cases import joining
from services.coordination.cases.domain import Case
from services.coordination.offers.choice import Question
from services.coordination.offers.domain import Book, Effects, Load, Offer, OfferStatus
from services.coordination.workforce.domain import Team, Worker, a_team
from shared.access.rules import Somebody
from shared.events.intake import ReferralAccepted
from shared.items import Event

ZONE = "meetjesland-oost"
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)  # Tuesday 10:00 in Brussels
TODAY = date(2026, 11, 24)
LEAD = UUID(int=7)


def as_coordinator(id: UUID) -> Somebody:
    """Who asks, being a coordinator."""
    return Somebody(id, frozenset({"coordinator"}))


def as_lead(id: UUID = LEAD, zones: frozenset[str] = frozenset({ZONE})) -> Somebody:
    """Who asks, leading these zones."""
    return Somebody(id, frozenset({"zone_lead"}), zones=zones)


def a_worker(**changes: Any) -> Worker:
    """A full-time coordinator and case manager who can do everything."""
    known: dict[str, Any] = {
        "id": uuid4(),
        "name": "Hanne Wijffels",
        "organisation_id": uuid4(),
        "zones": frozenset({ZONE}),
        "roles": frozenset({"care_coordinator", "case_manager"}),
        "fte": 100,
        "languages": frozenset({"nl", "fr"}),
        "programmes": frozenset({"perinatal", "frail", "obesity"}),
    }
    return Worker(**(known | changes))


def a_lead(**changes: Any) -> Worker:
    return a_worker(**({"id": LEAD, "roles": frozenset({"zone_lead"}), "fte": 0} | changes))


def team_of(*workers: Worker, zone: str = ZONE, day: date = TODAY) -> Team:
    return a_team(zone, uuid4(), day, workers)


def a_load(worker: Worker, *, cases: int = 0, recent: int = 0) -> Load:
    """What a worker carries: the fixed part and some points of cases, in hundredths."""
    return Load(worker.id, worker.fixed + cases, recent, worker.zones)


def loads_of(team: Team, carried: dict[UUID, int] | None = None) -> list[Load]:
    return [a_load(member, cases=(carried or {}).get(member.id, 0)) for member in team.members]


def a_question(**changes: Any) -> Question:
    return Question("care_coordinator", ("frail",), ("nl",), "43005", 300)._replace(**changes)


def a_book(*workers: Worker, carried: dict[UUID, int] | None = None, now: datetime = NOW, zones: Sequence[str] = (ZONE,)) -> Book:
    """A book with the teams of these workers, led by LEAD; `carried`: points of cases by worker."""
    everyone = (*workers, a_lead(zones=frozenset(zones)))
    teams = {zone: team_of(*(worker for worker in everyone if zone in worker.zones), zone=zone, day=now.date()) for zone in zones}
    book = Book(now, teams, references=[f"2026-{number:04d}" for number in range(200, 0, -1)])
    book.loads = {worker.id: a_load(worker, cases=(carried or {}).get(worker.id, 0)) for worker in workers}
    return book


def a_referral(**changes: Any) -> ReferralAccepted:
    known: dict[str, Any] = {
        "person_id": uuid4(),
        "referral_id": uuid4(),
        "reference": "ZS-7F3K",
        "programme": "frail",
        "role": "care_coordinator",
        "level": "complex",
        "zone": ZONE,
        "nis": "43005",
        "languages": ("nl",),
        "sender_id": uuid4(),
        "sender_organisation_id": uuid4(),
        "received_at": NOW - timedelta(hours=1),
        "rule_version": "2026-07",
    }
    return ReferralAccepted(**(known | changes))


def receive(book: Book, referral: ReferralAccepted | None = None, **changes: Any) -> tuple[Case, list[Event]]:
    """Let a referral come in; the case it belongs to, and the events."""
    referral = referral or a_referral(**changes)
    effects = Effects(uuid4())
    joining.receive(book, referral, effects)
    case = next(case for case in book.cases if case.person_id == referral.person_id)
    return case, effects.events


def open_offer(book: Book, case: Case) -> Offer:
    """The one offer of a case that waits for an answer."""
    (offer,) = [offer for offer in book.offers_of[case.id] if offer.status == OfferStatus.OFFERED]
    return offer


def types(events: Sequence[Event]) -> list[str]:
    """What happened, in short: `case_offered`."""
    return [event.type.split(".")[1] for event in events]
