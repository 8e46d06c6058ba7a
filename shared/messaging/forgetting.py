"""What the kernel itself holds about a person, overwritten: published events, parked ones, timers, answers. Ids of events stay."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from shared.db import Transaction

ROUND_ABOUT = timedelta(minutes=1)  # a key is claimed a moment before the row that its command makes


async def forget(tx: Transaction, persons: Sequence[UUID], now: datetime) -> None:
    """Empty the published events of these persons and let nothing come of what is parked about them.

    What is still in the outbox goes out first; who calls this again once others have answered finds it published.
    """
    await tx.execute("update event_log set payload = '' where key = any($1::uuid[]) and payload <> ''", persons)
    await tx.execute(
        """update parked set state = 'discarded', value = null, headers = '{}', next_try_at = null, changed_at = $2
           where key = any($1::uuid[]) and (state <> 'discarded' or value is not null)""",
        persons,
        now,
    )


async def drop_timers(tx: Transaction, subjects: Sequence[UUID]) -> None:
    """Nothing falls due about these any more."""
    if subjects:
        await tx.execute("delete from timers where subject = any($1::uuid[])", subjects)


async def drop_answers(tx: Transaction, ids: Sequence[UUID], since: datetime) -> None:
    """Forget the answers of repeatable commands that name these ids and are not older than `since`.

    Who repeats such a command is told that the key was used for another one.
    """
    if ids:
        await tx.execute(
            """update idempotency set answer = null, request_hash = ''
               where created_at >= $2 and (answer->>'id' = any($1::text[]) or answer->>'person_id' = any($1::text[]))""",
            [str(id) for id in ids],
            since - ROUND_ABOUT,
        )
