"""Text and answers about a person, kept apart from everything else by an id. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

Kind = Literal["draft", "request", "information", "check"]


@dataclass(frozen=True, slots=True)
class Record:
    """One record. `body` is JSON text; `about` is the referral or draft it belongs to; a draft knows no person yet."""

    id: UUID
    person_id: UUID | None
    about: UUID
    kind: Kind
    body: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Note:
    """A record as it is read."""

    id: UUID
    kind: Kind
    body: dict[str, Any]
    at: datetime
