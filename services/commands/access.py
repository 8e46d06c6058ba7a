"""The database of sign-in, as commands reach it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import click

from deploy.embedded import running
from shared.access import database
from shared.settings import ACCESS, settings

Answer = TypeVar("Answer")


def run(data: Path, act: Callable[[], Awaitable[Answer]]) -> Answer:
    """Do something in the database of the services' own environment (in a container), or of what runs on the data directory."""
    if "ZORGSPOOR_IDENTITY_ISSUER" not in os.environ:
        try:
            os.environ["ZORGSPOOR_ACCESS_DSN"] = running.Running.load(data).settings().dsn(ACCESS)
        except running.NothingRuns as error:
            raise click.ClickException(str(error)) from error
        settings.cache_clear()

    async def done() -> Answer:
        try:
            return await act()
        finally:
            await database.close()

    return asyncio.run(done())
