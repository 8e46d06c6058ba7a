"""SQL of records. Only this module reads or writes what senders and workers wrote about a person; it is sealed here, and opened again."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from services.intake.keys import store as keys
from services.intake.keys.domain import NONCE_BYTES, Ring
from services.intake.keys.secrets import master_keys
from services.intake.records.domain import ERASED, Added, Note, Record
from shared.db import Connection, Transaction

BODY = b"records.body"


async def add(tx: Transaction, records: Sequence[Record], ring: Ring) -> None:
    """Write new records; the ring has the data keys of their persons."""
    if records:
        await tx.copy_records_to_table("records", records=_sealed(records, ring), columns=Record._fields)


async def save(tx: Transaction, records: Sequence[Record]) -> None:
    """Write records; one that exists takes the new contents, so that a draft becomes the request it grew into.

    What is written about a person whose data key was destroyed is not kept.
    """
    last = list({record.id: record for record in records}.values())  # a batch may write the same record twice
    if not last:
        return
    ring = await keys.ring_of(tx, {record.person_id for record in last if record.person_id})
    if drafts := [record.about for record in last if record.person_id is None]:
        ring |= await keys.make_for_drafts(tx, drafts)
    rows = _sealed([record for record in last if (record.person_id or record.about) in ring], ring)
    if not rows:
        return
    await tx.execute(
        """insert into records (id, person_id, about, kind, body, at)
           select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::bytea[], $6::timestamptz[])
           on conflict (id) do update set person_id = excluded.person_id, kind = excluded.kind, body = excluded.body, at = excluded.at""",
        *zip(*rows, strict=True),
    )


def _sealed(records: Iterable[Record], ring: Ring) -> list[tuple[object, ...]]:
    return [
        (id, person_id, about, kind, ring[person_id or about].seal(BODY, id, body, os.urandom(NONCE_BYTES)), at)
        for id, person_id, about, kind, body, at in records
    ]


def _opened(rows: Iterable[asyncpg.Record]) -> list[tuple[asyncpg.Record, str]]:
    """Each row with its body; that of a person whose data key was destroyed says so."""
    master = master_keys()
    found = []
    for row in rows:
        key = keys.key_in(row, row["person_id"] or row["about"], master)
        found.append((row, ERASED[row["kind"]] if key is None else key.open(BODY, row["id"], row["body"])))
    return found


async def bodies(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """What the records with these ids say: of a request, the id is the referral's; of a draft, the draft's."""
    rows = await connection.fetch(
        """select records.*, master, wrapped from records
           left join lateral (select master, wrapped from keys.data_keys where data_keys.id = coalesce(person_id, about) offset 0) as data_key on true
           where records.id = any($1::uuid[])""",
        ids,
    )
    return {row["id"]: orjson.loads(body) for row, body in _opened(rows)}


async def notes(connection: Connection, about: UUID) -> list[Note]:
    """What was added to a referral after it was sent, oldest first."""
    rows = await connection.fetch(
        """select records.*, master, wrapped from records
           left join lateral (select master, wrapped from keys.data_keys where data_keys.id = person_id offset 0) as data_key on true
           where about = $1 and kind in ('information', 'check') order by at, records.id""",
        about,
    )
    return [Note(row["id"], row["kind"], orjson.loads(body), row["at"]) for row, body in _opened(rows)]


async def additions(connection: Connection, ids: Sequence[UUID]) -> list[Added]:
    """What senders added, of these records; others than additions are left out."""
    rows = await connection.fetch(
        """select records.*, master, wrapped from records
           left join lateral (select master, wrapped from keys.data_keys where data_keys.id = person_id offset 0) as data_key on true
           where records.id = any($1::uuid[]) and kind = 'information' order by at, records.id""",
        ids,
    )
    return [Added(row["id"], row["person_id"], row["about"], orjson.loads(body), row["at"]) for row, body in _opened(rows)]


async def of_referrals(tx: Transaction, referral_ids: Sequence[UUID]) -> list[Record]:
    """All records of these referrals."""
    rows = await tx.fetch(
        """select records.*, master, wrapped from records
           left join lateral (select master, wrapped from keys.data_keys where data_keys.id = person_id offset 0) as data_key on true
           where about = any($1::uuid[]) and kind <> 'draft'""",
        referral_ids,
    )
    return [Record(row["id"], row["person_id"], row["about"], row["kind"], body, row["at"]) for row, body in _opened(rows)]


async def discard(tx: Transaction, draft_ids: Sequence[UUID]) -> None:
    """Forget drafts, with their data keys. A request is never forgotten this way."""
    await tx.execute(
        """with gone as (delete from records where id = any($1::uuid[]) and kind = 'draft' returning id)
           delete from keys.data_keys using gone where data_keys.id = gone.id""",
        draft_ids,
    )
