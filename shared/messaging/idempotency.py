"""The same command sent twice is answered twice and done once. Keys are kept with a hash of the request and the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from shared.db import Transaction
from shared.items import Decision, Refusal

REUSED = Decision(refusal=Refusal("idempotency_key_reused", status=422))


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """Who sent it, the key they chose, and a hash of method, path and body."""

    client: str
    key: str
    request_hash: bytes


async def claim(tx: Transaction, keys: Sequence[IdempotencyKey], now: datetime) -> dict[IdempotencyKey, Decision]:
    """Claim keys for this transaction. Returns the decisions of those that are taken: the earlier answer, or a refusal for another request.

    A key that another transaction is claiming right now is waited for.
    """
    ordered = sorted(set(keys), key=lambda key: (key.client, key.key, key.request_hash))  # one order, so that two batches never deadlock
    fresh = await tx.fetch(
        """insert into idempotency (client, key, request_hash, created_at)
           select client, key, request_hash, $4 from unnest($1::text[], $2::text[], $3::bytea[]) as new(client, key, request_hash)
           on conflict do nothing returning client, key, request_hash""",
        [key.client for key in ordered],
        [key.key for key in ordered],
        [key.request_hash for key in ordered],
        now,
    )
    claimed = {IdempotencyKey(*row) for row in fresh}
    taken = [key for key in ordered if key not in claimed]
    return await _answered(tx, taken) if taken else {}


async def _answered(tx: Transaction, taken: Sequence[IdempotencyKey]) -> dict[IdempotencyKey, Decision]:
    rows = await tx.fetch(
        """select client, key, request_hash, answer from idempotency
           join unnest($1::text[], $2::text[]) as asked(client, key) using (client, key)""",
        [key.client for key in taken],
        [key.key for key in taken],
    )
    known = {(row["client"], row["key"]): row for row in rows}
    return {key: _again(known.get((key.client, key.key)), key) for key in taken}


def _again(row: Mapping[str, Any] | None, key: IdempotencyKey) -> Decision:
    if row is None or row["request_hash"] != key.request_hash:
        return REUSED
    return Decision(answer=orjson.loads(row["answer"]) if row["answer"] else None)


async def keep(tx: Transaction, decided: Mapping[IdempotencyKey, Decision]) -> None:
    """Keep the answers of claimed keys; a refused command leaves its key free, so that it can be mended and sent again."""
    answered = [(key, decision) for key, decision in decided.items() if decision.refusal is None]
    refused = [key for key, decision in decided.items() if decision.refusal is not None]
    if answered:
        await tx.execute(
            """update idempotency set answer = new.answer from unnest($1::text[], $2::text[], $3::jsonb[]) as new(client, key, answer)
               where idempotency.client = new.client and idempotency.key = new.key""",
            [key.client for key, _ in answered],
            [key.key for key, _ in answered],
            [orjson.dumps(decision.answer, default=str).decode() for _, decision in answered],
        )
    if refused:
        await tx.execute(
            """delete from idempotency using unnest($1::text[], $2::text[]) as gone(client, key)
               where idempotency.client = gone.client and idempotency.key = gone.key""",
            [key.client for key in refused],
            [key.key for key in refused],
        )
