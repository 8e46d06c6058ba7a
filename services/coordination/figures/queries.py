"""SQL of the figures of a zone. Reads only; no person and no case can be told from what it gives."""

from __future__ import annotations

from datetime import datetime

from services.coordination.figures.domain import Course
from shared.db import Connection


async def courses(connection: Connection, zone: str, since: datetime) -> list[Course]:
    """What became of the cases of a zone that were open at some moment since then."""
    rows = await connection.fetch(
        """select cases.opened_at, cases.closed_at, held.since, held.until
           from cases
           cross join lateral (
               select coalesce(array_agg(answered_at order by answered_at), '{}') as since,
                      coalesce(array_agg(ended_at order by answered_at), '{}') as until
               from offers where case_id = cases.id and status in ('accepted', 'ended')) held
           where cases.zone = $1 and (cases.closed_at is null or cases.closed_at >= $2)""",
        zone,
        since,
    )
    return [Course(row["opened_at"], tuple(zip(row["since"], row["until"], strict=True)), row["closed_at"]) for row in rows]
