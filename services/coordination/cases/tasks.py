"""SQL of what the zone lead is asked to look at."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import asyncpg

from services.coordination.cases.domain import Task
from shared.db import Connection, Transaction


async def insert(tx: Transaction, tasks: Iterable[Task]) -> None:
    rows = [(task.id, task.case_id, task.zone, task.kind, task.owner_id, task.asked_at) for task in tasks]
    if rows:
        await tx.execute(
            """insert into case_tasks (id, case_id, zone, kind, owner_id, asked_at)
               select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::timestamptz[])
               on conflict do nothing""",
            *zip(*rows, strict=True),
        )


async def open_in(connection: Connection, zones: Collection[str]) -> list[asyncpg.Record]:
    rows: list[asyncpg.Record] = await connection.fetch(
        """select case_tasks.*, cases.reference, owner.name as owner from case_tasks join cases on cases.id = case_tasks.case_id
           left join coordinators owner on owner.id = case_tasks.owner_id
           where case_tasks.zone = any($1::text[]) and done_at is null order by asked_at""",
        list(zones),
    )
    return rows
