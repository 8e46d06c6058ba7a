from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from shared.settings import settings
from tests import secret_files
from tests.databases import Databases
from tests.integration.intake import rig


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    for name, value in {"token_key": "k" * 32, **secret_files.of_intake(tmp_path)}.items():
        monkeypatch.setenv(f"ZORGSPOOR_{name.upper()}", value)
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
async def house(databases: Databases, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[rig.House]:
    """Intake with a fresh database, its zones, and a clock that stands still."""
    monkeypatch.setenv("ZORGSPOOR_INTAKE_DSN", dsn := await databases.fresh("intake"))
    settings.cache_clear()
    async with rig.a_house(dsn) as opened:
        yield opened
