from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from shared.settings import settings
from tests.databases import Databases
from tests.integration.intake import rig


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
async def house(databases: Databases) -> AsyncIterator[rig.House]:
    """Intake with a fresh database, its zones, and a clock that stands still."""
    async with rig.a_house(await databases.fresh("intake")) as opened:
        yield opened
