"""SQL of broken glasses: who looks without a relation, at whom, until when."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from shared.access.glass import Glass
from shared.db import Connection, Transaction


async def referrals(tx: Transaction, references: Sequence[str]) -> dict[str, asyncpg.Record]:
    """The referrals with these references, by what people call them."""
    rows = await tx.fetch("select id, reference, person_id, zone from referrals where reference = any($1::text[])", references)
    return {row["reference"]: row for row in rows}


async def add(tx: Transaction, broken: Sequence[Glass]) -> None:
    """Write what was broken."""
    await tx.executemany(
        "insert into glass (id, actor_id, person_id, referral_id, reason, broken_at, until) values ($1, $2, $3, $4, $5, $6, $7)",
        [(each.id, each.actor_id, each.person_id, each.referral_id, each.reason, each.broken_at, each.until) for each in broken],
    )


async def read(connection: Connection, id: UUID) -> asyncpg.Record | None:
    """What was broken, and until when."""
    return await connection.fetchrow("select id, referral_id, until from glass where id = $1", id)


async def count(connection: Connection) -> int:
    """How many who asks may see."""
    found: int = await connection.fetchval("select count(*) from glass")
    return found


async def listed(connection: Connection, limit: int | None = 200, offset: int = 0) -> list[asyncpg.Record]:
    """The last that were broken, newest first: who, on whom, until when and why."""
    rows: list[asyncpg.Record] = await connection.fetch(
        """select glass.id, actor_id, person_id, referral_id, reason, broken_at, until from glass order by broken_at desc, id
           limit $1 offset $2""",
        limit,
        offset,
    )
    return rows


async def erase(tx: Transaction, persons: Sequence[UUID]) -> list[UUID]:
    """Forget who broke the glass on these persons; the audit keeps that they did. The ids of what went."""
    return [row["id"] for row in await tx.fetch("delete from glass where person_id = any($1::uuid[]) returning id", persons)]
