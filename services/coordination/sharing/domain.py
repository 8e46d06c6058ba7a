"""What becomes of a person's open case when nothing may be shared any more: consent withdrawn, or the person erased. Pure."""

from __future__ import annotations

from uuid import UUID

from services.coordination.cases.domain import HELD, Case, Outcome
from services.coordination.cases.steps import end
from services.coordination.offers.domain import Book, Effects
from shared.events.coordination import SharingStopped
from shared.events.intake import InformationAdded, ReferralAccepted
from shared.ids import pseudonym
from shared.items import Entry, Received


def withdraw_consent(book: Book, person_id: UUID, effects: Effects) -> None:
    """Who holds the case hears so once and keeps it, to end the care with the person; what is only offered or waits ends here."""
    case = book.open_cases.get(person_id)
    if case is None:
        return
    effects.events.append(_stopped(book, case, Outcome.CONSENT_WITHDRAWN))
    if case.status not in HELD:
        end(book, case, Outcome.CONSENT_WITHDRAWN, effects)


def erase(book: Book, person_id: UUID, effects: Effects) -> None:
    """Whatever the state, the case ends; who held it or was offered it hears so once."""
    case = book.open_cases.get(person_id)
    if case is None:
        return
    case.referrals = []  # whose they were is gone: the last facts about the case name no referral
    effects.events.append(_stopped(book, case, Outcome.ERASED))
    end(book, case, Outcome.ERASED, effects)


def late(item: Received[ReferralAccepted | InformationAdded]) -> Entry:
    """What came about a person who was erased before has no effect; the audit says so."""
    return Entry(pseudonym(item.event.person_id), subject=item.event.referral_id, outcome="erased")


def _stopped(book: Book, case: Case, outcome: Outcome) -> SharingStopped:
    offer = book.active_offer(case)
    reason = "erased" if outcome is Outcome.ERASED else "consent_withdrawn"
    return SharingStopped(**case.head(), reason=reason, coordinator_id=offer.coordinator_id if offer else None)
