"""An audit of a service with nothing else in it: entries, their seals, and somebody who tampers with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import SecretStr

from shared.access.audit import entries, sealing, verifying
from shared.access.audit.verifying import Verdict
from shared.items import Entry
from tests.integration.messaging import toy

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
SECRET = "7f" * 16 + "0123456789abcdef" * 2
PUBLIC = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(SECRET)).public_key()


def an_entry(**changes: Any) -> Entry:
    told: dict[str, Any] = {
        "person": uuid4(),
        "action": "cases.read",
        "outcome": "seen",
        "purpose": "care",
        "who": uuid4(),
        "role": "coordinator",
    }
    return Entry(**told | {"request_id": uuid4()} | changes)


def a_toy(dsn: str, checkpoints: Path) -> toy.ToySettings:
    return toy.ToySettings(intake_dsn=SecretStr(dsn), audit_key=SecretStr(SECRET), audit_checkpoints=checkpoints)


@dataclass
class Ledger:
    dsn: str
    app: asyncpg.Connection[asyncpg.Record]
    owner: asyncpg.Connection[asyncpg.Record]

    async def add(self, count: int = 1, **changes: Any) -> None:
        """So many entries in one transaction."""
        await entries.append(self.app, [an_entry(**changes) for _ in range(count)], NOW)

    async def seal(self) -> None:
        await sealing.seal_all(self.app)

    async def checkpoint(self, folder: Path, hours: int = 0, service: str = "toy") -> None:
        """What the sealer does after so many hours."""
        from shared.access.audit import seals

        sealing.checkpoint_when_due(folder, SECRET, service, await seals.last(self.app), NOW + timedelta(hours=hours))

    async def verdict(self, folder: Path | None = None) -> Verdict:
        async with self.app.transaction(isolation="repeatable_read", readonly=True):
            return await verifying.verify(self.app, "toy", folder, PUBLIC)
