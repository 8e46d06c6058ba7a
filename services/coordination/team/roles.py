"""The roles of a care team, read once from `data/roles.toml`: what each is called, and which parts of the person it needs."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast, get_args

from shared.events.coordination import Part

PARTS: tuple[Part, ...] = get_args(Part)


class UnknownPart(ValueError):
    """A role in `data/roles.toml` sees a part that does not exist; expected `contact`, `need` or `worries`."""


@dataclass(frozen=True, slots=True)
class CareRole:
    """One role of a care team. `label` by language (ISO 639-1), Dutch always among them."""

    code: str
    sees: tuple[Part, ...]
    label: Mapping[str, str]

    def name(self, language: str) -> str:
        """What the role is called, in Dutch where this language has no word."""
        return self.label.get(language, self.label["nl"])


def read_roles(text: str) -> dict[str, CareRole]:
    """The roles in a TOML text, by code. Raises UnknownPart."""
    data: dict[str, Any] = tomllib.loads(text)
    return {each["code"]: CareRole(each["code"], _parts(each), each["label"]) for each in data["role"]}


def _parts(role: Mapping[str, Any]) -> tuple[Part, ...]:
    if unknown := set(role["sees"]).difference(PARTS):
        raise UnknownPart(f"{role['code']}: {', '.join(sorted(unknown))}")
    return cast("tuple[Part, ...]", tuple(role["sees"]))


ROLES = read_roles((Path(__file__).parent / "data" / "roles.toml").read_text(encoding="utf-8"))


def named(code: str, language: str) -> str:
    """What a role is called; the code of one that is no longer in the list."""
    return ROLES[code].name(language) if code in ROLES else code
