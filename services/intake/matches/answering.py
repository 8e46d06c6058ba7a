"""What an answer to "is this the same person?" brings about. Pure.

A referral never goes to the other person by itself. Where coordination has it already it leaves the one case and is handed over again, under the
person it is about; a case that is running goes on under its own person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from services.intake.matches.domain import Match, MatchAnswer
from services.intake.persons import register
from services.intake.persons.domain import Person
from services.intake.referrals import domain
from services.intake.referrals.announcing import accepted
from services.intake.referrals.book import Book, Referral, Step
from services.intake.referrals.requests import Request
from services.intake.referrals.states import COORDINATED, Status
from shared.events.intake import ReferralMoved
from shared.items import Decision, Event

ENDED = frozenset({Status.CLOSED, Status.WITHDRAWN, Status.ENTERED_IN_ERROR})
RUNNING = COORDINATED - ENDED


@dataclass(slots=True)
class Desk:
    """All that one answer may read or change: both persons, and in the book all their referrals, with what was sent."""

    book: Book
    match: Match
    persons: dict[UUID, Person]
    requests: Mapping[UUID, Request]
    household_id: UUID | None  # of the address in this telling
    added: list[Person] = field(default_factory=list)
    changed: list[Person] = field(default_factory=list)
    gone: list[UUID] = field(default_factory=list)
    moved: list[Referral] = field(default_factory=list)
    again: set[UUID] = field(default_factory=set)  # referrals that coordination had and gets again
    events: list[Event] = field(default_factory=list)

    @property
    def referral(self) -> Referral:
        return self.book.referrals[self.match.referral_id]

    @property
    def told(self) -> Person:
        """The person as this referral tells of them."""
        referral = self.referral
        return register.newcomer(referral.person_id, self.requests[referral.id].person, referral.nis, self.household_id)


def answer(desk: Desk, given: MatchAnswer, by: UUID, new_person_id: UUID) -> Decision:
    """Join the two persons, or keep or make them two; then hand over what waited for this."""
    joined = desk.referral.person_id == desk.match.known_id
    if given.answer == "not_same" and joined:
        _separate(desk, new_person_id)
    elif given.answer == "same" and joined:
        known = desk.persons[desk.match.known_id]
        desk.changed.append(register.taking(register.filled(known, desk.told), desk.told, given.take))
    elif given.answer == "same":
        _join(desk, given)
    _release(desk, by)
    desk.match = desk.match._replace(answered_at=desk.book.now, answered_by=by, answer=given.answer)
    referral = desk.referral
    told = {"id": str(referral.id), "reference": referral.reference, "status": referral.status.value, "answer": given.answer}
    return Decision(answer=told, events=tuple(desk.events))


def _separate(desk: Desk, new_person_id: UUID) -> None:
    """The referral gets a person of its own; the known one loses what it said on how to be reached."""
    own = register.without_number(desk.told._replace(id=new_person_id))
    desk.added.append(own)
    if desk.match.reach_added:
        desk.changed.append(register.without_words(desk.persons[desk.match.known_id], desk.told.details.reach))
    _move(desk, desk.referral, own)


def _join(desk: Desk, given: MatchAnswer) -> None:
    """The two persons become one: under the id whose case is running, else the one known first. Every referral of the other one goes along."""
    known, own = desk.persons[desk.match.known_id], desk.persons[desk.referral.person_id]
    merged = register.filled(register.with_wishes(known, own), own)
    stays, gone = (own, known) if _runs(desk, own.id) and not _runs(desk, known.id) else (known, own)
    one = register.taking(merged, desk.told, given.take)._replace(id=stays.id)
    desk.changed.append(one)
    desk.gone.append(gone.id)
    for referral in [each for each in desk.book.referrals if each.person_id == gone.id]:
        _move(desk, referral, one)


def _runs(desk: Desk, person_id: UUID) -> bool:
    return any(referral.person_id == person_id and _is_handed_over(referral) for referral in desk.book.referrals)


def _is_handed_over(referral: Referral) -> bool:
    return referral.status in RUNNING or (referral.status is Status.RECEIVED and referral.check_due_at is None)


def _move(desk: Desk, referral: Referral, person: Person) -> None:
    """What has ended moves in silence. What a coordinator sent back to intake leaves the case now and is handed over when it is checked."""
    moved = referral._replace(person_id=person.id)
    if _is_handed_over(referral) or (referral.status in RUNNING | {Status.RECEIVED} and not referral.unsure):
        desk.events.append(
            ReferralMoved(
                person_id=referral.person_id,
                referral_id=referral.id,
                reference=referral.reference,
                zone=referral.zone,
                sender_id=referral.sender_id,
            )
        )
    if _is_handed_over(referral):
        moved = moved._replace(status=Status.RECEIVED)
        desk.again.add(moved.id)
        desk.book.steps.append(Step(moved.id, desk.book.now, "handed_over_again"))
        _hand_over(desk, moved, person)
    _put(desk, moved)


def _release(desk: Desk, by: UUID) -> None:
    """The question is answered; what waited for nothing else is handed over. What a human has to look at besides stays with the checks."""
    referral = desk.referral
    if not referral.unsure:
        return
    known = referral._replace(unsure=False)
    if referral.waits_for_match and _waits_for_nothing_else(referral, desk.requests[referral.id]):
        known = known._replace(check_due_at=None)
        desk.book.steps.append(Step(known.id, desk.book.now, "person_checked", by))
        _hand_over(desk, known, _person(desk, known.person_id))
    _put(desk, known)


def _waits_for_nothing_else(referral: Referral, request: Request) -> bool:
    """The rule said yes on what was sent; nobody wished a human to look, and nothing was added since."""
    judged, held = referral.judgement, referral.status is Status.RECEIVED and referral.check_due_at is not None
    return held and judged.outcome == "eligible" and judged.judged_at == referral.received_at and not request.human_check


def _person(desk: Desk, id: UUID) -> Person:
    return next((person for person in desk.changed + desk.added if person.id == id), None) or desk.persons[id]


def _hand_over(desk: Desk, referral: Referral, person: Person) -> None:
    desk.book.care[referral.id] = domain.care(desk.requests[referral.id], person, referral.sender_organisation_id)
    desk.events.append(accepted(desk.book, referral))


def _put(desk: Desk, referral: Referral) -> None:
    desk.book.referrals.put(referral)
    desk.moved = [each for each in desk.moved if each.id != referral.id] + [referral]
