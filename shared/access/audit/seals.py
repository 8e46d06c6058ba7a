"""SQL of the chain: entries in the order in which they are sealed, and the seals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import asyncpg

from shared.access.audit.chain import NOTHING, Seal

MOST_ROWS = 20_000
FOR_EVER = 2**63 - 1
AnyConnection = Any  # of a pool or alone


async def last(connection: AnyConnection) -> Seal:
    """The last seal."""
    row = await connection.fetchrow("select * from audit_seals order by place desc limit 1")
    return Seal(**dict(row)) if row else NOTHING


async def add(connection: AnyConnection, seal: Seal) -> None:
    """Put a seal at the end of the chain."""
    await connection.execute(
        "insert into audit_seals (place, after_id, from_tx, to_tx, last_id, entries, hash) values ($1, $2, $3, $4, $5, $6, $7)",
        seal.place,
        seal.after_id,
        seal.from_tx,
        seal.to_tx,
        seal.last_id,
        seal.entries,
        seal.hash,
    )


async def keep_partitions(connection: AnyConnection, today: date) -> None:
    """Make the partitions of this month and the next ones."""
    await connection.execute("select keep_audit_partitions($1)", today)


async def horizon(connection: AnyConnection) -> int:
    """Every transaction numbered below has ended: none of them can add an entry any more."""
    number: int = await connection.fetchval("select pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
    return number


async def entries(
    connection: AnyConnection, *, from_tx: int, to_tx: int, after_id: int, until_id: int = FOR_EVER, most: int | None = None
) -> list[asyncpg.Record]:
    """Entries of these transactions in the order of the chain. Every column is part of the chain."""
    rows: list[asyncpg.Record] = await connection.fetch(
        """select id, tx, at, actor_id::text, role, organisation_id::text, zone, person_id::text, case_id::text, subject_id::text,
                  action, purpose, relation, outcome, request_id::text
           from audit where tx >= $1 and tx < $2 and id > $3 and id <= $4 order by tx, id limit $5""",
        from_tx,
        to_tx,
        after_id,
        until_id,
        most,
    )
    return rows


async def page(connection: AnyConnection, after_place: int, most: int) -> list[Seal]:
    """Seals in the order of the chain."""
    rows = await connection.fetch("select * from audit_seals where place > $1 order by place limit $2", after_place, most)
    return [Seal(**dict(row)) for row in rows]


async def servers(connection: AnyConnection) -> Sequence[int]:
    """Where the numbering of transactions began anew: the id after which, in order."""
    return [row[0] for row in await connection.fetch("select distinct after_id from audit_seals order by 1")]


async def counted(connection: AnyConnection) -> int:
    """How many entries there are, sealed or not."""
    number: int = await connection.fetchval("select count(*) from audit")
    return number


async def unsealed(connection: AnyConnection, last: Seal) -> int:
    """How many entries came after the last seal."""
    number: int = await connection.fetchval("select count(*) from audit where tx >= $1 and id > $2", last.to_tx, last.after_id)
    return number
