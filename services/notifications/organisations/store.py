"""SQL of the organisations in the directory: those that stand in it themselves, and those that somebody in it belongs to."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

import asyncpg

from shared.db import Connection


async def search(connection: Connection, words: str, limit: int) -> list[asyncpg.Record]:
    """Active ones with each of these words in their name; those whose name begins with the first word come first."""
    rows: list[asyncpg.Record] = await connection.fetch(
        """with named as (
               select id, name, municipality, 0 as place from contacts where active and kind = 'organisation'
               union all
               select organisation_id, organisation, '', 1 from contacts
               where active and kind <> 'organisation' and organisation_id is not null and organisation <> ''),
           organisations as (select distinct on (id) id, name, municipality from named order by id, place, name)
           select id, name, municipality from organisations
           where (select bool_and(strpos(as_typed(name), as_typed(word)) > 0) from unnest($1::text[]) as word)
           order by strpos(as_typed(name), as_typed(($1::text[])[1])) <> 1, name, id limit $2""",
        words.split(),
        limit,
    )
    return rows


async def by_ids(connection: Connection, ids: Collection[UUID]) -> list[asyncpg.Record]:
    """These organisations, also those no longer active."""
    rows: list[asyncpg.Record] = await connection.fetch(
        """with named as (
               select id, name, municipality, 0 as place from contacts where kind = 'organisation' and id = any($1::uuid[])
               union all
               select organisation_id, organisation, '', 1 from contacts
               where kind <> 'organisation' and organisation <> '' and organisation_id = any($1::uuid[]))
           select distinct on (id) id, name, municipality from named order by id, place, name""",
        list(ids),
    )
    return rows
