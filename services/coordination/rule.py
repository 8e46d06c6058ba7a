"""The numbers of the assignment rule, read once from `rule.toml`. Points are whole hundredths everywhere."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Rule:
    """One version of the rule's numbers. Points in hundredths, intensities and factors in percent, deadlines in working days."""

    version: str
    per_fte: int
    first_year_per_fte: int
    fixed_per_fte: int
    weight: dict[str, int]
    intensity: dict[str, int]
    first_weeks: int
    first_weeks_percent: int
    nearly_equal: float
    recent_days: int
    offer_days: int
    continuity_days: int
    first_contact_days: int
    late_days: int
    again_days: int


def read_rule(text: str) -> Rule:
    """The rule in a TOML text."""
    data: dict[str, Any] = tomllib.loads(text)
    points, weeks, days = data["points"], data["first_weeks"], data["working_days"]
    return Rule(
        version=data["version"],
        per_fte=points["per_fte"],
        first_year_per_fte=points["first_year_per_fte"],
        fixed_per_fte=points["fixed_per_fte"],
        weight=data["weight"],
        intensity=data["intensity"],
        first_weeks=weeks["weeks"],
        first_weeks_percent=weeks["percent"],
        nearly_equal=data["choice"]["nearly_equal"],
        recent_days=data["choice"]["recent_days"],
        offer_days=days["offer"],
        continuity_days=days["continuity_offer"],
        first_contact_days=days["first_contact"],
        late_days=days["waiting_late"],
        again_days=days["offer_again"],
    )


RULE = read_rule(Path(__file__).with_name("rule.toml").read_text(encoding="utf-8"))
