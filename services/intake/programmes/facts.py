"""What a sender tells about a person so that a programme can be decided on. Unknown is None; impossible is refused by field."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from services.intake.programmes.growth import Sex

Need = Literal[
    "violence",
    "housing",
    "money",
    "mental_health",
    "substance_use",
    "no_network",
    "falls",
    "memory",
    "daily_tasks",
    "medication",
    "informal_carer",
    "loneliness",
    "bullying",
    "family_burden",
    "complications",
    "school",
    "eating",
    "movement",
    "sleep",
]
Coordination = Literal["none", "stuck", "well", "unknown"]
ReferredAs = Literal["pregnant", "parent", "child"]

TERM = timedelta(days=280)  # from the last menstruation to the due date
OVERDUE = timedelta(days=21)
OLDEST = 130
MESSAGES = Path(__file__).parent / "data" / "facts.toml"


@cache
def messages() -> Mapping[str, Mapping[str, str]]:
    """What to say of each impossible value: by code, then by language (en, nl, fr, de)."""
    return tomllib.loads(MESSAGES.read_text(encoding="utf-8"))


def impossible(code: str) -> PydanticCustomError:
    """A refusal whose type is the code in `messages`, with the other languages as its context; it never repeats what was typed."""
    said = messages()[code]
    return PydanticCustomError(code, said["en"], {language: text for language, text in said.items() if language != "en"})


def _as_day(value: Any) -> Any:
    # pydantic would read a bare number as seconds since 1970
    if value is None or isinstance(value, date):
        return value
    try:
        if isinstance(value, str) and len(value) == len("2026-11-23"):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise impossible("date_as_text")


def _half_points(value: float | None, most: float, code: str) -> float | None:
    if value is not None and (not 0 <= value <= most or value * 2 % 1):
        raise impossible(code)
    return value


def _within(value: float | None, least: float, most: float, code: str) -> None:
    if value is not None and not least <= value <= most:
        raise impossible(code)


def completed_years(born: date, today: date) -> int:
    """Age in whole years; somebody born on 29 February is a year older on 1 March."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def body_mass_index(height_cm: float, weight_kg: float) -> float:
    """kg/m², to two decimals."""
    return round(weight_kg / (height_cm / 100) ** 2, 2)


Day = Annotated[date, BeforeValidator(_as_day)]
Amount = Annotated[float, Field(allow_inf_nan=False)]


class Belrai(BaseModel):
    """Result scores of the BelRAI Screener for adults; half points occur. Only results are kept, never items."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    iadl: Amount | None = None
    adl: Amount | None = None
    total: Amount | None = None

    @field_validator("iadl", "adl")
    @classmethod
    def _module(cls, value: float | None) -> float | None:
        return _half_points(value, 6, "half_points_module")

    @field_validator("total")
    @classmethod
    def _total(cls, value: float | None, info: ValidationInfo) -> float | None:
        _half_points(value, 30, "half_points_total")
        iadl, adl = info.data.get("iadl"), info.data.get("adl")
        # the three other modules add 0 to 6 each
        if value is not None and (value < (iadl or 0) + (adl or 0) or (iadl is not None and adl is not None and value > iadl + adl + 18)):
            raise impossible("total_below_parts")
        return value


class Facts(BaseModel):
    """The facts that rules may ask for, about the person of the referral. In the perinatal programme `referred_as` says who that is: the pregnant
    woman, a parent of the child whose `child_birth_date` is given, or the child.

    Days are judged against `context={"today": date}`: the day on which they were told. Without it only what no day makes possible is refused.
    An empty `needs` means none applies; None means that nobody was asked. `birth_year` is for whom only the year is known.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    birth_date: Day | None = None
    birth_year: int | None = None
    referred_as: ReferredAs | None = None
    child_birth_date: Day | None = None
    due_date: Day | None = None
    weeks_pregnant: int | None = None
    pregnant: bool | None = None
    sex: Sex | None = None
    needs: tuple[Need, ...] | None = Field(default=None, max_length=20)
    belrai: Belrai | None = None
    dementia: bool | None = None
    height_cm: Amount | None = None
    weight_kg: Amount | None = None
    bmi: Amount | None = None
    eossp: int | None = None
    coordination_now: Coordination | None = None
    providers: Literal["few", "several"] | None = None
    has_plan: bool | None = None
    alignment: Literal["slight", "much"] | None = None

    @field_validator("birth_date", "child_birth_date")
    @classmethod
    def _born(cls, value: date | None, info: ValidationInfo) -> date | None:
        today = _today(info)
        if value is not None and today is not None:
            if value > today:
                raise impossible("birth_in_future")
            if completed_years(value, today) > OLDEST:
                raise impossible("age_too_high")
        return value

    @field_validator("birth_year")
    @classmethod
    def _year(cls, value: int | None, info: ValidationInfo) -> int | None:
        today = _today(info)
        if value is not None and today is not None:
            if value > today.year:
                raise impossible("birth_in_future")
            if today.year - value > OLDEST:
                raise impossible("age_too_high")
        return value

    @field_validator("due_date")
    @classmethod
    def _due(cls, value: date | None, info: ValidationInfo) -> date | None:
        today = _today(info)
        if value is not None and today is not None:
            if value > today + TERM:
                raise impossible("due_date_too_far")
            if value < today - OVERDUE:
                raise impossible("due_date_past")
        return value

    @field_validator("weeks_pregnant")
    @classmethod
    def _weeks(cls, value: int | None, info: ValidationInfo) -> int | None:
        _within(value, 1, 42, "weeks_pregnant_range")
        due, today = info.data.get("due_date"), _today(info)
        if value is not None and due is not None and today is not None and abs((due - today).days - (40 - value) * 7) > 21:
            raise impossible("weeks_disagree")
        return value

    @field_validator("pregnant")
    @classmethod
    def _pregnant(cls, value: bool | None, info: ValidationInfo) -> bool | None:
        if value is False and (info.data.get("due_date") or info.data.get("weeks_pregnant")):
            raise impossible("pregnant_disagrees")
        return value

    @field_validator("needs")
    @classmethod
    def _each_once(cls, value: tuple[Need, ...] | None) -> tuple[Need, ...] | None:
        return value if value is None else tuple(dict.fromkeys(value))

    @field_validator("height_cm")
    @classmethod
    def _height(cls, value: float | None) -> float | None:
        _within(value, 30, 250, "height_range")
        return value

    @field_validator("weight_kg")
    @classmethod
    def _weight(cls, value: float | None, info: ValidationInfo) -> float | None:
        _within(value, 0.5, 400, "weight_range")
        if value and (height := info.data.get("height_cm")):
            _within(body_mass_index(height, value), 5, 100, "weight_for_height")
        return value

    @field_validator("bmi")
    @classmethod
    def _bmi(cls, value: float | None, info: ValidationInfo) -> float | None:
        _within(value, 5, 100, "bmi_range")
        height, weight = info.data.get("height_cm"), info.data.get("weight_kg")
        if value is not None and height and weight and abs(body_mass_index(height, weight) - value) > 0.5:
            raise impossible("bmi_disagrees")
        return value

    @field_validator("eossp")
    @classmethod
    def _stage(cls, value: int | None) -> int | None:
        _within(value, 0, 3, "eossp_range")
        return value


def _today(info: ValidationInfo) -> date | None:
    day: date | None = (info.context or {}).get("today")
    return day
