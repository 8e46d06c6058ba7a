"""What is sent to move a case, by JSON or by form."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from shared.text import refusal
from shared.when import Day, Moment
from shared.working_time import BRUSSELS

CLOCK = re.compile(r"([01]?\d|2[0-3])[:.u]([0-5]\d)")

Level = Literal["limited", "complex"]
Intensity = Literal["light", "normal", "intense"]


class FirstContact(BaseModel):
    """When the person was met or spoken to, the level decided together, and how intense the work will be."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"contact_at": "2026-11-20T11:00:00+01:00", "level": "complex", "intensity": "normal"}]},
    )
    contact_at: Moment
    level: Level
    intensity: Intensity


class FirstContactForm(BaseModel):
    """The same with day and hour apart, on the clock of Brussels."""

    model_config = ConfigDict(extra="forbid")
    day: date
    hour: str = Field(max_length=10)
    level: Level
    intensity: Intensity

    @field_validator("hour")
    @classmethod
    def _clock(cls, value: str) -> str:
        if not CLOCK.fullmatch(value.strip()):
            raise refusal("clock", "Expected a time, as 9:30.", "Vul een uur in, zoals 9:30.")
        return value.strip()

    @property
    def contact_at(self) -> datetime:
        """The moment of the contact."""
        hour, minute = re.split("[:.u]", self.hour)
        return datetime.combine(self.day, time(int(hour), int(minute)), BRUSSELS)


class Pausing(BaseModel):
    """Until which day the case rests, when its coordinator looks again, and why."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"until": "2026-12-04", "reason": "admitted"}]})
    until: Day
    reason: Literal["admitted", "away", "asked", "other_care_first"]


class Closing(BaseModel):
    """Why the case ends."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"outcome": "goals_reached"}]})
    outcome: Literal["goals_reached", "handed_over", "no_longer_wanted", "not_reached", "moved", "pregnancy_loss", "deceased"]
