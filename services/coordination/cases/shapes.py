"""Lists of cases: how they can be asked for. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from services.coordination import words
from shared.web.languages import lazy
from shared.web.lists import Asked, Shape

ORDERS = [
    {"value": "urgent", "text": lazy("Dringend en oudste eerst")},
    {"value": "due", "text": lazy("Volgende termijn")},
    {"value": "-due", "text": lazy("Verste termijn eerst")},
    {"value": "-received", "text": lazy("Nieuwste eerst")},
    {"value": "received", "text": lazy("Oudste eerst")},
    {"value": "holder", "text": lazy("Bij wie, A tot Z")},
    {"value": "-holder", "text": lazy("Bij wie, Z tot A")},
    {"value": "-points", "text": lazy("Meeste punten eerst")},
    {"value": "points", "text": lazy("Minste punten eerst")},
]
WAITING_ORDERS = [
    {"value": "since", "text": lazy("Langst wachtend eerst")},
    {"value": "-since", "text": lazy("Kortst wachtend eerst")},
    {"value": "urgent", "text": lazy("Hoge voorrang eerst")},
    {"value": "reason", "text": lazy("Reden")},
    {"value": "-reason", "text": lazy("Reden, omgekeerd")},
]
HEADS = [
    {"text": lazy("Dossier")},
    {"text": lazy("Stand")},
    {"text": lazy("Volgende termijn"), "order": "due"},
    {"text": lazy("Programma en rol")},
    {"text": lazy("Bij wie"), "order": "holder"},
    {"text": lazy("Punten"), "order": "-points", "number": True},
    {"text": lazy("Ontvangen"), "order": "-received"},
]
WAITING_HEADS = [
    {"text": lazy("Dossier")},
    {"text": lazy("Wacht"), "order": "since", "number": True},
    {"text": lazy("Reden"), "order": "reason"},
    {"text": lazy("Eigenaar")},
    {"text": lazy("Programma en rol")},
    {"text": lazy("Voorrang"), "order": "urgent"},
]
WAITING = Shape([order["value"] for order in WAITING_ORDERS], {"reden": list(words.WAITING), "programma": list(words.PROGRAMMES)}, rows=20)


def cases(zones: Iterable[str]) -> Shape:
    """The list of cases, for who works in these zones."""
    filters = {"stand": list(words.STATUSES), "programma": list(words.PROGRAMMES), "zone": sorted(zones)}
    return Shape([order["value"] for order in ORDERS], filters)


def fields(asked: Asked, zones: Mapping[str, str]) -> list[dict[str, Any]]:
    """What the list can be filtered by, in words; `zones`: their names. A filter with one choice is none."""
    texts: Mapping[str, Mapping[str, str]] = {
        "stand": {code: text for code, (_, text) in words.STATUSES.items()},
        "reden": words.WAITING,
        "programma": words.PROGRAMMES,
        "zone": zones,
    }
    labels = {"stand": lazy("Stand"), "reden": lazy("Reden"), "programma": lazy("Programma"), "zone": lazy("Zone")}
    return [
        {"name": name, "label": labels[name], "options": [{"value": code, "text": texts[name][code]} for code in codes]}
        for name, codes in asked.shape.filters.items()
        if len(codes) > 1
    ]
