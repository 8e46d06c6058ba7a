"""Who is eligible for what: the table of rules, with its boundaries. The day is 24 November 2026."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from services.intake.programmes import domain
from services.intake.programmes.definitions import load_programmes
from services.intake.programmes.domain import EligibilityDecision, Outcome
from services.intake.programmes.facts import Facts
from services.intake.programmes.growth import load_tables

TODAY = date(2026, 11, 24)
PROGRAMMES = load_programmes(TODAY)


def facts(**told: Any) -> Facts:
    return Facts.model_validate({"coordination_now": "none", **told}, context={"today": TODAY})


def decided(programme: str, entity: str = "flanders", **told: Any) -> EligibilityDecision:
    return domain.decide(PROGRAMMES, programme, facts(**told), entity=entity, today=TODAY)


def states(decision: EligibilityDecision) -> dict[str, str]:
    return {reason.code: str(reason.state) for reason in decision.reasons}


HOUSING: dict[str, Any] = {"needs": ["housing"]}


PARENT: dict[str, Any] = {"birth_date": "1999-05-05", "referred_as": "parent"}


@pytest.mark.parametrize(
    ("entity", "told", "outcome"),
    [
        ("flanders", {"weeks_pregnant": 31, **HOUSING}, "eligible"),
        ("flanders", {"due_date": "2027-03-01", **HOUSING}, "eligible"),
        ("flanders", {"pregnant": True, **HOUSING}, "eligible"),
        ("flanders", {"birth_date": "2026-11-24", **HOUSING}, "eligible"),
        ("flanders", {"birth_date": "2023-11-25", **HOUSING}, "eligible"),  # 3 tomorrow
        ("flanders", {"birth_date": "2023-11-24", **HOUSING}, "not_eligible"),  # 3 today
        ("brussels", {"birth_date": "2024-11-25", **HOUSING}, "eligible"),  # 2 tomorrow
        ("brussels", {"birth_date": "2024-11-24", **HOUSING}, "not_eligible"),  # 2 today
        ("flanders", {"birth_date": "2024-11-24", **HOUSING}, "eligible"),
        ("flanders", {"weeks_pregnant": 31, "needs": []}, "not_eligible"),
        ("flanders", {"weeks_pregnant": 31}, "information_needed"),
        ("flanders", {"birth_date": "1999-05-05", **HOUSING}, "information_needed"),
        # a mother or father may be meant: never refused because their own date of birth is not a child's
        ("flanders", {"birth_date": "1999-05-05", "pregnant": False, **HOUSING}, "human_check"),
        ("flanders", {"birth_date": "1940-05-05", **HOUSING}, "human_check"),
        ("flanders", {"birth_date": "1990-05-05", "sex": "male", **HOUSING}, "human_check"),
        ("flanders", {**PARENT, **HOUSING}, "human_check"),  # the child's date is not known
        ("flanders", {**PARENT, "child_birth_date": "1999-05-05", **HOUSING}, "human_check"),  # the parent's own, typed twice
        ("flanders", {"birth_date": "1999-05-05", "referred_as": "child", **HOUSING}, "human_check"),  # a child of 27
        ("flanders", {**PARENT, "child_birth_date": "2023-11-25", **HOUSING}, "eligible"),  # 3 tomorrow
        ("flanders", {**PARENT, "child_birth_date": "2023-11-24", **HOUSING}, "not_eligible"),  # 3 today
        ("brussels", {**PARENT, "child_birth_date": "2024-11-25", **HOUSING}, "eligible"),  # 2 tomorrow
        ("brussels", {**PARENT, "child_birth_date": "2024-11-24", **HOUSING}, "not_eligible"),  # 2 today
        ("flanders", {**PARENT, "child_birth_date": "2020-01-01", "weeks_pregnant": 8, **HOUSING}, "eligible"),  # pregnant again
        ("flanders", {"birth_date": "1999-05-05", "child_birth_date": "2026-01-01", **HOUSING}, "eligible"),
        ("flanders", {"birth_date": "1999-05-05", "referred_as": "pregnant", **HOUSING}, "eligible"),
        ("flanders", {"birth_date": "2025-05-05", "referred_as": "child", **HOUSING}, "eligible"),
        ("flanders", {"birth_date": "2023-11-24", "referred_as": "child", **HOUSING}, "not_eligible"),
        ("flanders", {"weeks_pregnant": 31, "needs": ["falls"]}, "not_eligible"),  # a need of another programme is no vulnerability
    ],
)
def test_perinatal(entity: str, told: dict[str, Any], outcome: str) -> None:
    assert decided("perinatal", entity, **told).outcome == outcome


@pytest.mark.parametrize("vulnerability", ["housing", "money", "mental_health", "violence", "substance_use", "no_network"])
def test_one_vulnerability_of_any_kind_is_enough(vulnerability: str) -> None:
    assert decided("perinatal", weeks_pregnant=12, needs=[vulnerability]).outcome == "eligible"


OLD: dict[str, Any] = {"birth_date": "1940-05-05"}


@pytest.mark.parametrize(
    ("told", "outcome"),
    [
        ({**OLD, "belrai": {"total": 13}}, "eligible"),
        ({**OLD, "belrai": {"iadl": 3, "adl": 2.5}}, "eligible"),  # 5.5
        ({**OLD, "belrai": {"iadl": 3, "adl": 2, "total": 12.5}, "dementia": False}, "not_eligible"),
        ({**OLD, "belrai": {"iadl": 3, "adl": 2, "total": 12.5}}, "information_needed"),
        ({**OLD, "belrai": {"total": 12.5}, "dementia": False}, "information_needed"),
        ({**OLD, "dementia": True}, "eligible"),
        ({"birth_date": "1980-05-05", "dementia": True}, "eligible"),
        ({"birth_date": "1980-05-05", "belrai": {"total": 13}}, "eligible"),
        ({**OLD, "dementia": False}, "information_needed"),
        (OLD, "information_needed"),
        ({"birth_date": "1961-11-25"}, "human_check"),  # 65 tomorrow
        ({"birth_date": "1961-11-24"}, "information_needed"),  # 65 today
        ({"birth_date": "1961-11-25", "dementia": False, "coordination_now": None}, "human_check"),
        ({}, "information_needed"),
    ],
)
def test_frail(told: dict[str, Any], outcome: str) -> None:
    assert decided("frail", **told).outcome == outcome


BOY_OF_2: dict[str, Any] = {"birth_date": "2024-11-24", "sex": "male", "eossp": 2}  # IOTF 2012: obesity from 19.99, overweight from 18.36


@pytest.mark.parametrize(
    ("told", "outcome"),
    [
        ({**BOY_OF_2, "bmi": 19.99}, "eligible"),
        ({**BOY_OF_2, "bmi": 19.98}, "not_eligible"),
        ({**BOY_OF_2, "bmi": 19.99, "eossp": 3}, "eligible"),
        ({**BOY_OF_2, "bmi": 19.99, "eossp": 1}, "not_eligible"),
        ({**BOY_OF_2, "bmi": 19.99, "eossp": 0}, "not_eligible"),
        ({**BOY_OF_2, "bmi": 19.99, "eossp": None}, "information_needed"),
        ({**BOY_OF_2, "eossp": None, "bmi": 15}, "not_eligible"),
        ({**BOY_OF_2, "birth_date": "2024-11-25", "bmi": 30}, "not_eligible"),  # 2 tomorrow
        ({**BOY_OF_2, "birth_date": "2008-11-25", "bmi": 30}, "eligible"),  # 18 tomorrow
        ({**BOY_OF_2, "birth_date": "2008-11-24", "bmi": 40}, "not_eligible"),  # 18 today
        ({**BOY_OF_2, "sex": "female", "bmi": 19.81}, "eligible"),
        ({**BOY_OF_2, "sex": "female", "bmi": 19.80}, "not_eligible"),
        ({**BOY_OF_2, "birth_date": "2016-11-24", "height_cm": 140, "weight_kg": 46.97}, "eligible"),  # 23.96 at 10.0
        ({**BOY_OF_2, "birth_date": "2016-11-24", "height_cm": 140, "weight_kg": 46.94}, "not_eligible"),  # 23.95
    ],
)
def test_obesity(told: dict[str, Any], outcome: str) -> None:
    assert decided("obesity", **told).outcome == outcome


@pytest.mark.parametrize(
    ("table", "age", "sex", "cutoff"),
    [
        ("iotf-2012", 2.0, "male", 19.99),
        ("iotf-2012", 2.25, "male", 19.86),
        ("cole-2000", 2.0, "male", 20.09),
        ("iotf-2012", 18.0, "female", 30.0),
        ("iotf-2012", 1.99, "male", None),
        ("iotf-2012", 18.01, "male", None),
        ("cole-2000", 9.75, "female", 23.79),
    ],
)
def test_cut_offs_lie_on_the_line_between_half_years(table: str, age: float, sex: Any, cutoff: float | None) -> None:
    assert load_tables()[table].cutoff("obesity", sex, age) == cutoff


def test_a_result_keeps_the_table_it_was_judged_by() -> None:
    decision = decided("obesity", **BOY_OF_2, bmi=19.99)
    reason = next(reason for reason in decision.reasons if reason.code == "bmi")
    assert (decision.growth_table, reason.values["limit"], reason.values["growth_table"]) == ("iotf-2012", 19.99, "iotf-2012")


@pytest.mark.parametrize(
    ("told", "places"),
    [
        ({"bmi": 19.99, "eossp": 1}, ["first_line_child"]),
        ({"bmi": 18.36}, ["dietician_path", "healthy_growth"]),
        ({"bmi": 18.35}, ["healthy_growth"]),
    ],
)
def test_a_child_that_is_not_eligible_is_told_where_to_go(told: dict[str, Any], places: list[str]) -> None:
    decision = decided("obesity", **{**BOY_OF_2, **told})
    assert [place.code for place in decision.where_else] == places
    assert all(place.text("nl") and place.text("en") for place in decision.where_else)


@pytest.mark.parametrize(
    ("programme", "entity", "told", "nearest"),
    [
        ("perinatal", "flanders", {"birth_date": "2023-11-24", "sex": "male", "bmi": 25, "eossp": 2, **HOUSING}, "obesity"),
        ("perinatal", "flanders", {"birth_date": "2023-11-24", **HOUSING}, None),
        ("obesity", "flanders", {"birth_date": "2025-11-24", "bmi": 25, "sex": "male", "eossp": 2, **HOUSING}, "perinatal"),
        ("obesity", "brussels", {"birth_date": "2008-11-24", "bmi": 35, "eossp": 2, "weeks_pregnant": 20, **HOUSING}, "perinatal"),
        ("perinatal", "brussels", {"birth_date": "1962-05-05", "dementia": True, "needs": []}, "frail"),
        ("frail", "flanders", {**OLD, "belrai": {"iadl": 1, "adl": 1, "total": 5}, "dementia": False}, None),
    ],
)
def test_a_missed_window_names_the_programme_that_fits(programme: str, entity: str, told: dict[str, Any], nearest: str | None) -> None:
    decision = decided(programme, entity, **told)
    assert (decision.outcome, decision.nearest) == (Outcome.NOT_ELIGIBLE, nearest)
    assert decision.where_else


@pytest.mark.parametrize(
    ("programme", "told", "missing"),
    [
        ("perinatal", {}, ("weeks_pregnant", "child_birth_date", "needs")),
        ("perinatal", {"birth_date": "1999-05-05", **HOUSING}, ("weeks_pregnant", "child_birth_date")),
        ("perinatal", {"weeks_pregnant": 31, **HOUSING, "coordination_now": None}, ("coordination_now",)),
        ("frail", OLD, ("belrai", "dementia")),
        ("frail", {**OLD, "belrai": {"total": 12}, "dementia": False}, ("belrai.iadl", "belrai.adl")),
        ("frail", {}, ("belrai", "dementia", "birth_date")),
        ("obesity", {"birth_date": "2016-11-24"}, ("bmi", "sex", "eossp")),
        ("obesity", {}, ("birth_date", "bmi", "sex", "eossp")),
    ],
)
def test_unknown_facts_are_named(programme: str, told: dict[str, Any], missing: tuple[str, ...]) -> None:
    decision = decided(programme, **told)
    assert (decision.outcome, decision.missing) == (Outcome.INFORMATION_NEEDED, missing)


@pytest.mark.parametrize(
    ("told", "outcome", "role", "level"),
    [
        ({"coordination_now": "well"}, "coordinated", None, None),
        ({"coordination_now": "stuck"}, "eligible", "case_manager", "complex"),
        ({"coordination_now": "stuck", "providers": "few", "alignment": "slight"}, "eligible", "case_manager", "complex"),
        ({"coordination_now": "none"}, "eligible", "case_manager", "complex"),
        ({"coordination_now": "none", "has_plan": False, "providers": "few"}, "eligible", "case_manager", "complex"),
        ({"coordination_now": "none", "has_plan": True}, "eligible", "care_coordinator", "complex"),
        ({"coordination_now": "none", "has_plan": True, "providers": "several"}, "eligible", "case_manager", "complex"),
        (
            {"coordination_now": "none", "has_plan": True, "providers": "few", "alignment": "much"},
            "eligible",
            "care_coordinator",
            "complex",
        ),
        ({"coordination_now": "none", "providers": "few", "alignment": "slight"}, "advice", None, "limited"),
        ({"coordination_now": None}, "information_needed", None, None),
        ({"coordination_now": "unknown", "providers": "few", "alignment": "slight"}, "human_check", None, None),
    ],
)
def test_role_and_level(told: dict[str, Any], outcome: str, role: str | None, level: str | None) -> None:
    decision = decided("frail", **OLD, dementia=True, **told)
    assert (decision.outcome, decision.role, decision.level) == (outcome, role, level)
    assert bool(decision.where_else) == (outcome in ("coordinated", "advice"))


def test_who_is_coordinated_well_is_not_asked_for_more() -> None:
    decision = decided("frail", **OLD, coordination_now="well")
    assert (decision.outcome, decision.missing) == (Outcome.COORDINATED, ())


def test_not_knowing_who_coordinates_lets_a_human_look_and_says_so() -> None:
    decision = decided("frail", **OLD, dementia=True, coordination_now="unknown")
    reason = decision.counting()[-1]
    assert (decision.outcome, decision.missing, reason.state) == (Outcome.HUMAN_CHECK, ("coordination_now",), "unknown")
    assert reason.text("nl").startswith("Niet bekend of al iemand de zorg afstemt")


@pytest.mark.parametrize("entity", ["flanders", "brussels"])
@pytest.mark.parametrize("programme", ["perinatal", "frail", "obesity", "unknown"])
def test_every_programme_asks_for_violence_first_and_violence_is_urgent(programme: str, entity: str) -> None:
    assert next(iter(PROGRAMMES.needs(programme, entity))) == "violence"
    assert decided(programme, entity, needs=["violence"]).urgency == "high"


@pytest.mark.parametrize(
    ("programme", "told", "outcome"),
    [
        ("frail", {"birth_year": 1941, "belrai": {"total": 14}}, "eligible"),
        ("frail", {"birth_year": 1941}, "information_needed"),
        ("frail", {"birth_year": 1962}, "human_check"),  # below 65 whatever the day
        ("frail", {"birth_year": 1961}, "human_check"),  # 64 or 65: the day decides
        ("obesity", {"birth_year": 2024, "sex": "male", "bmi": 30, "eossp": 2}, "human_check"),  # 1 or 2
        ("obesity", {"birth_year": 2008, "sex": "male", "bmi": 40, "eossp": 2}, "human_check"),  # 17 or 18
        ("obesity", {"birth_year": 2016, "sex": "male", "bmi": 30, "eossp": 2}, "eligible"),
        ("obesity", {"birth_year": 2007, "sex": "male", "bmi": 40, "eossp": 2}, "not_eligible"),
        ("perinatal", {"birth_year": 1999, "weeks_pregnant": 20, "needs": ["housing"]}, "eligible"),
        ("perinatal", {"birth_year": 2023, "needs": ["housing"]}, "human_check"),  # 2 or 3
        ("perinatal", {"birth_year": 2026, "needs": ["housing"]}, "eligible"),
    ],
)
def test_a_year_of_birth_decides_only_what_no_day_would_change(programme: str, told: dict[str, Any], outcome: str) -> None:
    assert decided(programme, **told).outcome == outcome


def test_an_age_by_its_year_is_told_as_what_it_may_be() -> None:
    assert "84-85 jaar: 65 of ouder" in [reason.text("nl") for reason in decided("frail", birth_year=1941).counting()]
    unsure = decided("frail", birth_year=1961)
    assert (unsure.missing, unsure.reasons[-1].code) == (("birth_date",), "birth_year")


@pytest.mark.parametrize(
    ("told", "urgency", "because"),
    [
        ({"weeks_pregnant": 33, **HOUSING}, "normal", []),
        ({"weeks_pregnant": 34, **HOUSING}, "high", ["birth_within_six_weeks"]),
        ({"due_date": str(TODAY + timedelta(days=42)), **HOUSING}, "high", ["birth_within_six_weeks"]),
        ({"due_date": str(TODAY + timedelta(days=43)), **HOUSING}, "normal", []),
        ({"weeks_pregnant": 12, "needs": ["money", "violence"]}, "high", ["violence_at_home"]),
        ({"birth_date": "2026-01-01", **HOUSING}, "normal", []),
    ],
)
def test_urgency(told: dict[str, Any], urgency: str, because: list[str]) -> None:
    decision = decided("perinatal", **told)
    assert (decision.urgency, [reason.code for reason in decision.urgent_because]) == (urgency, because)


def test_every_criterion_is_listed_even_when_one_already_decides() -> None:
    decision = decided("obesity", birth_date="2005-01-01", bmi=30, sex="male", eossp=1)
    assert states(decision) == {"from_2": "met", "before_18": "unmet", "bmi": "unknown", "eossp": "unmet"}
    assert [reason.code for reason in decision.counting()] == ["from_2", "before_18", "eossp"]


def test_another_way_to_fit_does_not_count_once_one_is_met() -> None:
    decision = decided("frail", **OLD, belrai={"iadl": 1, "adl": 1, "total": 13})
    assert states(decision) == {"screener_total": "met", "screener_iadl_adl": "unmet", "dementia": "unknown", "no_plan": "met"}
    assert [reason.code for reason in decision.counting()] == ["screener_total", "no_plan"]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("nl", "IADL en ADL samen 5,5; 5,5 is genoeg"),
        ("en", "IADL and ADL together 5.5; 5.5 is enough"),
        ("de", "IADL und ADL zusammen 5,5; 5,5 genügt"),
        ("ar", "IADL en ADL samen 5,5; 5,5 is genoeg"),
    ],
)
def test_reasons_are_told_in_the_language_asked(language: str, text: str) -> None:
    decision = decided("frail", **OLD, belrai={"iadl": 3, "adl": 2.5})
    assert text in [reason.text(language) for reason in decision.counting()]


def test_not_knowing_the_programme_lets_a_human_look_and_suggests() -> None:
    decision = decided("unknown", **OLD, dementia=True)
    assert (decision.outcome, decision.nearest, decision.weight, decision.role) == (Outcome.HUMAN_CHECK, "frail", 200, "case_manager")


def test_an_unheard_of_programme_is_an_error() -> None:
    with pytest.raises(domain.UnknownProgramme):
        decided("wellness")


@pytest.mark.parametrize(
    ("programme", "told"),
    [
        ("perinatal", {"weeks_pregnant": 36, **HOUSING}),
        ("frail", OLD),
        ("frail", {"birth_date": "1980-05-05"}),
        ("obesity", {**BOY_OF_2, "bmi": 15}),
        ("unknown", {}),
        ("frail", {**OLD, "coordination_now": "well"}),
        ("frail", {**OLD, "coordination_now": "unknown"}),
        ("frail", {"birth_year": 1961}),
        ("perinatal", {**PARENT, **HOUSING}),
    ],
)
def test_a_stored_decision_is_read_back_and_made_again(programme: str, told: dict[str, Any]) -> None:
    decision = decided(programme, **told)
    stored = domain.from_json(PROGRAMMES, decision.to_json())
    assert stored == decision
    kept = Facts.model_validate_json(facts(**told).model_dump_json(exclude_none=True), context={"today": decision.on})
    later = load_programmes(decision.on)
    assert domain.again(later, stored, kept) == decision
    assert len(decision.to_json()) < 1000
