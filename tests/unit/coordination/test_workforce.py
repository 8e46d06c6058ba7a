"""The workforce: its file, and what follows when it changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from services.coordination.offers import answers
from services.coordination.offers.answers import AcceptOffer
from services.coordination.offers.domain import Effects
from services.coordination.workforce.changes import changed_workers, differing, keeping_absences, timers_of
from services.coordination.workforce.domain import Absence, a_team
from services.coordination.workforce.file import read_workforce_file
from shared.events.coordination import OfferEnded
from shared.working_time import BRUSSELS
from tests.unit.coordination.builders import LEAD, NOW, TODAY, ZONE, a_book, a_lead, a_worker, as_coordinator, open_offer, receive, types

HEADER = "id;name;email;phone;language;organisation_id;organisation;zones;roles;fte;languages;programmes;municipalities;started_on"
WORKER = UUID("018f6d5e-7a31-7cc2-9d37-0a5b6a1f2c3d")
CELLS = {
    "id": str(WORKER),
    "name": "Noor Çelik-D'hondt",
    "email": "n@zorg.example",
    "phone": "09 000 12 07",
    "language": "nl",
    "organisation_id": str(UUID(int=5)),
    "organisation": "Thuiszorg De Brug",
    "zones": "meetjesland-oost|meetjesland-west",
    "roles": "case_manager|care_coordinator",
    "fte": "0,8",
    "languages": "nl|fr",
    "programmes": "frail|perinatal",
    "municipalities": "43005|44019",
    "started_on": "2026-03-02",
}


def a_file(*rows: dict[str, str], header: str = HEADER, encoding: str = "utf-8") -> bytes:
    columns = header.split(";")
    return "\r\n".join([header, *(";".join((CELLS | row).get(column, "") for column in columns) for row in rows), ""]).encode(encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_a_row_is_a_worker_in_either_encoding(encoding: str) -> None:
    reading = read_workforce_file(a_file({}, encoding=encoding))
    assert reading.problems == ()
    (worker,) = reading.workers
    assert (worker.id, worker.name, worker.organisation_id, worker.fte) == (WORKER, "Noor Çelik-D'hondt", UUID(int=5), 80)
    assert worker.zones == {"meetjesland-oost", "meetjesland-west"}
    assert worker.roles == {"case_manager", "care_coordinator"}
    assert (worker.languages, worker.programmes, worker.municipalities) == ({"nl", "fr"}, {"frail", "perinatal"}, {"43005", "44019"})
    assert (worker.started_on, worker.active) == (date(2026, 3, 2), True)
    assert reading.organisations == {WORKER: "Thuiszorg De Brug"}


def test_commas_separate_as_well() -> None:
    reading = read_workforce_file(a_file({"fte": "0.8"}).replace(b";", b","))
    assert [worker.fte for worker in reading.workers] == [80]


def test_a_zone_lead_needs_no_time_for_cases() -> None:
    reading = read_workforce_file(a_file({"roles": "zone_lead", "fte": "0.0", "languages": "", "programmes": ""}))
    assert (reading.problems, reading.workers[0].fte) == ((), 0)


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ({"id": "12"}, "id", "uuid"),
        ({"name": ""}, "name", "required"),
        ({"zones": ""}, "zones", "required"),
        ({"zones": "Oost Meetjesland"}, "zones", "codes"),
        ({"roles": "boss"}, "roles", "choice"),
        ({"fte": "1,5"}, "fte", "fte"),
        ({"fte": "0"}, "fte", "fte"),
        ({"fte": "half"}, "fte", "fte"),
        ({"fte": "0.333"}, "fte", "fte"),
        ({"fte": "-1"}, "fte", "fte"),
        ({"fte": "NaN"}, "fte", "fte"),
        ({"languages": "Dutch"}, "languages", "codes"),
        ({"languages": ""}, "languages", "required"),
        ({"programmes": "elderly"}, "programmes", "choice"),
        ({"municipalities": "Eeklo"}, "municipalities", "codes"),
        ({"started_on": "2026-02-30"}, "started_on", "date"),
        ({"name": "Hanne\u202eslevjfiW"}, "name", "text_direction"),
    ],
)
def test_a_wrong_cell_is_named_by_line_and_column_and_says_what_is_expected(cells: dict[str, str], column: str, code: str) -> None:
    reading = read_workforce_file(a_file({"id": str(uuid4())}, cells))
    assert [(problem.line, problem.column, problem.code) for problem in reading.problems] == [(3, column, code)]
    assert reading.problems[0].expected
    assert len(reading.workers) == 1


def test_missing_and_repeated_columns_are_named() -> None:
    reading = read_workforce_file(a_file({}, header=HEADER.replace("fte;", "zones;")))
    assert [(problem.column, problem.code) for problem in reading.problems] == [("fte", "missing_column"), ("zones", "duplicate_column")]
    assert reading.workers == ()


def test_an_id_stands_once_in_a_file() -> None:
    reading = read_workforce_file(a_file({}, {}))
    assert [(problem.line, problem.code) for problem in reading.problems] == [(3, "duplicate_id")]


def test_a_file_changes_who_differs_and_leaves_absences_alone() -> None:
    away = a_worker(absences=(Absence(TODAY, TODAY),))
    known = {away.id: away}
    same, more = replace(away, absences=()), replace(away, absences=(), fte=80)
    assert differing(known, keeping_absences(known, [same])) == []
    (changed,) = differing(known, keeping_absences(known, [more, replace(more, id=uuid4(), fte=100)]))[:1]
    assert (changed.fte, changed.absences) == (80, away.absences)


def test_more_capacity_serves_the_oldest_that_waits() -> None:
    worker = a_worker()
    book = a_book(worker, carried={worker.id: 8500})
    newer, _ = receive(book, programme="frail", received_at=NOW - timedelta(days=1))
    older, _ = receive(book, programme="frail", received_at=NOW - timedelta(days=2))
    book.loads[worker.id].add(-300)
    assert changed_workers(book, [worker], TODAY, effects := Effects(uuid4())) == 1
    assert (older.status, newer.status) == ("offered", "waiting")
    assert types(effects.events) == ["case_offered"]


def test_who_goes_on_leave_keeps_cases_and_loses_unanswered_offers() -> None:
    leaving, other = a_worker(), a_worker()
    book = a_book(leaving, other, carried={other.id: 3000})
    held, _ = receive(book)
    answers.accept(book, AcceptOffer(uuid4(), open_offer(book, held).id, as_coordinator(leaving.id)))
    offered, _ = receive(book)
    away = replace(leaving, absences=(Absence(TODAY, TODAY),))
    team = book.teams[ZONE]
    book.teams[ZONE] = a_team(ZONE, team.version, TODAY, [away, other, a_lead()])
    book.benches.clear()
    changed_workers(book, [away], TODAY, effects := Effects(uuid4()))
    assert types(effects.events) == ["offer_ended", "case_offered"]
    ended = effects.events[0]
    assert isinstance(ended, OfferEnded)
    assert (ended.end, ended.reason, ended.coordinator_id) == ("withdrawn", "on_leave", leaving.id)
    assert (held.coordinator_id, open_offer(book, offered).coordinator_id) == (leaving.id, other.id)
    assert book.tasks == []


def test_the_cases_of_who_left_become_a_task_of_the_zone_lead() -> None:
    leaving = a_worker()
    book = a_book(leaving)
    held, _ = receive(book)
    answers.accept(book, AcceptOffer(uuid4(), open_offer(book, held).id, as_coordinator(leaving.id)))
    changed_workers(book, [replace(leaving, active=False)], TODAY, Effects(uuid4()))
    assert [(task.kind, task.case_id, task.owner_id) for task in book.tasks] == [("reassign", held.id, LEAD)]


def test_a_new_zone_lead_becomes_the_owner_of_what_waits_without_one() -> None:
    book = a_book()
    book.teams[ZONE] = a_team(ZONE, uuid4(), TODAY, [])
    case, _ = receive(book)
    assert case.owner_id is None
    book.teams[ZONE] = a_team(ZONE, uuid4(), TODAY, [lead := a_lead()])
    changed_workers(book, [lead], TODAY, effects := Effects(uuid4()))
    assert case.owner_id == lead.id
    assert types(effects.events) == ["case_waiting"]


def test_a_lead_on_leave_hands_over_to_another_lead() -> None:
    away = a_lead(absences=(Absence(TODAY, TODAY),))
    other = a_lead(id=UUID(int=8))
    assert a_team(ZONE, uuid4(), TODAY, [away, other]).owner == other.id
    assert a_team(ZONE, uuid4(), TODAY + timedelta(days=1), [away, other]).owner == away.id


def test_a_worker_is_looked_at_again_when_leave_begins_and_ends_and_the_first_year_is_over() -> None:
    worker = a_worker(
        started_on=date(2026, 3, 2),
        absences=(Absence(date(2026, 11, 1), date(2026, 11, 24)), Absence(date(2026, 12, 21), date(2027, 1, 2))),
    )
    timers = timers_of(worker, TODAY)
    assert [(timer.kind, timer.subject) for timer in timers] == [("worker_turns", worker.id)] * 4
    assert [timer.due_at for timer in timers] == [
        datetime(2026, 11, 25, tzinfo=BRUSSELS),
        datetime(2026, 12, 21, tzinfo=BRUSSELS),
        datetime(2027, 1, 3, tzinfo=BRUSSELS),
        datetime(2027, 3, 2, tzinfo=BRUSSELS),
    ]


def test_a_first_year_that_began_on_a_leap_day_ends_on_the_first_of_march() -> None:
    assert a_worker(started_on=date(2028, 2, 29)).first_year_ends == date(2029, 3, 1)
