"""SQL of who covers which case. Who asks is matched with it by the database (see the migration `who_sees`)."""

from __future__ import annotations

from collections.abc import Sequence

from shared.db import Transaction
from shared.events.coordination import CasesCovered


async def save(tx: Transaction, told: Sequence[CasesCovered]) -> None:
    """Keep which cases these covers have in these leaves; the last word about the same leave and cover counts."""
    last = list({(each.leave_id, each.cover_id): each for each in told}.values())
    await tx.execute(
        """delete from covers using unnest($1::uuid[], $2::uuid[]) as told(leave_id, cover_id)
           where covers.leave_id = told.leave_id and covers.cover_id = told.cover_id""",
        [each.leave_id for each in last],
        [each.cover_id for each in last],
    )
    rows = [(each.leave_id, each.cover_id, case_id, each.starts_at, each.ends_at) for each in last for case_id in each.case_ids]
    if rows:
        await tx.execute(
            """insert into covers (leave_id, cover_id, case_id, starts_at, ends_at)
               select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::timestamptz[], $5::timestamptz[])""",
            *zip(*rows, strict=True),
        )
