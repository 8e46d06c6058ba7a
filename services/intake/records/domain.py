"""Text and answers about a person, kept apart from everything else by an id. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

Kind = Literal["draft", "request", "information", "check", "glass"]

# What stands in the place of a body that nobody can read any more, in words that a page can show.
_NAME = '"given_name": "Gewiste", "family_name": "persoon"'
ERASED: Mapping[Kind, str] = {
    "draft": "{}",
    "request": f'{{"erased": true, "person": {{{_NAME}, "address": {{"postcode": ""}}}}}}',
    "information": '{"text": "Gewist"}',
    "check": '{"text": "Gewist"}',
    "glass": '{"text": "Gewist"}',
}


class Record(NamedTuple):
    """One record. `body` is JSON text; `about` is the referral or draft it belongs to; a draft knows no person yet."""

    id: UUID
    person_id: UUID | None
    about: UUID
    kind: Kind
    body: str
    at: datetime


class Note(NamedTuple):
    """A record as it is read."""

    id: UUID
    kind: Kind
    body: dict[str, Any]
    at: datetime


class Added(NamedTuple):
    """What a sender added to the referral `about`, as it is read."""

    id: UUID
    person_id: UUID
    about: UUID
    body: dict[str, Any]
    at: datetime
