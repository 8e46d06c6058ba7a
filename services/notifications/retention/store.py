"""SQL of messages past their period."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from shared.db import Connection, Transaction
from shared.items import Decision


async def old_messages(connection: Connection, before: datetime, most: int) -> Sequence[Any]:
    """Messages that ended before then and still say about what, but for those about persons under a legal hold."""
    rows = await connection.fetch(
        """select id from messages where ended_at < $1 and not (reference = '' and case_id is null)
             and not exists (select from holds where pseudonym = person) limit $2""",
        before,
        most,
    )
    return [row["id"] for row in rows]


async def strip(tx: Transaction, found: Sequence[Any], now: datetime) -> Decision:
    """Leave of a message what the count of acceptances needs: of which referral its sender was told, and when."""
    await tx.execute(
        """update messages set reference = '', case_id = null, person = null, reason = null, attempts = '[]',
                  referral_id = case when kind = 'received' then referral_id end
           where id = any($1::uuid[])""",
        found,
    )
    return Decision()
