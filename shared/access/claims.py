"""From an identity provider's claims to somebody with roles, organisations and zones. What the claims are called is configuration (`claims.toml`)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from pydantic import BaseModel, ConfigDict

from shared.access.roles import Actor, Membership
from shared.access.rules import ROLES

SHIPPED = Path(__file__).with_name("claims.toml")
PLACE = UUID("6f1d2a5e-5f0e-4c07-9b57-0b6a2b9f2c11")  # for ids derived from words of a provider
LANGUAGES = ("nl", "fr", "de", "en")
LONGEST_NAME = 200
MOST = 100

ClaimPath = str | tuple[str, ...]


class NotSomebody(ValueError):
    """The claims do not say who somebody is."""


class MembershipPaths(BaseModel):
    """Where a membership says what."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    organisation: ClaimPath
    organisation_name: ClaimPath
    roles: ClaimPath
    zones: ClaimPath


class Mapped(BaseModel):
    """Where claims stand, and what a provider's roles are called here."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    id: ClaimPath
    name: ClaimPath
    language: ClaimPath
    ask_userinfo: bool = False
    memberships: ClaimPath
    membership: MembershipPaths
    roles: dict[str, str]


@dataclass(frozen=True)
class Person:
    """Somebody an identity provider vouches for, with what they may be in each organisation."""

    id: UUID
    name: str
    language: str
    memberships: tuple[Membership, ...]

    def actor(self, membership: Membership | None, **more: Any) -> Actor:
        """This person in one organisation; in none, they may nothing."""
        chosen = membership or Membership(None, "", frozenset(), frozenset())
        return Actor(
            self.id,
            self.name,
            chosen.roles,
            chosen.organisation_id,
            chosen.organisation_name,
            chosen.zones,
            self.language,
            memberships=self.memberships,
            **more,
        )


@cache
def mapped(file: Path | None) -> Mapped:
    """The mapping of a file, or the shipped one. Raises ValueError when it gives a role that does not exist."""
    found = Mapped.model_validate(tomllib.loads((file or SHIPPED).read_text("utf-8")))
    unknown = set(found.roles.values()) - set(ROLES)
    if unknown:
        raise ValueError(f"{file or SHIPPED}: there are no such roles: {', '.join(sorted(unknown))}")
    return found


def person(claims: Mapping[str, Any], mapping: Mapped) -> Person:
    """Who the claims say somebody is. Raises NotSomebody."""
    subject, issuer = _at(claims, mapping.id), claims.get("iss")
    if not isinstance(subject, str) or not subject or not isinstance(issuer, str):
        raise NotSomebody("no subject")
    entries = _at(claims, mapping.memberships) if mapping.memberships else [claims]
    if not isinstance(entries, list):
        entries = []
    return Person(
        id=_id(subject, issuer),
        name=_text(_at(claims, mapping.name)) or subject[:LONGEST_NAME],
        language=_language(_at(claims, mapping.language)),
        memberships=tuple(found for entry in entries[:MOST] if (found := _membership(entry, mapping, issuer)) is not None),
    )


def only(who: Person, wanted: Any) -> Membership:
    """The membership a token is for: the named one (`organisation` in the token), or the only one. Raises NotSomebody."""
    if len(who.memberships) == 1 and wanted is None:
        return who.memberships[0]
    chosen = [membership for membership in who.memberships if str(membership.organisation_id) == wanted]
    if len(chosen) != 1:
        raise NotSomebody("which organisation?")
    return chosen[0]


def _membership(entry: Any, mapping: Mapped, issuer: str) -> Membership | None:
    """What somebody may be in one organisation; None when that is nothing."""
    if not isinstance(entry, Mapping):
        return None
    paths = mapping.membership
    roles = frozenset(mapping.roles[word] for word in _words(_at(entry, paths.roles)) if word in mapping.roles)
    organisation = _at(entry, paths.organisation)
    if not roles or not (organisation is None or (isinstance(organisation, str) and organisation)):
        return None
    return Membership(
        None if organisation is None else _id(organisation, issuer),
        _text(_at(entry, paths.organisation_name)) or (organisation or "")[:LONGEST_NAME],
        roles,
        frozenset(_words(_at(entry, paths.zones))),
    )


def _at(claims: Mapping[str, Any], path: ClaimPath) -> Any:
    found: Any = claims
    for step in (path,) if isinstance(path, str) else path:
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


def _words(value: Any) -> Sequence[str]:
    """A list of words, or words with spaces between."""
    found = value.split() if isinstance(value, str) else value
    return [word for word in found[:MOST] if isinstance(word, str) and word] if isinstance(found, list) else []


def _text(value: Any) -> str:
    return value.strip()[:LONGEST_NAME] if isinstance(value, str) and value.isprintable() else ""


def _language(value: Any) -> str:
    return next((language for language in LANGUAGES if isinstance(value, str) and value.lower().startswith(language)), LANGUAGES[0])


def _id(word: str, issuer: str) -> UUID:
    """The UUID that a provider gives; of another word one that no other provider's word can give."""
    try:
        return UUID(word)
    except ValueError:
        return uuid5(PLACE, f"{issuer} {word}")
