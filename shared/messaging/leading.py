"""Leading: of all processes of a service one at a time does a work, whoever holds the lock; the others stand by.

The lock belongs to the connection the work is done on, so that losing one is losing both.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import asyncpg

from shared import db

if TYPE_CHECKING:
    from shared.messaging.kernel import Kernel

CONNECT_SECONDS = 2
STATEMENT_SECONDS = 60
STANDBY_SECONDS = 1.0


@asynccontextmanager
async def leading(kernel: Kernel, work: str, lock: int, database: str = "") -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    """A connection of its own that holds this lock; waits until nobody else does. To the service's own database unless another is named."""
    connection = await asyncpg.connect(
        kernel.settings.dsn(database or kernel.service),
        timeout=CONNECT_SECONDS,
        command_timeout=STATEMENT_SECONDS,
        server_settings=db.session(f"{kernel.service}-{work}"),
    )
    try:
        while not await take_lead(connection, lock):  # noqa: ASYNC110 - the lock is in the database
            await asyncio.sleep(STANDBY_SECONDS)
        yield connection
    finally:
        connection.terminate()


async def take_lead(connection: asyncpg.Connection[asyncpg.Record], lock: int) -> bool:
    """Try to become the one that leads."""
    return bool(await connection.fetchval("select pg_try_advisory_lock($1)", lock))
