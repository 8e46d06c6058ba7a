"""The sealer: closes what was recorded into the chain, about once a second, and signs a checkpoint every hour.

One sealer per service is at work at a time: whoever holds the lock, as with the relay.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg
import structlog

from shared import db
from shared.access.audit import chain, checkpoints, seals
from shared.access.audit.chain import Seal
from shared.messaging.pacing import Backoff

if TYPE_CHECKING:
    from shared.messaging.kernel import Kernel

EVERY_SECONDS = 1.0
CHECKPOINT_EVERY = timedelta(hours=1)
LOCK = 7_301_905_226_108_843_004

log = structlog.get_logger()


class Sealer:
    """One service's sealer. Started in every process; the one with the lock works, the others stand by."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel

    async def run(self) -> None:
        """Seal for ever: whatever fails, back off, take a new connection and go on."""
        backoff = Backoff()
        while True:
            try:
                await self._lead(backoff)
            except Exception as error:  # whatever it is: the chain must not stand still behind a green light
                if db.is_transient(error):
                    log.warning("sealer_waits", service=self.kernel.service, error=type(error).__name__)
                else:
                    log.exception("sealer_failed", service=self.kernel.service)
                await backoff.wait()

    async def _lead(self, backoff: Backoff) -> None:
        connection = await asyncpg.connect(
            self.kernel.settings.dsn(self.kernel.service),
            timeout=2,
            command_timeout=60,
            server_settings={"application_name": f"{self.kernel.service}-sealer", "timezone": "UTC", "jit": "off", "enable_seqscan": "off"},
        )
        try:
            while not await connection.fetchval("select pg_try_advisory_lock($1)", LOCK):  # noqa: ASYNC110 - the lock is in the database
                await asyncio.sleep(EVERY_SECONDS)
            while True:
                self._checkpoint(await seal_all(connection))
                backoff.reset()
                await asyncio.sleep(EVERY_SECONDS)
        finally:
            connection.terminate()

    def _checkpoint(self, seal: Seal) -> None:
        chosen = self.kernel.settings
        if chosen.audit_checkpoints is not None:
            checkpoint_when_due(chosen.audit_checkpoints, chosen.audit_key.get_secret_value(), self.kernel.service, seal, self.kernel.now())


async def seal_all(connection: Any) -> Seal:
    """Seal everything that can be sealed; the last seal."""
    while await seal_some(connection):
        pass
    return await seals.last(connection)


async def seal_some(connection: Any) -> bool:
    """Seal what comes next; whether there may be more.

    Only entries of transactions below the horizon: whatever was to come before them is there.
    """
    async with connection.transaction():
        last = await seals.last(connection)
        end = await seals.horizon(connection)
        moved = end < last.to_tx  # the database stands on another server now, where transactions are numbered anew
        after_id, from_tx = last.after_id, last.to_tx
        rows = await seals.entries(
            connection, from_tx=from_tx, to_tx=seals.FOR_EVER if moved else end, after_id=after_id, most=seals.MOST_ROWS
        )
        if moved and not rows:
            after_id, from_tx = last.last_id, 0
            rows = await seals.entries(connection, from_tx=from_tx, to_tx=end, after_id=after_id, most=seals.MOST_ROWS)
        if not rows:
            return False
        full = len(rows) == seals.MOST_ROWS
        if full or (moved and from_tx):
            rows, end = await _whole_transactions(connection, rows, after_id)
        await seals.add(connection, chain.sealed(last, rows, after_id=after_id, from_tx=from_tx, to_tx=end))
    return full or moved


async def _whole_transactions(connection: Any, rows: list[Any], after_id: int) -> tuple[list[Any], int]:
    """The rows with all of the last one's transaction, and the number after it."""
    cut = rows[-1]["tx"]
    whole = [row for row in rows if row["tx"] < cut]
    return whole + await seals.entries(connection, from_tx=cut, to_tx=cut + 1, after_id=after_id), cut + 1


def checkpoint_when_due(folder: Path, secret: str, service: str, seal: Seal, now: datetime) -> None:
    """Sign the chain as it stands, unless nothing was sealed since the last checkpoint or that is not an hour old."""
    file = checkpoints.file_of(folder, service)
    known: list[checkpoints.Checkpoint] = []
    with suppress(ValueError):  # `audit verify` tells of a damaged file; signing goes on
        known = checkpoints.read(file)
    if seal.place == 0 or (known and (known[-1].place == seal.place or now - known[-1].at < CHECKPOINT_EVERY)):
        return
    folder.mkdir(parents=True, exist_ok=True)
    checkpoints.write(file, checkpoints.sign(checkpoints.private_key(secret), service, seal, now))
