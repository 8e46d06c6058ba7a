"""Invented persons: names, languages, national numbers, addresses. Pure: every draw comes from the dice handed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any, TypeVar

from deploy.simulation.need import Group, age_weights
from deploy.simulation.population import Doorstep, Town

Json = dict[str, Any]
Drawn = TypeVar("Drawn")

WITHOUT_NUMBER = 0.20  # decisions 36
INTERPRETER = 0.6  # assumption: agreed, where the person speaks neither Dutch nor French
ALSO_FRENCH_OR_DUTCH = 0.4  # assumption: of the same
LANGUAGES: Mapping[str, Mapping[str, float]] = {  # assumption: no figures by language exist (Belgium's census does not ask)
    "flanders": {"nl": 0.88, "tr": 0.03, "ar": 0.03, "fr": 0.02, "en": 0.02, "ro": 0.01, "bg": 0.01},
    "brussels": {"fr": 0.56, "nl": 0.10, "ar": 0.13, "tr": 0.05, "en": 0.05, "es": 0.04, "ro": 0.03, "rw": 0.02, "uk": 0.02},
}
NAMES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {  # given names of women, of men, family names
    "nl": (
        ("Maria", "Godelieve", "Annelies", "Rosa", "Lotte", "Griet", "Josée", "Elke"),
        ("Jozef", "Wim", "Noël", "Daan", "Luc", "Maarten", "Roger", "Stijn"),
        ("De Baets", "Van Hoecke", "Martens", "D'hondt", "Goethals", "Vermeire", "Claeys", "Van de Walle", "Lippens"),
    ),
    "fr": (
        ("Monique", "Chloé", "Jacqueline", "Inès", "Françoise", "Élodie"),
        ("André", "Hugo", "Michel", "Jean-Luc", "Théo", "Benoît"),
        ("Dupont", "Lambert", "Mertens", "Deprez", "Van Cutsem", "Lefèvre", "N'Diaye"),
    ),
    "ar": (("Fatima", "Khadija", "Salma", "Nour"), ("Mohamed", "Youssef", "Driss", "Bilal"), ("El Idrissi", "Benali", "Haddad", "Amrani")),
    "tr": (("Ayşe", "Emine", "Zeynep", "Elif"), ("Mehmet", "Emre", "Yusuf", "Hasan"), ("Yılmaz", "Kaya", "Demir", "Öztürk")),
    "": (("Elena", "Grace", "Oksana", "Carmen"), ("Andrei", "Samuel", "Pavlo", "Diego"), ("Popescu", "Mukamana", "Shevchenko", "García")),
}
STREETS = ("Kerkstraat", "Stationsstraat", "Molenstraat", "Nieuwstraat", "Schoolstraat", "Dorp", "Lindelaan", "Rue Haute", "Veldstraat")


@dataclass(slots=True)
class Registry:
    """What one generation remembers: national numbers given out, so that nobody gets another's; and how ages divide, per group and town."""

    day: date
    numbers: set[str] = field(default_factory=set)
    ages: dict[tuple[str, str], Mapping[int, float]] = field(default_factory=dict)


def a_person(dice: Random, group: Group, town: Town, registry: Registry) -> tuple[Json, str | None]:
    """The person of a referral as its body has it, and the zone that the sender chooses where the address leaves a choice."""
    sex = "female" if group.code == "pregnant" or dice.random() < 0.5 else "male"
    born = _birth_date(dice, group, town, registry)
    door = dice.choice(town.doorsteps)
    language = _drawn(dice, LANGUAGES[town.entity])
    women, men, families = NAMES.get(language, NAMES[""])
    person: Json = {
        "given_name": dice.choice(women if sex == "female" else men),
        "family_name": dice.choice(families),
        "birth_date": born.isoformat(),
        "sex": sex,
        "address": an_address(dice, town, door),
        "phone": f"0400 00 {dice.randrange(100):02d} {dice.randrange(100):02d}",
        "language": language,
    }
    if language not in {"nl", "fr"}:
        person["interpreter"] = dice.random() < INTERPRETER
    if dice.random() >= WITHOUT_NUMBER:
        person["national_number"] = national_number(dice, born, sex, registry)
    return person, dice.choice(door.zones) if len(door.zones) > 1 else None


def an_address(dice: Random, town: Town, door: Doorstep) -> Json:
    """A street and number at a postcode, with the municipality where the postcode does not tell it."""
    address: Json = {"street": dice.choice(STREETS), "number": str(dice.randrange(1, 400)), "postcode": door.postcode}
    return address | {"municipality": town.nis} if door.named else address


def other_languages(dice: Random, person: Json, entity: str) -> list[str]:
    """What the person speaks besides the own language."""
    if person["language"] in {"nl", "fr"} or dice.random() >= ALSO_FRENCH_OR_DUTCH:
        return []
    return ["fr" if entity == "brussels" else "nl"]


def national_number(dice: Random, born: date, sex: str, registry: Registry) -> str:
    """A valid number that nobody has (Royal Decree of 3 April 1984): birth date, an odd number for men, even for women, and the check."""
    while True:
        serial = dice.randrange(1, 499) * 2 - (sex == "male")
        nine = f"{born:%y%m%d}{serial:03d}"
        number = f"{nine}{97 - int(('2' if born.year >= 2000 else '') + nine) % 97:02d}"
        if number not in registry.numbers:
            registry.numbers.add(number)
            return number


def _birth_date(dice: Random, group: Group, town: Town, registry: Registry) -> date:
    kind = town.nis, group.code
    if kind not in registry.ages:
        registry.ages[kind] = age_weights(group, town.ages)
    age = _drawn(dice, registry.ages[kind])
    birthday = date(registry.day.year - age, registry.day.month, min(registry.day.day, 28))
    return birthday - timedelta(days=dice.randrange(1, 365))


def _drawn(dice: Random, weights: Mapping[Drawn, float]) -> Drawn:
    return dice.choices(list(weights), list(weights.values()))[0]
