"""SQL of zones and their workers: the rows that a batch locks first, and the workforce as it is known now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

import asyncpg
import orjson

from services.coordination.workforce.domain import Absence, Team, Worker, a_team, facts_of, worker_from
from shared.clock import new_id
from shared.db import Connection, Transaction

# Teams by zone as last read. A version names one content for ever, so whoever holds the zone's row may trust a kept one.
_KEPT: dict[str, Team] = {}


async def lock_teams(tx: Transaction, zones: Sequence[str], day: date) -> tuple[dict[str, Team], dict[str, UUID]]:
    """Lock these zones (in code order, as given); their teams on that day, and their load versions. A zone appears on first use."""
    rows = await _lock(tx, zones)
    if len(rows) < len(zones):
        await tx.execute("insert into zones (code) select unnest($1::text[]) on conflict do nothing", zones)
        rows = await _lock(tx, zones)
    versions = {row["code"]: row["team_version"] for row in rows}
    stale = [zone for zone, version in versions.items() if (kept := _KEPT.get(zone)) is None or (kept.version, kept.day) != (version, day)]
    if stale:
        found = await team_workers(tx, [versions[zone] for zone in stale])
        for zone in stale:
            _KEPT[zone] = a_team(zone, versions[zone], day, found.get(versions[zone], ()))
    return {zone: _KEPT[zone] for zone in versions}, {row["code"]: row["load_version"] for row in rows}


async def _lock(tx: Transaction, zones: Sequence[str]) -> list[asyncpg.Record]:
    rows: list[asyncpg.Record] = await tx.fetch(
        "select code, team_version, load_version from zones where code = any($1::text[]) order by code for update", zones
    )
    return rows


async def team_workers(connection: Connection, versions: Collection[UUID]) -> dict[UUID, list[Worker]]:
    """The workers of these team versions, without names."""
    rows = await connection.fetch("select version, workers from teams where version = any($1::uuid[])", list(versions))
    return {row["version"]: [worker_from(facts) for facts in orjson.loads(row["workers"])] for row in rows}


async def workers(connection: Connection, ids: Collection[UUID]) -> list[Worker]:
    """These workers, with their absences."""
    return await _with_absences(connection, await connection.fetch("select * from coordinators where id = any($1::uuid[])", list(ids)))


async def workers_in(connection: Connection, zones: Collection[str]) -> list[Worker]:
    """All workers of these zones, by name."""
    return await _with_absences(
        connection, await connection.fetch("select * from coordinators where zones && $1::text[] order by name, id", list(zones))
    )


async def zones_of_workers(connection: Connection, ids: Collection[UUID]) -> set[str]:
    """Where a change of these workers can reach: the zones they work in, and those of the cases they hold or are offered."""
    rows = await connection.fetch(
        """select unnest(zones) as zone from coordinators where id = any($1::uuid[])
           union
           select cases.zone from offers join cases on cases.id = offers.case_id
           where offers.coordinator_id = any($1::uuid[]) and offers.status in ('offered', 'accepted')""",
        list(ids),
    )
    return {row["zone"] for row in rows}


async def names(connection: Connection, ids: Collection[UUID]) -> dict[UUID, str]:
    rows = await connection.fetch("select id, name from coordinators where id = any($1::uuid[])", list(ids))
    return {row["id"]: row["name"] for row in rows}


async def upsert(tx: Transaction, changed: Sequence[Worker], day: date, organisations: Mapping[UUID, str]) -> None:
    """Write workers as they are from now on; `organisations` names employers. What they carry stays, with its fixed part renewed;
    the ceiling is what they carry where that is more than their new capacity.
    """
    await tx.executemany(
        """insert into coordinators as old (id, name, organisation_id, organisation, zones, roles, fte, languages, programmes,
               municipalities, started_on, active, capacity, used, ceiling)
           values ($1, $2, $3, coalesce($4, ''), $5, $6, $7, $8, $9, $10, $11, $12, $13::int, $14::int, greatest($13::int, $14::int))
           on conflict (id) do update set name = excluded.name, organisation_id = excluded.organisation_id,
               organisation = case when $4::text is null then old.organisation else excluded.organisation end,
               zones = excluded.zones, roles = excluded.roles, fte = excluded.fte, languages = excluded.languages,
               programmes = excluded.programmes, municipalities = excluded.municipalities, started_on = excluded.started_on,
               active = excluded.active, capacity = excluded.capacity, used = old.used + excluded.used - $15::int,
               ceiling = greatest(excluded.capacity, old.used + excluded.used - $15::int)""",
        [
            (
                worker.id,
                worker.name,
                worker.organisation_id,
                organisations.get(worker.id),
                sorted(worker.zones),
                sorted(worker.roles),
                worker.fte,
                sorted(worker.languages),
                sorted(worker.programmes),
                sorted(worker.municipalities),
                worker.started_on,
                worker.active,
                worker.capacity(day),
                worker.fixed,
                fixed,
            )
            for worker, fixed in await _with_old_fixed(tx, changed)
        ],
    )


async def renew_teams(tx: Transaction, zones: Sequence[str], now: datetime) -> None:
    """Take down the teams of these (locked) zones anew, so that decisions from now on name the new version."""
    by_zone: dict[str, list[Worker]] = defaultdict(list)
    for worker in await workers_in(tx, zones):
        for zone in worker.zones:
            by_zone[zone].append(worker)
    versions = [new_id() for _ in zones]
    await tx.execute(
        "insert into teams (version, zone, taken_at, workers) select version, zone, $3, workers "
        "from unnest($1::uuid[], $2::text[], $4::jsonb[]) as new(version, zone, workers)",
        versions,
        list(zones),
        now,
        [orjson.dumps([facts_of(worker) for worker in by_zone[zone]]).decode() for zone in zones],
    )
    await tx.execute(
        """update zones set team_version = new.version, load_version = new.version
           from unnest($1::text[], $2::uuid[]) as new(code, version) where zones.code = new.code""",
        list(zones),
        versions,
    )


async def _with_old_fixed(tx: Transaction, changed: Sequence[Worker]) -> list[tuple[Worker, int]]:
    old = {worker.id: worker.fixed for worker in await workers(tx, [worker.id for worker in changed])}
    return [(worker, old.get(worker.id, 0)) for worker in changed]


async def _with_absences(connection: Connection, rows: Sequence[asyncpg.Record]) -> list[Worker]:
    absences: dict[UUID, list[Absence]] = defaultdict(list)
    for row in await connection.fetch(
        "select * from absences where coordinator_id = any($1::uuid[]) order by starts_on", [row["id"] for row in rows]
    ):
        absences[row["coordinator_id"]].append(Absence(row["starts_on"], row["ends_on"]))
    return [
        Worker(
            row["id"],
            row["name"],
            row["organisation_id"],
            frozenset(row["zones"]),
            frozenset(row["roles"]),
            row["fte"],
            frozenset(row["languages"]),
            frozenset(row["programmes"]),
            frozenset(row["municipalities"]),
            row["started_on"],
            tuple(absences[row["id"]]),
            row["active"],
        )
        for row in rows
    ]
