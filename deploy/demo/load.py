"""The demonstration set: twelve coordinators, a zone lead, a zone intake worker, thirty organisations and providers. All invented.

It enters by the front door, as a zone would import its own files.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx

from deploy.demo.identity.asking import token_for
from shared.settings import Settings

HERE = Path(__file__).parent
FILES = (
    ("notifications", "/notifications/api/directory/import", "providers.csv"),
    ("notifications", "/notifications/api/directory/import", "workforce.csv"),
    ("coordination", "/coordination/api/workforce/import", "workforce.csv"),
)
SECONDS = 20.0
TRIES = 10


class NotLoaded(Exception):
    """A file of the demonstration set was refused; the message says by which service and why."""


async def load(settings: Settings, token: str | None = None) -> None:
    """Import the files, in the name of operations (`token`: as the demonstration's provider gives it); again is harmless.

    Raises NotLoaded, NoToken, or what httpx raises when a service is away.
    """
    token = token or await asyncio.to_thread(token_for, settings, "ops")
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "text/csv"}
    async with httpx.AsyncClient(timeout=SECONDS, trust_env=False, headers=headers) as client:
        for service, path, name in FILES:
            answer = await _post(client, settings.url(service) + path, (HERE / name).read_bytes())
            if not answer.is_success:
                raise NotLoaded(f"{name} was refused by {service} with status {answer.status_code}: {answer.text[:500]}")


async def _post(client: httpx.AsyncClient, url: str, file: bytes) -> httpx.Response:
    """Send a file, and again while the service says that it is not ready yet."""
    for _ in range(TRIES):
        answer = await client.post(url, content=file)
        if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
            break
        await asyncio.sleep(float(answer.headers.get("Retry-After", 1)))
    return answer
