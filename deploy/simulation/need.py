"""How many referrals a year a population gives, by target group. Pure. Every number is sourced, or marked as an assumption."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from deploy.simulation.population import Ages, Town, between

# Children aged 0-4 stand in the population file: a fifth of them were born in a year, so no birth rate has to be assumed.
BABY_YEARS = 5
VULNERABLE = 0.225  # of pregnancies: mental-health issues in 20-25 % (federal perinatal programme, press text of 7-6-2024)
REFERRED_PREGNANT = 0.5  # assumption: of the vulnerable ones
REFERRED_FAMILIES = 0.05  # assumption: of vulnerable families with a child under 3, a year
FRAIL = {(65, 79): 0.06, (80, 89): 0.20, (90, 100): 0.45}  # assumption: share by age
REFERRED_FRAIL = 0.15  # assumption: of the frail, a year
YOUNG_DEMENTIA = 0.001  # assumption: of those aged 50-64
OBESE = 0.058  # of those aged 2-17 (RIZIV/INAMI, care path of 1-12-2023)
REFERRED_OBESE = 0.10  # assumption: of these, a year
MOTHERS = {(18, 29): 0.05, (30, 39): 0.07, (40, 42): 0.01}  # assumption: births a year per woman, for the division over ages only
WOMEN = 0.5


def births(ages: Ages) -> float:
    """In a year."""
    return ages["0-4"] / BABY_YEARS


@dataclass(frozen=True, slots=True)
class Group:
    """A target group: referrals a year out of a population, and how its people divide over ages (weight per year of age)."""

    code: str
    programme: str
    a_year: Callable[[Ages], float]
    ages: Mapping[tuple[int, int], float]


GROUPS: Sequence[Group] = (
    Group("pregnant", "perinatal", lambda ages: births(ages) * VULNERABLE * REFERRED_PREGNANT, MOTHERS),
    Group("young_family", "perinatal", lambda ages: births(ages) * 3 * VULNERABLE * REFERRED_FAMILIES, {(0, 2): 1.0}),
    Group("frail", "frail", lambda ages: REFERRED_FRAIL * sum(between(ages, *band) * share for band, share in FRAIL.items()), FRAIL),
    Group("young_dementia", "frail", lambda ages: between(ages, 50, 64) * YOUNG_DEMENTIA, {(50, 64): 1.0}),
    Group("obesity", "obesity", lambda ages: between(ages, 2, 17) * OBESE * REFERRED_OBESE, {(2, 17): 1.0}),
)


def age_weights(group: Group, ages: Ages) -> dict[int, float]:
    """How likely each age is for a referral of the group in a town."""
    return {age: between(ages, age, age) * weight for (first, last), weight in group.ages.items() for age in range(first, last + 1)}


def a_year(towns: Sequence[Town]) -> float:
    """Referrals that these towns give in a year."""
    return sum(group.a_year(town.ages) for town in towns for group in GROUPS)


def apportioned(towns: Sequence[Town], count: int) -> list[tuple[Town, Group]]:
    """So many referrals divided over towns and groups by need, to the largest remainders."""
    shares = [(town, group, group.a_year(town.ages)) for town in towns for group in GROUPS]
    total = sum(share for _, _, share in shares)
    exact = [share / total * count for _, _, share in shares]
    given = [int(number) for number in exact]
    by_remainder = sorted(range(len(exact)), key=lambda place: given[place] - exact[place])
    for place in by_remainder[: count - sum(given)]:
        given[place] += 1
    return [(town, group) for (town, group, _), number in zip(shares, given, strict=True) for _ in range(number)]
