"""SQL of what people see of tasks. Reads only."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

import asyncpg

from shared.db import Connection


async def tasks_in(connection: Connection, zones: Collection[str], *, done: bool = False) -> list[asyncpg.Record]:
    """What is still to be looked at in these zones, the oldest first; with `done` what was, the latest first."""
    rows: list[asyncpg.Record] = await connection.fetch(
        """select case_tasks.*, cases.reference, owner.name as owner, doer.name as doer
           from case_tasks join cases on cases.id = case_tasks.case_id
           left join coordinators owner on owner.id = case_tasks.owner_id
           left join coordinators doer on doer.id = case_tasks.done_by
           where case_tasks.zone = any($1::text[]) and (done_at is not null) = $2
           order by done_at desc, asked_at, case_tasks.id limit 500""",
        list(zones),
        done,
    )
    return rows


async def tasks_of(connection: Connection, case_id: UUID) -> list[asyncpg.Record]:
    """All tasks about one case."""
    rows: list[asyncpg.Record] = await connection.fetch(
        """select case_tasks.*, doer.name as doer from case_tasks left join coordinators doer on doer.id = case_tasks.done_by
           where case_id = $1 order by asked_at, case_tasks.id""",
        case_id,
    )
    return rows
