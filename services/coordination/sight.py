"""One case as who asks may see it, for the pages and the API of every noun."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from shared.access.rules import Facts
from shared.web.call import Call


def facts_of(row: Mapping[str, Any], asker: UUID) -> Facts:
    """The facts of a row as `queries.case_seen` gives it to who asks."""
    return Facts(
        zones=frozenset({row["zone"]}),
        holder_id=row["coordinator_id"],
        offered_to=row["offered_to"],
        covered_by=frozenset({asker} if row["covered"] else ()),
    )


def in_zone(code: str) -> Facts:
    """The facts of what belongs to a zone."""
    return Facts(zones=frozenset({code}))


def undo_window(call: Call) -> timedelta:
    """How long an answer can be taken back."""
    return timedelta(minutes=call.kernel.settings.undo_minutes)
