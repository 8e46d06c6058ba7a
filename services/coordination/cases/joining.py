"""How referrals come to a case: the first opens it, later ones join it, the last one withdrawn closes it. Pure."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from services.coordination.cases.domain import Case, Outcome, Referral, Status, workload
from services.coordination.cases.steps import end
from services.coordination.offers.domain import Book, Effects, Offer, place, reweigh, serve
from services.coordination.tasks.domain import Task
from shared.events.coordination import ReferralJoined
from shared.events.intake import ReferralAccepted
from shared.ids import derived_id

DANGER = "violence"  # the need that says that home is not safe


def receive(book: Book, referral: ReferralAccepted, effects: Effects) -> None:
    """Open the person's one case and place it, or join the referral to the case that is open."""
    case = book.open_cases.get(referral.person_id)
    if case is None:
        case = _open(book, referral, effects)
        place(book, case, effects)
    elif case.status == Status.RETURNED:
        _join(book, case, referral)
        case.programmes, case.role, case.level = _programmes(case), referral.role, referral.level
        reweigh(book, case)
        place(book, case, effects)
    elif all(linked.id != referral.referral_id for linked in case.referrals):
        _add(book, case, referral, effects)


def _open(book: Book, referral: ReferralAccepted, effects: Effects) -> Case:
    programmes = (referral.programme,)
    case = Case(
        id=derived_id(effects.cause, referral.person_id, "case"),
        reference=book.references.pop(),
        person_id=referral.person_id,
        zone=referral.zone,
        nis=referral.nis,
        programmes=programmes,
        role=referral.role,
        level=referral.level,
        languages=referral.languages,
        interpreter=referral.interpreter,
        urgency=referral.urgency,
        needs=referral.needs,
        caring_organisations=_caring(referral),
        household_id=referral.household_id,
        received_at=referral.received_at,
        opened_at=book.now,
        points=workload(programmes),
        familiar_id=_familiar(book, referral),
    )
    book.cases.rows[case.id] = case
    book.opened.append(case)
    book.open_cases[case.person_id] = case
    _link(book, case, referral)
    return case


def _familiar(book: Book, referral: ReferralAccepted) -> UUID | None:
    """Who knows the person from an earlier case, or else the household; not the household where somebody of it may be the danger."""
    known = book.familiar.get(referral.person_id)
    if known or referral.household_id is None or DANGER in referral.needs:
        return known
    return book.familiar.get(referral.household_id)


def _caring(referral: ReferralAccepted) -> tuple[UUID, ...]:
    """The organisations that already care; the sender's is one (decisions 28)."""
    if referral.sender_organisation_id in referral.caring_organisation_ids:
        return referral.caring_organisation_ids
    return (*referral.caring_organisation_ids, referral.sender_organisation_id)


def _link(book: Book, case: Case, referral: ReferralAccepted) -> Referral:
    linked = Referral(referral.referral_id, case.id, referral.reference, referral.sender_id, referral.programme, referral.received_at)
    case.referrals.append(linked)
    book.referrals.put(linked)
    return linked


def _join(book: Book, case: Case, referral: ReferralAccepted) -> Referral:
    """What another referral teaches about the person is added; nothing known is taken away."""
    linked = next((known for known in case.referrals if known.id == referral.referral_id), None)
    if linked:
        linked.programme, linked.withdrawn_at = referral.programme, None
        book.referrals.put(linked)
    else:
        linked = _link(book, case, referral)
    case.languages = tuple(dict.fromkeys(case.languages + referral.languages))
    case.interpreter = case.interpreter or referral.interpreter
    case.urgency = "high" if "high" in (case.urgency, referral.urgency) else "normal"
    case.needs = tuple(dict.fromkeys(case.needs + referral.needs))
    case.caring_organisations = tuple(dict.fromkeys(case.caring_organisations + _caring(referral)))
    case.household_id = case.household_id or referral.household_id
    book.cases.put(case)
    return linked


def _add(book: Book, case: Case, referral: ReferralAccepted, effects: Effects) -> None:
    """Second referral on an open case: joined, no new offer; another programme adds half its weight (decisions 29)."""
    linked = _join(book, case, referral)
    added = None if referral.programme in case.programmes else referral.programme
    if added:
        case.programmes = (*case.programmes, added)
        reweigh(book, case)
    offer = book.active_offer(case)
    effects.events.append(
        ReferralJoined(
            **case.head(linked),
            status=case.status,
            coordinator_id=offer.coordinator_id if offer else None,
            programme_added=added,
            role=case.role,
            reason=case.reason,
            owner_id=case.owner_id,
            deadline=_deadline(case, offer),
        )
    )
    if case.status == Status.WAITING:
        place(book, case, effects)
    elif added and offer and not _is_trained(book, offer.coordinator_id, added):
        team = book.teams[case.zone]
        book.tasks.append(Task(derived_id(effects.cause, case.id, "task"), case.id, case.zone, "training", team.owner, book.now))


def _deadline(case: Case, offer: Offer | None) -> datetime | None:
    """When the next step of an open case is due."""
    if case.status == Status.OFFERED and offer:
        return offer.deadline
    return {Status.ASSIGNED: case.first_contact_due, Status.PAUSED: case.paused_until}.get(Status(case.status), case.late_at)


def _is_trained(book: Book, coordinator_id: UUID, programme: str) -> bool:
    return any(member.id == coordinator_id and programme in member.programmes for team in book.teams.values() for member in team.members)


def withdraw(book: Book, referral_id: UUID, effects: Effects) -> None:
    """A referral was taken back; with the last one the case closes, and what was reserved for it comes free."""
    referral = book.referrals.get(referral_id)
    if referral is None or referral.withdrawn_at is not None:
        return
    referral.withdrawn_at = book.now
    book.referrals.put(referral)
    case = book.cases[referral.case_id]
    if case.is_open:
        _go_on_without(book, case, effects)


def leave(book: Book, person_id: UUID, referral_id: UUID, effects: Effects) -> None:
    """A referral is not about this person; it may have been joined to the right case already. Its sender hears nothing of this case any more."""
    case = book.open_cases.get(person_id)
    if case is not None:
        case.referrals = [referral for referral in case.referrals if referral.id != referral_id]
        _go_on_without(book, case, effects)


def _go_on_without(book: Book, case: Case, effects: Effects) -> None:
    if left := _programmes(case):
        case.programmes = left
        serve(book, reweigh(book, case) | {case.zone}, effects)  # what waits itself may fit now
        return
    end(book, case, Outcome.WITHDRAWN, effects)


def _programmes(case: Case) -> tuple[str, ...]:
    return tuple(dict.fromkeys(referral.programme for referral in case.referrals if referral.withdrawn_at is None))
