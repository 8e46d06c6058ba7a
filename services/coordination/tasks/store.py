"""SQL of marking tasks done. New tasks are written with the book that asks for them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from services.coordination.tasks.domain import Task
from shared.db import Transaction
from shared.items import Shelf


async def lock(tx: Transaction, ids: Collection[UUID]) -> Shelf[Task]:
    """Lock tasks in id order."""
    rows = await tx.fetch(
        """select id, case_id, zone, kind, owner_id, asked_at, done_at, done_by from case_tasks
           where id = any($1::uuid[]) order by id for update""",
        list(ids),
    )
    return Shelf.of([Task(*row) for row in rows])


async def save_done(tx: Transaction, done: Sequence[Task]) -> None:
    """Keep who did these and when."""
    if done:
        await tx.execute(
            """update case_tasks set done_at = new.done_at, done_by = new.done_by
               from unnest($1::uuid[], $2::timestamptz[], $3::uuid[]) as new(id, done_at, done_by) where case_tasks.id = new.id""",
            [task.id for task in done],
            [task.done_at for task in done],
            [task.done_by for task in done],
        )
