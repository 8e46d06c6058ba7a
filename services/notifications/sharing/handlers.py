"""Use cases of telling nothing more about somebody. Each: load, decide, save."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from services.notifications.sharing import store
from services.notifications.sharing.store import ABOUT
from shared.db import Transaction
from shared.events.intake import ConsentGiven, ConsentWithdrawn, PersonErased
from shared.events.notifications import PersonErased as ErasedHere
from shared.ids import pseudonym
from shared.items import Decision, Due, Entry, Received, Timer
from shared.messaging import forgetting

FORGET_AGAIN = "forget_again"
PUBLISHED_BY = timedelta(minutes=10)  # the last events about the person have long left the outbox then


async def on_consent_withdrawn(tx: Transaction, items: Sequence[Received[ConsentWithdrawn]], now: datetime) -> list[Decision]:
    """Skip what waits, with that reason; from now on only say once, to who has the case, that it stopped."""
    await store.stop(tx, _persons(items), "consent_withdrawn", now)
    await store.skip(tx, _about(items), "consent_withdrawn", now)
    return [Decision(entries=(Entry(person),)) for person in _persons(items)]


async def on_consent_given(tx: Transaction, items: Sequence[Received[ConsentGiven]], now: datetime) -> list[Decision]:
    """Tell again what happens from now on."""
    await store.resume(tx, _persons(items))
    return [Decision()] * len(items)


async def on_person_erased(tx: Transaction, items: Sequence[Received[PersonErased]], now: datetime) -> list[Decision]:
    """Take the person out of every message, tell nothing more, and confirm. A repeat confirms again."""
    ids = [id for item in items for id in item.event.person_ids]
    referrals, cases = _about(items)
    told = await store.told_of(tx, [pseudonym(id) for id in ids])  # intake knows only what is today's, or after a restore nothing
    await store.stop(tx, [pseudonym(id) for id in ids], "erased", now)
    await store.erase(tx, ([*referrals, *told[0]], [*cases, *told[1]]), now)
    await forgetting.forget(tx, ids, now)
    return [
        Decision(
            events=(ErasedHere(person_id=item.event.person_id),),
            timers=tuple(Timer(FORGET_AGAIN, id, now + PUBLISHED_BY) for id in item.event.person_ids),
            entries=(Entry(pseudonym(item.event.person_id)),),
        )
        for item in items
    ]


async def forget_again(tx: Transaction, items: Sequence[Due], now: datetime) -> list[Decision]:
    """What was parked about erased persons meanwhile goes too."""
    await forgetting.forget(tx, [item.subject for item in items], now)
    return [Decision()] * len(items)


def _persons(items: Sequence[Received[ConsentWithdrawn | ConsentGiven]]) -> list[UUID]:
    return [pseudonym(item.event.person_id) for item in items]


def _about(items: Sequence[Received[ConsentWithdrawn | PersonErased]]) -> ABOUT:
    """The referrals and cases of these persons, as far as intake knew of them."""
    return [id for item in items for id in item.event.referral_ids], [id for item in items for id in item.event.case_ids]
