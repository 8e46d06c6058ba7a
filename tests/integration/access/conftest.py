"""Routes that people sign in to, with a fresh database of sessions and the demonstration's identity provider."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from deploy.embedded.processes import free_port
from shared.access import database
from shared.settings import settings
from shared.web import oauth
from shared.web.app import build_app
from shared.web.routing import service_routes
from tests.databases import Databases
from tests.identity import a_provider
from tests.integration.access.rig import HOME, PAGES, Door, Silent, forget, operations


@pytest.fixture
async def door(databases: Databases, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Door]:
    """A door to sign in at, with the pages of the rig behind it."""
    kernel: Any = Silent()
    with a_provider(free_port(), HOME) as identity:
        values = {"public_url": HOME, "demo": "true", "access_dsn": await databases.fresh("access"), **identity}
        for name, value in values.items():
            monkeypatch.setenv(f"ZORGSPOOR_{name.upper()}", value)
        settings.cache_clear()
        forget()
        yield Door(build_app([*service_routes("intake", kernel, operations(), PAGES), *oauth.routes()]))
    await database.close()
    forget()
    monkeypatch.undo()
    settings.cache_clear()
