"""SQL of care teams: what a batch needs, in sets; and back, only what changed. The zone's row is locked before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any
from uuid import UUID

import asyncpg

from services.coordination.team.domain import CareTeams, Member
from shared.db import Connection, Transaction
from shared.items import Shelf

COLUMNS = tuple(field.name for field in fields(Member))


async def load(tx: Transaction, cases: Sequence[UUID]) -> CareTeams:
    """Who is in the care teams of these cases now, and of which cases nothing may be shared."""
    rows = await tx.fetch("select * from care_team where case_id = any($1::uuid[]) and left_at is null", cases)
    without = await tx.fetch("select id from cases where id = any($1::uuid[]) and consent_withdrawn_at is not null", cases)
    return CareTeams(Shelf.of([member_from(row) for row in rows]), frozenset(row["id"] for row in without))


async def save(tx: Transaction, changed: Sequence[Member]) -> None:
    """Write who came in and who left."""
    await tx.executemany(
        """insert into care_team (id, case_id, member_id, organisation_id, care_role, sees, joined_at, joined_by, left_at, left_by)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
           on conflict (id) do update set left_at = excluded.left_at, left_by = excluded.left_by""",
        [tuple(getattr(member, name) for name in COLUMNS) for member in changed],
    )


async def of_case(connection: Connection, case_id: UUID) -> list[Member]:
    """Everybody who is or was in the care team of a case, the first one first."""
    rows = await connection.fetch("select * from care_team where case_id = $1 order by joined_at, id", case_id)
    return [member_from(row) for row in rows]


async def erase(tx: Transaction, persons: Sequence[UUID]) -> None:
    """Forget who was around these persons."""
    await tx.execute("delete from care_team using cases where cases.id = case_id and person_id = any($1::uuid[])", persons)


def member_from(row: asyncpg.Record) -> Member:
    """A member out of a row."""
    values: dict[str, Any] = {name: row[name] for name in COLUMNS}
    return Member(**values | {"sees": tuple(row["sees"])})
