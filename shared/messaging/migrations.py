"""Applying plain SQL migrations: once each, in order, under a lock, remembered with a checksum."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import asyncpg

LOCK = 7_301_905_226_108_843_001  # any constant: one migration at a time per database
KERNEL = Path(__file__).with_name("migrations")
AUDIT = tuple(
    KERNEL / name for name in ("0002_partitions.sql", "0010_audit.sql", "0011_who_asks.sql")
)  # where there is an audit and no messaging


class MigrationEdited(Exception):
    """A migration that was applied has been edited since; write a new one instead."""


async def migrate(owner_dsn: str, *places: Path) -> list[str]:
    """Apply what is missing from these folders and files, in the order of file names; returns the names applied.

    The owner's default privileges (see `deploy.embedded.provision`) give the app login its rights to what is made here.
    """
    connection = await asyncpg.connect(owner_dsn, timeout=10)
    try:
        await connection.execute("select pg_advisory_lock($1)", LOCK)
        await connection.execute(
            "create table if not exists migrations (name text primary key, checksum text not null, applied_at timestamptz not null default now())"
        )
        known = {row["name"]: row["checksum"] for row in await connection.fetch("select name, checksum from migrations")}
        found = (file for place in places for file in (place.glob("[0-9]*.sql") if place.is_dir() else [place]))
        files = sorted(found, key=lambda file: file.name)
        return [file.name for file in files if await _apply(connection, known.get(file.name), file)]
    finally:
        await connection.close()


async def _apply(connection: asyncpg.Connection[asyncpg.Record], known: str | None, file: Path) -> bool:
    text = file.read_text("utf-8")
    checksum = sha256(text.encode()).hexdigest()
    if known == checksum:
        return False
    if known is not None:
        raise MigrationEdited(f"{file.name} was applied with other contents; write a new migration instead of editing it")
    async with connection.transaction():
        await connection.execute(text)
        await connection.execute("insert into migrations (name, checksum) values ($1, $2)", file.name, checksum)
    return True
