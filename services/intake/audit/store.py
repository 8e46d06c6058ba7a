"""SQL of whose file an audit is asked about."""

from __future__ import annotations

from uuid import UUID

import asyncpg

from shared.db import Connection


async def person_of(connection: Connection, reference: str) -> UUID | None:
    """The person of a referral or case, by its reference."""
    found: UUID | None = await connection.fetchval(
        "select person_id from referrals where reference = $1 or case_reference = $1 order by received_at desc limit 1", reference
    )
    return found


async def referrals_of(connection: Connection, person_id: UUID) -> list[asyncpg.Record]:
    """The referrals of a person, with their cases."""
    rows: list[asyncpg.Record] = await connection.fetch(
        "select id, reference, case_id from referrals where person_id = $1 order by received_at", person_id
    )
    return rows
