"""Breaking the glass. Load, decide, save."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import orjson

from services.intake.glass import store
from services.intake.glass.domain import BreakGlass
from services.intake.records import store as records
from services.intake.records.domain import Record
from shared.access.glass import EMERGENCY, Glass, glass
from shared.access.rules import Action, may
from shared.db import Transaction
from shared.events.intake import GlassBroken
from shared.items import Decision, Entry, Refusal

NOT_FOUND = Decision(refusal=Refusal("not_found", status=404))


async def break_glass(tx: Transaction, items: Sequence[BreakGlass], now: datetime) -> list[Decision]:
    """Who breaks the glass may look at the person for some hours; the privacy officer hears it at once."""
    known = await store.referrals(tx, [item.asked.reference for item in items])
    broken: list[Glass] = []
    told: list[Record] = []
    decisions = []
    for item in items:
        row = known.get(item.asked.reference)
        if row is None or not (ground := may(item.by, Action.BREAK_GLASS)):
            decisions.append(NOT_FOUND)
            continue
        new = glass(item.id, item.by, row["person_id"], row["id"], item.asked.reason, now)
        broken.append(new)
        told.append(Record(item.note_id, row["person_id"], row["id"], "glass", orjson.dumps({"text": item.asked.text}).decode(), now))
        event = GlassBroken(
            person_id=new.person_id,
            referral_id=new.referral_id,
            reference=row["reference"],
            zone=row["zone"],
            actor_id=new.actor_id,
            reason=new.reason,
            until=new.until,
        )
        about = Entry(new.person_id, None, new.referral_id, row["zone"], ground.relation, purpose=EMERGENCY)
        # kept with the key of who sends it again: it names nobody, and goes with the person
        decisions.append(Decision({"id": str(new.id)}, (event,)).about(about))
    await store.add(tx, broken)
    await records.save(tx, told)
    return decisions
