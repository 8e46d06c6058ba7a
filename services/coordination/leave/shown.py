"""Leave and proposals in the words of their pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.coordination import cards, words
from services.coordination.leave.bodies import NOBODY
from services.coordination.leave.domain import Leave
from services.coordination.leave.proposing import Part, Proposal
from services.coordination.rule import RULE
from services.coordination.workforce.domain import Absence
from shared.web import formats
from shared.web.languages import gettext, lazy, ngettext, within

STATES = {"coming": ("", lazy("Komt nog")), "now": ("busy", lazy("Loopt")), "over": ("ended", lazy("Voorbij"))}
TIES = {"covers": lazy("{who} vervangt hier al."), "knows": lazy("{who} begeleidde eerder deze persoon of iemand op hetzelfde adres.")}
MOST_OVER = 12  # leaves of the past that a page shows


def days(absence: Absence) -> str:
    """`21/12/2026 tot en met 02/01/2027`"""
    if absence.starts_on == absence.ends_on:
        return formats.full_date(absence.starts_on)
    return gettext("{first} tot en met {last}", first=formats.full_date(absence.starts_on), last=formats.full_date(absence.ends_on))


def leaves(found: Sequence[Leave], held: set[UUID], names: Mapping[UUID, str], today: date) -> list[dict[str, Any]]:
    """What is to come and runs, then what is over, the latest first. `held`: the cases that somebody has to look after."""
    rows = [_leave(leave, held, names, today) for leave in found]
    over = [row for row in rows if row["state"] == "over"]
    return [row for row in rows if row["state"] != "over"] + over[::-1][:MOST_OVER]


def _leave(leave: Leave, held: set[UUID], names: Mapping[UUID, str], today: date) -> dict[str, Any]:
    state = leave.state(today)
    covered = Counter(who for case, who in leave.covers.items() if state == "over" or case in held)
    who = [
        ngettext("{name}: {number} dossier", "{name}: {number} dossiers", number, name=names.get(id, ""))
        for id, number in covered.most_common()
    ]
    return {
        "id": leave.id,
        "days": days(leave.days),
        "starts_on": leave.days.starts_on,
        "ends_on": leave.days.ends_on,
        "state": state,
        "status": STATES[state],
        "covers": ", ".join(who),
        "left": 0 if state == "over" else len(held - leave.covers.keys()),
    }


def parts(
    proposal: Proposal, known: Mapping[UUID, str], names: Mapping[UUID, str], owner: str, reader: UUID, now: datetime
) -> list[dict[str, Any]]:
    """The cases of a proposal, as rows with a choice each. `known`: what the persons are called, as far as the reader may know."""
    return [_part(part, known.get(part.case.person_id, ""), names, owner, reader, now) for part in proposal.parts]


def _part(part: Part, person: str, names: Mapping[UUID, str], owner: str, reader: UUID, now: datetime) -> dict[str, Any]:
    case, card = part.case, _card(part, names, now)
    shown = cards.in_words(card, reader)
    if part.tie and part.cover_id:
        shown["line"] = str(TIES[part.tie]).format(who=names.get(part.cover_id, ""))
    elif len(part.choice.ranked) == 1:
        shown["line"] = gettext("Alleen {who} past.", who=shown["fitting"][0]["name"])
    return {
        "id": case.id,
        "reference": case.reference,
        "name": person or gettext("Dossier {reference}", reference=case.reference),
        "note": " · ".join([*([case.reference] if person else []), words.programmes(case.programmes)]),
        "points": case.points,
        "due": part.first_contact_due,
        "tasks": [words.TASKS[kind] for kind in part.tasks],
        "options": [*_options(part, names), {"value": NOBODY, "text": gettext("Niemand: {owner} zoekt verder", owner=owner)}],
        "chosen": str(part.cover_id or part.named_id or NOBODY),
        "fits": bool(part.choice.ranked),
        "error": _unfit(part, names),
        "why": _why(part, owner),
        "line": shown["line"],
        "fitting": shown["fitting"],
        "out": shown["out"],
    }


def _options(part: Part, names: Mapping[UUID, str]) -> list[dict[str, str]]:
    found = []
    for _, place, used, _ in part.choice.ranked:
        member = part.team.members[place]
        text = gettext(
            "{name}: dan {used} van {capacity} punten",
            name=names.get(member.id, ""),
            used=formats.points(used + part.question.points),
            capacity=formats.points(member.capacity(part.team.day)),
        )
        found.append({"value": str(member.id), "text": text})
    if part.named_id and part.cover_id is None:  # what was chosen stays in sight, with what is wrong beside it
        found.append({"value": str(part.named_id), "text": names.get(part.named_id) or gettext("Niet meer in de lijst")})
    return found


def _unfit(part: Part, names: Mapping[UUID, str]) -> str | None:
    if part.named_id is None or part.cover_id is not None:
        return None
    who = names.get(part.named_id) or gettext("Wie u koos")
    if part.failing == "capacity":
        return gettext("{who} heeft met de andere dossiers van dit voorstel geen ruimte meer. Kies iemand anders.", who=who)
    return gettext(
        "{who} past niet: {why}. Kies iemand anders.", who=who, why=within(str(words.FAILED.get(str(part.failing), part.failing)))
    )


def _why(part: Part, owner: str) -> str:
    """Why nobody covers, where nobody fits."""
    if part.choice.ranked:
        return ""
    return gettext("Niemand past: {why}. {owner} zoekt een oplossing.", why=within(str(words.WAITING[str(part.failing)])), owner=owner)


def _card(part: Part, names: Mapping[UUID, str], now: datetime) -> dict[str, Any]:
    """The choice as a decision card, of which the words are those of an offer."""
    proposed = None if part.choice.chosen is None else part.team.members[part.choice.chosen].id

    def candidate(place: int) -> dict[str, Any]:
        member = part.team.members[place]
        ends = member.first_year_ends
        return {
            "coordinator_id": member.id,
            "name": names.get(member.id, ""),
            "capacity": member.capacity(part.team.day),
            "first_year": bool(ends and part.team.day < ends),
        }

    fitting = [
        {
            **candidate(place),
            "rank": rank,
            "used": used,
            "after": after,
            "recent": recent,
            "chosen": part.team.members[place].id == proposed,
        }
        for rank, (after, place, used, recent) in enumerate(part.choice.ranked, 1)
    ]
    unfit = [{**candidate(place), "failing": failing, "used": used} for place, failing, used in part.choice.unfit]
    out = [{**candidate(place), "failing": failing, "used": None} for place, failing in part.choice.out]
    return {
        "candidates": fitting + unfit + out,
        "question": {"points": part.question.points},
        "reason": part.failing,
        "familiar": False,
        "decided_at": now,
        "rule_version": RULE.version,
        "repeatable": None,
    }


def rooms(proposal: Proposal, names: Mapping[UUID, str]) -> list[dict[str, Any]]:
    """What those who cover carry before and during, who is fullest then first."""
    count = Counter(proposal.covers.values())
    rows = [
        {
            "name": names.get(id, ""),
            "cases": count[id],
            "before": room.before,
            "during": room.during,
            "capacity": room.capacity,
            "share": room.during / room.capacity if room.capacity else 0.0,
        }
        for id, room in proposal.rooms.items()
        if count[id]
    ]
    return sorted(rows, key=lambda row: -row["share"])
