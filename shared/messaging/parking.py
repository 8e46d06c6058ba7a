"""Events that could not be handled: kept with their reason, tried again by themselves a few times, then by a person.

Later events of the same person queue behind; everybody else's flow on. A row of `parked` is the only dead letter there is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from shared.db import Connection, Transaction
from shared.messaging.envelope import Arrival

# five tries in all, within a minute; shown on the operations page afterwards
RETRY_AFTER = (timedelta(seconds=1), timedelta(seconds=4), timedelta(seconds=15), timedelta(seconds=35))


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A parked record as it lay on the topic."""

    id: int
    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes]]
    tries: int


async def blocked_keys(tx: Transaction, keys: Iterable[UUID]) -> set[UUID]:
    """Those of the keys that have something parked: their later events must queue behind it."""
    rows = await tx.fetch("select distinct key from parked where key = any($1::uuid[]) and state <> 'discarded'", list(keys))
    return {row["key"] for row in rows}


async def park(tx: Transaction, arrivals: Sequence[tuple[Arrival, str, str]], now: datetime) -> None:
    """Park arrivals, each with its state (`retrying`, `behind`, `stopped`) and reason. The caller has claimed them in the inbox."""
    await tx.execute(
        """insert into parked (event_id, type, key, topic, partition, log_offset, headers, value, state, reason, tries, next_try_at, parked_at, changed_at)
           select event_id, type, key, topic, partition, log_offset, headers, value, state, reason,
                  case when state = 'retrying' then 1 else 0 end, case when state = 'retrying' then $11::timestamptz end, $12, $12
           from unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::int[], $6::bigint[], $7::jsonb[], $8::bytea[], $9::text[], $10::text[])
                with ordinality as new(event_id, type, key, topic, partition, log_offset, headers, value, state, reason, place) order by place""",
        [a.event_id for a, _, _ in arrivals],
        [a.type for a, _, _ in arrivals],
        [a.key for a, _, _ in arrivals],
        [a.record.topic for a, _, _ in arrivals],
        [a.record.partition for a, _, _ in arrivals],
        [a.record.offset for a, _, _ in arrivals],
        [_headers_json(a) for a, _, _ in arrivals],
        [a.record.value for a, _, _ in arrivals],
        [state for _, state, _ in arrivals],
        [reason for _, _, reason in arrivals],
        now + RETRY_AFTER[0],
        now,
    )


def reason_of(error: BaseException) -> str:
    """Why an item was parked, without what was in it: the error's class, the constraint it broke, where it was raised."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" in {trace.tb_frame.f_globals.get('__name__')}.{trace.tb_frame.f_code.co_name}" if trace else ""
    constraint = getattr(error, "constraint_name", None)
    return f"{type(error).__name__}{f' ({constraint})' if constraint else ''}{place}"


async def next_ready(tx: Transaction, now: datetime) -> StoredRecord | None:
    """Lock the next parked record whose turn it is: the first of its person, and not stopped or waiting for its next try."""
    row = await tx.fetchrow(
        """select id, topic, partition, log_offset, key, value, headers, tries from parked p
           where state in ('retrying', 'behind') and (next_try_at is null or next_try_at <= $1)
             and not exists (select from parked q where q.key = p.key and q.id < p.id and q.state <> 'discarded')
           order by id limit 1 for update skip locked""",
        now,
    )
    return _stored(row) if row else None


async def settle(tx: Transaction, id: int) -> None:
    """A parked record was handled: it is parked no longer."""
    await tx.execute("delete from parked where id = $1", id)


async def failed_again(tx: Transaction, record: StoredRecord, reason: str, now: datetime) -> bool:
    """Note another failed try; returns whether it will be tried again by itself."""
    tries = record.tries + 1
    again = tries <= len(RETRY_AFTER)
    await tx.execute(
        "update parked set state = $2, reason = $3, tries = $4, next_try_at = $5, changed_at = $6 where id = $1 and state <> 'discarded'",
        record.id,
        "retrying" if again else "stopped",
        reason,
        tries,
        now + RETRY_AFTER[tries - 1] if again else None,
        now,
    )
    return again


async def replay(tx: Transaction, id: int, now: datetime) -> bool:
    """A person asks for another try now; returns whether there was such a parked event."""
    found = await tx.fetchval(
        """update parked set state = 'retrying', tries = 0, next_try_at = $2, changed_at = $2
           where id = $1 and state in ('retrying', 'stopped') returning id""",
        id,
        now,
    )
    return found is not None


async def discard(tx: Transaction, id: int, now: datetime) -> bool:
    """A person decides that this event shall have no effect here. It stays on record; what queued behind it goes on."""
    found = await tx.fetchval(
        """update parked set state = 'discarded', next_try_at = null, changed_at = $2
           where id = $1 and state <> 'discarded' returning id""",
        id,
        now,
    )
    return found is not None


async def count(connection: Connection) -> int:
    """How many events are parked, heads of a queue only."""
    found: int = await connection.fetchval("select count(*) from parked where state in ('retrying', 'stopped')")
    return found


async def listing(connection: Connection, limit: int = 200) -> list[dict[str, Any]]:
    """What is parked, oldest first, heads of a queue with how many wait behind them. Ids and codes only."""
    rows = await connection.fetch(
        """select id, event_id, type, topic, partition, log_offset as "offset", state, reason, tries, next_try_at, parked_at,
                  (select count(*) from parked q where q.key = p.key and q.id > p.id and q.state = 'behind') as behind
           from parked p where state in ('retrying', 'stopped') order by parked_at, id limit $1""",
        limit,
    )
    return [dict(row) for row in rows]


def _headers_json(arrival: Arrival) -> str:
    key = arrival.record.key.hex() if arrival.record.key else None
    return orjson.dumps(
        {
            "key": key,
            "headers": [(name.encode().hex(), value.hex() if value is not None else None) for name, value in arrival.record.headers],
        }
    ).decode()


def _stored(row: Any) -> StoredRecord:
    kept = orjson.loads(row["headers"])
    return StoredRecord(
        row["id"],
        row["topic"],
        row["partition"],
        row["log_offset"],
        bytes.fromhex(kept["key"]) if kept["key"] else None,
        row["value"],
        [(bytes.fromhex(name).decode(), bytes.fromhex(value) if value is not None else b"") for name, value in kept["headers"]],
        row["tries"],
    )
