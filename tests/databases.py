"""A fresh, migrated database for every test that wants one, copied from a template made once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

import asyncpg

from shared.messaging.migrations import KERNEL, migrate
from tests.servers import Postgres

ROOT = Path(__file__).parents[1]


class Databases:
    """Makes databases of one PostgreSQL. The app login of a service owns nothing and can only read and write rows."""

    def __init__(self, postgres: Postgres) -> None:
        self.postgres = postgres
        self.templates: set[str] = set()

    async def fresh(self, service: str, *folders: Path) -> str:
        """A new database of a service; returns the DSN of its app login."""
        if service not in self.templates:
            await self._make_template(service, folders or (ROOT / "services" / service / "migrations",))
        name = f"{service}_{uuid4().hex[:12]}"
        await self._admin(f'create database "{name}" template "template_{service}" strategy file_copy')
        return self.postgres.dsn(name, f"{service}_app")

    async def _make_template(self, service: str, folders: Sequence[Path]) -> None:
        for role in ("owner", "app"):
            await self._admin(f"do $$ begin create role {service}_{role} login; exception when duplicate_object then null; end $$")
        await self._admin(f'create database "template_{service}" owner {service}_owner')
        owner = self.postgres.dsn(f"template_{service}", f"{service}_owner")
        connection = await asyncpg.connect(owner)
        try:
            await connection.execute("create schema if not exists public")
        except asyncpg.PostgresError:
            pass
        for grant in ("select, insert, update, delete on tables", "usage, select on sequences", "execute on functions"):
            await connection.execute(f"alter default privileges grant {grant} to {service}_app")
        await connection.close()
        await migrate(owner, KERNEL, *folders)
        self.templates.add(service)

    async def _admin(self, statement: str) -> None:
        connection = await asyncpg.connect(self.postgres.dsn())
        try:
            await connection.execute(statement)
        finally:
            await connection.close()
