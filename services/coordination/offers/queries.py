"""SQL of what people see of offers. Reads only."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

import asyncpg

from shared.db import Connection


async def offers_to(connection: Connection, coordinator_id: UUID, *, open_only: bool = False) -> list[asyncpg.Record]:
    """What is offered to one coordinator and what they answered lately, with the facts of the case; the nearest deadline first."""
    rows: list[asyncpg.Record] = await connection.fetch(
        """select offers.*, coordinators.name, cases.reference, cases.person_id, cases.zone, cases.nis, cases.programmes, cases.level,
               cases.languages, cases.interpreter, cases.urgency, cases.needs, cases.received_at
           from offers join cases on cases.id = offers.case_id left join coordinators on coordinators.id = offers.coordinator_id
           where offers.coordinator_id = $1 and (offers.status = 'offered' or (not $2 and offers.status <> 'ended'))
           order by offers.status <> 'offered', offers.deadline, offers.id limit 500""",
        coordinator_id,
        open_only,
    )
    return rows


async def undoable(connection: Connection, coordinator_id: UUID) -> list[asyncpg.Record]:
    """Answers that this coordinator can still take back, the newest first."""
    rows: list[asyncpg.Record] = await connection.fetch(
        """select offers.*, cases.reference, cases.person_id, cases.zone from offers join cases on cases.id = offers.case_id
           where offers.coordinator_id = $1 and not settled and answered_at is not null and offers.status in ('accepted', 'declined')
           order by answered_at desc""",
        coordinator_id,
    )
    return rows


async def open_in(connection: Connection, zones: Collection[str]) -> list[asyncpg.Record]:
    """Offers without an answer in these zones."""
    rows: list[asyncpg.Record] = await connection.fetch(
        """select offers.id, offers.deadline, cases.zone, coordinators.name from offers join cases on cases.id = offers.case_id
           left join coordinators on coordinators.id = offers.coordinator_id
           where cases.zone = any($1::text[]) and offers.status = 'offered' order by offers.deadline""",
        list(zones),
    )
    return rows
