"""SQL of about whom nothing is told any more."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from services.notifications.messages.domain import Kind, State
from shared.db import Connection, Transaction
from shared.ids import pseudonym

ABOUT = tuple[Sequence[UUID], Sequence[UUID]]  # referrals, cases


async def stopped(connection: Connection, persons: Collection[UUID]) -> dict[UUID, str]:
    """Those of the persons (pseudonyms) about whom nothing is told, and why."""
    rows = await connection.fetch("select person, reason from stops where person = any($1::uuid[])", list(persons))
    return {row["person"]: row["reason"] for row in rows}


async def stop(tx: Transaction, persons: Sequence[UUID], reason: str, now: datetime) -> None:
    """Tell nothing more about these persons. Erased is for ever."""
    await tx.execute(
        """insert into stops (person, reason, stopped_at) select person, $2, $3 from unnest($1::uuid[]) as new(person)
           on conflict (person) do update set reason = excluded.reason, stopped_at = excluded.stopped_at where stops.reason <> 'erased'""",
        sorted(set(persons)),
        reason,
        now,
    )


async def resume(tx: Transaction, persons: Sequence[UUID]) -> None:
    """There is consent again."""
    await tx.execute("delete from stops where person = any($1::uuid[]) and reason = 'consent_withdrawn'", persons)


async def skip(tx: Transaction, about: ABOUT, reason: str, now: datetime) -> None:
    """What is not out yet, and what failed, never goes out; but for the word that it stopped."""
    await tx.execute(
        """update messages set state = $3, reason = $4, due_at = $5, ended_at = $5
           where (referral_id = any($1::uuid[]) or case_id = any($2::uuid[])) and state <> $6 and kind <> $7""",
        *about,
        State.SKIPPED,
        reason,
        now,
        State.DELIVERED,
        Kind.SHARING_STOPPED,
    )


async def told_of(tx: Transaction, persons: Sequence[UUID]) -> ABOUT:
    """The referrals and cases of these persons (pseudonyms) that messages are about."""
    rows = await tx.fetch("select distinct referral_id, case_id from messages where person = any($1::uuid[])", persons)
    return [row["referral_id"] for row in rows if row["referral_id"]], [row["case_id"] for row in rows if row["case_id"]]


async def returned(connection: Connection, persons: Sequence[UUID]) -> list[UUID]:
    """Those of the persons whom messages are about."""
    asked = {pseudonym(person): person for person in persons}
    rows = await connection.fetch("select distinct person from messages where person = any($1::uuid[])", list(asked))
    return [asked[row["person"]] for row in rows]


async def erase(tx: Transaction, about: ABOUT, now: datetime) -> None:
    """Messages stay as codes and times for the count: about nobody, under no reference."""
    await skip(tx, about, "erased", now)
    await tx.execute(
        """update messages set person = null, referral_id = null, case_id = null, reference = '', attempts = '[]'
           where (referral_id = any($1::uuid[]) or case_id = any($2::uuid[])) and kind <> $3""",
        *about,
        Kind.SHARING_STOPPED,
    )
    await tx.execute(
        "update messages set person = null, referral_id = null where (referral_id = any($1::uuid[]) or case_id = any($2::uuid[]))", *about
    )
