"""Use cases of what may be shared of a case. Each: load, decide, save."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from services.coordination.cases import store as cases
from services.coordination.offers import store as offers
from services.coordination.offers import turns
from services.coordination.offers.domain import Book, Effects
from services.coordination.sharing import domain, store
from services.coordination.team import store as team
from shared.db import Transaction
from shared.events.coordination import PersonErased as ErasedHere
from shared.events.intake import ConsentGiven, ConsentWithdrawn, PersonErased
from shared.ids import pseudonym
from shared.items import Decision, Due, Received, Timer
from shared.messaging import forgetting

FORGET_AGAIN = "forget_again"
PUBLISHED_BY = timedelta(minutes=10)  # the last events about the person have long left the outbox then


async def on_consent_withdrawn(tx: Transaction, items: Sequence[Received[ConsentWithdrawn]], now: datetime) -> list[Decision]:
    """Share nothing more: offers and waiting end, who holds a case is told once."""
    persons = [item.event.person_id for item in items]
    book = await _load(tx, persons, now)
    about = {person: turns.about_person(book, person) for person in persons}  # which case it was, before it ends
    await store.mark_withdrawn(tx, persons, now)
    return await turns.in_turn(
        tx,
        book,
        items,
        turns.effecting(lambda book, item, effects: domain.withdraw_consent(book, item.event.person_id, effects)),
        lambda item: about[item.event.person_id],
    )


async def on_consent_given(tx: Transaction, items: Sequence[Received[ConsentGiven]], now: datetime) -> list[Decision]:
    """Open cases may be shared again."""
    await store.mark_given(tx, [item.event.person_id for item in items])
    return [Decision()] * len(items)


async def on_person_erased(tx: Transaction, items: Sequence[Received[PersonErased]], now: datetime) -> list[Decision]:
    """End the open case, take the person out of every case, and confirm. A repeat confirms again."""
    persons = [id for item in items for id in item.event.person_ids]
    book = await _load(tx, persons, now)
    about = {person: turns.about_person(book, person) for person in persons}
    subjects, referrals = await store.subjects(tx, persons)
    decisions = await turns.in_turn(
        tx, book, items, turns.effecting(_erase), lambda item: replace(about[item.event.person_id], person=pseudonym(item.event.person_id))
    )
    await store.remember(tx, persons, now)
    await team.erase(tx, persons)
    await store.erase(tx, persons, now)
    await forgetting.drop_timers(tx, subjects)
    await forgetting.forget(tx, persons, now)
    return [
        replace(
            decision,
            events=(*decision.events, _erased(item.event, referrals)),
            timers=(*decision.timers, *(Timer(FORGET_AGAIN, id, now + PUBLISHED_BY) for id in item.event.person_ids)),
        )
        for decision, item in zip(decisions, items, strict=True)
    ]


def _erase(book: Book, item: Received[PersonErased], effects: Effects) -> None:
    for id in item.event.person_ids:
        domain.erase(book, id, effects)


def _erased(event: PersonErased, referrals: Mapping[UUID, Sequence[UUID]]) -> ErasedHere:
    """The confirmation, with the referrals that were here under any id of the person."""
    return ErasedHere(person_id=event.person_id, referral_ids=tuple(id for person in event.person_ids for id in referrals.get(person, ())))


async def forget_again(tx: Transaction, items: Sequence[Due], now: datetime) -> list[Decision]:
    """The last events about erased persons are published by now: empty those too. A case that opened in the very moment they were erased, goes."""
    persons = [item.subject for item in items]
    book = await _load(tx, persons, now)
    decisions = await turns.in_turn(tx, book, items, turns.effecting(lambda book, item, effects: domain.erase(book, item.subject, effects)))
    await store.erase(tx, persons, now)
    await forgetting.forget(tx, persons, now)
    return [
        replace(decision, timers=(*decision.timers, Timer(FORGET_AGAIN, item.subject, now + PUBLISHED_BY))) if decision.events else decision
        for decision, item in zip(decisions, items, strict=True)
    ]


async def _load(tx: Transaction, persons: Sequence[UUID], now: datetime) -> Book:
    found = await cases.open_cases_of(tx, persons)
    return await offers.load_for_cases(tx, [case.id for case in found], now)
