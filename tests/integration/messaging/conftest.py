from __future__ import annotations

from uuid import uuid4

import pytest
from pydantic import SecretStr

from tests.databases import Databases
from tests.integration.messaging import toy
from tests.servers import Servers


@pytest.fixture
async def rig(infrastructure: Servers, databases: Databases) -> toy.Rig:
    """A toy service with a fresh database and topic."""
    prefix = f"{uuid4().hex[:8]}."
    await toy.make_topics(infrastructure.kafka.bootstrap, f"{prefix}toy.events")
    dsn = await databases.fresh("toy", toy.MIGRATIONS)
    return toy.Rig(
        toy.ToySettings(
            intake_dsn=SecretStr(dsn), kafka=infrastructure.kafka.bootstrap, kafka_prefix=prefix, kafka_session_timeout_ms=6_000
        )
    )
