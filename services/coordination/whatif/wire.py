"""How a what-if and its answer travel to the process that works it out, and back. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import TypeAdapter

from services.coordination.whatif.domain import Answer, Zone
from services.coordination.whatif.scenario import Change


@dataclass(frozen=True, slots=True)
class Asked:
    """One what-if."""

    zone: Zone
    changes: tuple[Change, ...]
    weeks: int


QUESTION = TypeAdapter(Asked)
ANSWER = TypeAdapter(Answer)
