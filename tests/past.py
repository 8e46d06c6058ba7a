"""A zone's past: cases that came, were held and closed in the weeks before, of which nothing is carried any more."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import UUID

Running = Callable[..., Awaitable[Any]]
CASES = 44  # one every two days: more than twelve weeks


async def a_past(run: Running, zone: str, coordinator: UUID, now: datetime, programme: str = "perinatal", cases: int = CASES) -> None:
    """Write it straight into the tables of coordination; `run` runs a statement."""
    await run(
        """insert into cases (id, reference, person_id, zone, nis, programmes, role, level, languages, interpreter, urgency,
               needs, caring_organisations, received_at, opened_at, points, status, first_weeks, coordinator_id, assigned_at, first_contact_at,
               closed_at, outcome)
           select gen_random_uuid(), 'PAST-' || $1 || '-' || $5 || '-' || n, gen_random_uuid(), $1, '43005', array[$5], 'care_coordinator', 'complex', '{nl}',
               false, 'normal', '{}', '{}', at, at, 400, 'closed', false, $2, at + interval '1 day', at + interval '2 days',
               least(at + interval '1 day' * (3 + n % 40), $3), 'goals_reached'
           from generate_series(1, $4::int) as n, lateral (select $3::timestamptz - interval '1 day' * (8 + n * 2) as at) as came""",
        zone,
        coordinator,
        now,
        cases,
        programme,
    )
    await run(
        """insert into offers (id, case_id, role, coordinator_id, points, offered_at, deadline, status, answered_at, final_at, settled, ended_at)
           select gen_random_uuid(), id, role, $2, points, opened_at, assigned_at, 'ended', assigned_at, assigned_at, true, closed_at
           from cases where zone = $1 and reference like 'PAST-%' and programmes[1] = $3""",
        zone,
        coordinator,
        programme,
    )
