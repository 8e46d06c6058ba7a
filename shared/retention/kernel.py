"""What the messaging kernel keeps in every service, and lets go of: published events, used keys, the ids of what was handled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from shared.db import Connection, Transaction
from shared.items import Decision
from shared.retention.rounds import Rule


async def old_events(connection: Connection, before: datetime, most: int) -> Sequence[Any]:
    """Published events older than that, but for those about persons under a legal hold."""
    return [
        (row["id"], row["recorded_at"])
        for row in await connection.fetch(
            """select id, recorded_at from event_log where recorded_at < $1 and not exists (select from holds where person_id = key)
               order by id limit $2""",
            before,
            most,
        )
    ]


async def drop_events(tx: Transaction, found: Sequence[Any], now: datetime) -> Decision:
    """Delete published events."""
    await tx.execute(
        """delete from event_log using unnest($1::bigint[], $2::timestamptz[]) as gone(id, recorded_at)
           where event_log.id = gone.id and event_log.recorded_at = gone.recorded_at""",
        *zip(*found, strict=True),
    )
    return Decision()


async def old_keys(connection: Connection, before: datetime, most: int) -> Sequence[Any]:
    """Keys of commands that no client repeats any more."""
    rows = await connection.fetch("select client, key from idempotency where created_at < $1 limit $2", before, most)
    return [(row["client"], row["key"]) for row in rows]


async def drop_keys(tx: Transaction, found: Sequence[Any], now: datetime) -> Decision:
    """Delete used keys with their answers."""
    await tx.execute(
        """delete from idempotency using unnest($1::text[], $2::text[]) as gone(client, key)
           where idempotency.client = gone.client and idempotency.key = gone.key""",
        *zip(*found, strict=True),
    )
    return Decision()


async def old_inbox(connection: Connection, before: datetime, most: int) -> Sequence[Any]:
    """Ids of events handled so long ago that no topic can repeat them."""
    rows = await connection.fetch("select event_id, day from inbox where day < $1 limit $2", before.date(), most)
    return [(row["event_id"], row["day"]) for row in rows]


async def drop_inbox(tx: Transaction, found: Sequence[Any], now: datetime) -> Decision:
    """Delete what is left of a day; most goes as a whole partition, see `shared.messaging.inbox`."""
    await tx.execute(
        """delete from inbox using unnest($1::uuid[], $2::date[]) as gone(event_id, day)
           where inbox.event_id = gone.event_id and inbox.day = gone.day""",
        *zip(*found, strict=True),
    )
    return Decision()


KERNEL_RULES = (Rule("event_log", old_events, drop_events), Rule("idempotency", old_keys, drop_keys), Rule("inbox", old_inbox, drop_inbox))
