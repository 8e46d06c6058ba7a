"""The zone map that this process holds, renewed when the stored zones change."""

from __future__ import annotations

import time
from weakref import WeakKeyDictionary

from services.intake.zones import store
from services.intake.zones.domain import ZoneMap
from shared.messaging.kernel import Kernel

RENEWED_AFTER = 5.0  # seconds: how long an import may take to be seen everywhere
_held: WeakKeyDictionary[Kernel, tuple[ZoneMap, float]] = WeakKeyDictionary()


async def of(kernel: Kernel) -> ZoneMap:
    """The zones as they were at most `RENEWED_AFTER` seconds ago. Raises Unavailable when the database is away and none are held."""
    held = _held.get(kernel)
    if held is not None and time.monotonic() - held[1] < RENEWED_AFTER:
        return held[0]
    async with kernel.read() as connection:
        zones = await store.refreshed(connection, held[0]) if held else await store.load_map(connection)
    if zones.zones:  # just after the first start they are still being written
        _held[kernel] = (zones, time.monotonic())
    return zones
