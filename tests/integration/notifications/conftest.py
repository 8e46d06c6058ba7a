from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.databases import Databases
from tests.integration.notifications import rig
from tests.integration.notifications.sink import Sink, a_sink


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    """A mail server that takes everything until it is told otherwise."""
    async with a_sink() as running:
        yield running


@pytest.fixture
async def house(databases: Databases, sink: Sink) -> AsyncIterator[rig.House]:
    """Notifications with a fresh database and a clock that stands still."""
    async with rig.a_house(await databases.fresh("notifications"), sink) as opened:
        yield opened
