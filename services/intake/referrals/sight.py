"""A referral that somebody sees, as the audit names it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol
from uuid import UUID

from shared.items import Entry


class Reader(Protocol):
    """Who reads."""

    @property
    def id(self) -> UUID: ...
    @property
    def organisation_id(self) -> UUID | None: ...
    @property
    def zones(self) -> frozenset[str]: ...


def seen(row: Mapping[str, Any], reader: Reader, relation: str | None = None) -> Entry:
    """The person of a referral, its case and the referral. `relation`: what let a worker read; the zone, where another one holds the case."""
    if relation is None:
        relation = "own_organisation" if row["sender_organisation_id"] == (reader.organisation_id or reader.id) else "zone"
    elif relation == "holds" and row["coordinator_id"] != reader.id:
        relation = "zone"
    return Entry(row["person_id"], row["case_id"], row["id"], row["zone"], relation)
