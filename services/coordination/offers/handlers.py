"""Use cases of offers. Each: load, decide, save."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar
from uuid import UUID

from services.coordination.offers import answers, store
from services.coordination.offers.answers import AcceptOffer, DeclineOffer, UndoAnswer
from services.coordination.offers.domain import Book, Effects
from shared.db import Transaction
from shared.items import Decision, Due


class AboutOffer(Protocol):
    @property
    def offer_id(self) -> UUID: ...


Command = TypeVar("Command", bound=AboutOffer)


async def accept(tx: Transaction, items: Sequence[AcceptOffer], now: datetime) -> list[Decision]:
    """Coordinators take cases; of two answers to one offer the first counts."""
    return await _answer(tx, items, now, answers.accept)


async def decline(tx: Transaction, items: Sequence[DeclineOffer], now: datetime) -> list[Decision]:
    """Coordinators say no; the reason decides what happens."""
    return await _answer(tx, items, now, answers.decline)


async def undo(tx: Transaction, items: Sequence[UndoAnswer], now: datetime) -> list[Decision]:
    """Coordinators take an answer back."""
    return await _answer(tx, items, now, answers.undo)


async def on_offer_deadline(tx: Transaction, items: Sequence[Due], now: datetime) -> list[Decision]:
    """Offers that nobody answered in time go to the next."""
    return await _look_again(tx, items, now, answers.expire_due)


async def on_offer_final(tx: Transaction, items: Sequence[Due], now: datetime) -> list[Decision]:
    """Answers that can no longer be undone are told and act."""
    return await _look_again(tx, items, now, answers.settle_due)


async def _answer(tx: Transaction, items: Sequence[Command], now: datetime, step: Callable[[Book, Command], Decision]) -> list[Decision]:
    book = await store.load_for_offers(tx, [item.offer_id for item in items], now)
    decisions = [step(book, item) for item in items]
    await store.save(tx, book)
    return decisions


async def _look_again(tx: Transaction, items: Sequence[Due], now: datetime, step: Callable[[Book, UUID, Effects], None]) -> list[Decision]:
    book = await store.load_for_offers(tx, [item.subject for item in items], now)
    decisions = []
    for item in items:
        effects = Effects(item.id)
        step(book, item.subject, effects)
        decisions.append(effects.decision())
    await store.save(tx, book)
    return decisions
