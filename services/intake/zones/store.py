"""SQL of zones."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg
import orjson

from services.intake.zones.domain import Part, Zone, ZoneMap
from shared.db import Connection, Transaction


async def load_map(conn: Connection | Transaction) -> ZoneMap:
    """Every stored zone, indexed by address. Building it takes some milliseconds: keep it, and renew it by `refreshed`."""
    rows = await conn.fetch("select code, name_nl, name_fr, entity, prefix, valid_from, source, municipalities::text, revision from zones")
    return ZoneMap(map(zone_from, rows), revision=max((row["revision"] for row in rows), default=0))


async def refreshed(conn: Connection | Transaction, held: ZoneMap) -> ZoneMap:
    """The same map while the stored zones have not changed, else a new one."""
    revision = await conn.fetchval("select coalesce(max(revision), 0) from zones")
    return held if revision == held.revision else await load_map(conn)


async def lock_zones(tx: Transaction) -> list[Zone]:
    """Every stored zone, locked in code order; no other import runs meanwhile."""
    await tx.execute("lock table zones in share row exclusive mode")
    rows = await tx.fetch(
        "select code, name_nl, name_fr, entity, prefix, valid_from, source, municipalities::text from zones order by code for update"
    )
    return [zone_from(row) for row in rows]


async def save_zones(tx: Transaction, zones: Sequence[Zone]) -> None:
    """Insert new zones and rewrite existing ones by code; a stored prefix stays."""
    await tx.execute(
        """insert into zones (code, name_nl, name_fr, entity, prefix, valid_from, source, municipalities)
           select code, name_nl, name_fr, entity, prefix, valid_from, source, municipalities::jsonb
           from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::date[], $7::text[], $8::text[])
             as new(code, name_nl, name_fr, entity, prefix, valid_from, source, municipalities)
           on conflict (code) do update set name_nl = excluded.name_nl, name_fr = excluded.name_fr, entity = excluded.entity,
             valid_from = excluded.valid_from, source = excluded.source, municipalities = excluded.municipalities,
             revision = nextval('zone_revision')""",
        [zone.code for zone in zones],
        [zone.name_nl for zone in zones],
        [zone.name_fr for zone in zones],
        [zone.entity for zone in zones],
        [zone.prefix for zone in zones],
        [zone.valid_from for zone in zones],
        [zone.source for zone in zones],
        [municipalities_json(zone) for zone in zones],
    )


def municipalities_json(zone: Zone) -> str:
    """What a zone serves, as it is stored."""
    whole = [{"nis": nis, "postcodes": None} for nis in sorted(zone.municipalities)]
    return orjson.dumps([*whole, *({"nis": part.nis, "postcodes": part.postcodes} for part in zone.parts)]).decode()


def zone_from(row: asyncpg.Record) -> Zone:
    served = orjson.loads(row["municipalities"])
    return Zone(
        row["code"],
        row["name_nl"],
        row["name_fr"],
        row["entity"],
        row["prefix"],
        frozenset(each["nis"] for each in served if each["postcodes"] is None),
        tuple(Part(each["nis"], tuple(each["postcodes"])) for each in served if each["postcodes"] is not None),
        row["valid_from"],
        row["source"],
    )
