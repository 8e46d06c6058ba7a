"""Use cases of cases. Each: load, decide, save."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from services.coordination.cases import joining, steps, store
from services.coordination.cases.steps import AgreeInterpreter, CloseCase, NoteFirstContact, PauseCase, ResumeCase
from services.coordination.offers import loads, turns
from services.coordination.offers import store as offer_rows
from services.coordination.offers.domain import Book, Effects
from services.coordination.sharing import store as sharing
from services.coordination.sharing.domain import late
from shared.access.rules import Action
from shared.db import Transaction
from shared.events.intake import ReferralAccepted, ReferralMoved, ReferralWithdrawn
from shared.items import Decision, Due, Entry, Received


async def on_referral_accepted(tx: Transaction, items: Sequence[Received[ReferralAccepted]], now: datetime) -> list[Decision]:
    """Open a case per person or join the open one; each new case is offered or waits."""
    book, erased = await _load_for_referrals(tx, [item.event for item in items], now)

    def receive(book: Book, item: Received[ReferralAccepted], effects: Effects) -> None:
        if item.event.person_id not in erased:
            joining.receive(book, item.event, effects)

    def about(item: Received[ReferralAccepted]) -> Entry | None:
        if item.event.person_id in erased:
            return late(item)
        return turns.about_person(book, item.event.person_id)

    if erased:
        await sharing.discard(tx, [item.event.person_id for item in items if item.event.person_id in erased])
    return await turns.in_turn(tx, book, items, turns.effecting(receive), about)


async def on_referral_withdrawn(tx: Transaction, items: Sequence[Received[ReferralWithdrawn]], now: datetime) -> list[Decision]:
    """Take referrals back; a case without any closes and its place goes to who waits."""
    cases = await store.cases_of_referrals(tx, [item.event.referral_id for item in items])
    book = await offer_rows.load_for_cases(tx, cases, now)
    decide: Callable[[Book, Received[ReferralWithdrawn]], Decision] = turns.effecting(
        lambda book, item, effects: joining.withdraw(book, item.event.referral_id, effects)
    )
    return await turns.in_turn(tx, book, items, decide, lambda item: turns.about_person(book, item.event.person_id))


async def on_referral_moved(tx: Transaction, items: Sequence[Received[ReferralMoved]], now: datetime) -> list[Decision]:
    """Referrals leave the case of somebody they are not about."""
    cases = await store.open_cases_of(tx, [item.event.person_id for item in items])
    book = await offer_rows.load_for_cases(tx, [case.id for case in cases], now)
    await store.unlink(tx, [(item.event.referral_id, item.event.person_id) for item in items])
    decide: Callable[[Book, Received[ReferralMoved]], Decision] = turns.effecting(
        lambda book, item, effects: joining.leave(book, item.event.person_id, item.event.referral_id, effects)
    )
    return await turns.in_turn(tx, book, items, decide, lambda item: turns.about_person(book, item.event.person_id))


async def note_first_contact(tx: Transaction, items: Sequence[NoteFirstContact], now: datetime) -> list[Decision]:
    """The coordinator spoke to the person; the points follow the intensity."""
    return await turns.on_cases(tx, items, now, Action.MOVE_CASE, steps.note_first_contact)


async def close(tx: Transaction, items: Sequence[CloseCase], now: datetime) -> list[Decision]:
    """Cases end; who waits longest is offered at once."""
    return await turns.on_cases(tx, items, now, Action.MOVE_CASE, steps.close)


async def pause(tx: Transaction, items: Sequence[PauseCase], now: datetime) -> list[Decision]:
    """Cases rest."""
    return await turns.on_cases(tx, items, now, Action.MOVE_CASE, steps.pause)


async def resume(tx: Transaction, items: Sequence[ResumeCase], now: datetime) -> list[Decision]:
    """Cases go on."""
    return await turns.on_cases(tx, items, now, Action.MOVE_CASE, steps.resume)


async def agree_interpreter(tx: Transaction, items: Sequence[AgreeInterpreter], now: datetime) -> list[Decision]:
    """Zone leads agree on interpreters, or take that back; who fits now is offered the case at once."""
    return await turns.on_cases(tx, items, now, Action.ARRANGE_INTERPRETER, steps.agree_interpreter)


async def on_first_weeks_over(tx: Transaction, items: Sequence[Due], now: datetime) -> list[Decision]:
    """Cases are no longer new and weigh less."""
    return await turns.on_due_cases(tx, items, now, steps.first_weeks_over)


async def on_waiting_late(tx: Transaction, items: Sequence[Due], now: datetime) -> list[Decision]:
    """Cases have waited too long."""
    return await turns.on_due_cases(tx, items, now, steps.become_late)


async def on_rest_unseen(tx: Transaction, items: Sequence[Due], now: datetime) -> list[Decision]:
    """Rests are over and nobody looked."""
    return await turns.on_due_cases(tx, items, now, steps.rest_unseen)


async def on_offer_again(tx: Transaction, items: Sequence[Due], now: datetime) -> list[Decision]:
    """Who had no room, or did not answer, may be asked again."""
    return await turns.on_due_cases(tx, items, now, steps.try_again)


async def _load_for_referrals(tx: Transaction, referrals: Sequence[ReferralAccepted], now: datetime) -> tuple[Book, set[UUID]]:
    """The book, and which of the persons are erased."""
    persons = list({referral.person_id for referral in referrals})
    households = [referral.household_id for referral in referrals if referral.household_id]
    open_in, familiar, erased = await store.known_before(tx, persons, households)
    zones = {referral.zone for referral in referrals} | set(open_in.values())
    if open_in:  # who holds an open case may work in another zone, and carries more when a programme is added
        zones |= set(await store.zones_of_cases(tx, [case.id for case in await store.open_cases_of(tx, list(open_in))]))
    book = await offer_rows.open_book(tx, zones, now)
    if open_in:
        await offer_rows.bring_cases(tx, book, await store.open_cases_of(tx, list(open_in)))
    await loads.bring(tx, book)
    book.familiar = familiar
    book.references = await store.free_references(tx, sum(person not in book.open_cases for person in persons), now)
    return book, erased
