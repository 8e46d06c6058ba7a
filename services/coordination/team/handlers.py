"""Use cases of care teams. Each: load, decide, save."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from services.coordination.offers import turns
from services.coordination.offers.domain import Book
from services.coordination.team import domain, store
from services.coordination.team.domain import AddMember, CareTeams, RemoveMember
from shared.access.rules import Action
from shared.db import Transaction
from shared.items import Decision

Item = TypeVar("Item", AddMember, RemoveMember)


async def add_member(tx: Transaction, items: Sequence[AddMember], now: datetime) -> list[Decision]:
    """Providers come into care teams."""
    return await _in_turn(tx, items, now, domain.add)


async def remove_member(tx: Transaction, items: Sequence[RemoveMember], now: datetime) -> list[Decision]:
    """Providers leave care teams."""
    return await _in_turn(tx, items, now, domain.remove)


async def _in_turn(
    tx: Transaction, items: Sequence[Item], now: datetime, decide: Callable[[Book, CareTeams, Item], Decision]
) -> list[Decision]:
    cases = [item.case_id for item in items]
    book = await turns.load_for_people(tx, cases, now)  # under the rows of the zones: a case cannot close meanwhile
    teams = await store.load(tx, cases)
    decisions = await turns.in_turn(
        tx,
        book,
        items,
        lambda book, item: decide(book, teams, item),
        lambda item: turns.case_as_it_stands(book, item.case_id, item.by, Action.ARRANGE_TEAM),
    )
    await store.save(tx, teams.members.changed())
    return decisions
