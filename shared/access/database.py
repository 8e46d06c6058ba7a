"""The database `access`: one small pool per process, opened at first use; and the secrets it keeps as hashes."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from weakref import WeakKeyDictionary

from shared import clock, db
from shared.access.audit import entries
from shared.access.roles import Actor
from shared.db import Connection, Pool
from shared.items import Entry
from shared.messaging.migrations import AUDIT
from shared.settings import ACCESS, settings

MIGRATIONS = (*AUDIT, Path(__file__).with_name("migrations"))
POOL_SIZE = 4
LOOKED_UP_SECONDS = 5.0  # what was taken back elsewhere works here no longer than this
MOST_KEPT = 4_096

_pools: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, Pool]] = WeakKeyDictionary()


@asynccontextmanager
async def connected() -> AsyncIterator[Connection]:
    """A connection, in a transaction."""
    async with (await _pool()).acquire(timeout=db.ACQUIRE_SECONDS) as connection, connection.transaction():
        yield connection


async def _pool() -> Pool:
    pools = _pools.setdefault(asyncio.get_running_loop(), {})
    dsn = settings().dsn(ACCESS)
    if dsn not in pools:
        opened = await db.open_pool(dsn, size=POOL_SIZE, application=ACCESS)
        if pools.setdefault(dsn, opened) is not opened:  # another request was first
            await opened.close()
    return pools[dsn]


async def close() -> None:
    """Close the connections of this event loop; the next use opens new ones."""
    for pool in _pools.pop(asyncio.get_running_loop(), {}).values():
        await pool.close()


async def record(connection: Connection, *rows: Entry) -> None:
    """Write entries of the audit, in the transaction of what they tell."""
    await entries.append(connection, rows, clock.now())


async def forget() -> None:
    """Delete what has ended. Called when something is added, so that nothing grows for ever."""
    now = clock.now()
    async with connected() as connection:
        await connection.execute("delete from sign_ins where ends_at < $1", now)
        await connection.execute("delete from sessions where ends_at < $1", now)
        await connection.execute("delete from used_assertions where ends_at < $1", now)
        await connection.execute("delete from client_tokens where ends_at < $1", now)


def new_secret(prefix: str = "") -> str:
    """256 random bits, for a cookie or a token."""
    return prefix + secrets.token_urlsafe(32)


def hashed(secret: str) -> bytes:
    """What is kept of a secret. It is random and long: a plain hash cannot be turned back."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()


class LookedUp:
    """Who is behind a secret, remembered for a few seconds; by its hash."""

    def __init__(self) -> None:
        self._found: OrderedDict[bytes, tuple[Actor, float, bool]] = OrderedDict()

    def get(self, hash: bytes, now: float, *, used: bool = True) -> Actor | None:
        """The actor, if that was looked up a moment ago; `used`: only if that look-up noted a use. `now` in monotonic seconds."""
        actor, at, noted = self._found.get(hash, (None, now, False))
        return actor if now - at < LOOKED_UP_SECONDS and (noted or not used) else None

    def keep(self, hash: bytes, actor: Actor, now: float, *, used: bool = True) -> None:
        """Remember it, and whether a use was noted."""
        self._found[hash] = actor, now, used
        self._found.move_to_end(hash)
        if len(self._found) > MOST_KEPT:
            self._found.popitem(last=False)

    def drop(self, hash: bytes | None = None) -> None:
        """Forget one, or all."""
        if hash is None:
            self._found.clear()
        else:
            self._found.pop(hash, None)
