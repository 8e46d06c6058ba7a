from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from pydantic import SecretStr

from services.coordination import app
from shared import db
from shared.messaging.kernel import Kernel
from shared.settings import Settings, settings
from tests.databases import Databases
from tests.integration.coordination.rig import Clock, Office


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
async def office(databases: Databases) -> AsyncIterator[Office]:
    """Coordination with a fresh database and a clock of its own, without Kafka: its handlers by hand."""
    dsn = await databases.fresh("coordination")
    clock = Clock()
    kernel = Kernel(app.service(), Settings(coordination_dsn=SecretStr(dsn)), clock)
    kernel.pool = await db.open_pool(dsn, size=20, application="coordination-test")
    yield Office(kernel, clock)
    await kernel.pool.close()
