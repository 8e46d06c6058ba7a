"""Who asks, as the rules see them: a person in an organisation, or the machine of one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID


@dataclass(frozen=True)
class Membership:
    """What somebody may be in one organisation."""

    organisation_id: UUID | None
    organisation_name: str
    roles: frozenset[str]
    zones: frozenset[str]  # codes


@dataclass(frozen=True)
class Actor:
    """Someone who asks: a provider or a worker (same id in workforce and directory), or the machine of an organisation; with what they may be."""

    id: UUID
    name: str
    roles: frozenset[str]  # of `shared.access.rules.ROLES`; none where somebody has still to choose an organisation
    organisation_id: UUID | None
    organisation_name: str
    zones: frozenset[str]
    language: str  # ISO 639-1
    kind: Literal["person", "client"] = "person"
    scopes: frozenset[str] = frozenset()  # a client's: the only actions it may do
    session_id: UUID | None = None
    memberships: tuple[Membership, ...] = field(default=(), compare=False)  # one of which this is
