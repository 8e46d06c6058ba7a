from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from deploy.embedded import provision
from deploy.embedded.processes import free_port
from shared.access import database
from shared.settings import ACCESS, SERVICES, settings
from shared.web import ask
from tests import secret_files
from tests.databases import Databases
from tests.integration.operations.rig import Gates, Town, a_town
from tests.servers import Servers


@pytest.fixture
async def town(infrastructure: Servers, databases: Databases, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[Town]:
    """The three services on fresh databases and topics."""
    prefix, port = f"{uuid4().hex[:8]}.", free_port()
    await provision.topics(infrastructure.kafka.bootstrap, partitions=3, replication=1, security={}, prefix=prefix)
    values = {
        **secret_files.of_intake(tmp_path),
        "kafka": infrastructure.kafka.bootstrap,
        "kafka_prefix": prefix,
        "deliver": "false",
        "undo_minutes": "0",
    }
    values["kafka_session_timeout_ms"] = "6000"
    for service in SERVICES:
        values |= {f"{service}_dsn": await databases.fresh(service), f"{service}_url": f"http://127.0.0.1:{port}"}
    values["access_dsn"] = await databases.fresh(ACCESS)
    for name, value in values.items():
        monkeypatch.setenv(f"ZORGSPOOR_{name.upper()}", value)
    settings.cache_clear()
    gates = Gates()
    gates.build(monkeypatch)
    async with a_town(port, gates) as opened:
        yield opened
    await ask.close()
    await database.close()
    monkeypatch.undo()
    settings.cache_clear()
