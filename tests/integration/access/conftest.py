from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest

from tests.databases import Databases
from tests.integration.access.rig import Ledger
from tests.integration.messaging import toy


@pytest.fixture
async def ledger(databases: Databases) -> AsyncIterator[Ledger]:
    """A fresh database as the app login meets it, and a connection of its owner, who can do worse."""
    dsn = await databases.fresh("toy", toy.MIGRATIONS)
    app = await asyncpg.connect(dsn)
    owner = await asyncpg.connect(dsn.replace("toy_app@", "toy_owner@"))
    yield Ledger(dsn, app, owner)
    await app.close()
    await owner.close()
