"""SQL of delivery: claiming what is due, and writing back what became of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
import orjson

from services.notifications.delivery.domain import Outcome, Result, Sending
from services.notifications.messages.domain import State
from shared.db import Transaction


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message to be sent before its lease runs out. `address` is the recipient's as the directory has it now; None when there is none."""

    id: UUID
    event_id: UUID
    recipient_id: UUID
    channel: str
    role: str
    kind: str
    language: str
    reference: str
    referral_id: UUID | None
    case_id: UUID | None
    lease: datetime
    address: str | None


async def claim(tx: Transaction, now: datetime, lease: datetime, limit: int) -> list[Claimed]:
    """Take due messages, oldest first, also those whose sender's lease ran out; what another sender is taking is passed over."""
    rows = await tx.fetch(
        """with due as (
               select id, recipient_id as whom from messages where state in ('waiting', 'sending') and due_at <= $1
               order by due_at limit $3 for update skip locked)
           update messages set state = 'sending', due_at = $2, tries = tries + 1
           from due left join contacts on contacts.id = due.whom and contacts.active
           where messages.id = due.id
           returning messages.id, event_id, recipient_id, channel, messages.role, messages.kind, messages.language, reference,
                     referral_id, case_id, due_at, contacts.email""",
        now,
        lease,
        limit,
    )
    return [Claimed(*row) for row in rows]


async def lock(tx: Transaction, ids: Collection[UUID]) -> dict[UUID, Sending]:
    """The messages with these ids, locked in id order."""
    rows = await tx.fetch(
        """select id, event_id, recipient_id, channel, state, reason, tries, due_at, trying_since, ended_at
           from messages where id = any($1::uuid[]) order by id for update""",
        sorted(ids),
    )
    return {row["id"]: _sending(row) for row in rows}


async def save(tx: Transaction, messages: Sequence[Sending], attempts: Sequence[str | None]) -> None:
    """Write back messages, each with the line to add to its log of attempts, if any."""
    if messages:
        await tx.execute(
            """update messages set state = new.state, reason = new.reason, tries = new.tries, due_at = new.due_at,
                      trying_since = new.trying_since, ended_at = new.ended_at,
                      attempts = case when new.attempt is null then attempts else attempts || new.attempt end
               from unnest($1::uuid[], $2::text[], $3::text[], $4::int[], $5::timestamptz[], $6::timestamptz[], $7::timestamptz[], $8::jsonb[])
                    as new(id, state, reason, tries, due_at, trying_since, ended_at, attempt)
               where messages.id = new.id""",
            [m.id for m in messages],
            [m.state for m in messages],
            [m.reason for m in messages],
            [m.tries for m in messages],
            [m.due_at for m in messages],
            [m.trying_since for m in messages],
            [m.ended_at for m in messages],
            list(attempts),
        )


def attempt_json(outcome: Outcome, now: datetime) -> str | None:
    """One line of the log of attempts; tries that were none leave no line."""
    if outcome.result in {Result.AWAY, Result.UNTRIED}:
        return None
    return orjson.dumps({"at": now, "result": outcome.result, "reason": outcome.reason}).decode()


def _sending(row: asyncpg.Record) -> Sending:
    return Sending(
        row["id"],
        row["event_id"],
        row["recipient_id"],
        row["channel"],
        State(row["state"]),
        row["reason"],
        row["tries"],
        row["due_at"],
        row["trying_since"],
        row["ended_at"],
    )
