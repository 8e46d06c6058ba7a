"""One case as who asks may see it, for the pages and the API of every noun."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from shared.access.rules import Action, Asking, Facts, Ground, may
from shared.items import Entry
from shared.web.call import Call


def facts_of(row: Mapping[str, Any], asker: UUID) -> Facts:
    """The facts of a row as `cases.queries` gives it to who asks."""
    return Facts(
        zones=frozenset({row["zone"]}),
        holder_id=row["coordinator_id"],
        offered_to=row["offered_to"],
        covered_by=frozenset({asker} if row["covered"] else ()),
    )


def as_member(row: Mapping[str, Any], asker: UUID) -> Facts:
    """The facts of a row as `team.queries` gives it to a member of the care team."""
    return Facts(zones=frozenset({row["zone"]}), team=frozenset({asker} if row["member_id"] == asker else ()))


def in_zone(code: str) -> Facts:
    """The facts of what belongs to a zone."""
    return Facts(zones=frozenset({code}))


def seen(row: Mapping[str, Any], ground: Ground) -> Entry:
    """A case that somebody sees on this ground, out of a row of `cases.queries`, as the audit names it."""
    return Entry(row["person_id"], row["id"], None, row["zone"], ground.relation)


def offer_seen(row: Mapping[str, Any], asker: Asking) -> Entry:
    """An offer that somebody sees, out of a row of `offers.queries`, as the audit names it."""
    ground = may(asker, Action.SEE_OFFERS, Facts(zones=frozenset({row["zone"]}), offered_to=row["coordinator_id"]))
    return Entry(row["person_id"], row["case_id"], row["id"], row["zone"], ground.relation)


def undo_window(call: Call) -> timedelta:
    """How long an answer can be taken back."""
    return timedelta(minutes=call.kernel.settings.undo_minutes)
