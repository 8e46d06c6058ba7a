"""What is sent to plan leave, by JSON or by form."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.when import Day

NOBODY = "nobody"


class Away(BaseModel):
    """Days away, both included, and one name for all cases that are held: who stands in sees and moves those that the rule allows."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"starts_on": "2026-12-21", "ends_on": "2027-01-02"}]})
    starts_on: Day
    ends_on: Day
    substitute_id: UUID | None = None


class Somebody(BaseModel):
    """Whose leave to look at, chosen on the board of a zone."""

    model_config = ConfigDict(extra="forbid")
    wie: UUID


class Days(BaseModel):
    """The days of a leave, on the form. `leave_id`: of a leave that gets other days."""

    model_config = ConfigDict(extra="forbid")
    starts_on: Day
    ends_on: Day
    leave_id: UUID | None = None


class Covers(Days):
    """By case who covers it."""

    cover: dict[UUID, UUID | Literal["nobody"]] = {}

    @property
    def covers(self) -> dict[UUID, UUID | None]:
        return {case: None if isinstance(who, str) else who for case, who in self.cover.items()}
