"""What intake says of the persons on a page: asked in one call, and done without where it does not come in time."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from shared.web.ask import ask
from shared.web.call import Call
from shared.web.languages import current, gettext, ngettext

MOST = 200  # as many as intake answers at once


@dataclass(frozen=True, slots=True)
class Person:
    """A person as the reader may see them. `name` is empty before acceptance, or when intake did not answer in time."""

    name: str = ""
    age: int | None = None
    birth_year: int | None = None
    municipality: str = ""
    address: str = ""
    phone: str | None = None
    language: str = ""
    language_note: str | None = None
    need: str = ""
    worries: str | None = None
    reach: str | None = None
    voicemail: bool | None = None
    due_date: str | None = None

    @property
    def note(self) -> str:
        """`81 jaar · Eeklo`"""
        return " · ".join(part for part in (self.age_text, self.municipality) if part)

    @property
    def age_text(self) -> str:
        """`81 jaar`"""
        if self.age is not None:
            return ngettext("{number} jaar", "{number} jaar", self.age)
        if self.birth_year is not None:
            return gettext("geboren in {year}", year=self.birth_year)
        return gettext("uitgerekend op {day}", day=self.due_date) if self.due_date else gettext("leeftijd niet bekend")


UNKNOWN = Person()
_zones: dict[str, Mapping[str, str]] = {}  # as they were told last: their names seldom change, and a page waits a moment only


async def known(call: Call, persons: Collection[UUID]) -> dict[UUID, Person]:
    """Those for whom the reader is responsible, with name and phone."""
    return await _asked(call, "/intake/api/fragments", "fragments", persons)


async def offered(call: Call, persons: Collection[UUID]) -> dict[UUID, Person]:
    """Those whose case the reader is offered: age, need, municipality and language only."""
    return await _asked(call, "/intake/api/summaries", "summaries", persons)


async def additions(call: Call, records: Collection[UUID]) -> dict[UUID, str]:
    """What senders added, by record, as far as the reader is responsible for the person."""
    if not records:
        return {}
    answer = await ask(call, "intake", "POST", "/intake/api/additions", json={"record_ids": list(records)[-MOST:]})
    entries = answer.get("additions", []) if isinstance(answer, Mapping) else []
    return {UUID(entry["record_id"]): " · ".join(entry["lines"]) for entry in entries}


async def zone_names(call: Call, codes: Collection[str]) -> dict[str, str]:
    """What the zones are called, as intake says or said last; a zone's code where it never did."""
    answer = await ask(call, "intake", "GET", "/intake/api/zones")
    if isinstance(answer, Mapping):
        _zones.update({zone["code"]: zone for zone in answer["zones"]})
    name = "name_fr" if current() == "fr" else "name_nl"
    return {code: _zones[code][name] if code in _zones else code for code in codes}


async def _asked(call: Call, path: str, member: str, persons: Collection[UUID]) -> dict[UUID, Person]:
    if not persons:
        return {}
    answer = await ask(call, "intake", "POST", path, json={"person_ids": list(dict.fromkeys(persons))[:MOST]})
    entries = answer.get(member, []) if isinstance(answer, Mapping) else []
    return {UUID(entry["person_id"]): _person(entry) for entry in entries}


def _person(entry: Mapping[str, Any]) -> Person:
    return Person(
        name=entry.get("name") or "",
        age=entry.get("age"),
        birth_year=entry.get("birth_year"),
        municipality=entry.get("municipality") or "",
        address=entry.get("address") or "",
        phone=entry.get("phone"),
        language=entry.get("language") or "",
        language_note=entry.get("language_note"),
        need=entry.get("need") or "",
        worries=entry.get("worries"),
        reach=entry.get("reach"),
        voicemail=entry.get("voicemail"),
        due_date=f"{date.fromisoformat(entry['due_date']):%d/%m/%Y}" if entry.get("due_date") else None,
    )
