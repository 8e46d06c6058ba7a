"""The named facts that criteria compare: each is read or derived from what the sender told, and says what to ask when it is unknown."""

from __future__ import annotations

from calendar import isleap
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from datetime import date

from services.intake.programmes.facts import Facts, body_mass_index, completed_years
from services.intake.programmes.growth import Band, GrowthTable

Value = bool | int | float | str | tuple[str, ...]

FERTILE_AGES = range(10, 60)  # outside these nobody is asked whether the person is pregnant


class Known:
    """What is known of one person on one day, for one programme. Dearer facts are derived only when a criterion asks."""

    __slots__ = ("_exact", "age", "entity", "facts", "listed", "table", "today")

    def __init__(self, facts: Facts, today: date, entity: str, table: GrowthTable | None, listed: Container[str] = ()) -> None:
        self.facts = facts
        self.today = today
        self.entity = entity
        self.table = table
        self.listed = listed  # the needs that count for the programme
        self.age = None if facts.birth_date is None else completed_years(facts.birth_date, today)
        self._exact: float | None = None

    @property
    def exact(self) -> float | None:
        """Age in years with its fraction, derived once."""
        if self._exact is None and self.facts.birth_date is not None:
            self._exact = exact_age(self.facts.birth_date, self.today)
        return self._exact


def exact_age(born: date, today: date) -> float:
    """Age in years, with the part of the year since the last birthday."""
    years = completed_years(born, today)
    last, following = _birthday(born, born.year + years), _birthday(born, born.year + years + 1)
    return years + (today - last).days / (following - last).days


def _birthday(born: date, year: int) -> date:
    return date(year, 3, 1) if (born.month, born.day) == (2, 29) and not isleap(year) else date(year, born.month, born.day)


def _pregnant(known: Known) -> bool | None:
    facts = known.facts
    if facts.due_date is not None or facts.weeks_pregnant is not None:
        return True
    if facts.pregnant is not None:
        return facts.pregnant
    if facts.referred_as is not None:
        return facts.referred_as == "pregnant"
    if facts.sex == "male" or (known.age is not None and known.age not in FERTILE_AGES):
        return False
    return None


def _weeks_to_birth(known: Known) -> float | None:
    if known.facts.due_date is not None:
        return (known.facts.due_date - known.today).days / 7
    return None if known.facts.weeks_pregnant is None else 40 - known.facts.weeks_pregnant


def _weeks_pregnant(known: Known) -> int | None:
    if known.facts.weeks_pregnant is not None:
        return known.facts.weeks_pregnant
    remaining = _weeks_to_birth(known)
    return None if remaining is None else int(40 - remaining)


def _child_age(known: Known) -> int | None:
    """The age of the child that the perinatal window counts from. An adult's own date of birth is never a child's, whatever was ticked."""
    born, own = known.facts.child_birth_date, known.facts.birth_date
    if born is not None and born != own:
        return completed_years(born, known.today)
    if known.facts.referred_as in (None, "child") and known.age is not None and known.age < FERTILE_AGES.start:
        return known.age
    return None


def _family_unclear(known: Known) -> bool:
    """Not pregnant as far as is told, and no child's age: a mother or father may be meant, so that only a human can say no."""
    return _pregnant(known) is False and _child_age(known) is None


def _need_count(known: Known) -> int | None:
    told = known.facts.needs
    return None if told is None else sum(need in known.listed for need in told)


def _belrai_total(known: Known) -> float | None:
    return None if known.facts.belrai is None else known.facts.belrai.total


def _belrai_iadl_adl(known: Known) -> float | None:
    scores = known.facts.belrai
    return None if scores is None or scores.iadl is None or scores.adl is None else scores.iadl + scores.adl


def _bmi(known: Known) -> float | None:
    facts = known.facts
    if facts.bmi is not None:
        return round(facts.bmi, 2)
    return None if facts.height_cm is None or facts.weight_kg is None else body_mass_index(facts.height_cm, facts.weight_kg)


def _cutoff(band: Band) -> Callable[[Known], float | None]:
    def cutoff(known: Known) -> float | None:
        age, sex = known.exact, known.facts.sex
        if age is None or sex is None or known.table is None:
            return None
        return known.table.cutoff(band, sex, age)

    return cutoff


@dataclass(frozen=True, slots=True)
class Named:
    """A fact that criteria may name. `asks`: which fields of `Facts` would tell it, as paths."""

    of: Callable[[Known], Value | None]
    asks: tuple[str, ...]


NAMED: Mapping[str, Named] = {
    "entity": Named(lambda known: known.entity, ()),
    "age_years": Named(lambda known: known.age, ("birth_date",)),
    "pregnant": Named(_pregnant, ("weeks_pregnant",)),
    "weeks_pregnant": Named(_weeks_pregnant, ("weeks_pregnant",)),
    "weeks_to_birth": Named(_weeks_to_birth, ("weeks_pregnant",)),
    "child_age_years": Named(_child_age, ("child_birth_date",)),
    "family_unclear": Named(_family_unclear, ()),
    "needs": Named(lambda known: known.facts.needs, ("needs",)),
    "need_count": Named(_need_count, ("needs",)),
    "belrai_total": Named(_belrai_total, ("belrai.total",)),
    "belrai_iadl_adl": Named(_belrai_iadl_adl, ("belrai.iadl", "belrai.adl")),
    "dementia": Named(lambda known: known.facts.dementia, ("dementia",)),
    "bmi": Named(_bmi, ("bmi",)),
    "bmi_overweight": Named(_cutoff("overweight"), ("birth_date", "sex")),
    "bmi_obesity": Named(_cutoff("obesity"), ("birth_date", "sex")),
    "growth_table": Named(lambda known: None if known.table is None else known.table.id, ()),
    "eossp": Named(lambda known: known.facts.eossp, ("eossp",)),
    "coordination_now": Named(lambda known: known.facts.coordination_now, ("coordination_now",)),
    "providers": Named(lambda known: known.facts.providers, ("providers",)),
    "has_plan": Named(lambda known: known.facts.has_plan, ("has_plan",)),
    "alignment": Named(lambda known: known.facts.alignment, ("alignment",)),
}


def missing(facts: Facts, names: tuple[str, ...]) -> tuple[str, ...]:
    """Which fields of `Facts` the sender would have to fill in for these named facts, each once."""
    asked: dict[str, None] = {}
    for name in names:
        for path in NAMED[name].asks:
            field, _, part = path.partition(".")
            value = getattr(facts, field)
            if value is None:
                asked[field] = None
            elif part and getattr(value, part) is None:
                asked[path] = None
    return tuple(asked)
