"""A fresh, migrated database for every test that wants one, copied from a template made once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

import asyncpg

from deploy.embedded import provision
from shared.access.database import MIGRATIONS
from shared.messaging.migrations import KERNEL, migrate
from shared.settings import ACCESS
from tests.servers import Postgres

ROOT = Path(__file__).parents[1]


class Databases:
    """Makes databases of one PostgreSQL. The app login of a service owns nothing and can only read and write rows."""

    def __init__(self, postgres: Postgres) -> None:
        self.postgres = postgres
        self.templates: set[str] = set()

    async def fresh(self, service: str, *folders: Path) -> str:
        """A new database of a service; returns the DSN of its app login. Of `access` that of intake."""
        if service not in self.templates:
            own = MIGRATIONS if service == ACCESS else (KERNEL, *(folders or (ROOT / "services" / service / "migrations",)))
            await self._make_template(service, own)
        name = f"{service}_{uuid4().hex[:12]}"
        await self._admin(f'create database "{name}" template "template_{service}" strategy file_copy owner {service}_owner')
        return self.postgres.dsn(name, provision.logins_of(service)[0])

    async def _make_template(self, service: str, folders: Sequence[Path]) -> None:
        await provision.logins(self.postgres.dsn, service, {})
        await provision.database(self.postgres.dsn, service, name=f"template_{service}")
        owner = self.postgres.dsn(f"template_{service}", f"{service}_owner")
        await migrate(owner, *folders)
        if service == ACCESS:
            await provision.give_access(owner)
        self.templates.add(service)

    async def _admin(self, statement: str) -> None:
        connection = await asyncpg.connect(self.postgres.dsn())
        try:
            await connection.execute(statement)
        finally:
            await connection.close()
