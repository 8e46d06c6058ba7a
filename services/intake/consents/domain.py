"""What a person, or who decides for them, consented to, and that they took it back. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

from pydantic import BaseModel, ConfigDict

State = Literal["given", "withdrawn"]


class Consent(NamedTuple):
    """One word on consent: by whom, how and when it was said, on which wording in which language, and who wrote it down.

    `referral_id` is the referral with which it came; None: said of everything. A withdrawal needs no wording.
    """

    person_id: UUID
    referral_id: UUID | None
    state: State
    said_by: str
    how: str
    said_at: datetime
    wording: str | None
    language: str
    recorded_by: UUID
    recorded_at: datetime


class Said(BaseModel):
    """Who takes consent back, and how they said so."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra={"examples": [{"by": "person", "how": "oral"}]})
    by: Literal["person", "parent", "representative"] = "person"
    how: Literal["oral", "written"] = "oral"
    language: Literal["nl", "fr", "de", "en"] = "nl"


def withdrawn(person_id: UUID, referral_id: UUID | None, said: Said, by: UUID, now: datetime) -> Consent:
    """The row that takes consent back."""
    return Consent(person_id, referral_id, "withdrawn", said.by, said.how, now, None, said.language, by, now)


def is_withdrawn(history: Sequence[Consent]) -> bool:
    """Whether the last word of a history, oldest first, takes consent back."""
    return bool(history) and history[-1].state == "withdrawn"


def of_referral(history: Iterable[Consent], referral_id: UUID) -> list[Consent]:
    """What whoever sees one referral may know of: the consent that came with it, and that it was taken back. Not who else referred."""
    return [each for each in history if each.referral_id == referral_id or each.state == "withdrawn"]
