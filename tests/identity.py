"""The tests' own issuer: its key lives as long as the run, its tokens are taken by everything a test starts."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from deploy.demo.identity.signing import Signer
from deploy.demo.identity.web import Provider
from deploy.embedded.processes import free_port
from shared.access.actors import Actor
from shared.settings import Settings

PORT = free_port()
ISSUER = f"http://127.0.0.1:{PORT}"
AUDIENCE = str(Settings.model_fields["identity_audience"].default)
SIGNER = Signer.new(ISSUER)
SETTINGS = {"identity_issuer": ISSUER, "identity_keys": SIGNER.jwks}
ENVIRONMENT = {f"ZORGSPOOR_{name.upper()}": value for name, value in SETTINGS.items()}


@contextmanager
def a_provider(port: int, public_url: str) -> Iterator[dict[str, str]]:
    """The demonstration's identity provider on a port; the settings of services that people sign in to with it. Its key is that of the tests."""
    issuer = f"http://127.0.0.1:{port}"
    signer = Signer(issuer, SIGNER.key)
    app = Provider(Settings(public_url=public_url, identity_issuer=issuer, identity_keys="", demo=True), signer).app()
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error", lifespan="off"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    try:
        yield {"identity_issuer": issuer, "identity_keys": ""}
    finally:
        server.should_exit = True
        thread.join(10)


def issue_token(actor: Actor, hours: float = 1) -> str:
    """A bearer token of an actor."""
    return SIGNER.access_token(actor, AUDIENCE, hours)


def issue_token_of(issuer: str | None, actor: Actor, hours: float = 1) -> str:
    """The same of another provider that runs for the tests (`a_provider`)."""
    return Signer(issuer or ISSUER, SIGNER.key).access_token(actor, AUDIENCE, hours)
