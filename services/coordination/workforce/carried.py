"""What the coordinators of a zone carry, as bars and a table, and in which order. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from services.coordination.rule import RULE
from services.coordination.workforce.domain import Worker
from shared.web import formats
from shared.web.languages import gettext, lazy
from shared.web.lists import Shape
from shared.working_time import BRUSSELS

NEARLY_FULL, FULL = 0.85, 0.95  # where a bar turns amber, and red
ORDERS = [
    {"value": "-load", "text": lazy("Meest belast eerst")},
    {"value": "load", "text": lazy("Minst belast eerst")},
    {"value": "-free", "text": lazy("Meeste ruimte eerst")},
    {"value": "free", "text": lazy("Minste ruimte eerst")},
    {"value": "-recent", "text": lazy("Kreeg onlangs het meest")},
    {"value": "recent", "text": lazy("Kreeg onlangs het minst")},
    {"value": "name", "text": lazy("Naam, A tot Z")},
    {"value": "-name", "text": lazy("Naam, Z tot A")},
]
SHAPE = Shape([order["value"] for order in ORDERS], name="belasting", place="belasting")
KEYS: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
    "load": lambda row: row["share"],
    "free": lambda row: row["free"],
    "recent": lambda row: row["recent"],
    "name": lambda row: _alphabetical(row["name"]),
}


def heads() -> list[dict[str, Any]]:
    """The columns of the table."""
    return [
        {"text": gettext("Coördinator"), "order": "name"},
        {"text": gettext("Punten"), "number": True},
        {"text": gettext("Capaciteit"), "number": True},
        {"text": gettext("Vrij"), "order": "-free", "number": True},
        {"text": gettext("Belasting"), "order": "-load", "number": True},
        {"text": gettext("Kreeg in {days} dagen", days=RULE.recent_days), "order": "-recent", "number": True},
        {"text": gettext("Opmerking")},
    ]


def bar(worker: Worker, points: int, recent: int, now: datetime) -> dict[str, Any]:
    """One coordinator with these points beside the fixed part, and so many cases of late."""
    today = now.astimezone(BRUSSELS).date()
    capacity, used = worker.capacity(today), worker.fixed + points
    share = used / capacity if capacity else 0.0
    away = worker.on_leave(today)
    first_year = worker.first_year_ends is not None and today < worker.first_year_ends
    notes = [
        gettext("afwezig") if away else "",
        gettext("eerste jaar") if first_year else "",
        gettext("{fte} VTE", fte=formats.number(worker.fte / 100)) if worker.fte < 100 else "",
    ]
    return {
        "name": worker.name,
        "share": share,
        "used": used,
        "capacity": capacity,
        "free": max(capacity - used, 0),
        "recent": recent,
        "fte": worker.fte,
        "value": formats.percent(share),
        "of": capacity / 100,
        "filled": min(used / 100, 100),
        "note": ", ".join(note for note in notes if note),
        "fill": "fill-mid" if away else "fill-late" if share >= FULL else "fill-soon" if share >= NEARLY_FULL else "fill",
    }


def ordered(bars: Iterable[dict[str, Any]], order: str) -> list[dict[str, Any]]:
    """Bars in one of the orders; where it does not tell them apart, by name."""
    by_name = sorted(bars, key=KEYS["name"])
    return sorted(by_name, key=KEYS[order.removeprefix("-")], reverse=order.startswith("-"))


def _alphabetical(name: str) -> str:
    return "".join(each for each in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(each))


def total(bars: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """All of them together."""
    used, capacity = sum(row["used"] for row in bars), sum(row["capacity"] for row in bars)
    return {
        "used": used,
        "capacity": capacity,
        "free": sum(row["free"] for row in bars),
        "recent": sum(row["recent"] for row in bars),
        "share": formats.percent(used / capacity) if capacity else "—",
        "fte": formats.number(sum(row["fte"] for row in bars) / 100),
    }
