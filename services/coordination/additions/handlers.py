"""Noting what senders add. Load, decide, save."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.coordination.additions import domain, store
from services.coordination.cases import store as case_rows
from services.coordination.leave import store as leave_rows
from services.coordination.offers import store as offer_rows
from services.coordination.sharing import store as sharing
from services.coordination.sharing.domain import late
from shared.db import Transaction
from shared.events.intake import InformationAdded
from shared.items import Decision, Entry, Received
from shared.working_time import BRUSSELS


async def on_information_added(tx: Transaction, items: Sequence[Received[InformationAdded]], now: datetime) -> list[Decision]:
    """Note on the case what its sender added, and tell who has the case; a closed case says so to the sender."""
    erased = await sharing.erased(tx, [item.event.person_id for item in items])
    await sharing.discard(tx, [item.event.person_id for item in items if item.event.person_id in erased])
    cases = await case_rows.cases_of_referrals(tx, [item.event.referral_id for item in items])
    book = await offer_rows.load_for_cases(tx, cases, now)  # under the rows of the zones: a case cannot close meanwhile
    book.covers = await leave_rows.covers_on(tx, cases, now.astimezone(BRUSSELS).date())
    noted = [None if item.event.person_id in erased else domain.note(book, item) for item in items]
    await store.add(tx, [each[0] for each in noted if each])
    return [
        Decision(events=(each[1],)).about(Entry(item.event.person_id, each[0].case_id, item.event.referral_id))
        if each
        else Decision(entries=(late(item),) if item.event.person_id in erased else ())
        for item, each in zip(items, noted, strict=True)
    ]
