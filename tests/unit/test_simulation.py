"""The simulation: what it makes of a population, and what it says of what became of it."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import httpx
import pytest
from click.testing import CliRunner

from deploy.demo.people import WORKFORCE, workers
from deploy.simulation import coordinators, need, population, referrals, senders, table
from deploy.simulation.coordinators import Coordinator, Done
from deploy.simulation.population import BANDS, Town
from deploy.simulation.referrals import Referral
from services.commands.simulate import served_towns, simulate, zones_of
from services.intake.programmes.definitions import load_programmes
from services.intake.programmes.domain import EligibilityDecision, decide
from services.intake.programmes.growth import load_tables
from services.intake.referrals.requests import Request, known_facts
from services.intake.zones.domain import Served, ZoneMap, shipped_zones
from shared.access.actors import Actor

TODAY = date(2026, 11, 23)
COUNT = 600
ZONES = ZoneMap(shipped_zones())


def a_file(*, leave_out: str = "", eeklo_babies: str = "716") -> bytes:
    """Invented figures for the municipalities of Meetjesland."""
    places = ["43002", "43005", "43007", "43010", "43014", "43018", "44019", "44084", "44085"]
    rows = [
        ",".join(
            [nis, eeklo_babies if nis == "43005" else "700", "1500", "1400", "2800", "2400", "2800", "3000", "2700", "2200", "1400", "390"]
        )
        for nis in places
        if nis != leave_out
    ]
    return "\n".join(["nis_2019," + ",".join(BANDS), *rows]).encode()


@pytest.fixture(scope="module")
def towns() -> list[Town]:
    return population.with_people(served_towns(list(ZONES.zones.values())), population.read_population(a_file()))


@pytest.fixture(scope="module")
def made(towns: list[Town]) -> list[Referral]:
    return referrals.generate(towns, COUNT, 1, TODAY)


def served(referral: Referral) -> Served | None:
    body = Request.model_validate(referral.body)
    found = ZONES.served(body.person.address.postcode, body.person.address.municipality, body.zone)
    if isinstance(found, Served):
        return found
    assert found.code == "outside_served_zones", found
    return None


def decided(referral: Referral) -> EligibilityDecision | None:
    body, where = Request.model_validate(referral.body), served(referral)
    if where is None:
        return None
    facts = known_facts(body.person, body.facts)
    return decide(load_programmes(TODAY), body.programme, facts, entity=where.zone.entity, today=TODAY)


def test_a_band_is_spread_evenly_over_its_ages() -> None:
    ages = dict.fromkeys(BANDS, 0.0) | {"0-4": 500.0, "60-69": 1000.0, "70-79": 2000.0}
    assert population.between(ages, 2, 4) == 300
    assert population.between(ages, 65, 74) == 500 + 1000
    assert population.between(ages, 5, 59) == 0


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (a_file(eeklo_babies="veel"), "line 3, column 0-4: expected a number of people"),
        (a_file(eeklo_babies="-5"), "line 3, column 0-4: expected a number of people"),
        (a_file().replace(b",0-4,", b",0-5,"), "line 1, column 0-4: expected this column, by this name"),
        (a_file().splitlines()[0], "expected at least one municipality"),
    ],
)
def test_a_population_file_that_is_wrong_is_refused_by_line_and_column(content: bytes, says: str) -> None:
    with pytest.raises(population.WrongFile, match=says):
        population.read_population(content)


def test_a_served_municipality_without_figures_is_refused() -> None:
    known = population.read_population(a_file(leave_out="43018"))
    with pytest.raises(population.WrongFile, match="43018 Zelzate"):
        population.with_people(served_towns(list(ZONES.zones.values())), known)


def test_brussels_gets_equal_shares_with_the_ages_of_the_file(towns: list[Town]) -> None:
    brussels = [town for town in towns if town.entity == "brussels"]
    flanders = population.summed(town.ages for town in towns if town.entity == "flanders")
    assert len(brussels) == 19
    assert sum(sum(town.ages.values()) for town in brussels) == pytest.approx(population.BRUSSELS_PEOPLE)
    for town in brussels:
        people = sum(town.ages.values())
        assert people == pytest.approx(population.BRUSSELS_PEOPLE / 19)
        assert town.ages["80-89"] / people == pytest.approx(flanders["80-89"] / sum(flanders.values()))


def test_towns_know_where_a_municipality_or_a_zone_has_to_be_named() -> None:
    doors = {(town.nis, door.postcode): door for town in served_towns(list(ZONES.zones.values())) for door in town.doorsteps}
    assert doors["21004", "1000"].zones == ("brussel-centrum-west", "brussel-zuid")
    assert not doors["21004", "1000"].named
    assert doors["21009", "1050"].named
    assert doors["21009", "1050"].zones == ("brussel-zuid",)
    assert doors["43018", "9060"] == population.Doorstep("9060", ("meetjesland-oost",))


def test_referrals_are_divided_by_need(towns: list[Town]) -> None:
    divided = need.apportioned(towns, COUNT)
    assert len(divided) == COUNT
    total, given = need.a_year(towns), Counter((town.nis, group.code) for town, group in divided)
    for town, group in itertools.product(towns, need.GROUPS):
        assert abs(given[town.nis, group.code] - group.a_year(town.ages) / total * COUNT) < 1


def test_the_same_seed_gives_the_same_referrals(towns: list[Town], made: list[Referral]) -> None:
    assert referrals.generate(towns, COUNT, 1, TODAY) == made
    assert referrals.generate(towns, COUNT, 2, TODAY) != made


def test_every_body_is_one_that_intake_takes(made: list[Referral]) -> None:
    assert len(made) == COUNT
    outside = [referral for referral in made if served(referral) is None]
    assert 0 < len(outside) < COUNT / 30


def test_the_mix_holds_every_outcome(made: list[Referral]) -> None:
    decisions = [decision for decision in map(decided, made) if decision]
    outcomes = Counter(str(decision.outcome) for decision in decisions)
    assert outcomes.keys() == {"eligible", "not_eligible", "information_needed", "human_check", "advice", "coordinated"}
    assert 0.5 < outcomes["eligible"] / COUNT < 0.8
    roles = Counter(decision.role for decision in decisions if decision.outcome == "eligible")
    assert min(roles["case_manager"], roles["care_coordinator"]) > 40


def test_at_1000_the_sender_chooses_the_zone(made: list[Referral]) -> None:
    at_1000 = [referral for referral in made if referral.body["person"]["address"]["postcode"] == "1000"]
    assert {referral.body["zone"] for referral in at_1000} == {"brussel-zuid", "brussel-centrum-west"}
    assert not any("zone" in referral.body for referral in made if referral.body["person"]["address"]["postcode"] == "1070")


def test_who_is_referred_again_is_the_same_person_from_another_sender(made: list[Referral]) -> None:
    first = {referral.body["person"].get("national_number"): referral for referral in made if not referral.is_again}
    again = [referral for referral in made if referral.is_again]
    assert len(again) > 10
    for referral in again:
        before = first[referral.body["person"]["national_number"]]
        assert referral.body["person"] == before.body["person"]
        assert referral.sender != before.sender


def test_a_fifth_have_no_national_number_and_nobody_has_anothers(made: list[Referral]) -> None:
    numbers = [referral.body["person"].get("national_number") for referral in made if not referral.is_again]
    given = [number for number in numbers if number]
    assert len(set(given)) == len(given)
    assert 0.75 < len(given) / len(numbers) < 0.85


def test_people_are_as_old_as_their_group(made: list[Referral]) -> None:
    allowed = {"pregnant": (18, 42), "young_family": (0, 2), "frail": (65, 100), "young_dementia": (50, 64), "obesity": (2, 17)}
    for referral in made:
        born = date.fromisoformat(referral.body["person"]["birth_date"])
        age = TODAY.year - born.year - ((TODAY.month, TODAY.day) < (born.month, born.day))
        youngest, oldest = allowed[referral.group]
        assert youngest <= age <= oldest, referral
    assert all(referral.body["person"]["sex"] == "female" for referral in made if referral.group == "pregnant")


def test_bmi_is_on_the_side_of_the_cut_off_that_it_is_meant_for() -> None:
    def below(sex: Any, age: float) -> bool:
        return 18.5 < tables(sex, age) < 22.5 + 0.75 * max(0.0, age - 5)

    def tables(sex: Any, age: float) -> float:
        cutoffs = [found for each in load_tables().values() if (found := each.cutoff("obesity", sex, age)) is not None]
        return max(cutoffs) if cutoffs else 20.0

    assert all(below(sex, age / 10) for sex in ("female", "male") for age in range(20, 180))


def a_sent(**values: Any) -> dict[str, Any]:
    return {
        "id": "1", "zone": "meetjesland-oost", "programme": "frail", "status": "offered", "next_actor": "coordinator", "reason": None,
        "owner_id": None, "case_id": None, "received_at": "2026-11-23T09:00:00Z",
    } | values  # fmt: skip


def test_the_table_counts_every_referral_in_one_state() -> None:
    rows = table.table([
        a_sent(id="1", case_id="a"),
        a_sent(id="2", case_id="a", received_at="2026-11-23T10:00:00Z"),
        a_sent(id="3", status="received", next_actor="zone_intake"),
        a_sent(id="4", status="information_needed", next_actor="sender"),
        a_sent(id="5", status="waiting", next_actor="zone_lead", reason="capacity", owner_id="x", case_id="b"),
        a_sent(id="6", status="waiting", next_actor="zone_lead", reason=None, owner_id=None, case_id="c"),
        a_sent(id="7", status="received", next_actor="coordination", programme="obesity"),
        a_sent(id="8", status="first_contact", zone="brussel-zuid", case_id="d"),
    ])  # fmt: skip
    assert [(row.zone, row.programme, row.received) for row in rows] == [
        ("brussel-zuid", "frail", 1), ("meetjesland-oost", "frail", 6), ("meetjesland-oost", "obesity", 1)]  # fmt: skip
    frail = rows[1]
    assert (frail.offered, frail.to_complete, frail.waiting, frail.joined, frail.unowned) == (2, 2, 2, 1, 1)
    assert frail.reasons == {"capacity": 1}
    total = table.totals(rows)
    assert (total.received, total.met, total.on_its_way) == (8, 1, 1)
    text = table.lines(rows)
    assert "on its way" in text[0]
    assert text[2].endswith("capacity 1")
    assert json.loads(json.dumps(frail.as_json()))["reasons"] == {"capacity": 1}


def test_columns_that_should_be_empty_show_only_when_they_are_not() -> None:
    heading = table.lines(table.table([a_sent()]))[0]
    assert "on its way" not in heading
    assert "(no reason)" not in heading


def test_loads_are_those_of_who_holds_cases() -> None:
    workers = [
        {"id": "a", "name": "A", "zones": ["z"], "fte": 50, "used": 2_000, "capacity": 5_000},
        {"id": "lead", "name": "L", "zones": ["z"], "fte": 0, "used": 0, "capacity": 0},
    ]
    assert [(load.name, load.share, load.fte) for load in table.loads(workers, ["a"])] == [("A", 0.4, 0.5)]
    assert table.spread([0.2, 0.4, 0.9])["mean"] == 0.5
    assert table.spread([0.4])["p90"] == 0.4
    assert table.spread([]) == {}


async def test_a_referral_is_tried_again_under_the_same_key(made: list[Referral], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(senders, "TWICE_EVERY", 2)
    keys: list[str] = []
    ids: dict[str, str] = {}

    def answer(request: httpx.Request) -> httpx.Response:
        keys.append(key := request.headers["Idempotency-Key"])
        if len(keys) == 1:
            return httpx.Response(503, headers={"Retry-After": "0"})
        if json.loads(request.content)["person"]["address"]["postcode"] in referrals.ELSEWHERE:
            return httpx.Response(422, json={"errors": [{"field": "postcode", "code": "outside", "message": ""}]})
        return httpx.Response(201, json={"id": ids.setdefault(key, str(len(ids)))})

    outside = next(referral for referral in made if served(referral) is None)
    inside = [referral for referral in made if served(referral)][:3]
    async with httpx.AsyncClient(base_url="http://test", transport=httpx.MockTransport(answer)) as client:
        sent = await senders.Senders(client, {"sender": "a", "sender-brussels": "b"}, 1, lambda _: None).send([*inside, outside])
    assert keys[0] == keys[1]
    assert len(set(keys)) == 4
    assert list(sent.accepted.values()) == inside
    assert sent.refused == {"postcode: outside": 1}
    assert (sent.tried_again, sent.twice, sent.twice_differing) == (1, 2, 0)


async def test_another_answer_to_the_same_request_is_noticed(made: list[Referral]) -> None:
    count = itertools.count()
    transport = httpx.MockTransport(lambda _: httpx.Response(201, json={"id": str(next(count))}))
    async with httpx.AsyncClient(base_url="http://test", transport=transport) as client:
        sent = await senders.Senders(client, {"sender": "a", "sender-brussels": "b"}, 1, lambda _: None).send(made[:1])
    assert (sent.twice, sent.twice_differing) == (1, 1)


async def test_coordinators_answer_open_offers_and_move_only_their_own_cases() -> None:
    worker = Actor(UUID(int=1), "W", frozenset({"coordinator"}), None, "", frozenset({"z"}), "nl")
    posted: list[tuple[str, Any]] = []
    offers = [{"id": f"o{number}", "status": "offered"} for number in range(200)] + [{"id": "taken", "status": "accepted"}]
    cases = [{"id": f"c{number}", "coordinator": {"id": str(UUID(int=1 + number % 2))}} for number in range(40)]

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json={"offers": offers} if request.url.path.endswith("offers") else {"cases": cases})
        posted.append((request.url.path, json.loads(request.content) if request.content else None))
        if request.url.path.endswith("/offers/o0/accept"):
            return httpx.Response(409, json={"code": "offer_ended"})
        return httpx.Response(200, json={"undo_until": "2026-11-23T10:00:00+00:00"})

    done = Done()
    async with httpx.AsyncClient(base_url="http://test", transport=httpx.MockTransport(answer)) as client:
        await Coordinator(client, worker, "token", Random(3), done).a_round()
    answered = [path for path, _ in posted if "/offers/" in path]
    assert len(answered) == 200
    assert not any("taken" in path for path in answered)
    declined = [body for path, body in posted if path.endswith("/decline")]
    assert {body["reason"] for body in declined} == set(coordinators.REASONS)
    assert all(("away_from" in body) == (body["reason"] == "away_soon") for body in declined)
    assert 0.75 < done.acts["accepted"] / 200 < 0.95
    assert done.refused == {"accepted: 409 offer_ended": 1}
    moved = [path for path, _ in posted if "/cases/" in path]
    assert moved
    assert all(int(path.split("/")[4][1:]) % 2 == 0 for path in moved)
    assert done.undo_until == datetime.fromisoformat("2026-11-23T10:00:00+00:00")


def test_the_demonstrations_twelve_coordinators_work() -> None:
    team = workers(WORKFORCE)
    assert len(team) == 12
    assert "Griet Baetslé" not in {worker.name for worker in team}
    assert all(worker.roles == {"coordinator"} and worker.zones and worker.organisation_id for worker in team)


def test_without_a_running_stack_the_command_says_so(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_bytes(a_file())
    result = CliRunner().invoke(simulate, ["--population", str(tmp_path / "people.csv"), "--data", str(tmp_path)])
    assert result.exit_code == 1
    assert "Nothing runs on" in result.output


def test_a_file_of_zones_changes_borders_of_served_zones_only(tmp_path: Path) -> None:
    file = tmp_path / "zones.csv"
    file.write_text("nis;zone\n43018;West-Meetjesland\n11002;Antwerpen\n", encoding="utf-8")
    zones = {zone.code: zone.municipalities for zone in zones_of(file)}
    assert zones["meetjesland-west"] == {"43018"}
    assert zones.keys() == {zone.code for zone in shipped_zones()}
    file.write_text("nis;zone\n11002;Antwerpen\n", encoding="utf-8")
    with pytest.raises(population.WrongFile, match="meetjesland-oost"):
        zones_of(file)
