"""Organisations that already care for a person, as the provider directory calls them: asked of notifications, and done without where it is late."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared.web.ask import SECONDS, ask
from shared.web.call import Call
from shared.web.forms import Typed
from shared.web.languages import gettext

FIELD, SOUGHT = "caring_organisations", "caring.sought"  # what is chosen, and the words that somebody looks with
MOST = 20  # as many as a referral holds
LOOK_UP_SECONDS = 2.0  # who pressed a button to find some waits longer than a page does


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation of the directory."""

    id: UUID
    name: str
    municipality: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the directory answers: organisations with the words, whether there are more, and the names of those asked by id."""

    found: tuple[Organisation, ...] = ()
    more: bool = False
    known: Mapping[UUID, str] | None = None


async def look(call: Call, words: str, ids: Collection[UUID] = (), *, seconds: float = SECONDS) -> Answer | None:
    """Ask the directory; None when it does not answer in time. The sender's own organisation is not found: it counts anyway."""
    told = await ask(
        call, "notifications", "POST", "/notifications/api/organisations/search", {"words": words, "ids": list(ids)}, timeout=seconds
    )
    if told is None:
        return None
    found = [Organisation(UUID(each["id"]), each["name"], each["municipality"]) for each in told["found"]]
    return Answer(
        tuple(each for each in found if each.id != call.actor.organisation_id),
        told["more"],
        {UUID(each["id"]): each["name"] for each in told["known"]},
    )


async def question(call: Call, typed: Typed) -> dict[str, Any]:
    """The question on screen 2: what is chosen by name, what the typed words find, and whether the directory is away."""
    words, ids = _words(typed), _ids(typed)
    answer = await look(call, words, ids, seconds=LOOK_UP_SECONDS if words else SECONDS) if words or ids else Answer()
    found = [each for each in answer.found if each.id not in ids] if answer else []
    return {
        "sought": words,
        "chosen": [{"value": id, "text": _name(answer, id)} for id in ids],
        "found": [{"value": each.id, "text": each.name, "hint": each.municipality} for each in found],
        "none": bool(words) and answer is not None and not answer.found,
        "more": answer is not None and answer.more,
        "away": bool(words) and answer is None,
    }


async def told(call: Call, ids: Collection[UUID]) -> list[tuple[str, str, str]]:
    """A line of what was told with a referral: what, the answer, the field; none where no organisation was named."""
    if not ids:
        return []
    answer = await look(call, "", ids)
    return [(gettext("Helpt al"), ", ".join(_name(answer, id) for id in ids), FIELD)]


def _name(answer: Answer | None, id: UUID) -> str:
    return ((answer.known if answer else None) or {}).get(id) or gettext("Organisatie, naam nu niet te zien")


def _words(typed: Typed) -> str:
    """As the directory takes them: on one line, at most 100 characters."""
    return " ".join(str(typed[SOUGHT]).split())[:100]


def _ids(typed: Typed) -> list[UUID]:
    held = typed[FIELD]
    found = []
    for each in [held] if isinstance(held, str) else held:
        try:
            found.append(UUID(each))
        except ValueError:
            continue  # said beside the field when the screen is checked
    return list(dict.fromkeys(found))[:MOST]
