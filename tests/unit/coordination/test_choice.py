"""The assignment rule: hard filters, load for capacity, recent assignments, the draw; and the card that repeats the choice."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import orjson
import pytest

from services.coordination.offers.choice import Card, blocking_reason, choose, chosen_again, inputs_of
from services.coordination.workforce.domain import Absence, Filter, a_team, facts_of, worker_from
from tests.unit.coordination.builders import NOW, TODAY, a_load, a_question, a_worker, loads_of, team_of


@pytest.mark.parametrize(
    ("changes", "failing"),
    [
        ({"active": False}, Filter.NOT_ACTIVE),
        ({"roles": frozenset({"case_manager"})}, Filter.ROLE),
        ({"programmes": frozenset({"perinatal"})}, Filter.PROGRAMME),
        ({"municipalities": frozenset({"44019"})}, Filter.AREA),
        ({"absences": (Absence(TODAY, TODAY),)}, Filter.ON_LEAVE),
        ({"languages": frozenset({"fr"})}, Filter.LANGUAGE),
    ],
)
def test_who_fails_a_hard_filter_is_not_chosen_and_the_card_says_which(changes: dict[str, Any], failing: Filter) -> None:
    team = team_of(a_worker(**changes))
    choice = choose(a_question(), team, loads_of(team), 0.0)
    assert choice.chosen is None
    assert choice.out == ((0, failing),)
    assert blocking_reason(choice) == failing


def test_an_agreed_interpreter_opens_the_case_to_every_language() -> None:
    team = team_of(a_worker(languages=frozenset({"fr"})))
    assert choose(a_question(languages=()), team, loads_of(team), 0.0).chosen == 0


def test_a_coordinator_of_the_municipality_or_of_the_whole_zone_fits() -> None:
    team = team_of(a_worker(municipalities=frozenset({"43005"})), a_worker())
    assert len(choose(a_question(nis="43005"), team, loads_of(team), 0.0).ranked) == 2


@pytest.mark.parametrize("day", [date(2026, 11, 23), date(2026, 11, 26)])
def test_who_is_on_leave_on_other_days_can_be_chosen(day: date) -> None:
    team = team_of(a_worker(absences=(Absence(date(2026, 11, 24), date(2026, 11, 25)),)), day=day)
    assert choose(a_question(), team, loads_of(team), 0.0).chosen == 0


def test_the_case_must_fit_below_the_capacity_to_the_last_point() -> None:
    worker = a_worker()
    team = team_of(worker)
    assert choose(a_question(points=300), team, [a_load(worker, cases=8200)], 0.0).chosen == 0
    full = choose(a_question(points=301), team, [a_load(worker, cases=8200)], 0.0)
    assert (full.chosen, full.unfit) == (None, [(0, Filter.CAPACITY, 9700)])


def test_the_capacity_is_ninety_in_the_first_year() -> None:
    worker = a_worker(started_on=date(2026, 3, 2))
    loads = [a_load(worker, cases=7400)]
    assert choose(a_question(points=300), team_of(worker, day=date(2027, 3, 1)), loads, 0.0).chosen is None
    assert choose(a_question(points=300), team_of(worker, day=date(2027, 3, 2)), loads, 0.0).chosen == 0


def test_the_fixed_part_counts_as_load() -> None:
    assert (a_load(a_worker()).used, a_load(a_worker(fte=50)).used) == (1500, 750)


def test_a_case_manager_is_never_from_an_organisation_that_already_cares() -> None:
    inside, outside = a_worker(), a_worker()
    team = team_of(inside, outside)
    choice = choose(a_question(role="case_manager", caring=(inside.organisation_id,)), team, loads_of(team, {outside.id: 4000}), 0.0)
    assert choice.chosen == team.members.index(outside)
    assert choice.unfit == [(team.members.index(inside), Filter.NEUTRALITY, 1500)]


def test_a_care_coordinator_may_be_from_an_organisation_that_already_cares() -> None:
    inside = a_worker()
    team = team_of(inside)
    assert choose(a_question(role="care_coordinator", caring=(inside.organisation_id,)), team, loads_of(team), 0.0).chosen == 0


def test_who_said_no_to_this_case_is_left_out() -> None:
    worker = a_worker()
    team = team_of(worker)
    assert choose(a_question(excluded=(worker.id,)), team, loads_of(team), 0.0).unfit == [(0, Filter.DECLINED, 1500)]


def test_who_is_known_to_the_family_goes_first_although_others_carry_less() -> None:
    known, free = a_worker(), a_worker()
    team = team_of(known, free)
    choice = choose(a_question(familiar=known.id), team, loads_of(team, {known.id: 6000}), 0.0)
    assert (choice.chosen, choice.familiar) == (team.members.index(known), True)


def test_who_is_known_to_the_family_and_does_not_fit_is_passed_over() -> None:
    known, free = a_worker(), a_worker()
    team = team_of(known, free)
    choice = choose(a_question(familiar=known.id, excluded=(known.id,)), team, loads_of(team), 0.0)
    assert (choice.chosen, choice.familiar) == (team.members.index(free), False)


def test_the_lowest_load_for_its_capacity_is_chosen_not_the_fewest_points() -> None:
    half_time, full_time = a_worker(fte=50), a_worker()
    team = team_of(half_time, full_time)
    choice = choose(a_question(), team, loads_of(team, {half_time.id: 1500, full_time.id: 2500}), 0.0)
    assert choice.chosen == team.members.index(full_time)
    assert [round(after, 2) for after, *_ in choice.ranked] == [0.43, 0.51]


def test_within_the_margin_the_one_with_fewest_recent_cases_goes_first() -> None:
    busy, rested = a_worker(), a_worker()
    team = team_of(busy, rested)
    loads = [a_load(busy, recent=4) if member is busy else a_load(rested, cases=200, recent=1) for member in team.members]
    assert choose(a_question(), team, loads, 0.0).chosen == team.members.index(rested)


def test_outside_the_margin_recent_cases_do_not_count() -> None:
    busy, rested = a_worker(), a_worker()
    team = team_of(busy, rested)
    loads = [a_load(busy, recent=4) if member is busy else a_load(rested, cases=201, recent=1) for member in team.members]
    assert choose(a_question(), team, loads, 0.0).chosen == team.members.index(busy)


@pytest.mark.parametrize(("draw", "place"), [(0.0, 0), (0.49, 0), (0.5, 1), (0.99, 1)])
def test_equals_are_chosen_by_the_draw(draw: float, place: int) -> None:
    team = team_of(a_worker(), a_worker())
    assert choose(a_question(), team, loads_of(team), draw).chosen == place


def test_a_zone_without_coordinators_blocks_with_that_reason() -> None:
    team = team_of()
    assert blocking_reason(choose(a_question(), team, [], 0.0)) == Filter.NOBODY


def test_the_reason_is_the_last_filter_that_anyone_reached() -> None:
    team = team_of(a_worker(active=False), full := a_worker(), a_worker(languages=frozenset({"fr"})))
    choice = choose(a_question(), team, loads_of(team, {full.id: 8400}), 0.0)
    assert blocking_reason(choice) == Filter.CAPACITY


@pytest.mark.parametrize("draw", [0.0, 0.3, 0.7, 0.999])
def test_a_stored_card_gives_the_same_choice_again(draw: float) -> None:
    inside = a_worker()
    workers = [
        a_worker(),
        a_worker(),
        a_worker(fte=50),
        a_worker(started_on=date(2026, 9, 1)),
        inside,
        a_worker(languages=frozenset({"fr"})),
        a_worker(absences=(Absence(TODAY, TODAY),)),
        full := a_worker(),
    ]
    team = team_of(*workers)
    question = a_question(role="case_manager", caring=(inside.organisation_id,), excluded=(workers[1].id,))
    choice = choose(question, team, loads_of(team, {full.id: 8400}), draw)
    card = Card(uuid4(), NOW, team, question, draw, choice, None, None)
    kept = orjson.loads(orjson.dumps(inputs_of(card), default=str))
    facts = orjson.loads(orjson.dumps([facts_of(member) for member in team.members]))
    again = chosen_again(kept, a_team(team.zone, team.version, TODAY, [worker_from(known) for known in facts]), draw)
    assert (again.chosen, again.ranked, again.unfit, again.out) == (choice.chosen, choice.ranked, choice.unfit, choice.out)
    assert choice.chosen is not None


def test_a_card_says_nothing_of_the_person() -> None:
    team = team_of(a_worker())
    case_id = uuid4()
    card = Card(case_id, NOW, team, a_question(), 0.5, choose(a_question(), team, loads_of(team), 0.5), None, None)
    assert set(inputs_of(card)) == {"question", "familiar", "ranked", "unfit", "out"}
    assert set(inputs_of(card)["question"]) == {"role", "programmes", "languages", "nis", "points", "caring", "excluded", "familiar"}
