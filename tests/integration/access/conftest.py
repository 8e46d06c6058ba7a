"""Routes that people sign in to, with a fresh database of sessions and the demonstration's identity provider."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import jwt
import pytest

from deploy.embedded.processes import free_port
from shared.access import provider
from tests.databases import Databases
from tests.identity import SIGNER, a_provider
from tests.integration.access.rig import HOME, Door, a_door


@pytest.fixture
async def door(databases: Databases, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Door]:
    """A door to sign in at."""
    with a_provider(free_port(), HOME) as identity:
        async with a_door(await databases.fresh("access"), identity, monkeypatch) as opened:
            yield opened


@pytest.fixture
def telling(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Have the provider's ID tokens say something else, under its own signature; None leaves a claim out."""

    def tell(*, typ: str = "JWT", **changed: Any) -> None:
        exchange = provider.Provider.exchange

        async def other(self: provider.Provider, code: str, **more: str) -> dict[str, Any]:
            tokens = await exchange(self, code, **more)
            said = jwt.decode(tokens["id_token"], options={"verify_signature": False}) | changed
            said = {name: value for name, value in said.items() if value is not None}
            return tokens | {"id_token": jwt.encode(said, SIGNER.key, "EdDSA", {"kid": SIGNER.kid, "typ": typ})}

        monkeypatch.setattr(provider.Provider, "exchange", other)

    return tell
