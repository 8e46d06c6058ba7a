"""A referral that somebody sees, as the audit names it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.access.rules import Ground
from shared.items import Entry


def seen(row: Mapping[str, Any], ground: Ground) -> Entry:
    """The person of a referral, its case and the referral, and on which ground they are shown."""
    return Entry(row["person_id"], row["case_id"], row["id"], row["zone"], ground.relation)
