"""Use cases of drafts: save what was typed so far, throw it away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import orjson

from services.intake.drafts import store
from services.intake.drafts.domain import is_bound
from services.intake.drafts.store import Draft, Owned
from services.intake.keys.secrets import index_key
from services.intake.records import store as records
from services.intake.records.domain import Record
from shared.access.rules import Action, Asking, Ground, may, organisation
from shared.db import Transaction
from shared.items import Decision, Entry, Refusal
from shared.retention.table import period

KEPT = timedelta(days=period("drafts").days)  # after the last change; then they go at night
NOT_FOUND = Decision(refusal=Refusal("not_found", status=404))
ALREADY_SENT = Decision(refusal=Refusal("already_sent"))


@dataclass(frozen=True, slots=True)
class SaveDraft:
    """Keep what was typed: by field name, as it was typed, right or wrong."""

    id: UUID
    by: Asking
    typed: dict[str, str | list[str]]


@dataclass(frozen=True, slots=True)
class DiscardDraft:
    """Throw a draft away, with what was typed."""

    id: UUID
    by: Asking


async def save_draft(tx: Transaction, items: Sequence[SaveDraft], now: datetime) -> list[Decision]:
    bound = _bound(items)
    ids = [id for id, _ in bound]
    known, sent = await store.load(tx, ids), await store.sent(tx, ids)
    saved: dict[UUID, Draft] = {}
    typed: list[Record] = []
    decisions: list[Decision] = []
    for item in items:
        own = Draft(item.id, item.by.id, organisation(item.by), now)
        ground = may(item.by, Action.WRITE_REFERRAL, (sent.get(item.id) or known.get(item.id) or own).facts)
        about = Entry(subject=item.id, relation=ground.relation)
        if not ground or (item.id, own.sender_organisation_id) not in bound:  # another's: whether it exists is not told
            decisions.append(NOT_FOUND.about(Entry(subject=item.id)))
        elif item.id in sent:
            decisions.append(ALREADY_SENT.about(about))  # a page left open in another tab
        else:
            saved[item.id] = own
            typed.append(Record(item.id, None, item.id, "draft", orjson.dumps(item.typed).decode(), now))
            decisions.append(Decision(answer={"id": str(item.id)}).about(about))
    await store.save(tx, list(saved.values()))
    await records.save(tx, typed)
    return decisions


async def discard_draft(tx: Transaction, items: Sequence[DiscardDraft], now: datetime) -> list[Decision]:
    known = await store.load(tx, [id for id, _ in _bound(items)])
    grounds = {item: may(item.by, Action.WRITE_REFERRAL, known[item.id].facts) for item in items if item.id in known}
    gone = [item.id for item, ground in grounds.items() if ground]
    await store.remove(tx, gone)
    await records.discard(tx, gone)
    return [_discarded(item, grounds.get(item)) for item in items]


def _bound(items: Sequence[SaveDraft] | Sequence[DiscardDraft]) -> set[Owned]:
    """The ids that belong to the organisation of who sends them: nothing is looked up of any other."""
    return {(item.id, whose) for item in items if is_bound(item.id, whose := organisation(item.by), index_key())}


def _discarded(item: DiscardDraft, ground: Ground | None) -> Decision:
    if ground is None:
        return NOT_FOUND.about(Entry(subject=item.id))
    decision = Decision(answer={"id": str(item.id)}) if ground else NOT_FOUND
    return decision.about(Entry(subject=item.id, relation=ground.relation))
