"""Lists of referrals: how they can be asked for, and what a row says. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from services.intake.programmes.definitions import Programmes
from services.intake.programmes.domain import UNKNOWN_PROGRAMME
from services.intake.referrals import sentences, views, words
from services.intake.referrals.requests import day
from services.intake.referrals.sentences import Contact
from services.intake.referrals.states import Status
from services.intake.zones.domain import ZoneMap
from shared.web.languages import capital, current, lazy
from shared.web.lists import Asked, Shape

GROUPS = ("yours", "running", "ended")  # as `queries.own` numbers whose turn it is
PROGRAMMES = ("perinatal", "frail", "obesity", UNKNOWN_PROGRAMME)
OWN = Shape(("turn", "-received", "received"), {"stand": [status.value for status in Status], "programma": PROGRAMMES})
DRAFTS = Shape(name="concept")
OWN_ORDERS = [
    {"value": "turn", "text": lazy("Wie aan zet is")},
    {"value": "-received", "text": lazy("Nieuwste eerst")},
    {"value": "received", "text": lazy("Oudste eerst")},
]
CHECK_ORDERS = [
    {"value": "urgent", "text": lazy("Dringend eerst")},
    {"value": "due", "text": lazy("Termijn")},
    {"value": "-received", "text": lazy("Nieuwste eerst")},
]
MATCHES = Shape(name="vraag")


def checks(zones: Iterable[str]) -> Shape:
    """The list of checks, for the intake of these zones."""
    return Shape([order["value"] for order in CHECK_ORDERS], {"programma": PROGRAMMES, "zone": sorted(zones)})


def fields(asked: Asked, programmes: Programmes, zones: ZoneMap) -> list[dict[str, Any]]:
    """What the list can be filtered by, in words; a filter with one choice is none."""
    options = {
        "stand": [{"value": status.value, "text": text} for status, text in sentences.LABELS.items()],
        "programma": [{"value": code, "text": capital(words.programme(programmes, code))} for code in PROGRAMMES],
        "zone": [{"value": code, "text": zones.zones[code].name(current())} for code in asked.shape.filters.get("zone", ())],
    }
    labels = {"stand": lazy("Stand"), "programma": lazy("Programma"), "zone": lazy("Zone")}
    return [{"name": name, "label": labels[name], "options": options[name]} for name in asked.shape.filters if len(options[name]) > 1]


def entry(
    row: Mapping[str, Any], sent: Mapping[str, Any], programmes: Programmes, zones: ZoneMap, contacts: Mapping[UUID, Contact], now: datetime
) -> dict[str, Any]:
    """A row: who it is about, how it stands, who acts next."""
    status = Status(row["status"])
    kind, text = sentences.label(row, now)
    return {
        "id": row["id"],
        "name": f"{sent['person']['given_name']} {sent['person']['family_name']}",
        "group": GROUPS[0 if views.next_actor(row) == "sender" else 2 if status in sentences.ENDED else 1],
        "note": words.who_is_meant(sent, programmes, row["programme"], day(now)),
        "urgent": row["urgency"] == "high" and status not in sentences.ENDED,
        "next": sentences.next_step(row, zones.zones[row["zone"]].name(current()), contacts, now),
        "kind": kind,
        "text": text,
        "track": sentences.track(row, now) if status not in sentences.ENDED else [],
        "due": views.due(row),
        "reference": row["reference"],
    }
