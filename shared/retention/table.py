"""How long what is kept, and at which hour what is past it goes: the table beside this module, read once. Pure but for reading the file."""

from __future__ import annotations

import tomllib
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.working_time import BRUSSELS

FILE = Path(__file__).with_name("table.toml")
BEGINS, ENDS = time(1, 30), time(5)  # on the clock of Brussels: when nobody works and no backup is taken


class Period(BaseModel):
    """One class of what is kept: for how many days, counted from what, in which services, and why so long."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str
    where: tuple[str, ...]
    days: int = Field(gt=0)
    counted_from: str = Field(alias="from")
    source: str = Field(min_length=10)
    dated: date

    def before(self, now: datetime) -> datetime:
        """What is older than this is past the period."""
        return now - timedelta(days=self.days)


@cache
def table() -> dict[str, Period]:
    """The whole table, by class."""
    rows = [Period.model_validate(row) for row in tomllib.loads(FILE.read_text("utf-8"))["class"]]
    return {row.name: row for row in rows}


def period(name: str) -> Period:
    """The row of one class."""
    return table()[name]


def is_night(now: datetime) -> bool:
    """Whether it is the time for letting go."""
    return BEGINS <= now.astimezone(BRUSSELS).time() < ENDS


def next_night(now: datetime) -> datetime:
    """When the next night begins, later than now."""
    day = now.astimezone(BRUSSELS).date()
    tonight = datetime.combine(day, BEGINS, BRUSSELS)
    return tonight if tonight > now else datetime.combine(day + timedelta(days=1), BEGINS, BRUSSELS)


NIGHTLY = UUID("6e1b3f5a-0000-4000-8000-000000000001")  # the subject of the timer, and of its first row
