"""Use cases of the workforce. Each: load, decide, save, all under the rows of the zones it touches."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from services.coordination.cases import store as case_rows
from services.coordination.offers import loads
from services.coordination.offers import store as offer_rows
from services.coordination.offers.domain import Book, Effects, refused
from services.coordination.workforce import store
from services.coordination.workforce.changes import (
    NOT_FOUND,
    ImportWorkforce,
    SetAbsence,
    changed_workers,
    covered,
    differing,
    keeping_absences,
    refused_absence,
    timers_of,
)
from shared.access.rules import COORDINATOR, Somebody
from shared.db import Transaction
from shared.items import Decision, Due
from shared.working_time import BRUSSELS


async def import_workforce(tx: Transaction, items: Sequence[ImportWorkforce], now: datetime) -> list[Decision]:
    """Add or change workers; capacity may have grown, so the waiting cases of their zones are served."""
    return [await _import_one(tx, item, now) for item in items]


async def set_absence(tx: Transaction, items: Sequence[SetAbsence], now: datetime) -> list[Decision]:
    """Note that a worker is away; a leave that has begun takes the unanswered offers away at once."""
    return [await _set_absence(tx, item, now) for item in items]


async def on_worker_turns(tx: Transaction, items: Sequence[Due], now: datetime) -> list[Decision]:
    """A leave begins or ends, or a first year is over."""
    return [await _look_again(tx, item, now) for item in items]


async def on_absence_asked(tx: Transaction, items: Sequence[Due], now: datetime) -> list[Decision]:
    """Somebody declined for being away soon and gave the days: they become an absence."""
    asked = await store.asked_absences(tx, [item.subject for item in items])
    decisions = []
    for item in items:
        if item.subject not in asked:
            decisions.append(Decision())
            continue
        worker_id, days = asked[item.subject]
        decision = await _set_absence(tx, SetAbsence(item.id, worker_id, days, Somebody(worker_id, frozenset({COORDINATOR}))), now)
        decisions.append(Decision(events=decision.events, timers=decision.timers))
    return decisions


async def _import_one(tx: Transaction, item: ImportWorkforce, now: datetime) -> Decision:
    today = now.astimezone(BRUSSELS).date()
    ids = [worker.id for worker in item.workers]
    zones = sorted(await store.zones_of_workers(tx, ids) | {zone for worker in item.workers for zone in worker.zones})
    await offer_rows.open_book(tx, zones, now, ids)
    old = {worker.id: worker for worker in await store.workers(tx, ids)}
    changed = differing(old, keeping_absences(old, item.workers))
    effects = Effects(item.id)
    served = 0
    if changed:
        await store.upsert(tx, changed, today, item.organisations)
        await store.renew_teams(tx, zones, now)
        book = await _load(tx, [worker.id for worker in changed], zones, now)
        served = changed_workers(book, changed, today, effects)
        await offer_rows.save(tx, book)
        effects.timers.extend(timer for worker in changed for timer in timers_of(worker, today))
    added = sum(worker.id not in old for worker in changed)
    return effects.decision({"added": added, "changed": len(changed) - added, "unchanged": len(ids) - len(changed), "served": served})


async def _set_absence(tx: Transaction, item: SetAbsence, now: datetime) -> Decision:
    today = now.astimezone(BRUSSELS).date()
    zones = sorted(await store.zones_of_workers(tx, [item.worker_id]))
    await offer_rows.open_book(tx, zones, now, [item.worker_id])
    worker = next(iter(await store.workers(tx, [item.worker_id])), None)
    if worker is None:
        return refused(NOT_FOUND)
    substitute = next(iter(await store.workers(tx, [item.absence.substitute_id])), None) if item.absence.substitute_id else None
    if refusal := refused_absence(worker, item, substitute):
        return refused(refusal)
    change = store.remove_absences if item.gone else store.add_absences
    await change(tx, [(worker.id, item.absence)])
    await store.renew_teams(tx, zones, now)
    effects = Effects(item.id)
    effects.events.extend(covered(worker, item))
    worker = next(iter(await store.workers(tx, [worker.id])))
    book = await _load(tx, [worker.id], zones, now)
    changed_workers(book, [worker], today, effects)
    await offer_rows.save(tx, book)
    effects.timers.extend(timers_of(worker, today))
    return effects.decision({"worker_id": str(worker.id), "away_today": worker.on_leave(today)})


async def _look_again(tx: Transaction, item: Due, now: datetime) -> Decision:
    today = now.astimezone(BRUSSELS).date()
    zones = sorted(await store.zones_of_workers(tx, [item.subject]))
    await offer_rows.open_book(tx, zones, now, [item.subject])
    effects = Effects(item.id)
    for worker in await store.workers(tx, [item.subject]):
        await store.upsert(tx, [worker], today, {})
        book = await _load(tx, [worker.id], zones, now)
        changed_workers(book, [worker], today, effects)
        await offer_rows.save(tx, book)
    return effects.decision()


async def _load(tx: Transaction, worker_ids: Collection[UUID], zones: Sequence[str], now: datetime) -> Book:
    """The zones with all that waits, and all that these workers hold or are offered, also elsewhere."""
    book = await offer_rows.open_book(tx, zones, now)
    await offer_rows.bring_cases(tx, book, await case_rows.cases_with(tx, worker_ids))
    await offer_rows.bring_waiting(tx, book)
    await loads.bring(tx, book)
    return book
