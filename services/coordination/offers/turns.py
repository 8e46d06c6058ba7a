"""How a batch of items is worked through, once for cases and offers: their book is loaded, each is decided in turn, the book is saved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar
from uuid import UUID

from services.coordination.offers import store
from services.coordination.offers.domain import Book, Effects
from services.coordination.workforce import store as workforce_rows
from shared.db import Transaction
from shared.items import Decision, Due
from shared.working_time import BRUSSELS


class AnItem(Protocol):
    """A command, an event or a timer."""

    @property
    def id(self) -> UUID: ...


class AboutCase(Protocol):
    """A command that names its case."""

    @property
    def case_id(self) -> UUID: ...


class AboutOffer(Protocol):
    """A command that names its offer."""

    @property
    def offer_id(self) -> UUID: ...


Item = TypeVar("Item")
Cause = TypeVar("Cause", bound=AnItem)
OnCase = TypeVar("OnCase", bound=AboutCase)
OnOffer = TypeVar("OnOffer", bound=AboutOffer)


async def on_cases(tx: Transaction, items: Sequence[OnCase], now: datetime, decide: Callable[[Book, OnCase], Decision]) -> list[Decision]:
    """Commands of people about cases."""
    book = await store.load_for_cases(tx, [item.case_id for item in items], now)
    holders = {case.coordinator_id for case in book.cases if case.coordinator_id}
    book.substitutes = await workforce_rows.substitutes(tx, holders, now.astimezone(BRUSSELS).date())
    return await in_turn(tx, book, items, decide)


async def on_offers(
    tx: Transaction, items: Sequence[OnOffer], now: datetime, decide: Callable[[Book, OnOffer], Decision]
) -> list[Decision]:
    """Commands about offers."""
    return await in_turn(tx, await store.load_for_offers(tx, [item.offer_id for item in items], now), items, decide)


async def on_due_cases(tx: Transaction, items: Sequence[Due], now: datetime, act: Callable[[Book, UUID, Effects], None]) -> list[Decision]:
    """Timers whose subject is a case."""
    book = await store.load_for_cases(tx, [item.subject for item in items], now)
    return await in_turn(tx, book, items, effecting(lambda book, item, effects: act(book, item.subject, effects)))


async def on_due_offers(tx: Transaction, items: Sequence[Due], now: datetime, act: Callable[[Book, UUID, Effects], None]) -> list[Decision]:
    """Timers whose subject is an offer."""
    book = await store.load_for_offers(tx, [item.subject for item in items], now)
    return await in_turn(tx, book, items, effecting(lambda book, item, effects: act(book, item.subject, effects)))


async def in_turn(tx: Transaction, book: Book, items: Sequence[Item], decide: Callable[[Book, Item], Decision]) -> list[Decision]:
    """Decide each item on what the ones before it left, and save."""
    decisions = [decide(book, item) for item in items]
    await store.save(tx, book)
    return decisions


def effecting(act: Callable[[Book, Cause, Effects], None]) -> Callable[[Book, Cause], Decision]:
    """What an event or a timer brings about, as a decision: nobody waits for an answer."""

    def decide(book: Book, item: Cause) -> Decision:
        effects = Effects(item.id)
        act(book, item, effects)
        return effects.decision()

    return decide
