"""Use cases of the workforce. Each: load, decide, save, all under the rows of the zones it touches."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.coordination.offers import store as offer_rows
from services.coordination.offers.domain import Effects
from services.coordination.workforce import store
from services.coordination.workforce.changes import ImportWorkforce, changed_workers, differing, keeping_absences, timers_of
from shared.db import Transaction
from shared.items import Decision, Due
from shared.working_time import BRUSSELS


async def import_workforce(tx: Transaction, items: Sequence[ImportWorkforce], now: datetime) -> list[Decision]:
    """Add or change workers; capacity may have grown, so the waiting cases of their zones are served."""
    return [await _import_one(tx, item, now) for item in items]


async def on_worker_turns(tx: Transaction, items: Sequence[Due], now: datetime) -> list[Decision]:
    """A leave begins or ends, or a first year is over."""
    return [await _look_again(tx, item, now) for item in items]


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
        book = await offer_rows.load_for_workers(tx, [worker.id for worker in changed], zones, now)
        served = changed_workers(book, changed, today, effects)
        await offer_rows.save(tx, book)
        effects.timers.extend(timer for worker in changed for timer in timers_of(worker, today))
    added = sum(worker.id not in old for worker in changed)
    return effects.decision({"added": added, "changed": len(changed) - added, "unchanged": len(ids) - len(changed), "served": served})


async def _look_again(tx: Transaction, item: Due, now: datetime) -> Decision:
    today = now.astimezone(BRUSSELS).date()
    zones = sorted(await store.zones_of_workers(tx, [item.subject]))
    await offer_rows.open_book(tx, zones, now, [item.subject])
    effects = Effects(item.id)
    for worker in await store.workers(tx, [item.subject]):
        await store.upsert(tx, [worker], today, {})
        book = await offer_rows.load_for_workers(tx, [worker.id], zones, now)
        changed_workers(book, [worker], today, effects)
        await offer_rows.save(tx, book)
    return effects.decision()
