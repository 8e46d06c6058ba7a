"""Finding a person again among those an organisation referred: by the beginnings of names, the birth date or the national number. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from services.intake.keys.domain import IndexKey
from services.intake.persons.likeness import PARTICLES, plain_words, words

LETTERS = 3  # of a beginning that is marked, and from how many on something is suggested
MARKS = 1 << 12
BETWEEN_DIGITS = re.compile(r"[ ./-]")
NUMBER = re.compile(r"[0-9]{11}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Sought:
    """What somebody typed to find a person."""

    names: tuple[str, ...] = ()  # beginnings of words, without case and accents
    born: date | None = None
    number: str | None = None

    @property
    def is_enough(self) -> bool:
        """Whether it can be looked for: two letters may be a whole name, one is none."""
        return self.born is not None or self.number is not None or sum(map(len, self.names)) > 1

    @property
    def is_short(self) -> bool:
        """Whether no word is long enough for a beginning: then they are whole names, such as Li."""
        return not any(len(name) >= LETTERS for name in self.names)


@dataclass(frozen=True, slots=True)
class Told:
    """What one sender told of who a person is."""

    names: frozenset[str]  # every word, and every word with the particles before it
    born: date | None
    number: str | None


def sought(text: str, born: date | None = None) -> Sought:
    """Names, or a national number, however it is written."""
    digits = BETWEEN_DIGITS.sub("", text)
    if NUMBER.fullmatch(digits):
        return Sought(born=born, number=digits)
    return Sought(tuple(words(text)), born)


def told(request: Mapping[str, Any]) -> Told | None:
    """Who a request as it was kept is about; None of somebody who was erased."""
    if "erased" in request:
        return None
    person = request["person"]
    born = person.get("birth_date")
    names = beginnings(person["given_name"]) | beginnings(person["family_name"])
    return Told(names, date.fromisoformat(born) if born else None, person.get("national_number"))


def beginnings(name: str) -> frozenset[str]:
    """Where somebody can begin to type a name: `Van de Walle` is `vandewalle`, `dewalle` and `walle`."""
    found, behind = [], ""
    for word in reversed(plain_words(name)):
        behind = word + behind if word in PARTICLES else word
        found.append(behind)
    return frozenset(found)


def fits(looked_for: Sought, person: Told) -> bool:
    """Whether all that was typed is true of this person."""
    return (
        looked_for.is_enough
        and looked_for.number in (None, person.number)
        and looked_for.born in (None, person.born)
        and (person.names.issuperset(looked_for.names) if looked_for.is_short else _begin(looked_for.names, person.names))
    )


def _begin(typed: Iterable[str], names: Collection[str]) -> bool:
    return all(any(name.startswith(each) for name in names) for each in typed)


def marks_of(person: Told, organisation: UUID, index: IndexKey) -> list[int]:
    """What finds this person for this organisation."""
    return _marks(organisation, index, {name[:LETTERS] for name in person.names}, person.born, person.number)


def marks_for(looked_for: Sought, organisation: UUID, index: IndexKey) -> list[int]:
    """The marks that everybody has whom this fits, and others by chance."""
    names = {name[:LETTERS] for name in looked_for.names if looked_for.is_short or len(name) >= LETTERS}
    return _marks(organisation, index, names, looked_for.born, looked_for.number)


def _marks(organisation: UUID, index: IndexKey, names: Iterable[str], born: date | None, number: str | None) -> list[int]:
    texts = [f"name|{name}" for name in names]
    texts += [f"born|{born}"] if born else []
    texts += [f"number|{number}"] if number else []
    return sorted({int.from_bytes(index.of("told", f"{organisation}|{text}")[:2], "big") % MARKS for text in texts})
