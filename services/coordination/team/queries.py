"""SQL of the cases in whose care team somebody is. Reads only; who may see what is part of the question."""

from __future__ import annotations

from uuid import UUID

import asyncpg

from shared.access.rules import Bounds
from shared.db import Connection


async def teams_seen(connection: Connection, bounds: Bounds) -> list[asyncpg.Record]:
    """The open cases in whose care team who asks is, the latest first: only what a member may know of them (see the migration `care_team`)."""
    rows: list[asyncpg.Record] = await connection.fetch(
        """select mine.*, coordinators.name as coordinator from my_teams() as mine
           left join coordinators on coordinators.id = mine.coordinator_id
           where member_id = $1 order by joined_at desc, mine.id limit 200""",
        bounds.team,
    )
    return rows


async def team_seen(connection: Connection, bounds: Bounds, case_id: UUID) -> asyncpg.Record | None:
    """One of these."""
    return next((row for row in await teams_seen(connection, bounds) if row["id"] == case_id), None)
