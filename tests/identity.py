"""The tests' own issuer: its key lives as long as the run, its tokens are taken by everything a test starts."""

from __future__ import annotations

from deploy.demo.identity.signing import Signer
from shared.access.actors import Actor
from shared.settings import Settings

ISSUER = "https://identity.tests.example"
AUDIENCE = str(Settings.model_fields["identity_audience"].default)
SIGNER = Signer.new(ISSUER)
SETTINGS = {"identity_issuer": ISSUER, "identity_keys": SIGNER.jwks}
ENVIRONMENT = {f"ZORGSPOOR_{name.upper()}": value for name, value in SETTINGS.items()}


def issue_token(actor: Actor, hours: float = 1) -> str:
    """A bearer token of an actor."""
    return SIGNER.access_token(actor, AUDIENCE, hours)
