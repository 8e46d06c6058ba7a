"""Use cases of zones. Each: load, decide, save."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from services.intake.zones import domain, store, zone_file
from shared.db import Transaction
from shared.items import Decision, Refusal


@dataclass(frozen=True, slots=True)
class ImportZones:
    """Load the zones of a CSV file, known from `valid_from` by `source` (a file name). A dry run changes nothing."""

    content: bytes
    source: str
    valid_from: date
    dry_run: bool = False


async def import_zones(tx: Transaction, items: Sequence[ImportZones], now: datetime) -> list[Decision]:
    """All zones of a file or, when it has problems, none; the answer says which are new, changed and the same."""
    return [await _import(tx, item) for item in items]


async def _import(tx: Transaction, item: ImportZones) -> Decision:
    read = zone_file.read_zone_file(item.content)
    if read.problems:
        return Decision(refusal=Refusal("zone_file_wrong", 422, "file", {"problems": [str(problem) for problem in read.problems]}))
    existing = {zone.code: zone for zone in await store.lock_zones(tx)}
    zones = domain.with_free_prefixes(
        [replace(zone, source=item.source, valid_from=item.valid_from) for zone in read.zones], existing.values()
    )
    changed = [zone for zone in zones if existing.get(zone.code) != zone]
    if changed and not item.dry_run:
        await store.save_zones(tx, changed)
    new = [zone.code for zone in changed if zone.code not in existing]
    return Decision(
        answer={
            "zones": len(zones),
            "new": new,
            "changed": [zone.code for zone in changed if zone.code in existing],
            "same": len(zones) - len(changed),
        }
    )


async def ensure_shipped_zones(tx: Transaction) -> None:
    """Save the zones that come with the product, at start. What was imported under the same code stays as imported."""
    existing = {zone.code: zone for zone in await store.lock_zones(tx)}
    zones = domain.with_free_prefixes(domain.shipped_zones(), existing.values())
    changed = [
        zone
        for zone in zones
        if zone.code not in existing or (existing[zone.code].source == domain.SHIPPED and existing[zone.code] != zone)
    ]
    if changed:
        await store.save_zones(tx, changed)
