"""Referrals out of a population: who is referred, for what, with which facts, and what is wrong with some. Pure and seeded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any

from deploy.simulation.need import Group, apportioned
from deploy.simulation.persons import Json, Registry, a_person, other_languages
from deploy.simulation.population import Town

# Assumptions, all of them: shares of referrals. No register of referrals was at hand.
AGAIN = 0.04  # a second referral for somebody who was referred before, by national number, from another sender
OUTSIDE = 0.01  # an address that no zone serves
UNKNOWN_PROGRAMME = 0.03  # "I don't know"
HUMAN_CHECK = 0.01  # the sender wishes that somebody looks
COORDINATION: Sequence[tuple[float, Json]] = (  # is anyone coordinating now? (decisions 26)
    (0.58, {"coordination_now": "none", "providers": "several", "has_plan": False}),
    (0.18, {"coordination_now": "none", "providers": "few", "alignment": "much", "has_plan": True}),
    (0.08, {"coordination_now": "stuck", "providers": "several", "has_plan": True}),
    (0.07, {"coordination_now": "none", "providers": "few", "alignment": "much", "has_plan": False}),
    (0.04, {"coordination_now": "well"}),
    (0.03, {"coordination_now": "none", "providers": "few", "alignment": "slight"}),
    (0.02, {}),
)
NEEDS = ("housing", "money", "mental_health", "mental_health", "no_network", "substance_use", "violence")
NO_NEED, NEEDS_NOT_ASKED = 0.06, 0.05  # pregnancies referred without vulnerability; nobody asked
FRAIL: Sequence[tuple[float, str]] = ((0.55, "total"), (0.15, "modules"), (0.10, "dementia"), (0.12, "below"), (0.08, "no_score"))
OBESITY: Sequence[tuple[float, str]] = ((0.62, "stage_2_3"), (0.20, "stage_0_1"), (0.08, "below"), (0.10, "no_stage"))
ELSEWHERE = ("9000", "8000", "9300", "1300", "5000")  # Gent, Brugge, Aalst, Wavre, Namur
WORRIES = (
    "Woont alleen en redt het niet meer zonder hulp.",
    "Plusieurs services viennent, personne ne fait le lien.",
    "Komt niet meer buiten; de familie is uitgeput.",
    "De afspraken lopen door elkaar, niemand houdt het overzicht.",
)


@dataclass(frozen=True, slots=True)
class Referral:
    """One referral to send: `sender` is a persona, `body` what is posted, `is_again` when the person was referred before."""

    sender: str
    body: Json
    group: str
    is_again: bool = False


def generate(towns: Sequence[Town], count: int, seed: int, today: date) -> list[Referral]:
    """So many referrals by the need of these towns; the same for the same arguments."""
    dice = Random(seed)  # noqa: S311 - invented data
    registry = Registry(today)
    made: list[Referral] = []
    needs = apportioned(towns, count)
    dice.shuffle(needs)
    known: list[Referral] = []
    for town, group in needs:
        before = dice.choice(known) if known and dice.random() < AGAIN else None
        made.append(_again(dice, before) if before else _referral(dice, group, town, registry))
        if "national_number" in made[-1].body["person"] and before is None:
            known.append(made[-1])
    return made


def _referral(dice: Random, group: Group, town: Town, registry: Registry) -> Referral:
    person, zone = a_person(dice, group, town, registry)
    facts = FACTS[group.code](dice, person, registry.day) | _one(dice, COORDINATION)
    body: Json = {
        "person": person,
        "programme": "unknown" if dice.random() < UNKNOWN_PROGRAMME else group.programme,
        "facts": facts,
        "consent": {
            "given": True,
            "by": "parent" if group.programme == "obesity" else "person",
            "how": dice.choice(["oral", "oral", "written"]),
        },
        "worries": dice.choice(WORRIES),
    }
    if zone:
        body["zone"] = zone
    if also := other_languages(dice, person, town.entity):
        body["languages"] = also
    if dice.random() < HUMAN_CHECK:
        body["human_check"] = True
    if dice.random() < OUTSIDE:
        body.pop("zone", None)
        person["address"] = {"postcode": dice.choice(ELSEWHERE)}
    return Referral("sender-brussels" if town.entity == "brussels" else "sender", body, group.code)


def _again(dice: Random, before: Referral) -> Referral:
    """The same person, referred by the other sender with words of their own."""
    body = before.body | {"worries": dice.choice(WORRIES)}
    return Referral("sender" if before.sender == "sender-brussels" else "sender-brussels", body, before.group, is_again=True)


def _pregnant(dice: Random, person: Json, today: date) -> Json:
    return {"weeks_pregnant": dice.randrange(8, 40), **_needs(dice)}


def _young_family(dice: Random, person: Json, today: date) -> Json:
    return _needs(dice)


def _needs(dice: Random) -> Json:
    drawn = dice.random()
    if drawn < NEEDS_NOT_ASKED:
        return {}
    if drawn < NEEDS_NOT_ASKED + NO_NEED:
        return {"needs": []}
    return {"needs": sorted(set(dice.sample(NEEDS, dice.choice([1, 1, 2, 2, 3]))))}


def _frail(dice: Random, person: Json, today: date) -> Json:
    kind = _one(dice, FRAIL)
    if kind == "dementia":
        return {"dementia": True}
    if kind == "no_score":
        return {}
    if kind == "total":
        return {"belrai": {"total": dice.randrange(26, 50) / 2}, "dementia": False}
    if kind == "modules":
        return {"belrai": {"iadl": dice.randrange(6, 13) / 2, "adl": dice.randrange(5, 13) / 2}, "dementia": False}
    return {"belrai": {"iadl": dice.randrange(6) / 2, "adl": dice.randrange(6) / 2, "total": dice.randrange(12, 26) / 2}, "dementia": False}


def _young_dementia(dice: Random, person: Json, today: date) -> Json:
    return {"dementia": True} if dice.random() < 0.7 else {}


def _obesity(dice: Random, person: Json, today: date) -> Json:
    kind = _one(dice, OBESITY)
    years = (today - date.fromisoformat(person["birth_date"])).days / 365.25
    if kind == "below":
        return {"bmi": round(dice.uniform(14.5, 18.5), 1), "eossp": dice.randrange(4)}  # below every cut-off for obesity
    bmi = round(22.5 + 0.75 * max(0.0, years - 5) + dice.expovariate(0.4), 1)  # a line above every cut-off, and more
    if kind == "no_stage":
        return {"bmi": bmi}
    return {"bmi": bmi, "eossp": dice.choice([2, 3] if kind == "stage_2_3" else [0, 1])}


FACTS = {"pregnant": _pregnant, "young_family": _young_family, "frail": _frail, "young_dementia": _young_dementia, "obesity": _obesity}


def _one(dice: Random, weighted: Sequence[tuple[float, Any]]) -> Any:
    return dice.choices([value for _, value in weighted], [weight for weight, _ in weighted])[0]
