"""The demonstration set: twelve coordinators, a zone lead, a zone intake worker, thirty organisations and providers. All invented.

It enters by the front door, as a zone would import its own files.
"""

from __future__ import annotations

from pathlib import Path

import httpx

from shared.access.actors import Tokens
from shared.access.personas import PERSONAS
from shared.settings import Settings

HERE = Path(__file__).parent
FILES = (
    ("notifications", "/notifications/api/directory/import", "providers.csv"),
    ("notifications", "/notifications/api/directory/import", "workforce.csv"),
    ("coordination", "/coordination/api/workforce/import", "workforce.csv"),
)
SECONDS = 20.0


class NotLoaded(Exception):
    """A file of the demonstration set was refused; the message says by which service and why."""


async def load(settings: Settings) -> None:
    """Import the files; again is harmless. Raises NotLoaded, or what httpx raises when a service is away."""
    token = Tokens(settings.token_key.get_secret_value()).issue(PERSONAS["ops"], hours=1)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "text/csv"}
    async with httpx.AsyncClient(timeout=SECONDS, trust_env=False, headers=headers) as client:
        for service, path, name in FILES:
            answer = await client.post(settings.url(service) + path, content=(HERE / name).read_bytes())
            if not answer.is_success:
                raise NotLoaded(f"{name} was refused by {service} with status {answer.status_code}: {answer.text[:500]}")
