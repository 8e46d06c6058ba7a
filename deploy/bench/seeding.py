"""Putting the invented zones, workers and senders into fresh databases."""

from __future__ import annotations

import json

import asyncpg

from deploy.bench.town import SENDERS, Address, an_id
from deploy.demo.identity.signing import Signer
from shared.access.actors import Actor

LEADS = 10_000  # zone leads are numbered from here


async def seed(dsns: dict[str, str], towns: list[Address], zones: int, per_zone: int) -> None:
    """Fill the three databases. Statements run as the superuser."""
    await _seed_intake(dsns["intake"], towns)
    await _seed_coordination(dsns["coordination"], zones, per_zone)
    await _seed_notifications(dsns["notifications"], zones, per_zone)


async def _seed_intake(dsn: str, towns: list[Address]) -> None:
    codes = sorted({town.zone for town in towns})
    connection = await asyncpg.connect(dsn)
    await connection.executemany(
        """insert into zones (code, name_nl, name_fr, entity, prefix, valid_from, source, municipalities)
           values ($1, $1, $1, 'flanders', $2, '2026-01-01', 'bench', $3::jsonb)""",
        [
            (code, f"B{number:02d}", json.dumps([{"nis": town.nis, "postcodes": None} for town in towns if town.zone == code]))
            for number, code in enumerate(codes)
        ],
    )
    await connection.close()


async def _seed_coordination(dsn: str, zones: int, per_zone: int) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute("alter table coordinators drop constraint coordinators_fte_check")
    await connection.executemany(
        "insert into zones (code) values ($1) on conflict do nothing", [(f"zone-{zone:02d}",) for zone in range(zones)]
    )
    columns = """insert into coordinators (id, name, organisation_id, zones, roles, fte, languages, programmes, capacity, used, ceiling)
                 values ($1, $2, $3, array[$4], $5, $6, '{nl,fr}', '{perinatal,frail,obesity}', $6 * 100, $6 * 15, $6 * 100)"""
    workers = [
        (
            an_id("worker", zone * per_zone + place),
            f"Werker {zone}-{place}",
            an_id("employer", place),
            f"zone-{zone:02d}",
            ["care_coordinator", "case_manager"],
            100,
        )
        for zone in range(zones)
        for place in range(per_zone)
    ]
    leads = [(an_id("worker", LEADS + zone), f"Leider {zone}", None, f"zone-{zone:02d}", ["zone_lead"], 0) for zone in range(zones)]
    await connection.executemany(columns, [*workers, *leads])
    await connection.close()


async def _seed_notifications(dsn: str, zones: int, per_zone: int) -> None:
    people = [(an_id("worker", number), "worker") for number in [*range(zones * per_zone), *range(LEADS, LEADS + zones)]]
    people += [(an_id("sender", number), "provider") for number in range(SENDERS)]
    connection = await asyncpg.connect(dsn)
    await connection.executemany(
        """insert into contacts (id, kind, name, organisation, email, phone, language, municipality, roles, zones, channels, active, changed_at)
           values ($1, $2, 'Proef', 'Proef', $3, '', 'nl', '', '{}', '{}', '{email}', true, now())""",
        [(id, kind, f"{id}@proef.example") for id, kind in people],
    )
    await connection.close()


def tokens(signer: Signer, audience: str) -> list[str]:
    """A token of every sender, each of its own organisation."""
    return [
        signer.access_token(
            Actor(an_id("sender", number), "Proef", frozenset({"sender"}), an_id("organisation", number), "Proef", frozenset(), "nl"),
            audience,
            hours=4,
        )
        for number in range(SENDERS)
    ]
