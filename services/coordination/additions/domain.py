"""What senders add to a referral that became a case: noted on the case, told to who has it. The text is intake's. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.coordination.cases.domain import Case, Referral
from services.coordination.offers.domain import Book
from shared.events.coordination import CaseEvent, InformationMissed, InformationNoted
from shared.events.intake import InformationAdded
from shared.items import Received


class Addition(NamedTuple):
    """That a sender added something, and under which id intake keeps it. `missed`: the case was closed before it came."""

    record_id: UUID
    case_id: UUID
    referral_id: UUID
    added_at: datetime
    missed: bool = False


def note(book: Book, item: Received[InformationAdded]) -> tuple[Addition, CaseEvent] | None:
    """Note it on the case and say who is told, or that the case was closed before it came; None for a referral that is not here."""
    referral = book.referrals.get(item.event.referral_id)
    if referral is None:
        return None
    case = book.cases[referral.case_id]
    noted = Addition(item.event.record_id, case.id, referral.id, item.at, not case.is_open)
    return noted, _told(book, case, referral, noted.record_id)


def _told(book: Book, case: Case, referral: Referral, record_id: UUID) -> CaseEvent:
    if not case.is_open:
        return InformationMissed(
            person_id=case.person_id,
            case_id=case.id,
            case_reference=case.reference,
            zone=case.zone,
            referrals=(referral.link,),
            record_id=record_id,
        )
    offer = book.active_offer(case)
    cover = next(iter(book.covers.get(case.id, ())), None)  # reads it while who holds the case is on leave
    return InformationNoted(
        person_id=case.person_id,
        case_id=case.id,
        case_reference=case.reference,
        zone=case.zone,
        referrals=(referral.link,),
        record_id=record_id,
        coordinator_id=cover or (offer.coordinator_id if offer else None),
        owner_id=None if offer else case.owner_id or book.teams[case.zone].owner,
    )
