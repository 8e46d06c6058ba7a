"""A decision card in words: why this coordinator, why not the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.coordination import words
from services.coordination.offers.choice import ROUNDING
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
    chosen = next((candidate for candidate in fitting if candidate["chosen"]), None)
    if chosen is None:
        nobody = f"Niemand van de {_count(out)} kandidaten past" if out > 1 else "De enige kandidaat past niet"
        return f"{nobody}: {words.WAITING.get(card['reason'], card['reason']).lower()}." if out else NOBODY
    who = "U" if chosen["coordinator_id"] == reader else chosen["name"]
    if card["familiar"]:
        return (
            f"{who} begeleidde eerder deze persoon of iemand op hetzelfde adres. Daarom ging het aanbod eerst daarheen, hoogstens "
            f"{RULE.continuity_days} werkdagen lang, ook al hebben anderen meer ruimte."
        )
    fitted = (
        f"Van {_count(len(fitting) + out)} kandidaten {'past' if len(fitting) == 1 else 'passen'} er {_count(len(fitting))}." if out else ""
    )
    return f"{fitted} {_because(chosen, fitting, who)}".strip()


NOBODY = "In deze zone is er nog geen coördinator."


def _because(chosen: Mapping[str, Any], fitting: list[dict[str, Any]], who: str) -> str:
    """What decided: the load alone, or among nearly equals the last 30 days, or among full equals the lot."""
    near = [candidate for candidate in fitting if candidate["after"] <= fitting[0]["after"] + RULE.nearly_equal + ROUNDING]
    if len(near) == 1:
        return f"{who} komt na dit dossier het laagst uit: {formats.number(chosen['after'], 2)}."
    fewest = [candidate for candidate in near if candidate["recent"] == chosen["recent"]]
    lowest, highest = (formats.number(candidate["after"], 2) for candidate in (near[0], near[-1]))
    close = f"{_count(len(near)).capitalize()} liggen na dit dossier nagenoeg gelijk ({lowest} tot {highest})."
    if len(fewest) == 1:
        return f"{close} {who} kreeg van hen de minste dossiers in de laatste 30 dagen: {chosen['recent']}."
    equals = f"{_count(len(fewest)).capitalize()} kregen er even weinig in de laatste 30 dagen ({chosen['recent']})"
    return f"{close} {equals}; het lot wees {'u' if who == 'U' else who} aan."


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
