"""Settings as one test wants them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from shared.settings import settings


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Call it with settings by name; they hold for this test."""

    def configure(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"ZORGSPOOR_{name.upper()}", value)
        settings.cache_clear()

    configure(demo="true", public_url="http://127.0.0.1:8080")
    yield configure
    monkeypatch.undo()
    settings.cache_clear()
