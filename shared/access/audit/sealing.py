"""The sealer: closes what was recorded into the chain, about once a second, and signs a checkpoint every hour.

One sealer per database is at work at a time.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shared.access.audit import chain, checkpoints, seals
from shared.access.audit.chain import Seal
from shared.messaging.leading import leading
from shared.messaging.pacing import Backoff

if TYPE_CHECKING:
    from shared.messaging.kernel import Kernel

EVERY_SECONDS = 1.0
CHECKPOINT_EVERY = timedelta(hours=1)
LOCK = 7_301_905_226_108_843_004


class Sealer:
    """One database's sealer, of the service's own unless another is named. Started in every process; the one with the lock works, the others
    stand by."""

    def __init__(self, kernel: Kernel, database: str = "") -> None:
        self.kernel = kernel
        self.database = database or kernel.service

    async def run(self) -> None:
        """Seal for ever: whatever fails, back off, take a new connection and go on."""
        backoff = Backoff(self.database, "sealer")
        while True:
            try:
                await self._lead(backoff)
            except Exception as error:  # whatever it is: the chain must not stand still behind a green light
                await backoff.after(error)

    async def _lead(self, backoff: Backoff) -> None:
        async with leading(self.kernel, "sealer", LOCK, self.database) as connection:
            signing, kept = self._signing(), None
            while True:
                today = self.kernel.now().astimezone(UTC).date()
                if today != kept:
                    await seals.keep_partitions(connection, today)
                    kept = today
                seal = await seal_all(connection)
                if signing is not None:
                    signing.sign_when_due(seal, self.kernel.now())
                backoff.reset()
                await asyncio.sleep(EVERY_SECONDS)

    def _signing(self) -> Signing | None:
        chosen = self.kernel.settings
        if chosen.audit_checkpoints is None:
            return None
        return Signing(chosen.audit_checkpoints, chosen.audit_key.get_secret_value(), self.database)


class Signing:
    """The checkpoints of one service while one sealer leads: the last one is remembered, the file is only added to."""

    def __init__(self, folder: Path, secret: str, service: str) -> None:
        self.file = checkpoints.file_of(folder, service)
        self.key = checkpoints.private_key(secret)
        self.service = service
        self.last: checkpoints.Checkpoint | None = None
        with suppress(ValueError, IndexError):  # `audit verify` tells of a damaged file; signing goes on
            self.last = checkpoints.read(self.file)[-1]

    def sign_when_due(self, seal: Seal, now: datetime) -> None:
        """Sign the chain as it stands, unless nothing was sealed since the last checkpoint or that is not an hour old."""
        last = self.last
        if seal.place == 0 or (last and (last.place == seal.place or now - last.at < CHECKPOINT_EVERY)):
            return
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.last = checkpoints.sign(self.key, self.service, seal, now)
        checkpoints.write(self.file, self.last)


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
