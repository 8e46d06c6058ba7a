"""How a batch of items is worked through, once for cases and offers: their book is loaded, each is decided in turn, the book is saved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar
from uuid import UUID

from services.coordination.cases.domain import By
from services.coordination.offers import store
from services.coordination.offers.domain import Book, Effects
from shared.db import Transaction
from shared.items import Decision, Due, Entry


class AnItem(Protocol):
    """A command, an event or a timer."""

    @property
    def id(self) -> UUID: ...


class AboutCase(Protocol):
    """A command that names its case."""

    @property
    def case_id(self) -> UUID: ...
    @property
    def by(self) -> By: ...


class AboutOffer(Protocol):
    """A command that names its offer."""

    @property
    def offer_id(self) -> UUID: ...
    @property
    def coordinator_id(self) -> UUID: ...


Item = TypeVar("Item")
Cause = TypeVar("Cause", bound=AnItem)
OnCase = TypeVar("OnCase", bound=AboutCase)
OnOffer = TypeVar("OnOffer", bound=AboutOffer)


async def on_cases(tx: Transaction, items: Sequence[OnCase], now: datetime, decide: Callable[[Book, OnCase], Decision]) -> list[Decision]:
    """Commands about cases."""
    book = await store.load_for_cases(tx, [item.case_id for item in items], now)
    return await in_turn(tx, book, items, decide, lambda item: about_case(book, item.case_id, item.by))


async def on_offers(
    tx: Transaction, items: Sequence[OnOffer], now: datetime, decide: Callable[[Book, OnOffer], Decision]
) -> list[Decision]:
    """Commands about offers."""
    book = await store.load_for_offers(tx, [item.offer_id for item in items], now)
    return await in_turn(tx, book, items, decide, lambda item: about_offer(book, item.offer_id, item.coordinator_id))


async def on_due_cases(tx: Transaction, items: Sequence[Due], now: datetime, act: Callable[[Book, UUID, Effects], None]) -> list[Decision]:
    """Timers whose subject is a case."""
    book = await store.load_for_cases(tx, [item.subject for item in items], now)
    decide: Callable[[Book, Due], Decision] = effecting(lambda book, item, effects: act(book, item.subject, effects))
    return await in_turn(tx, book, items, decide, lambda item: about_case(book, item.subject))


async def on_due_offers(tx: Transaction, items: Sequence[Due], now: datetime, act: Callable[[Book, UUID, Effects], None]) -> list[Decision]:
    """Timers whose subject is an offer."""
    book = await store.load_for_offers(tx, [item.subject for item in items], now)
    decide: Callable[[Book, Due], Decision] = effecting(lambda book, item, effects: act(book, item.subject, effects))
    return await in_turn(tx, book, items, decide, lambda item: about_offer(book, item.subject))


async def in_turn(
    tx: Transaction, book: Book, items: Sequence[Item], decide: Callable[[Book, Item], Decision], about: Callable[[Item], Entry | None]
) -> list[Decision]:
    """Decide each item on what the ones before it left, and save. `about` tells the audit whom it was about."""
    decisions = []
    for item in items:
        decision = decide(book, item)
        entry = about(item)
        decisions.append(decision.about(entry) if entry else decision)
    await store.save(tx, book)
    return decisions


def about_case(book: Book, case_id: UUID, by: By | None = None) -> Entry | None:
    """Whose case this is, and what gives `by` a say in it."""
    case = book.cases.get(case_id)
    if case is None:
        return None
    relation = None if by is None else "holds" if case.coordinator_id == by.worker_id else "zone" if case.zone in by.leads else None
    return Entry(case.person_id, case.id, None, case.zone, relation)


def about_offer(book: Book, offer_id: UUID, by: UUID | None = None) -> Entry | None:
    """Whose case is offered, and whether it is to `by`."""
    offer = book.offers.get(offer_id)
    if offer is None:
        return None
    case = book.cases[offer.case_id]
    return Entry(case.person_id, case.id, offer.id, case.zone, "offered" if offer.coordinator_id == by else None)


def about_person(book: Book, person_id: UUID) -> Entry:
    """The person, with the case that is open."""
    case = book.open_cases.get(person_id)
    return Entry(person_id, case.id, None, case.zone) if case else Entry(person_id)


def effecting(act: Callable[[Book, Cause, Effects], None]) -> Callable[[Book, Cause], Decision]:
    """What an event or a timer brings about, as a decision: nobody waits for an answer."""

    def decide(book: Book, item: Cause) -> Decision:
        effects = Effects(item.id)
        act(book, item, effects)
        return effects.decision()

    return decide
