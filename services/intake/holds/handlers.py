"""Use cases of legal holds. Each: load, decide, save."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.intake.erasures import store as erasures
from services.intake.matches import store as questions
from services.intake.persons import joined
from shared.db import Transaction
from shared.events.intake import HoldLifted, HoldSet
from shared.items import Decision, Entry, Refusal
from shared.retention import holds

NOT_FOUND = Decision(refusal=Refusal("person_not_found", status=404))
SEVERAL = Decision(refusal=Refusal("several_persons"))


@dataclass(frozen=True, slots=True)
class ChangeHold:
    """Keep everything about a person, whatever the periods say, or no longer. `named`: the person's id, a referral's id or reference, or a case's
    reference."""

    named: str
    keep: bool


async def change(tx: Transaction, items: Sequence[ChangeHold], now: datetime) -> list[Decision]:
    """Set or lift holds, and tell the other services. What is so already stays so."""
    await questions.one_at_a_time(tx)  # not while somebody is being erased
    return [await _change(tx, item, now) for item in items]


async def _change(tx: Transaction, item: ChangeHold, now: datetime) -> Decision:
    named = await erasures.persons_named(tx, item.named)
    if len(named) != 1:
        return SEVERAL if named else NOT_FOUND
    (person_id,) = named
    ids = [person_id, *await joined.former(tx, [person_id])]  # what stood under a former id is kept and let go of with the rest
    if item.keep:
        await holds.hold(tx, ids, now)
    else:
        await holds.release(tx, ids)
    told = HoldSet if item.keep else HoldLifted
    events = tuple(told(person_id=id) for id in ids)
    entry = Entry(person_id, action="holds.set_hold" if item.keep else "holds.lift_hold")
    return Decision(answer={"person_id": str(person_id), "held": item.keep}, events=events).about(entry)
