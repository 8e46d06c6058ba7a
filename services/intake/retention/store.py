"""SQL of what intake keeps past its period."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from shared.db import Connection


async def old_drafts(connection: Connection, before: datetime, most: int) -> list[UUID]:
    """Drafts that nobody touched since then. They are about nobody yet, so no hold can keep them."""
    return [row["id"] for row in await connection.fetch("select id from drafts where saved_at < $1 order by id limit $2", before, most)]


async def persons_over(
    connection: Connection,
    statuses: Sequence[str],
    before: datetime,
    most: int,
    *,
    refused: datetime,
    withdrawn: datetime,
    closed: datetime,
) -> list[UUID]:
    """Persons whose last news is about a referral in one of these states, before then, while all their other referrals are past their
    period too; but for those under a legal hold."""
    rows = await connection.fetch(
        """select distinct person_id from referrals
           where status = any($1::text[]) and updated_at < $2
             and not exists (select from referrals as other where other.person_id = referrals.person_id and other.updated_at > referrals.updated_at)
             and not exists (
                 select from referrals as other where other.person_id = referrals.person_id and other.updated_at >=
                     case when other.status = 'not_eligible' then $4::timestamptz when other.status in ('withdrawn', 'entered_in_error') then $5
                          when other.status = 'closed' then $6 else '-infinity' end)
             and not exists (select from holds where holds.person_id = referrals.person_id)
             and not exists (select from joined join holds on holds.person_id = gone where stays = referrals.person_id)
           limit $3""",
        statuses,
        before,
        most,
        refused,
        withdrawn,
        closed,
    )
    return [row["person_id"] for row in rows]
