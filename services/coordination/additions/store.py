"""SQL of what senders added to the referrals of cases: ids and times."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from services.coordination.additions.domain import Addition
from shared.db import Connection, Transaction


async def add(tx: Transaction, additions: Sequence[Addition]) -> None:
    """Write new additions."""
    if additions:
        await tx.copy_records_to_table("case_additions", records=additions, columns=Addition._fields)


async def of_case(connection: Connection, case_id: UUID) -> list[Addition]:
    """The additions to a case, oldest first."""
    rows = await connection.fetch(
        "select record_id, case_id, referral_id, added_at, missed from case_additions where case_id = $1 order by added_at, record_id",
        case_id,
    )
    return [Addition(*row) for row in rows]
