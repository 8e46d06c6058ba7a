"""Invented zones, workers and referrals for the measurement. Seeded, so that two runs measure the same work."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid5

import orjson

from services.intake.zones import places

NAMESPACE = UUID("be9c0000-0000-4000-8000-000000000000")
SENDERS = 40
SHARES = {"perinatal": 0.4, "frail": 0.4, "obesity": 0.2}
WITH_NATIONAL_NUMBER = 0.8
TODAY = date(2026, 11, 2)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a person lives: in exactly one zone."""

    zone: str
    postcode: str
    nis: str


def an_id(kind: str, number: int) -> UUID:
    """The id of the n-th of a kind."""
    return uuid5(NAMESPACE, f"{kind}/{number}")


def addresses(zones: int) -> list[Address]:
    """Municipalities of Flanders, dealt out to so many zones; one postcode each, which no other municipality has."""
    postcodes: dict[str, int] = {}
    known = [place for place in places.municipalities().values() if place.region == places.FLANDERS]
    for place in places.municipalities().values():
        for postcode in place.postcodes:
            postcodes[postcode] = postcodes.get(postcode, 0) + 1
    found = []
    for number, place in enumerate(sorted(known, key=lambda place: place.nis)):
        own = next((postcode for postcode in place.postcodes if postcodes[postcode] == 1), None)
        if own:
            found.append(Address(f"zone-{number % zones:02d}", own, place.nis))
    return found


def bodies(towns: list[Address], seed: int) -> Iterator[bytes]:
    """Referrals without end, each for a new person, ready to be sent."""
    dice = random.Random(seed)  # noqa: S311 - invented data
    number, born_on = 0, Counter[date]()
    while True:
        number += 1
        yield orjson.dumps(_referral(dice, number, dice.choice(towns), born_on))


def _referral(dice: random.Random, number: int, town: Address, born_on: Counter[date]) -> dict[str, Any]:
    programme = dice.choices(list(SHARES), list(SHARES.values()))[0]
    facts, born = {"perinatal": _perinatal, "frail": _frail, "obesity": _obesity}[programme](dice)
    sex = "female" if programme == "perinatal" else facts.get("sex", "male")
    person: dict[str, Any] = {
        "given_name": f"Proef{number}",
        "family_name": f"Persoon{dice.randrange(9999)}",
        "birth_date": born.isoformat(),
        "sex": sex,
        "address": {"street": "Proefstraat", "number": str(number), "postcode": town.postcode},
        "phone": "0400 00 00 00",
        "language": "nl",
    }
    if dice.random() < WITH_NATIONAL_NUMBER:
        born_on[born] += 1  # a number twice would be the same person, who has a case already
        person["national_number"] = _national_number(born, born_on[born])
    return {
        "person": person,
        "programme": programme,
        "zone": town.zone,  # the shipped zones serve some of these addresses too
        "facts": {**facts, "coordination_now": "none", "providers": "several", "has_plan": False},
        "consent": {"given": True, "by": "person", "how": "oral"},
        "worries": "Dit is een proef van de snelheid. " * 4,
    }


def _born(dice: random.Random, youngest: int, oldest: int) -> date:
    return TODAY - timedelta(days=dice.randrange(youngest * 366, oldest * 365))


def _perinatal(dice: random.Random) -> tuple[dict[str, Any], date]:
    return {"weeks_pregnant": dice.randrange(8, 33), "needs": ["housing", "mental_health"]}, _born(dice, 18, 42)


def _frail(dice: random.Random) -> tuple[dict[str, Any], date]:
    return {"belrai": {"iadl": 3.5, "adl": 3, "total": 14}}, _born(dice, 66, 96)


def _obesity(dice: random.Random) -> tuple[dict[str, Any], date]:
    return {"bmi": 38.5, "eossp": 2, "sex": dice.choice(["female", "male"])}, _born(dice, 3, 16)


def _national_number(born: date, number: int) -> str:
    """A valid number (Royal Decree of 3 April 1984: nine digits and 97 less their remainder); each at most once per birth day."""
    nine = f"{born:%y%m%d}{number:03d}"
    check = 97 - int(("2" if born.year >= 2000 else "") + nine) % 97
    return f"{nine}{check:02d}"
