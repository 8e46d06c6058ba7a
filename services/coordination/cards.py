"""A decision card in words: why this coordinator, why not the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.coordination import words
from services.coordination.rule import RULE
from shared.web import formats

COUNTS = ("niemand", "één", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen", "tien", "elf", "twaalf")


def in_words(card: Mapping[str, Any], reader: UUID) -> dict[str, Any]:
    """The arguments of the component `decision` for who reads it."""
    fitting = [candidate for candidate in card["candidates"] if candidate.get("rank")]
    out = [candidate for candidate in card["candidates"] if not candidate.get("rank")]
    points = card["question"]["points"]
    return {
        "line": _line(card, fitting, len(out), reader),
        "fitting": [
            {
                "name": _name(candidate, reader),
                "load": candidate["used"],
                "case": points,
                "capacity": candidate["capacity"],
                "ratio": candidate["after"],
                "chosen": candidate["chosen"],
                "note": "eerste jaar" if candidate["first_year"] else None,
            }
            for candidate in fitting
        ],
        "out": [{"name": _name(candidate, reader), "reason": _reason(candidate, points)} for candidate in out],
        "foot": _foot(card),
    }


def _line(card: Mapping[str, Any], fitting: list[dict[str, Any]], out: int, reader: UUID) -> str:
    everyone = _count(len(fitting) + out)
    chosen = next((candidate for candidate in fitting if candidate["chosen"]), None)
    if chosen is None:
        return f"Van {everyone} kandidaten paste niemand: {words.WAITING.get(card['reason'], card['reason']).lower()}."
    who = "U" if chosen["coordinator_id"] == reader else chosen["name"]
    if card["familiar"]:
        return f"{who} begeleidde dit gezin al eerder. Daarom gaat het aanbod eerst daarheen, hoogstens {RULE.continuity_days} werkdagen."
    ratio, fit = formats.number(chosen["after"], 2), _count(len(fitting))
    fitted = f"Van {everyone} kandidaten {'paste' if len(fitting) == 1 else 'pasten'} er {fit}."
    if chosen["rank"] == 1:
        return f"{fitted} {who} had na dit dossier de laagste belasting: {ratio}."
    return f"{fitted} {who} had na dit dossier een belasting van {ratio}, bijna de laagste, en kreeg het minst in de laatste dertig dagen."


def _count(number: int) -> str:
    return COUNTS[number] if number < len(COUNTS) else str(number)


def _name(candidate: Mapping[str, Any], reader: UUID) -> str:
    return f"{candidate['name']} (ik)" if candidate["coordinator_id"] == reader else candidate["name"] or "Niet meer in de lijst"


def _reason(candidate: Mapping[str, Any], points: int) -> str:
    used = formats.points(candidate["used"]) if candidate["used"] is not None else ""
    return words.failed(candidate, formats.points(points), used, formats.points(candidate["capacity"]))


def _foot(card: Mapping[str, Any]) -> str:
    at = card["decided_at"]
    checked = {True: " · opnieuw berekend met dezelfde gegevens: zelfde keuze", False: " · opnieuw berekend: een andere keuze", None: ""}
    return f"Beslist op {formats.full_date(at)} om {formats.clock(at)} · regelversie {card['rule_version']}{checked[card['repeatable']]}"
