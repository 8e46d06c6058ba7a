"""SQL of contacts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from services.notifications.directory.domain import Contact, Kind
from shared.db import Connection, Transaction


async def lock(tx: Transaction, ids: Collection[UUID]) -> dict[UUID, Contact]:
    """The contacts that are known under these ids, locked in id order."""
    rows = await tx.fetch("select * from contacts where id = any($1::uuid[]) order by id for update", sorted(ids))
    return {row["id"]: contact_from(row) for row in rows}


async def save(tx: Transaction, contacts: Sequence[Contact], now: datetime) -> None:
    """Add or replace contacts. Lists travel joined by `|`, since an array of arrays must be rectangular."""
    if not contacts:
        return
    await tx.execute(
        """insert into contacts (id, kind, name, organisation_id, organisation, email, phone, language, municipality,
                                 roles, zones, channels, active, changed_at)
           select id, kind, name, organisation_id, organisation, email, phone, language, municipality,
                  string_to_array(roles, '|'), string_to_array(zones, '|'), string_to_array(channels, '|'), active, $14
           from unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
                       $10::text[], $11::text[], $12::text[], $13::boolean[])
                as new(id, kind, name, organisation_id, organisation, email, phone, language, municipality, roles, zones, channels, active)
           order by id
           on conflict (id) do update set
               kind = excluded.kind, name = excluded.name, organisation_id = excluded.organisation_id, organisation = excluded.organisation,
               email = excluded.email, phone = excluded.phone, language = excluded.language, municipality = excluded.municipality,
               roles = excluded.roles, zones = excluded.zones, channels = excluded.channels, active = excluded.active,
               changed_at = excluded.changed_at""",
        [c.id for c in contacts],
        [c.kind for c in contacts],
        [c.name for c in contacts],
        [c.organisation_id for c in contacts],
        [c.organisation for c in contacts],
        [c.email for c in contacts],
        [c.phone for c in contacts],
        [c.language for c in contacts],
        [c.municipality for c in contacts],
        ["|".join(c.roles) for c in contacts],
        ["|".join(c.zones) for c in contacts],
        ["|".join(c.channels) for c in contacts],
        [c.active for c in contacts],
        now,
    )


async def by_ids(connection: Connection, ids: Collection[UUID]) -> list[Contact]:
    rows = await connection.fetch("select * from contacts where id = any($1::uuid[]) order by name, id", list(ids))
    return [contact_from(row) for row in rows]


async def search(connection: Connection, words: str, zone: str | None, limit: int) -> list[Contact]:
    """Active contacts with these words in their own or their organisation's name, by name."""
    rows = await connection.fetch(
        """select * from contacts
           where active and ($1 = '' or strpos(as_typed(name), as_typed($1)) > 0 or strpos(as_typed(organisation), as_typed($1)) > 0)
             and ($2::text is null or zones @> array[$2])
           order by name, id limit $3""",
        words.strip(),
        zone,
        limit,
    )
    return [contact_from(row) for row in rows]


async def everyone(connection: Connection, kinds: Collection[Kind]) -> list[Contact]:
    rows = await connection.fetch("select * from contacts where kind = any($1::text[]) order by name, id", list(kinds))
    return [contact_from(row) for row in rows]


def contact_from(row: asyncpg.Record) -> Contact:
    return Contact(
        id=row["id"],
        kind=Kind(row["kind"]),
        name=row["name"],
        organisation_id=row["organisation_id"],
        organisation=row["organisation"],
        email=row["email"],
        phone=row["phone"],
        language=row["language"],
        municipality=row["municipality"],
        roles=tuple(row["roles"]),
        zones=tuple(row["zones"]),
        channels=tuple(row["channels"]),
        active=row["active"],
    )
