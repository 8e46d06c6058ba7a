"""Where the events about some persons are: still in the outbox, published, arrived or parked. What is nowhere on its way is lost."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from shared.db import Connection
from shared.messaging.inbox import KEEP_DAYS

REMEMBERED = timedelta(days=KEEP_DAYS - 2)  # of older events the inbox can no longer say whether they arrived
ID = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


async def published(connection: Connection, keys: Sequence[UUID], now: datetime) -> list[dict[str, Any]]:
    """Events that this service caused about these keys, in their order; `sent`: Kafka has acknowledged it. `names`: every id in it."""
    rows = await connection.fetch(
        """select event_id, type, key, recorded_at, payload, true as sent, id from event_log where key = any($1::uuid[]) and recorded_at > $2
           union all
           select event_id, type, key, recorded_at, payload, false, id from outbox where key = any($1::uuid[])
           order by id""",
        keys,
        now - REMEMBERED,
    )
    return [{**_told(row, "event_id", "type", "key", "recorded_at", "sent"), "names": _names(row["payload"])} for row in rows]


async def not_arrived(connection: Connection, events: Sequence[tuple[UUID, datetime]]) -> set[UUID]:
    """Those of the events, given by id and time of recording, that are not in the inbox: neither handled nor parked."""
    rows = await connection.fetch(
        """select event_id from unnest($1::uuid[], $2::date[]) as asked(event_id, day)
           where not exists (select from inbox where inbox.event_id = asked.event_id and inbox.day = asked.day)""",
        [id for id, _ in events],
        [at.astimezone(UTC).date() for _, at in events],
    )
    return {row["event_id"] for row in rows}


async def parked(connection: Connection, keys: Sequence[UUID]) -> list[dict[str, Any]]:
    """What is parked here, or was discarded, about these keys. `names`: every id in it; none where it cannot be read."""
    rows = await connection.fetch(
        "select event_id, type, key, state, reason, parked_at, value from parked where key = any($1::uuid[]) order by id", keys
    )
    return [{**_told(row, "event_id", "type", "key", "state", "reason", "parked_at"), "names": _names(row["value"] or b"")} for row in rows]


def _told(row: Any, *names: str) -> dict[str, Any]:
    return {name: row[name] for name in names}


def _names(payload: bytes) -> list[UUID]:
    return [UUID(found.decode()) for found in dict.fromkeys(ID.findall(payload))]
