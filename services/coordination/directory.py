"""Who colleagues are and how to reach them: asked of the provider directory in one call, and done without where it does not come in time."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared.web.ask import ask
from shared.web.call import Call
from shared.web.problems import Problem

MOST = 500  # as many as the directory answers at once
SHOWN = 100
PEOPLE = frozenset({"provider", "worker"})
LOOK_UP_SECONDS = 2.0  # an act that needs the directory waits longer for it than a page


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody of the directory."""

    id: UUID
    name: str
    organisation_id: UUID | None
    organisation: str
    phone: str
    email: str
    municipality: str

    @property
    def note(self) -> str:
        """`Thuiszorg De Brug · Eeklo`"""
        return " · ".join(part for part in (self.organisation, self.municipality) if part)


async def known(call: Call, ids: Collection[UUID]) -> dict[UUID, Colleague]:
    """These colleagues, also those no longer active; empty when the directory does not answer in time."""
    if not ids:
        return {}
    found = await ask(call, "notifications", "GET", f"/notifications/api/contacts?ids={','.join(map(str, list(ids)[:MOST]))}")
    return {each.id: each for each in _people(found)}


async def search(call: Call, words: str, zone: str | None) -> list[Colleague] | None:
    """Active colleagues by words of their own or their organisation's name, and by zone; None when the directory does not answer."""
    sought = {"words": words, "zone": zone, "limit": SHOWN}
    found = await ask(call, "notifications", "POST", "/notifications/api/directory/search", sought, timeout=LOOK_UP_SECONDS)
    return None if found is None else _people(found)


async def colleague(call: Call, id: UUID) -> Colleague | None:
    """One who is active, or None. Raises a 503 problem when the directory does not answer."""
    found = await ask(call, "notifications", "GET", f"/notifications/api/contacts?ids={id}", timeout=LOOK_UP_SECONDS)
    if found is None:
        raise Problem(503, "unavailable", "The provider directory does not answer.", "Try it again in a moment.", retry_after=5)
    return next((each for each in _people(found, active=True)), None)


def _people(answer: Mapping[str, Any] | None, *, active: bool = False) -> list[Colleague]:
    contacts = answer["contacts"] if isinstance(answer, Mapping) else []
    return [
        Colleague(
            UUID(each["id"]),
            each["name"],
            UUID(each["organisation_id"]) if each["organisation_id"] else None,
            each["organisation"],
            each["phone"],
            each["email"] or "",
            each["municipality"],
        )
        for each in contacts
        if each["kind"] in PEOPLE and (each["active"] or not active)
    ]
