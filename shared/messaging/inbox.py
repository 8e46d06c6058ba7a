"""Which events this service already has. Claimed in the transaction that handles them: both happen or neither."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from uuid import UUID

from shared.db import Transaction
from shared.retention.table import period

KEEP_DAYS = period("inbox").days  # longer than any topic keeps its records


async def claim(tx: Transaction, events: Sequence[tuple[UUID, datetime]]) -> set[UUID]:
    """Claim events by id and time of recording; returns those that nobody claimed before. Repeats within the batch count once.

    In one order, so that two batches claiming the same events never deadlock.
    """
    ordered = sorted(events)
    rows = await tx.fetch(
        """insert into inbox (event_id, day) select * from unnest($1::uuid[], $2::date[]) on conflict do nothing returning event_id""",
        [id for id, _ in ordered],
        [at.astimezone(UTC).date() for _, at in ordered],
    )
    return {row["event_id"] for row in rows}


async def keep_partitions(tx: Transaction, today: date) -> None:
    """Make tomorrow's partitions and drop those that no topic can repeat any more."""
    await tx.execute("select keep_partitions($1, $2)", today, KEEP_DAYS)
