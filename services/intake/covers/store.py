"""SQL of who stands in for whom. Who asks is matched with it by the database (see the migration `who_sees`)."""

from __future__ import annotations

from collections.abc import Sequence

from shared.db import Transaction
from shared.events.coordination import WorkerCovered


async def save(tx: Transaction, told: Sequence[WorkerCovered]) -> None:
    """Keep who stands in for these workers at these times; the last word about the same times counts."""
    last = list({(each.coordinator_id, each.starts_at, each.ends_at): each for each in told}.values())
    times = [each.coordinator_id for each in last], [each.starts_at for each in last], [each.ends_at for each in last]
    await tx.execute(
        """delete from covers using unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[]) as told(coordinator_id, starts_at, ends_at)
           where covers.coordinator_id = told.coordinator_id and covers.starts_at = told.starts_at and covers.ends_at = told.ends_at""",
        *times,
    )
    await tx.execute(
        """insert into covers (coordinator_id, starts_at, ends_at, substitute_id)
           select * from unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::uuid[]) as told(coordinator_id, starts_at, ends_at, substitute_id)
           where substitute_id is not null""",
        *times,
        [each.substitute_id for each in last],
    )
