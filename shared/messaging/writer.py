"""The batched writer of commands: whatever gathers while a transaction runs goes into the next one, with one commit."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog

from shared import db
from shared.items import Decision
from shared.messaging import idempotency
from shared.messaging.idempotency import REUSED, IdempotencyKey
from shared.messaging.outbox import Cause
from shared.messaging.pacing import Pace
from shared.messaging.service import Handler

if TYPE_CHECKING:
    from shared.messaging.kernel import Kernel

MOST_IN_ONE = 200
MOST_WAITING = 5_000
AT_ONCE = 2  # one transaction commits while the next is prepared
PACE_SECONDS = 0.0, 0.1
ANSWER_SECONDS = 10.0

log = structlog.get_logger()


class Unavailable(Exception):
    """The service cannot take this now; the same request may be sent again in a moment."""


@dataclass(slots=True, eq=False)
class Command:
    """One command and whoever waits for its decision."""

    item: Any
    key: IdempotencyKey | None
    cause: Cause
    answer: asyncio.Future[Decision]


class Writer:
    """Runs one handler over the commands that gathered."""

    def __init__(self, kernel: Kernel, handler: Handler[Any]) -> None:
        self.kernel = kernel
        self.handler = handler
        self.waiting: deque[Command] = deque()
        self.running: set[asyncio.Task[None]] = set()
        self.working = 0
        self.closed = False

    async def submit(self, item: Any, key: IdempotencyKey | None, cause: Cause) -> Decision:
        """Wait for this command's decision, at most `ANSWER_SECONDS`."""
        if self.closed or len(self.waiting) >= MOST_WAITING:
            raise Unavailable("too much is waiting")
        command = Command(item, key, cause, asyncio.get_running_loop().create_future())
        self.waiting.append(command)
        if self.working < AT_ONCE:
            self.working += 1
            task = asyncio.create_task(self._drain())
            self.running.add(task)  # the loop itself keeps no hold of a task
            task.add_done_callback(self.running.discard)
        late = asyncio.get_running_loop().call_later(ANSWER_SECONDS, _fail, command, Unavailable("no answer in time"))
        try:
            return await command.answer
        finally:
            late.cancel()

    def close(self) -> None:
        """Take nothing more; what is waiting is told so."""
        self.closed = True
        while self.waiting:
            _fail(self.waiting.popleft(), Unavailable("stopping"))

    async def _drain(self) -> None:
        pace = Pace(*PACE_SECONDS)
        try:
            while self.waiting:
                pace.begin()
                batch = [self.waiting.popleft() for _ in range(min(len(self.waiting), MOST_IN_ONE))]
                batch = [command for command in batch if not command.answer.done()]
                if batch:
                    await self._decide(batch)
                await pace.wait(len(batch))
        finally:
            self.working -= 1  # in the same turn as the look at what waits, or a command could come between and find nobody

    async def _decide(self, batch: Sequence[Command]) -> None:
        try:
            try:
                decisions = await self._transact(batch)
            except Exception as error:
                if not db.was_undone(error):
                    raise
                decisions = await self._transact(batch)
        except Exception as error:
            if db.is_transient(error):
                log.warning("database_away", service=self.kernel.service, commands=len(batch), error=type(error).__name__)
                for command in batch:
                    _fail(command, Unavailable("the database is away"))
            elif len(batch) > 1:
                for command in batch:
                    await self._decide([command])  # only the offender fails
            else:
                _fail(batch[0], error)
            return
        for command, decision in zip(batch, decisions, strict=True):
            if not command.answer.done():
                command.answer.set_result(decision)

    async def _transact(self, batch: Sequence[Command]) -> list[Decision]:
        async with self.kernel.transaction() as tx:
            answered = await self._answered_before(tx, batch)
            fresh = _first_of_each_key([command for command in batch if command.key not in answered])
            decisions = await self.kernel.decide(tx, self.handler, [c.item for c in fresh], [c.cause for c in fresh]) if fresh else []
            decided = {command.key: decision for command, decision in zip(fresh, decisions, strict=True) if command.key}
            if decided:
                await idempotency.keep(tx, decided)
        self.kernel.wake()
        by_command = dict(zip(fresh, decisions, strict=True))
        return [by_command[command] if command in by_command else _same_key(command.key, {**answered, **decided}) for command in batch]

    async def _answered_before(self, tx: db.Transaction, batch: Sequence[Command]) -> dict[IdempotencyKey, Decision]:
        keys = [command.key for command in batch if command.key]
        return await idempotency.claim(tx, keys, self.kernel.now()) if keys else {}


def _first_of_each_key(commands: Sequence[Command]) -> list[Command]:
    seen: set[tuple[str, str]] = set()
    first = []
    for command in commands:
        if command.key is None or (name := (command.key.client, command.key.key)) not in seen:
            first.append(command)
            if command.key is not None:
                seen.add(name)
    return first


def _same_key(key: IdempotencyKey | None, decided: Mapping[IdempotencyKey, Decision]) -> Decision:
    """The decision of the command with this key and request; another request under the same key is refused."""
    return decided.get(key, REUSED) if key else REUSED


def _fail(command: Command, error: Exception) -> None:
    if not command.answer.done():
        command.answer.set_exception(error)
