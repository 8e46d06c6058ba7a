"""Use cases of offers. Each: load, decide, save."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.coordination.offers import answers, turns
from services.coordination.offers.answers import AcceptOffer, DeclineOffer, UndoAnswer
from shared.db import Transaction
from shared.items import Decision, Due


async def accept(tx: Transaction, items: Sequence[AcceptOffer], now: datetime) -> list[Decision]:
    """Coordinators take cases; of two answers to one offer the first counts."""
    return await turns.on_offers(tx, items, now, answers.accept)


async def decline(tx: Transaction, items: Sequence[DeclineOffer], now: datetime) -> list[Decision]:
    """Coordinators say no; the reason decides what happens."""
    return await turns.on_offers(tx, items, now, answers.decline)


async def undo(tx: Transaction, items: Sequence[UndoAnswer], now: datetime) -> list[Decision]:
    """Coordinators take an answer back."""
    return await turns.on_offers(tx, items, now, answers.undo)


async def on_offer_deadline(tx: Transaction, items: Sequence[Due], now: datetime) -> list[Decision]:
    """Offers that nobody answered in time go to the next."""
    return await turns.on_due_offers(tx, items, now, answers.expire_due)


async def on_offer_final(tx: Transaction, items: Sequence[Due], now: datetime) -> list[Decision]:
    """Answers that can no longer be undone are told and act."""
    return await turns.on_due_offers(tx, items, now, answers.settle_due)
