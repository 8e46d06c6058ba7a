"""SQL of data keys: one row per person or draft."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Sequence
from typing import BinaryIO
from uuid import UUID

import asyncpg

from services.intake.keys import domain
from services.intake.keys.domain import MADE_OF, DataKey, Indexes, MasterKeys, Ring, Wrapped
from services.intake.keys.secrets import master_keys
from shared.db import Connection, Transaction

COLUMNS = ("id", "master", "wrapped", "number_index", "likeness")


async def make(tx: Transaction, owners: Sequence[tuple[UUID, Indexes]]) -> Ring:
    """A data key for each of these new persons."""
    ring, rows = domain.make(owners, master_keys(), os.urandom(MADE_OF * len(owners)))
    records = [(row.id, *row.wrapped, *row.indexes) for row in rows]
    await tx.copy_records_to_table("data_keys", schema_name="keys", records=records, columns=COLUMNS)
    return ring


async def make_for_drafts(tx: Transaction, ids: Sequence[UUID]) -> Ring:
    """A data key for each of these drafts. What was sealed with a former one can be read no more."""
    ring, rows = domain.make([(id, Indexes()) for id in ids], master_keys(), os.urandom(MADE_OF * len(ids)))
    await tx.execute(
        """insert into keys.data_keys (id, master, wrapped) select * from unnest($1::uuid[], $2::text[], $3::bytea[])
           on conflict (id) do update set master = excluded.master, wrapped = excluded.wrapped""",
        [row.id for row in rows],
        [row.wrapped.master for row in rows],
        [row.wrapped.secret for row in rows],
    )
    return ring


async def reindex(tx: Transaction, indexes: Iterable[tuple[UUID, Indexes]]) -> None:
    """Write what finds these persons, as it is now."""
    for id, found in indexes:  # few: who is known changes seldom, and an array of arrays cannot be handed over in a set
        await tx.execute("""update keys.data_keys set number_index = $2, likeness = $3 where id = $1""", id, *found)


async def ring_of(connection: Connection, ids: Collection[UUID]) -> Ring:
    """The data keys of these persons and drafts, without those that were destroyed."""
    if not ids:
        return {}
    rows = await connection.fetch("select id, master, wrapped from keys.data_keys where id = any($1::uuid[])", list(ids))
    master = master_keys()
    return {row["id"]: DataKey(master.unwrap(row["id"], Wrapped(row["master"], row["wrapped"]))) for row in rows}


def key_in(row: asyncpg.Record, owner: UUID, master: MasterKeys) -> DataKey | None:
    """The data key that a row was read with, joined to it; None when it was destroyed."""
    return None if row["wrapped"] is None else DataKey(master.unwrap(owner, Wrapped(row["master"], row["wrapped"])))


async def destroy(tx: Transaction, ids: Collection[UUID]) -> None:
    """Forget data keys for good, with what finds whose they were."""
    await tx.execute("delete from keys.data_keys where id = any($1::uuid[])", list(ids))


async def wrapped_otherwise(tx: Transaction, current: str, after: UUID, limit: int) -> list[tuple[UUID, Wrapped]]:
    """The next data keys in the order of ids, locked, that another master key wrapped than this version."""
    rows = await tx.fetch(
        "select id, master, wrapped from keys.data_keys where id > $1 and master <> $2 order by id limit $3 for update skip locked",
        after,
        current,
        limit,
    )
    return [(row["id"], Wrapped(row["master"], row["wrapped"])) for row in rows]


async def rewrap(tx: Transaction, rows: Sequence[tuple[UUID, Wrapped]]) -> None:
    """Write the same data keys, wrapped anew."""
    await tx.execute(
        """update keys.data_keys set master = new.master, wrapped = new.wrapped
           from unnest($1::uuid[], $2::text[], $3::bytea[]) as new(id, master, wrapped) where data_keys.id = new.id""",
        [id for id, _ in rows],
        [wrapped.master for _, wrapped in rows],
        [wrapped.secret for _, wrapped in rows],
    )


async def versions(connection: Connection) -> dict[str, int]:
    """How many data keys each version of the master key wrapped."""
    rows = await connection.fetch("select master, count(*) as count from keys.data_keys group by master order by master")
    return {row["master"]: row["count"] for row in rows}


async def dump(connection: Connection, output: BinaryIO) -> int:
    """Write all data keys, wrapped as they are, in PostgreSQL's binary format; how many."""
    done = await connection.copy_from_table("data_keys", schema_name="keys", output=output, columns=COLUMNS, format="binary")
    return int(done.rpartition(" ")[2])


async def restore(tx: Transaction, source: BinaryIO) -> int:
    """Put back what `dump` wrote; how many."""
    done = await tx.copy_to_table("data_keys", schema_name="keys", source=source, columns=COLUMNS, format="binary")
    return int(done.rpartition(" ")[2])
