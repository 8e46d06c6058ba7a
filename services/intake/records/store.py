"""SQL of records. Only this module reads or writes what senders and workers wrote about a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson

from services.intake.records.domain import Added, Note, Record
from shared.db import Connection, Transaction


async def add(tx: Transaction, records: Sequence[Record]) -> None:
    """Write new records."""
    if records:
        await tx.copy_records_to_table("records", records=records, columns=Record._fields)


async def save(tx: Transaction, records: Sequence[Record]) -> None:
    """Write records; one that exists takes the new contents, so that a draft becomes the request it grew into."""
    last = list({record.id: record for record in records}.values())  # a batch may write the same record twice
    if not last:
        return
    await tx.execute(
        """insert into records (id, person_id, about, kind, body, at)
           select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::jsonb[], $6::timestamptz[])
           on conflict (id) do update set person_id = excluded.person_id, kind = excluded.kind, body = excluded.body, at = excluded.at""",
        [record.id for record in last],
        [record.person_id for record in last],
        [record.about for record in last],
        [record.kind for record in last],
        [record.body for record in last],
        [record.at for record in last],
    )


async def bodies(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """What the records with these ids say: of a request, the id is the referral's; of a draft, the draft's."""
    rows = await connection.fetch("select id, body from records where id = any($1::uuid[])", ids)
    return {row["id"]: orjson.loads(row["body"]) for row in rows}


async def notes(connection: Connection, about: UUID) -> list[Note]:
    """What was added to a referral after it was sent, oldest first."""
    rows = await connection.fetch(
        "select id, kind, body, at from records where about = $1 and kind in ('information', 'check') order by at, id", about
    )
    return [Note(row["id"], row["kind"], orjson.loads(row["body"]), row["at"]) for row in rows]


async def additions(connection: Connection, ids: Sequence[UUID]) -> list[Added]:
    """What senders added, of these records; others than additions are left out."""
    rows = await connection.fetch(
        "select id, person_id, about, body, at from records where id = any($1::uuid[]) and kind = 'information' order by at, id", ids
    )
    return [Added(row["id"], row["person_id"], row["about"], orjson.loads(row["body"]), row["at"]) for row in rows]


async def discard(tx: Transaction, draft_ids: Sequence[UUID]) -> None:
    """Forget drafts. A request is never forgotten this way."""
    await tx.execute("delete from records where id = any($1::uuid[]) and kind = 'draft'", draft_ids)


async def erase(tx: Transaction, referrals: Sequence[UUID]) -> None:
    """Forget all that was sent with these referrals and written about them."""
    await tx.execute("delete from records where about = any($1::uuid[])", referrals)
