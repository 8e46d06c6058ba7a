"""Routes that people sign in to, with a fresh database of sessions and the demonstration's identity provider."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from deploy.embedded.processes import free_port
from tests.databases import Databases
from tests.identity import a_provider
from tests.integration.access.rig import HOME, Door, a_door


@pytest.fixture
async def door(databases: Databases, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Door]:
    """A door to sign in at."""
    with a_provider(free_port(), HOME) as identity:
        async with a_door(await databases.fresh("access"), identity, monkeypatch) as opened:
            yield opened
