"""The programme files, and the facts that a sender may give."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from services.intake.programmes import definitions, domain, facts
from services.intake.programmes.definitions import Programme, load_programmes
from services.intake.programmes.facts import Facts
from services.intake.referrals import words
from shared.web.languages import LANGUAGES

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("code", "entity", "version", "points"),
    [
        ("perinatal", "flanders", "perinatal-flanders-2026-11", 400),
        ("perinatal", "brussels", "perinatal-brussels-2026-11", 400),
        ("frail", "flanders", "frail-2026-11", 200),
        ("frail", "brussels", "frail-2026-11", 200),
        ("obesity", "flanders", "obesity-2026-11", 200),
        ("obesity", "brussels", "obesity-2026-11", 200),
    ],
)
def test_what_is_in_force(code: str, entity: str, version: str, points: int) -> None:
    rule = load_programmes(TODAY).rule(code, entity)
    assert rule is not None
    assert (rule.programme.version, rule.programme.points) == (version, points)
    assert rule.programme.source
    deadlines = rule.programme.deadlines
    assert (deadlines.offer, deadlines.first_contact, deadlines.late, deadlines.intake_answer) == (1, 5, 10, 2)


def test_a_programme_is_not_in_force_before_its_day() -> None:
    assert load_programmes(date(2023, 11, 30)).rule("obesity", "flanders") is None
    assert load_programmes(date(2023, 12, 1)).rule("obesity", "flanders") is not None


def test_roles_are_called_what_the_programme_calls_them() -> None:
    perinatal, frail = (load_programmes(TODAY).in_force[code, "flanders"] for code in ("perinatal", "frail"))
    assert perinatal.role_label("care_coordinator", "nl") == "zorg- en welzijnscoördinator"
    assert perinatal.role_label("care_coordinator", "fr") == "coordinateur de soins et de bien-être"
    assert frail.role_label("care_coordinator", "nl") == "zorgcoördinator"


def test_a_new_programme_is_only_data() -> None:
    """Somebody caring for another, with twenty hours or more: nothing in the code knows it."""
    shipped = load_programmes(TODAY)
    model = shipped.in_force["frail", "flanders"].programme.model_dump(mode="json", by_alias=True, exclude_none=True)
    said = {"met": "{providers}", "unmet": "{providers}", "unknown": "?"}
    model |= {
        "code": "carers",
        "version": "carers-2027-01",
        "texts": {"nl": {"busy": said}, "en": {"busy": said}},
        "criteria": [{"code": "busy", "fact": "providers", "is": "several"}],
    }
    rule = definitions.compiled_programme(Programme.model_validate(model), shipped.proposals, shipped.places)
    told = Facts(providers="several", coordination_now="stuck")
    assert domain.decide_by(rule, shipped, told, entity="flanders", today=TODAY).outcome == "eligible"
    assert domain.decide_by(rule, shipped, Facts(providers="few"), entity="flanders", today=TODAY).outcome == "not_eligible"


@pytest.mark.parametrize(
    "criterion",
    [
        {"code": "screener_total"},
        {"code": "screener_total", "fact": "shoe_size", "at_least": 40},
        {"code": "screener_total", "fact": "belrai_total"},
        {"code": "screener_total", "fact": "belrai_total", "at_least": 1, "below": 9},
        {"code": "nothing_said", "fact": "belrai_total", "at_least": 1},
    ],
)
def test_a_wrong_programme_file_is_refused(criterion: dict[str, Any]) -> None:
    model = load_programmes(TODAY).in_force["frail", "flanders"].programme.model_dump(mode="json", by_alias=True, exclude_none=True)
    with pytest.raises(ValidationError):
        Programme.model_validate(model | {"criteria": [criterion]})


@pytest.mark.parametrize(
    ("told", "field", "code"),
    [
        ({"birth_date": "2026-11-25"}, "birth_date", "birth_in_future"),
        ({"birth_date": "1895-11-24"}, "birth_date", "age_too_high"),
        ({"birth_date": 5}, "birth_date", "date_as_text"),
        ({"birth_date": "2026-02-30"}, "birth_date", "date_as_text"),
        ({"child_birth_date": "2026-11-25"}, "child_birth_date", "birth_in_future"),
        ({"birth_year": 2027}, "birth_year", "birth_in_future"),
        ({"birth_year": 1895}, "birth_year", "age_too_high"),
        ({"due_date": "2027-09-01"}, "due_date", "due_date_too_far"),
        ({"due_date": "2026-11-02"}, "due_date", "due_date_past"),
        ({"weeks_pregnant": 0}, "weeks_pregnant", "weeks_pregnant_range"),
        ({"weeks_pregnant": 310}, "weeks_pregnant", "weeks_pregnant_range"),
        ({"due_date": "2027-01-01", "weeks_pregnant": 10}, "weeks_pregnant", "weeks_disagree"),
        ({"weeks_pregnant": 10, "pregnant": False}, "pregnant", "pregnant_disagrees"),
        ({"needs": ["sad"]}, "needs.0", "literal_error"),
        ({"belrai": {"iadl": 6.5}}, "belrai.iadl", "half_points_module"),
        ({"belrai": {"adl": 2.3}}, "belrai.adl", "half_points_module"),
        ({"belrai": {"total": 30.5}}, "belrai.total", "half_points_total"),
        ({"belrai": {"iadl": 3, "adl": 3, "total": 5}}, "belrai.total", "total_below_parts"),
        ({"belrai": {"iadl": 3, "adl": 3, "total": 24.5}}, "belrai.total", "total_below_parts"),
        ({"belrai": {"total": float("nan")}}, "belrai.total", "finite_number"),
        ({"height_cm": 1.4}, "height_cm", "height_range"),
        ({"weight_kg": 4000}, "weight_kg", "weight_range"),
        ({"height_cm": 200, "weight_kg": 2}, "weight_kg", "weight_for_height"),
        ({"bmi": 200}, "bmi", "bmi_range"),
        ({"height_cm": 140, "weight_kg": 40, "bmi": 30}, "bmi", "bmi_disagrees"),
        ({"eossp": 4}, "eossp", "eossp_range"),
        ({"shoe_size": 40}, "shoe_size", "extra_forbidden"),
    ],
)
def test_an_impossible_fact_is_refused_by_its_field(told: dict[str, Any], field: str, code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Facts.model_validate(told, context={"today": TODAY})
    (error,) = refused.value.errors()
    assert (".".join(map(str, error["loc"])), error["type"]) == (field, code)
    if code in facts.messages():
        assert error["msg"] == facts.messages()[code]["en"]
        assert error["ctx"]["nl"] == facts.messages()[code]["nl"]


@pytest.mark.parametrize(
    "told",
    [
        {"birth_date": "2026-11-24"},
        {"birth_date": "1896-11-24"},
        {"due_date": "2027-08-31"},
        {"due_date": "2026-11-03"},
        {"weeks_pregnant": 42},
        {"weeks_pregnant": "31"},
        {"belrai": {"iadl": 6, "adl": 6, "total": 30}},
        {"eossp": 0},
    ],
)
def test_the_edges_of_what_is_possible_are_accepted(told: dict[str, Any]) -> None:
    Facts.model_validate(told, context={"today": TODAY})


def test_every_need_that_can_be_told_is_asked_by_some_programme_and_has_its_words() -> None:
    labels = load_programmes(TODAY).need_labels()
    assert set(labels) == set(get_args(facts.Need))
    assert all({"nl", "en", "fr", "de"} <= said.keys() for said in labels.values())


def test_a_programme_that_asks_for_an_unheard_of_need_is_refused() -> None:
    model = load_programmes(TODAY).in_force["frail", "flanders"].programme.model_dump(mode="json", by_alias=True, exclude_none=True)
    with pytest.raises(ValidationError, match="shoes"):
        Programme.model_validate(model | {"needs": {"shoes": {"nl": "Schoenen", "en": "Shoes"}}})


def test_the_window_is_worded_by_the_entity_that_is_asked() -> None:
    hints = {entity: words.programme_choices(load_programmes(TODAY), entity)[0]["hint"] for entity in ("flanders", "brussels")}
    assert "derde verjaardag" in hints["flanders"]
    assert "tweede verjaardag" in hints["brussels"]


def test_a_need_said_twice_counts_once() -> None:
    assert Facts.model_validate({"needs": ["money", "money"]}).needs == ("money",)


def test_a_day_is_judged_against_the_day_on_which_it_was_told() -> None:
    with pytest.raises(ValidationError):
        Facts.model_validate({"birth_date": "2026-11-03"}, context={"today": date(2026, 11, 2)})
    assert Facts.model_validate({"birth_date": "2026-11-03"}, context={"today": date(2026, 11, 3)}).birth_date == date(2026, 11, 3)


def told_in(data: Any) -> Iterator[dict[str, Any]]:
    """Every table of a data file that says something by language."""
    if isinstance(data, dict):
        if "nl" in data:
            yield data
        for inside in data.values():
            yield from told_in(inside)
    elif isinstance(data, list):
        for inside in data:
            yield from told_in(inside)


@pytest.mark.parametrize("file", sorted((Path(definitions.__file__).parents[1]).glob("*/data/*.toml")), ids=lambda file: file.stem)
def test_what_we_ship_is_said_in_every_language(file: Path) -> None:
    for said in told_in(tomllib.loads(file.read_text(encoding="utf-8"))):
        assert set(LANGUAGES) <= said.keys()
        for language in LANGUAGES:
            assert shape(said[language]) == shape(said["nl"]), (said["nl"], language)


def shape(said: Any) -> Any:
    """The codes that a language has words for, and the facts that they mention."""
    return {code: shape(words) for code, words in said.items()} if isinstance(said, dict) else sorted(re.findall(r"\{\w+\}", said))
