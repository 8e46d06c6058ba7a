"""How a batch of items is worked through, once for cases and offers: their book is loaded, each is decided in turn, the book is saved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar
from uuid import UUID

from services.coordination.leave import store as leave_rows
from services.coordination.offers import store
from services.coordination.offers.answers import may_answer
from services.coordination.offers.domain import Book, Effects
from shared.access.rules import Action, Asking
from shared.db import Transaction
from shared.items import Decision, Due, Entry
from shared.working_time import BRUSSELS


class AnItem(Protocol):
    """A command, an event or a timer."""

    @property
    def id(self) -> UUID: ...


class AboutCase(Protocol):
    """A command that names its case."""

    @property
    def case_id(self) -> UUID: ...
    @property
    def by(self) -> Asking: ...


class AboutOffer(Protocol):
    """A command that names its offer."""

    @property
    def offer_id(self) -> UUID: ...
    @property
    def by(self) -> Asking: ...


Item = TypeVar("Item")
Cause = TypeVar("Cause", bound=AnItem)
OnCase = TypeVar("OnCase", bound=AboutCase)
OnOffer = TypeVar("OnOffer", bound=AboutOffer)


async def on_cases(
    tx: Transaction, items: Sequence[OnCase], now: datetime, action: Action, decide: Callable[[Book, OnCase], Decision]
) -> list[Decision]:
    """Commands of people about cases."""
    book = await load_for_people(tx, [item.case_id for item in items], now)

    def judge(book: Book, item: OnCase) -> Decision:
        entry = case_as_it_stands(book, item.case_id, item.by, action)
        return _told(decide(book, item), entry)

    return await in_turn(tx, book, items, judge)


async def load_for_people(tx: Transaction, cases: Sequence[UUID], now: datetime) -> Book:
    """A book of cases that people act on: it knows who cover them today."""
    book = await store.load_for_cases(tx, cases, now)
    book.covers = await leave_rows.covers_on(tx, cases, now.astimezone(BRUSSELS).date())
    return book


async def on_offers(
    tx: Transaction, items: Sequence[OnOffer], now: datetime, decide: Callable[[Book, OnOffer], Decision]
) -> list[Decision]:
    """Commands of people about offers."""
    book = await store.load_for_offers(tx, [item.offer_id for item in items], now)
    return await in_turn(tx, book, items, decide, lambda item: about_offer(book, item.offer_id, item.by))


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
    tx: Transaction,
    book: Book,
    items: Sequence[Item],
    decide: Callable[[Book, Item], Decision],
    about: Callable[[Item], Entry | None] = lambda _: None,
) -> list[Decision]:
    """Decide each item on what the ones before it left, and save. `about` tells the audit whom it was about."""
    decisions = [_told(decide(book, item), about(item)) for item in items]
    await store.save(tx, book)
    return decisions


def _told(decision: Decision, entry: Entry | None) -> Decision:
    return decision.about(entry) if entry else decision


def case_as_it_stands(book: Book, case_id: UUID, by: Asking, action: Action) -> Entry | None:
    """Whose case this is, and the ground on which somebody may do this to it before it is done."""
    case = book.cases.get(case_id)
    return None if case is None else Entry(case.person_id, case.id, None, case.zone, book.may(by, action, case).relation)


def about_case(book: Book, case_id: UUID) -> Entry | None:
    """Whose case this is."""
    case = book.cases.get(case_id)
    return None if case is None else Entry(case.person_id, case.id, None, case.zone)


def about_offer(book: Book, offer_id: UUID, by: Asking | None = None) -> Entry | None:
    """Whose case is offered, and whether it is to `by`."""
    offer = book.offers.get(offer_id)
    if offer is None:
        return None
    case = book.cases[offer.case_id]
    return Entry(case.person_id, case.id, offer.id, case.zone, None if by is None else may_answer(offer, by).relation)


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
