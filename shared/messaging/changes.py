"""Whom changes concern, as open pages have to hear of it: triggers note it in the transaction of the change, each process watches the notes.

A change is known by its transaction. Transactions commit in another order than that of their numbers, so what was looked at is a snapshot,
not a number: the next look finds exactly what was invisible to the last one. A hint too many is harmless, one too few is not.
See docs/decisions/0017-live-pages.md.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from shared import db
from shared.db import Connection, Pool

KEEP_SECONDS = 60.0
MOST_REMEMBERED = 20_000
MOST_LISTENERS = 1_000
MOST_OF_ONE = 12
AHEAD = 100_000  # by how many transactions another process can have looked further; what is further still was numbered on another server

Audience = frozenset[str]


class Snapshot(NamedTuple):
    """Which transactions a look could see: all below `lowest`, and those below `next` that are not in `running`."""

    lowest: int
    next: int
    running: tuple[int, ...] = ()


def snapshot_of(text: str) -> Snapshot:
    """PostgreSQL's way to write one: `10:20:10,14,15`."""
    lowest, next_, running = text.split(":")
    return Snapshot(int(lowest), int(next_), tuple(int(each) for each in running.split(",") if each))


class TooMany(Exception):
    """No more can listen: in this process, or (`own`) of this account."""

    def __init__(self, *, own: bool) -> None:
        super().__init__("too many listeners")
        self.own = own


@dataclass(eq=False)
class Listener:
    """Somebody with an open page. `concerns`: what they may hear of; None: everything. `news` is set when there is something to hear, or `over`."""

    account: UUID
    concerns: Audience | None
    news: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def end(self) -> None:
        """Nobody listens any more, or nothing will be told."""
        self.over.set()
        self.news.set()

    def hears(self, audience: Audience) -> bool:
        """Whether a change for this audience concerns them."""
        return self.concerns is None or not self.concerns.isdisjoint(audience)


class Changes:
    """What one process knows of the changes in the database of one service, and who listens here.

    `position`: everything of the transactions below it was told; a page that was read after it misses nothing by asking from there.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.position = 0
        self.closed = False
        self._clock = clock
        self._seen: Snapshot | None = None  # None: nothing was looked at yet, or a look failed since
        self._complete_from = 0
        self._recent: deque[tuple[int, Audience]] = deque()
        self._listeners: set[Listener] = set()
        self._of_account: Counter[UUID] = Counter()
        self._looked_at = clock()
        self._forget = (clock(), 0)  # when this position was reached; what is below it goes once that is long enough ago

    def __len__(self) -> int:
        return len(self._listeners)

    def listen(self, account: UUID, concerns: Audience | None) -> Listener:
        """Begin to listen; `leave` ends it. Raises TooMany."""
        if self.closed or len(self._listeners) >= MOST_LISTENERS:
            raise TooMany(own=False)
        if self._of_account[account] >= MOST_OF_ONE:
            raise TooMany(own=True)
        listener = Listener(account, concerns)
        self._listeners.add(listener)
        self._of_account[account] += 1
        return listener

    def leave(self, listener: Listener) -> None:
        """End to listen."""
        self._listeners.discard(listener)
        self._of_account -= Counter([listener.account])

    def missed(self, listener: Listener, since: int | None) -> bool:
        """Whether something that concerns a listener happened since a position, as far as that can be told; if not, it may have."""
        if since is None or self._seen is None or not self._complete_from <= since <= self.position + AHEAD:
            return True
        return any(tx >= since and listener.hears(audience) for tx, audience in self._recent)

    def close(self) -> None:
        """The process stops: nothing is told any more."""
        self.closed = True
        for listener in self._listeners:
            listener.end()

    async def watch(self, pool: Pool) -> int:
        """Look once. Returns 0: the next look has time."""
        try:
            async with pool.acquire(timeout=db.ACQUIRE_SECONDS) as connection:
                await self.look(connection)
                await self._forget_old(connection)
        except BaseException:
            self._seen = None
            raise
        return 0

    async def look(self, connection: Connection) -> None:
        """Tell what became visible since the last look; after the first look, or one that failed or came late, there is no telling what was missed."""
        before = self._seen
        gap = before is None or self._clock() - self._looked_at > KEEP_SECONDS / 2
        if before is None or gap:
            before = snapshot_of(await connection.fetchval("select pg_current_snapshot()::text"))
            before = Snapshot(before.lowest, before.lowest)
            self._recent.clear()
            self._complete_from = before.lowest
        rows = await connection.fetch(
            """select pg_current_snapshot()::text as snapshot, tx, audience
               from (values (1)) as once left join (
                   select tx, audience from changes where tx >= $1
                   union all select tx, audience from changes where tx = any($2::bigint[])) as changed on true""",
            before.next,
            before.running,
        )
        self._looked_at = self._clock()
        self._seen = seen = snapshot_of(rows[0]["snapshot"])
        self.position = seen.lowest
        self._note((row["tx"], frozenset(row["audience"])) for row in rows if row["tx"] is not None)
        if gap:
            self._tell_all()

    def _note(self, changed: Iterable[tuple[int, Audience]]) -> None:
        for tx, audience in changed:
            self._recent.append((tx, audience))
            for listener in self._listeners:
                if listener.hears(audience):
                    listener.news.set()
        while len(self._recent) > MOST_REMEMBERED:
            tx, _ = self._recent.popleft()
            self._complete_from = max(self._complete_from, tx + 1)

    def _tell_all(self) -> None:
        for listener in self._listeners:
            listener.news.set()

    async def _forget_old(self, connection: Connection) -> None:
        """Whoever is so late finds a gap and asks everybody to look again."""
        since, position = self._forget
        if self._clock() - since > KEEP_SECONDS:
            await connection.execute("delete from changes where tx < $1", position)
            self._forget = (self._clock(), self.position)
