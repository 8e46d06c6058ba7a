"""How fast loops go round: larger batches where much comes in, longer waits where something fails again and again."""

from __future__ import annotations

import asyncio
import time

import structlog

from shared import db

SLOW_START = 0.05
SLOW_END = 5.0
MANY = 20

log = structlog.get_logger()


class Pace:
    """Fewer, larger batches where much comes in: each costs the same round trips, whatever it holds. What comes alone is never held up."""

    def __init__(self, few: float, many: float) -> None:
        self.few = few  # seconds from the start of a small batch to the start of the next
        self.many = many  # the same after a batch of `MANY` or more
        self.began = 0.0

    def begin(self) -> None:
        """A batch begins."""
        self.began = time.monotonic()

    async def wait(self, count: int) -> None:
        """Wait until it is time for the next batch after one of so many items."""
        left = self.began + (self.many if count >= MANY else self.few) - time.monotonic()
        if count and left > 0:
            await asyncio.sleep(left)


class Backoff:
    """What endless work does after a failure: say so, and wait a little longer after each in a row, up to some seconds."""

    def __init__(self, service: str, work: str) -> None:
        self.service = service
        self.work = work
        self.seconds = SLOW_START

    async def after(self, error: Exception, *, passing: tuple[type[Exception], ...] = ()) -> None:
        """Log a failure, as a fault of ours unless it is the database's, the network's or one of `passing`; then wait."""
        if isinstance(error, passing) or db.is_transient(error):
            log.warning("work_waits", service=self.service, work=self.work, error=type(error).__name__)
        else:
            log.error("work_failed", service=self.service, work=self.work, exc_info=error)
        await self.wait()

    async def wait(self) -> None:
        """Wait, and wait twice as long the next time."""
        await asyncio.sleep(self.seconds)
        self.seconds = min(self.seconds * 2, SLOW_END)

    def reset(self) -> None:
        """It worked: start small again."""
        self.seconds = SLOW_START
