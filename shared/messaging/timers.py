"""Deadlines: rows that fall due, claimed by whichever process is first, handled in the shape of everything else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog

from shared import db
from shared.db import Connection, Transaction
from shared.items import Due
from shared.messaging.crashpoints import crashpoint
from shared.messaging.outbox import Cause
from shared.messaging.parking import RETRY_AFTER, reason_of

if TYPE_CHECKING:
    from shared.messaging.kernel import Kernel

MOST_AT_ONCE = 200

log = structlog.get_logger()


async def fire_due(kernel: Kernel) -> int:
    """Handle timers that fell due in one transaction; those that fail are then handled one by one. Returns how many were taken."""
    try:
        async with kernel.transaction() as tx:
            rows = await _claim(tx, kernel, MOST_AT_ONCE)
            await _handle(kernel, tx, rows)
    except Exception as error:
        if db.will_pass(error):
            raise
        return await _one_by_one(kernel)
    if rows:
        kernel.wake()
    return len(rows)


async def _claim(tx: Transaction, kernel: Kernel, most: int) -> list[Any]:
    rows: list[Any] = await tx.fetch(
        """select * from timers where due_at <= $1 and stopped_because is null and kind = any($2::text[])
           order by due_at, id limit $3 for update skip locked""",
        kernel.now(),
        list(kernel.definition.timers),
        most,
    )
    return rows


async def _handle(kernel: Kernel, tx: Transaction, rows: Sequence[Any]) -> None:
    for kind, group in groupby(sorted(rows, key=lambda row: row["kind"]), key=lambda row: row["kind"]):
        due = [Due(row["id"], row["subject"], row["due_at"], row["correlation_id"]) for row in group]
        await kernel.decide(tx, kernel.definition.timers[kind], due, [Cause(item.correlation_id, item.id) for item in due])
    if rows:
        await tx.execute("delete from timers where id = any($1::uuid[])", [row["id"] for row in rows])
        crashpoint("timers-mid-transaction")


async def _one_by_one(kernel: Kernel) -> int:
    for count in range(MOST_AT_ONCE):
        row = None
        try:
            async with kernel.transaction() as tx:
                rows = await _claim(tx, kernel, 1)
                if not rows:
                    return count
                row = rows[0]
                await _handle(kernel, tx, rows)
        except Exception as error:
            if row is None or db.will_pass(error):
                raise
            await _postpone(kernel, row, reason_of(error))
    return MOST_AT_ONCE


async def _postpone(kernel: Kernel, row: Any, reason: str) -> None:
    tries = row["tries"]
    stopped = reason if tries >= len(RETRY_AFTER) else None
    due_at = row["due_at"] if stopped else kernel.now() + RETRY_AFTER[tries]
    log.warning("timer_failed", service=kernel.service, kind=row["kind"], timer_id=str(row["id"]), reason=reason)
    async with kernel.transaction() as tx:
        await tx.execute(
            "update timers set tries = $2, due_at = $3, stopped_because = $4 where id = $1 and tries = $2 - 1",
            row["id"],
            tries + 1,
            due_at,
            stopped,
        )


async def count_stopped(connection: Connection) -> int:
    """How many timers failed too often."""
    found: int = await connection.fetchval("select count(*) from timers where stopped_because is not null")
    return found


async def stopped(connection: Connection, limit: int = 200) -> list[dict[str, Any]]:
    """Timers that failed too often and wait for a person, those that were due first before."""
    rows = await connection.fetch(
        """select id, kind, subject, due_at, tries, stopped_because as reason from timers
           where stopped_because is not null order by due_at, id limit $1""",
        limit,
    )
    return [dict(row) for row in rows]


async def replay(tx: Transaction, id: UUID, now: datetime) -> bool:
    """A person asks for another try now; returns whether there was such a timer."""
    found = await tx.fetchval(
        "update timers set tries = 0, due_at = $2, stopped_because = null where id = $1 and stopped_because is not null returning id",
        id,
        now,
    )
    return found is not None
