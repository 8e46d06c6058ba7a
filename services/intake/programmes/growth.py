"""BMI cut-offs of children by age and sex, from tables that can be exchanged. Figures and sources: `data/bmi_cutoffs.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, model_validator

Sex = Literal["female", "male"]
Band = Literal["overweight", "obesity"]

DATA = Path(__file__).parent / "data" / "bmi_cutoffs.toml"


class Curve(BaseModel):
    """Cut-offs in kg/m² at each step of age, of one sex."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    overweight: tuple[float, ...]
    obesity: tuple[float, ...]


class GrowthTable(BaseModel):
    """One published reference. `id` is kept in every result that used it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    id: str
    source: str
    first_age: float
    step: float
    male: Curve
    female: Curve

    @model_validator(mode="after")
    def _all_curves_cover_the_same_ages(self) -> Self:
        lengths = {len(points) for curve in (self.male, self.female) for points in (curve.overweight, curve.obesity)}
        if len(lengths) != 1 or min(lengths) < 2:
            raise ValueError(f"{self.id}: the four curves need the same number of points, at least two")
        return self

    def cutoff(self, band: Band, sex: Sex, age: float) -> float | None:
        """The cut-off in kg/m² at an age in years, linear between the steps, to two decimals; None outside the table."""
        curve = self.male if sex == "male" else self.female
        points = curve.obesity if band == "obesity" else curve.overweight
        position = (age - self.first_age) / self.step
        if not 0 <= position <= len(points) - 1:
            return None
        below = int(position)
        part = position - below
        if not part:
            return points[below]
        return round(points[below] + part * (points[below + 1] - points[below]), 2)


@cache
def load_tables() -> Mapping[str, GrowthTable]:
    """Every table shipped, by id."""
    tables = tomllib.loads(DATA.read_text(encoding="utf-8"))["tables"]
    return {table.id: table for table in map(GrowthTable.model_validate, tables)}
