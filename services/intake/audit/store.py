"""SQL of whose file an audit is asked about. Who may see the audit may not see referrals: the functions give ids only (see the migration
`who_sees`)."""

from __future__ import annotations

from uuid import UUID

import asyncpg

from shared.db import Connection


async def person_of(connection: Connection, reference: str) -> UUID | None:
    """The person of a referral or case, by its reference."""
    found: UUID | None = await connection.fetchval("select audited_person($1)", reference)
    return found


async def referrals_of(connection: Connection, person_id: UUID) -> list[asyncpg.Record]:
    """The referrals of a person, with their cases."""
    rows: list[asyncpg.Record] = await connection.fetch("select id, reference, case_id from audited_referrals($1)", person_id)
    return rows
