"""Use cases of consent. Each: load, decide, save."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.intake.consents import store
from services.intake.consents.domain import Said, withdrawn
from services.intake.persons import store as persons
from services.intake.referrals import domain as rules
from services.intake.referrals import store as referrals
from services.intake.referrals.book import Book, Referral, Step
from services.intake.referrals.relations import facts_of
from services.intake.referrals.requests import Withdrawal
from services.intake.referrals.states import Status
from shared.access.rules import NOTHING, Action, Asking, may
from shared.db import Transaction
from shared.events.intake import ConsentWithdrawn
from shared.items import Decision, Entry, Event, Refusal
from shared.working_time import add_working_days

NOT_FOUND = Decision(refusal=Refusal("not_found", status=404))
DONE = Decision(answer={"state": "withdrawn"})  # kept with the key of who sends it again: it names nobody
STEP = "consent_withdrawn"


@dataclass(frozen=True, slots=True)
class WithdrawConsent:
    """The person no longer consents. Written down with a referral by its sender or the zone's intake, or for the person as a whole."""

    said: Said
    by: Asking
    referral_id: UUID | None = None
    person_id: UUID | None = None


async def withdraw(tx: Transaction, items: Sequence[WithdrawConsent], now: datetime) -> list[Decision]:
    """Share nothing more about these persons. What nobody coordinates yet is taken back; asked twice, it is done once."""
    return [await _withdraw(tx, item, now) for item in items]


async def _withdraw(tx: Transaction, item: WithdrawConsent, now: datetime) -> Decision:
    row = await referrals.read(tx, item.referral_id) if item.referral_id else None
    ground = may(item.by, Action.WITHDRAW_CONSENT, facts_of(row, item.by.id) if row else NOTHING)
    about = (
        Entry(row["person_id"], None, row["id"], row["zone"], ground.relation) if row else Entry(item.person_id, relation=ground.relation)
    )
    person = (await persons.lock(tx, [about.person])).get(about.person) if about.person else None
    if not ground or person is None or person.erased:
        return NOT_FOUND.about(about) if row else NOT_FOUND
    return (await _take_back(tx, item, person.id, now)).about(about)


async def _take_back(tx: Transaction, item: WithdrawConsent, person_id: UUID, now: datetime) -> Decision:
    if await store.withdrawn(tx, [person_id]):
        return DONE
    book = await referrals.load(tx, await referrals.of_persons(tx, [person_id]), now, add_working_days(now, rules.CHECK_DAYS))
    cases = await referrals.cases_of(tx, [person_id])
    events: list[Event] = []
    for referral in list(book.referrals):
        book.steps.append(Step(referral.id, now, STEP, item.by.id))
        if is_with_intake(referral):
            events += rules.withdraw(book, referral, Withdrawal(reason="no_longer_wanted"), item.by.id).events
    await store.add(tx, [withdrawn(person_id, item.referral_id, item.said, item.by.id, now)])
    await referrals.save(tx, book, now)
    told = ConsentWithdrawn(person_id=person_id, referral_ids=_ids(book), case_ids=tuple(cases))
    return replace(DONE, events=(*events, told))


def is_with_intake(referral: Referral) -> bool:
    """Whether coordination was not handed the referral yet: then there is nobody else to end it."""
    return referral.status is Status.INFORMATION_NEEDED or (referral.status is Status.RECEIVED and referral.check_due_at is not None)


def _ids(book: Book) -> tuple[UUID, ...]:
    return tuple(referral.id for referral in book.referrals)
