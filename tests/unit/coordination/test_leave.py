"""Who covers what during leave, by the rule; and the days of a leave."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.coordination.cases.domain import Case
from services.coordination.leave import domain
from services.coordination.leave.domain import Leave, besides, ended, refused_days
from services.coordination.leave.proposing import Known, Proposal, propose
from services.coordination.offers import answers
from services.coordination.offers.answers import AcceptOffer
from services.coordination.offers.domain import Book, Effects
from services.coordination.workforce.domain import Absence, Worker
from shared.working_time import BRUSSELS
from tests.unit.coordination.builders import LEAD, NOW, TODAY, ZONE, a_book, a_worker, as_coordinator, as_lead, open_offer, receive

DAYS = Absence(date(2026, 12, 21), date(2027, 1, 2))
BEFORE = date(2026, 12, 20)


def holding(book: Book, worker: Worker, count: int = 1, **changes: Any) -> list[Case]:
    """So many cases that this worker holds, whatever the rule says."""
    cases = []
    for _ in range(count):
        case, _ = receive(book, **changes)
        offer = open_offer(book, case)
        book.loads[offer.coordinator_id].add(-offer.points, -1)
        offer.coordinator_id = worker.id
        book.loads[worker.id].add(offer.points, 1)
        answers.accept(book, AcceptOffer(uuid4(), offer.id, as_coordinator(worker.id)))
        cases.append(case)
    return cases


def proposed(book: Book, away: Worker, known: Known | None = None, **more: Any) -> Proposal:
    return propose(book, away.id, DAYS, known or Known(), **more)


def test_each_case_goes_to_who_has_most_room_with_what_the_cases_before_add() -> None:
    away, one, other = (a_worker() for _ in range(3))
    book = a_book(away, one, other, carried={one.id: 1000})
    cases = holding(book, away, 8)
    found = proposed(book, away)
    assert found.covers.keys() == {case.id for case in cases}
    assert away.id not in found.covers.values()
    given = [sum(cover == who.id for cover in found.covers.values()) for who in (one, other)]
    assert given[0] < given[1]
    assert [found.rooms[who.id].during - found.rooms[who.id].before for who in (one, other)] == [number * 300 for number in given]
    assert book.loads[one.id].used == one.fixed + 1000  # proposing gives nobody anything


def test_the_most_pressing_case_chooses_first() -> None:
    away, only = a_worker(), a_worker()
    book = a_book(away, only)
    (older,) = holding(book, away, received_at=NOW - timedelta(days=9))
    (urgent,) = holding(book, away, urgency="high")
    book.loads[only.id].used = only.capacity(TODAY) - 300
    found = proposed(book, away)
    assert found.covers == {urgent.id: only.id}
    assert [(part.case.id, part.failing) for part in found.left] == [(older.id, "capacity")]


@pytest.mark.parametrize(
    ("other", "case", "failing"),
    [
        ({"roles": frozenset({"case_manager"})}, {}, "role"),
        ({"programmes": frozenset({"obesity"})}, {}, "programme"),
        ({"municipalities": frozenset({"44019"})}, {}, "area"),
        ({"languages": frozenset({"fr"})}, {}, "language"),
        ({"absences": (Absence(DAYS.ends_on, DAYS.ends_on + timedelta(days=9)),)}, {}, "on_leave"),
        ({"organisation_id": UUID(int=3)}, {"role": "case_manager", "caring_organisation_ids": (UUID(int=3),)}, "neutrality"),
        ({"fte": 10, "started_on": TODAY}, {"programme": "perinatal"}, None),
        ({"active": False}, {}, "not_active"),
    ],
)
def test_who_fails_a_hard_filter_on_any_day_does_not_cover(other: dict[str, Any], case: dict[str, Any], failing: str | None) -> None:
    away, candidate = a_worker(), a_worker(**other)
    book = a_book(away)
    held = holding(book, away, **case)[0]
    everyone = a_book(away, candidate)
    book.teams, book.loads = everyone.teams, everyone.loads | {away.id: book.loads[away.id]}
    (part,) = proposed(book, away).parts
    assert (part.case.id, part.failing, part.cover_id) == (held.id, failing, None if failing else candidate.id)


def test_there_is_nobody_in_a_team_of_one() -> None:
    away = a_worker()
    book = a_book(away)
    holding(book, away)
    (part,) = proposed(book, away).left
    assert part.failing == "nobody"
    assert part.team.owner == LEAD


def test_who_covers_already_or_knows_the_household_goes_before_who_has_more_room() -> None:
    away, busy, free = (a_worker() for _ in range(3))
    book = a_book(away, busy, free, carried={busy.id: 5000})
    (case,) = holding(book, away)
    assert proposed(book, away).covers == {case.id: free.id}
    for known, tie in ((Known(familiar={case.id: busy.id}), "knows"), (Known(covers={case.id: busy.id}), "covers")):
        (part,) = proposed(book, away, known).parts
        assert (part.cover_id, part.tie) == (busy.id, tie)
    (part,) = proposed(book, away, Known(covers={case.id: uuid4()}, familiar={case.id: busy.id})).parts
    assert (part.cover_id, part.tie) == (busy.id, "knows")


def test_who_declined_this_case_for_ever_is_not_asked_to_cover_it() -> None:
    away, other = a_worker(), a_worker()
    book = a_book(away, other)
    (case,) = holding(book, away)
    declined = replace(book.offers_of[case.id][0], id=uuid4(), coordinator_id=other.id, status="declined", excludes_until=answers.FOR_EVER)
    book.offers_of[case.id].append(declined)
    assert [part.failing for part in proposed(book, away).left] == ["declined"]


def test_what_somebody_covers_for_another_colleague_then_counts() -> None:
    away, one, other = (a_worker() for _ in range(3))
    book = a_book(away, one, other, carried={other.id: 500})
    (case,) = holding(book, away)
    assert proposed(book, away).covers == {case.id: one.id}
    assert proposed(book, away, Known(covering={one.id: 2000})).covers == {case.id: other.id}


def test_one_name_for_all_counts_where_it_fits_and_who_is_named_in_vain_is_said() -> None:
    away, named, other = a_worker(), a_worker(), a_worker()
    book = a_book(away, named, other)
    first, second = holding(book, away, 2)
    book.loads[named.id].used = named.capacity(TODAY) - 300
    found = proposed(book, away, named=dict.fromkeys((first.id, second.id), named.id))
    assert list(found.covers.values()) == [named.id]
    assert [(part.named_id, part.failing) for part in found.unfit] == [(named.id, "capacity")]
    nobody = proposed(book, away, named=dict.fromkeys((first.id, second.id)))
    assert (nobody.covers, nobody.unfit, len(nobody.left)) == ({}, (), 2)


def test_a_first_contact_that_falls_in_those_days_and_open_tasks_are_marked() -> None:
    away, other = a_worker(), a_worker()
    book = a_book(away, other)
    first, second = holding(book, away, 2)
    first.first_contact_due = datetime(2026, 12, 22, 9, tzinfo=BRUSSELS)
    second.first_contact_due = datetime(2026, 12, 18, 9, tzinfo=BRUSSELS)
    parts = {part.case.id: part for part in proposed(book, away, Known(tasks={second.id: ["training"]})).parts}
    assert (parts[first.id].first_contact_due, parts[second.id].first_contact_due) == (first.first_contact_due, None)
    assert (parts[first.id].tasks, parts[second.id].tasks) == ((), ("training",))


def test_cases_of_others_closed_ones_and_open_offers_are_no_part_of_it() -> None:
    away, other = a_worker(), a_worker()
    book = a_book(away, other)
    (held,) = holding(book, away)
    (closed,) = holding(book, away)
    closed.status = "closed"
    holding(book, other)
    receive(book)
    assert [part.case.id for part in proposed(book, away).parts] == [held.id]


def a_leave(first: date = DAYS.starts_on, last: date = DAYS.ends_on, **changes: Any) -> Leave:
    return Leave(**({"id": uuid4(), "worker_id": uuid4(), "days": Absence(first, last)} | changes))


@pytest.mark.parametrize(
    ("first", "last", "code", "field"),
    [
        (TODAY, TODAY, None, None),
        (date(2026, 12, 1), BEFORE, None, None),
        (TODAY, TODAY + timedelta(days=365), "overlaps", "starts_on"),
        (DAYS.ends_on, DAYS.ends_on, "overlaps", "starts_on"),
        (BEFORE, DAYS.starts_on, "overlaps", "starts_on"),
        (TODAY, TODAY - timedelta(days=1), "ends_before_start", "ends_on"),
        (TODAY - timedelta(days=1), TODAY, "starts_in_past", "starts_on"),
        (TODAY, TODAY + timedelta(days=366), "too_long", "ends_on"),
    ],
)
def test_days_that_cannot_be_taken_say_why_and_beside_which_field(first: date, last: date, code: str | None, field: str | None) -> None:
    refusal = refused_days(Absence(first, last), [a_leave()], TODAY)
    assert (refusal.code if refusal else None, refusal.field if refusal else None) == (code, field)


def test_a_leave_that_runs_keeps_its_first_day_and_may_end_from_today_on() -> None:
    running, past = a_leave(TODAY - timedelta(days=3), TODAY + timedelta(days=3)), a_leave(date(2026, 10, 1), date(2026, 10, 5))
    known = [past, running]

    def refused(first: date, last: date, leave: Leave) -> str | None:
        refusal = refused_days(Absence(first, last), known, TODAY, leave.id)
        return refusal.code if refusal else None

    assert refused(running.days.starts_on, TODAY, running) is None
    assert refused(running.days.starts_on, TODAY - timedelta(days=1), running) == "ends_in_past"
    assert refused(TODAY - timedelta(days=4), TODAY, running) == "starts_in_past"
    assert refused(past.days.starts_on, TODAY, past) == "leave_over"


def test_of_days_that_are_partly_known_only_the_others_are_new() -> None:
    known = [a_leave(date(2026, 12, 24), date(2026, 12, 26)), a_leave(date(2027, 1, 2), date(2027, 1, 9))]
    assert besides(DAYS, known) == [Absence(date(2026, 12, 21), date(2026, 12, 23)), Absence(date(2026, 12, 27), date(2027, 1, 1))]
    assert besides(DAYS, [a_leave()]) == []


def test_what_is_taken_back_leaves_the_days_that_passed() -> None:
    running = a_leave(TODAY - timedelta(days=3), TODAY + timedelta(days=3))
    left = ended(running, TODAY)
    assert left is not None
    assert left.days == Absence(TODAY - timedelta(days=3), TODAY - timedelta(days=1))
    assert ended(a_leave(TODAY, TODAY), TODAY) is None
    assert [each.state(TODAY) for each in (a_leave(), running, left)] == ["coming", "now", "over"]


def test_each_cover_hears_once_of_all_their_cases_and_only_what_is_news() -> None:
    first, second, third = (UUID(int=number) for number in (1, 2, 3))
    one, other = uuid4(), uuid4()
    zones = dict.fromkeys((first, second, third), ZONE)
    before = a_leave(covers={first: one, second: one, third: other})
    events = domain.told(None, before, zones)
    assert {event.cover_id: event.case_ids for event in events} == {one: (first, second), other: (third,)}
    assert {(event.starts_at, event.ends_at) for event in events} == {
        (datetime(2026, 12, 21, tzinfo=BRUSSELS), datetime(2027, 1, 3, tzinfo=BRUSSELS))
    }
    assert domain.told(before, before, zones) == []
    moved = replace(before, covers={first: one, second: one, third: one})
    assert {event.cover_id: event.case_ids for event in domain.told(before, moved, zones)} == {one: (first, second, third), other: ()}
    longer = replace(before, days=Absence(DAYS.starts_on, date(2027, 1, 5)))
    assert len(domain.told(before, longer, zones)) == 2
    assert [event.case_ids for event in domain.told(before, None, zones)] == [(), ()]


def test_a_case_that_nobody_covers_is_asked_of_the_zone_lead_once() -> None:
    away = a_worker()
    book = a_book(away)
    (case,) = holding(book, away)
    domain.ask_zone(book, [case.id], {case.id: ["cover"]}, Effects(uuid4()))
    assert book.tasks == []
    domain.ask_zone(book, [case.id], {case.id: ["training"]}, Effects(uuid4()))
    assert [(task.kind, task.case_id, task.owner_id) for task in book.tasks] == [("cover", case.id, LEAD)]


def test_a_case_accepted_just_before_leave_and_settled_in_it_is_asked_of_the_zone_lead() -> None:
    away = a_worker(absences=(Absence(TODAY, TODAY),))
    book = a_book(replace(away, absences=()))
    case, _ = receive(book)
    book.teams = a_book(away).teams
    answers.accept(book, AcceptOffer(uuid4(), open_offer(book, case).id, as_coordinator(away.id)))
    assert [(task.kind, task.case_id) for task in book.tasks] == [("cover", case.id)]


@pytest.mark.parametrize(
    ("by", "allowed"),
    [
        (as_coordinator(UUID(int=9)), True),
        (as_lead(), True),
        (as_coordinator(LEAD), False),
        (as_lead(LEAD, frozenset({"brussel-noord"})), False),
    ],
)
def test_leave_is_planned_by_the_worker_or_the_zone_lead(by: Any, allowed: bool) -> None:
    assert bool(domain.may_plan(by, a_worker(id=UUID(int=9)))) is allowed
