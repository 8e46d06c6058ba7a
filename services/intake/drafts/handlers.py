"""Use cases of drafts: save what was typed so far, throw it away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import orjson

from services.intake.drafts import store
from services.intake.drafts.store import Draft
from services.intake.records import store as records
from services.intake.records.domain import Record
from shared.db import Transaction
from shared.items import Decision, Refusal
from shared.retention.table import period

KEPT = timedelta(days=period("drafts").days)  # after the last change; then they go at night
NOT_FOUND = Decision(refusal=Refusal("not_found", status=404))
ALREADY_SENT = Decision(refusal=Refusal("already_sent"))


@dataclass(frozen=True, slots=True)
class SaveDraft:
    """Keep what was typed: by field name, as it was typed, right or wrong."""

    id: UUID
    sender_id: UUID
    sender_organisation_id: UUID
    typed: dict[str, str | list[str]]


@dataclass(frozen=True, slots=True)
class DiscardDraft:
    """Throw a draft away, with what was typed."""

    id: UUID
    sender_organisation_id: UUID


async def save_draft(tx: Transaction, items: Sequence[SaveDraft], now: datetime) -> list[Decision]:
    known = await store.load(tx, [item.id for item in items])
    sent = await store.sent(tx, [item.id for item in items])
    saved: dict[UUID, Draft] = {}
    typed: list[Record] = []
    decisions: list[Decision] = []
    for item in items:
        draft = known.get(item.id)
        if item.id in sent:
            decisions.append(ALREADY_SENT)  # a page left open in another tab
        elif draft and draft.sender_organisation_id != item.sender_organisation_id:
            decisions.append(NOT_FOUND)
        else:
            saved[item.id] = Draft(item.id, item.sender_id, item.sender_organisation_id, now)
            typed.append(Record(item.id, None, item.id, "draft", orjson.dumps(item.typed).decode(), now))
            decisions.append(Decision(answer={"id": str(item.id)}))
    await store.save(tx, list(saved.values()))
    await records.save(tx, typed)
    return decisions


async def discard_draft(tx: Transaction, items: Sequence[DiscardDraft], now: datetime) -> list[Decision]:
    known = await store.load(tx, [item.id for item in items])
    gone = [item.id for item in items if item.id in known and known[item.id].sender_organisation_id == item.sender_organisation_id]
    await store.remove(tx, gone)
    await records.discard(tx, gone)
    return [Decision(answer={"id": str(item.id)}) if item.id in gone else NOT_FOUND for item in items]
