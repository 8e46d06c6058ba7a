"""Waiting for something to become true, instead of sleeping and hoping."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")
STEP = 0.02


class NeverTrue(AssertionError):
    """The condition did not become true in time; the message shows what was seen last."""


async def eventually(look: Callable[[], Awaitable[T]], holds: Callable[[T], bool] = bool, *, seconds: float = 20) -> T:
    """Look again and again until what is seen holds; returns it."""
    end = time.monotonic() + seconds
    while True:
        seen = await look()
        if holds(seen):
            return seen
        if time.monotonic() > end:
            raise NeverTrue(f"not within {seconds} s; last seen: {seen!r}")
        await asyncio.sleep(STEP)


async def stays(look: Callable[[], Awaitable[T]], holds: Callable[[T], bool], *, seconds: float = 1.0) -> T:
    """Look again and again for a while: it must hold every time. For showing that nothing more happens."""
    end = time.monotonic() + seconds
    while True:
        seen = await look()
        assert holds(seen), f"did not stay so: {seen!r}"
        if time.monotonic() > end:
            return seen
        await asyncio.sleep(STEP)
