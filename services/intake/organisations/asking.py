"""Organisations that already care for a person, as the provider directory calls them: asked of notifications, and done without where it is late."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared.text import CONTROL_IN_LINE
from shared.web.ask import SECONDS, ask
from shared.web.call import Call
from shared.web.forms import Typed
from shared.web.languages import gettext

FIELD, SOUGHT = "caring_organisations", "caring.sought"  # what is chosen, and the words that somebody looks with
SHOWN = "_sought"  # the words for which the screen showed what it found
MOST = 100  # asked by id at once; a referral holds fewer, and the screen says so where more are chosen
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
    words, ids = words_of(typed), _ids(typed)
    answer = await look(call, words, ids, seconds=LOOK_UP_SECONDS if words else SECONDS) if words or ids else Answer()
    found = [each for each in answer.found if each.id not in ids] if answer else []
    return {
        "sought": words,
        "shown_as": SHOWN,
        "chosen": [{"value": id, "text": _name(answer, id)} for id in ids],
        "found": [{"value": each.id, "text": each.name, "hint": each.municipality} for each in found],
        "none": bool(words) and answer is not None and not answer.found,
        "known": bool(words) and answer is not None and bool(answer.found) and not found,
        "more": answer is not None and answer.more,
        "away": bool(words) and answer is None,
    }


def are_unseen(typed: Typed, posted: Mapping[str, Any]) -> bool:
    """Whether words stand on the screen of which nobody saw yet what they find: a name that was typed and not ticked is not dropped unsaid."""
    return words_of(typed) not in ("", str(posted.get(SHOWN, "")))


async def told(call: Call, ids: Collection[UUID]) -> list[tuple[str, str, str]]:
    """A line of what was told with a referral: what, the answer, the field; none where no organisation was named."""
    if not ids:
        return []
    answer = await look(call, "", ids)
    return [(gettext("Helpt al"), ", ".join(_name(answer, id) for id in ids), FIELD)]


def _name(answer: Answer | None, id: UUID) -> str:
    return ((answer.known if answer else None) or {}).get(id) or gettext("Organisatie, naam nu niet te zien")


def words_of(typed: Typed) -> str:
    """What somebody looks with, as the directory takes it: on one line, at most 100 characters."""
    return " ".join(CONTROL_IN_LINE.sub(" ", str(typed[SOUGHT])).split())[:100]


def _ids(typed: Typed) -> list[UUID]:
    held = typed[FIELD]
    found = []
    for each in [held] if isinstance(held, str) else held:
        try:
            found.append(UUID(each))
        except ValueError:
            continue  # said beside the field when the screen is checked
    return list(dict.fromkeys(found))[:MOST]
