"""A decision card in words: why this coordinator, why not the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.coordination import words
from services.coordination.offers.choice import ROUNDING
from services.coordination.rule import RULE
from shared.web import formats
from shared.web.languages import capital, gettext, lazy, ngettext, within

COUNTS = (
    lazy("niemand"),
    lazy("één"),
    lazy("twee"),
    lazy("drie"),
    lazy("vier"),
    lazy("vijf"),
    lazy("zes"),
    lazy("zeven"),
    lazy("acht"),
    lazy("negen"),
    lazy("tien"),
    lazy("elf"),
    lazy("twaalf"),
)


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
                "note": gettext("eerste jaar") if candidate["first_year"] else None,
            }
            for candidate in fitting
        ],
        "out": [{"name": _name(candidate, reader), "reason": _reason(candidate, points)} for candidate in out],
        "foot": _foot(card),
    }


def _line(card: Mapping[str, Any], fitting: list[dict[str, Any]], out: int, reader: UUID) -> str:
    chosen = next((candidate for candidate in fitting if candidate["chosen"]), None)
    if chosen is None:
        why = within(str(words.WAITING.get(card["reason"], card["reason"])))
        if out > 1:
            return gettext("Niemand van de {count} kandidaten past: {why}.", count=_count(out), why=why)
        return gettext("De enige kandidaat past niet: {why}.", why=why) if out else gettext("In deze zone is er nog geen coördinator.")
    who = None if chosen["coordinator_id"] == reader else chosen["name"]
    if card["familiar"]:
        return str(FAMILIAR[who is None]).format(who=who, days=RULE.continuity_days)
    if not out:
        return _because(chosen, fitting, who)
    fitted = ngettext(
        "Van {total} kandidaten past er {fitting}.",
        "Van {total} kandidaten passen er {fitting}.",
        len(fitting),
        total=_count(len(fitting) + out),
        fitting=_count(len(fitting)),
    )
    return f"{fitted} {_because(chosen, fitting, who)}"


# of somebody else, and of who reads it
FAMILIAR = (
    lazy(
        "{who} begeleidde eerder deze persoon of iemand op hetzelfde adres. Daarom ging het aanbod eerst daarheen, hoogstens {days} werkdagen "
        "lang, ook al hebben anderen meer ruimte."
    ),
    lazy(
        "U begeleidde eerder deze persoon of iemand op hetzelfde adres. Daarom ging het aanbod eerst daarheen, hoogstens {days} werkdagen "
        "lang, ook al hebben anderen meer ruimte."
    ),
)
LOWEST = (lazy("{who} komt na dit dossier het laagst uit: {load}."), lazy("U komt na dit dossier het laagst uit: {load}."))
FEWEST = (
    lazy("{who} kreeg van hen de minste dossiers in de laatste 30 dagen: {recent}."),
    lazy("U kreeg van hen de minste dossiers in de laatste 30 dagen: {recent}."),
)
DRAWN = (
    lazy("{count} kregen er even weinig in de laatste 30 dagen ({recent}); het lot wees {who} aan."),
    lazy("{count} kregen er even weinig in de laatste 30 dagen ({recent}); het lot wees u aan."),
)


def _because(chosen: Mapping[str, Any], fitting: list[dict[str, Any]], who: str | None) -> str:
    """What decided: the load alone, or among nearly equals the last 30 days, or among full equals the lot."""
    mine = who is None
    near = [candidate for candidate in fitting if candidate["after"] <= fitting[0]["after"] + RULE.nearly_equal + ROUNDING]
    if len(near) == 1:
        return str(LOWEST[mine]).format(who=who, load=formats.number(chosen["after"], 2))
    fewest = [candidate for candidate in near if candidate["recent"] == chosen["recent"]]
    lowest, highest = (formats.number(candidate["after"], 2) for candidate in (near[0], near[-1]))
    close = gettext(
        "{count} liggen na dit dossier nagenoeg gelijk ({lowest} tot {highest}).",
        count=capital(_count(len(near))),
        lowest=lowest,
        highest=highest,
    )
    if len(fewest) == 1:
        return f"{close} {str(FEWEST[mine]).format(who=who, recent=chosen['recent'])}"
    drawn = str(DRAWN[mine]).format(who=who, count=capital(_count(len(fewest))), recent=chosen["recent"])
    return f"{close} {drawn}"


def _count(number: int) -> str:
    return str(COUNTS[number]) if number < len(COUNTS) else str(number)


def _name(candidate: Mapping[str, Any], reader: UUID) -> str:
    if candidate["coordinator_id"] == reader:
        return gettext("{name} (ik)", name=candidate["name"])
    return candidate["name"] or gettext("Niet meer in de lijst")


def _reason(candidate: Mapping[str, Any], points: int) -> str:
    used = formats.points(candidate["used"]) if candidate["used"] is not None else ""
    return words.failed(candidate, formats.points(points), used, formats.points(candidate["capacity"]))


def _foot(card: Mapping[str, Any]) -> str:
    at = card["decided_at"]
    decided = gettext("Beslist op {day} om {clock}", day=formats.full_date(at), clock=formats.clock(at))
    rule = gettext("regelversie {version}", version=card["rule_version"])
    checked = {
        True: [gettext("opnieuw berekend met dezelfde gegevens: zelfde keuze")],
        False: [gettext("opnieuw berekend: een andere keuze")],
        None: [],
    }
    return " · ".join([decided, rule, *checked[card["repeatable"]]])
