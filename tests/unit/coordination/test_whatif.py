"""What-if: what it replays is what the rule that places real cases does, and its ranges hold what then happens."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from statistics import mean
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.coordination.cases import joining, steps
from services.coordination.cases.domain import Outcome, workload
from services.coordination.cases.steps import CloseCase
from services.coordination.offers import answers as offer_answers
from services.coordination.offers import choice
from services.coordination.offers.answers import AcceptOffer
from services.coordination.offers.domain import Book, Effects, OfferStatus, question_of
from services.coordination.whatif import lengths, replay
from services.coordination.whatif.answers import answer
from services.coordination.whatif.domain import ASSUMED, SEEDS, TAIL, Arrival, Held, Waiting, Zone, range_of
from services.coordination.whatif.futures import future
from services.coordination.whatif.lengths import ENDS, Life
from services.coordination.whatif.scenario import Away, Change, Fte, Hire, Intake, NoChange, read, read_all, written
from services.coordination.workforce import domain as workforce
from services.coordination.workforce.domain import Worker
from tests.unit.coordination.builders import NOW, TODAY, a_book, a_referral, a_worker, as_coordinator
from tests.unit.coordination.whatif import KNOWN, a_busy_zone, a_past, a_zone, an_arrival, held_by, weeks_of, who_waits

WORKER = UUID(int=100)
SOMEBODY = Hire(50, ("care_coordinator",), ("nl",), ("frail",), TODAY)


def full(worker: Worker, points: int = 200) -> tuple[Held, ...]:
    """Cases of these points as far as there is room."""
    return tuple(held_by(worker, points) for _ in range((worker.capacity(TODAY) - worker.fixed) // points))


def waiting_at_end(zone: Zone, *changes: Change, weeks: int = 6) -> float:
    told = answer(zone, changes, weeks, SEEDS[:7])
    return (told.then or told.now).weeks[-1].waiting.middle


# ---- as the rule does


class Truth:
    """A zone that really runs: the book of the service, its own acceptances and closings, chance of which everything is known."""

    PER_WEEK, WEEKS_HELD, PAST = 2.2, 15.0, 40

    def __init__(self, seed: int) -> None:
        self.dice = Random(seed)
        self.workers = [a_worker(id=UUID(int=1 + number), fte=50) for number in range(3)]
        self.start = datetime(2026, 1, 5, 8, tzinfo=UTC)  # a Monday
        self.book: Book = a_book(*self.workers, now=self.start)
        self.book.references = [f"r{number}" for number in range(5000)]
        self.ends: dict[UUID, tuple[datetime, datetime]] = {}  # by case: first weeks over, closed
        self.came: list[tuple[datetime, UUID]] = []

    def run(self, weeks: int) -> None:
        for _ in range(weeks * 7):
            self._day()
            self.book.now += timedelta(days=1)

    def _day(self) -> None:
        now = self.book.now
        for case_id, (light, over) in list(self.ends.items()):
            case = self.book.cases[case_id]
            if over <= now:
                del self.ends[case_id]
                steps.close(self.book, CloseCase(self._id(), case_id, as_coordinator(case.coordinator_id), Outcome.MOVED))
            elif light <= now and case.first_weeks:
                steps.first_weeks_over(self.book, case_id, Effects(self._id()))
        self._accept()
        for _ in range(sum(self.dice.random() < self.PER_WEEK / 500 for _ in range(100)) if now.weekday() < 5 else 0):
            person = self._id()
            referral = a_referral(
                person_id=person, referral_id=self._id(), sender_organisation_id=self._id(), programme="perinatal", received_at=now
            )
            joining.receive(self.book, referral, Effects(self._id()))
            self.came.append((now, self.book.open_cases[person].id))
            self._accept()

    def _accept(self) -> None:
        for offer in self.book.offered:
            offer_answers.accept(self.book, AcceptOffer(self._id(), offer.id, as_coordinator(offer.coordinator_id)))
            lasts = timedelta(weeks=self.dice.expovariate(1 / self.WEEKS_HELD))
            self.ends[offer.case_id] = self.book.now + timedelta(weeks=6), self.book.now + lasts
        self.book.offered.clear()

    def _id(self) -> UUID:
        return UUID(int=self.dice.getrandbits(128))

    def _accept(self) -> None:
        for offer in [each for each in self.book.offers if each.status == OfferStatus.OFFERED]:
            offer_answers.accept(self.book, AcceptOffer(self._id(), offer.id, as_coordinator(offer.coordinator_id)))
            lasts = timedelta(weeks=self.dice.expovariate(1 / self.WEEKS_HELD))
            self.ends[offer.case_id] = self.book.now + timedelta(weeks=6), self.book.now + lasts

    @property
    def waiting(self) -> int:
        return len(self.book.waiting)

    def zone(self) -> Zone:
        """As what-if finds it."""
        book, now = self.book, self.book.now
        weeks: list[list[Arrival]] = [[] for _ in range(ASSUMED.past_weeks)]
        first = now - timedelta(weeks=ASSUMED.past_weeks)
        for at, case_id in self.came:
            if at >= first:
                case = book.cases[case_id]
                question = question_of(book, case)._replace(points=workload(case.programmes))
                weeks[(at - first).days // 7].append(Arrival(at.weekday(), 0, case.urgency, question))
        held = [offer for offer in book.offers if offer.status == OfferStatus.ACCEPTED]
        lives = [Life("perinatal", case.assigned_at, case.closed_at) for case in book.cases if case.assigned_at]
        start = now - timedelta(weeks=ASSUMED.lengths_weeks)
        return replace(
            a_zone(*self.workers),
            now=now,
            today=now.date(),
            held=tuple(
                Held(
                    offer.coordinator_id,
                    offer.points,
                    ("perinatal",),
                    "normal",
                    offer.answered_at,
                    True,
                    book.cases[offer.case_id].first_weeks_end if book.cases[offer.case_id].first_weeks else None,
                )
                for offer in held
            ),
            waiting=tuple(Waiting(case.received_at, case.urgency, question_of(book, case)) for case in book.waiting.values()),
            past=a_past(tuple(map(tuple, weeks)), monday=first.date(), lengths=lengths.counted(lives, start, now)),
        )


def test_the_ranges_hold_what_then_happens() -> None:
    inside, widths = [], []
    for seed in range(12):
        truth = Truth(seed)
        truth.run(Truth.PAST)
        told = answer(truth.zone(), (), 8).now
        for weeks in (4, 8):
            truth.run(4)
            said = told.weeks[weeks - 1].waiting
            inside.append(round(said.low) <= truth.waiting <= round(said.high))
            widths.append(said.high - said.low)
    assert mean(inside) >= 0.7
    assert mean(widths) < 14, "a range that holds everything says nothing"


def test_how_many_come_is_known_as_roughly_as_twelve_weeks_tell_it() -> None:
    """A range that took the mean of twelve weeks for certain would hold what happens in about half of the cases."""
    inside = []
    for seed in range(80):
        dice = Random(seed)
        weeks = [sum(dice.random() < 0.03 for _ in range(100)) for _ in range(12 + 26)]
        zone = a_zone(past=a_past(tuple(tuple([an_arrival()] * count) for count in weeks[:12])))
        said = range_of([sum(each.share < 1 for each in future(zone, 26, Random(seed)).coming) for seed in SEEDS])
        inside.append(said.low <= sum(weeks[12:]) <= said.high)
    assert 0.7 <= mean(inside) <= 0.92


def test_the_rule_that_places_real_cases_is_what_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    zone = a_busy_zone(4, 3)
    as_is = answer(zone, (), 6, SEEDS[:4]).now
    with monkeypatch.context() as broken:
        broken.setattr(choice, "_pick", lambda ranked, *_: (ranked[-1][1], False) if ranked else (None, False))
        assert answer(zone, (), 6, SEEDS[:4]).now.load != as_is.load, "the fullest instead of the emptiest"
    with monkeypatch.context() as broken:
        broken.setattr(workforce, "first_failing", lambda *_: None)
        assert answer(zone, (), 6, SEEDS[:4]).now.weeks != as_is.weeks, "anybody may have any case"
    with monkeypatch.context() as broken:
        broken.setattr(Worker, "capacity", lambda worker, _: worker.fte * 120)
        assert answer(zone, (), 6, SEEDS[:4]).now.weeks[-1].waiting.middle < as_is.weeks[-1].waiting.middle
    with monkeypatch.context() as broken:
        broken.setattr(replay, "turn", lambda urgency, at: (True, -at.timestamp()))
        assert answer(zone, (), 6, SEEDS[:4]).now.weeks != as_is.weeks, "the newest first"
    assert answer(zone, (), 6, SEEDS[:4]).now == as_is


def test_not_asking_in_vain_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    zone = a_busy_zone(4, 4)
    quick = answer(zone, (Intake(150),), 6, SEEDS[:3])
    monkeypatch.setattr(replay.Run, "_has_room", lambda *_: True)
    assert answer(zone, (Intake(150),), 6, SEEDS[:3]) == quick


def test_the_same_question_has_the_same_answer_and_another_seed_another() -> None:
    zone = a_busy_zone(3, 3)
    told = answer(zone, (Intake(130),), 6, (1, 2, 3))
    assert answer(zone, (Intake(130),), 6, (1, 2, 3)) == told
    assert answer(zone, (Intake(130),), 6, (1, 2, 4)) != told


# ---- what it says


def test_a_zone_with_room_lets_nobody_wait() -> None:
    told = answer(a_zone(), (), 8).now
    assert {week.waiting.high for week in told.weeks[:4]} == {0}
    assert told.weeks[3].wait == range_of([0])


def test_a_full_zone_lets_all_who_come_wait_and_longer_than_it_looks_ahead() -> None:
    worker = a_worker(id=WORKER)
    for_ever = a_past(lengths={"frail": ((10, 1e9),) * len(ENDS)})
    week = answer(a_zone(worker, held=full(worker), past=for_ever), (), 8).now.weeks[-1]
    assert week.waiting == range_of([32])
    assert week.wait == range_of([TAIL])


def test_high_urgency_is_served_before_who_waits_longer() -> None:
    worker = a_worker(id=WORKER, fte=4)  # room for one case
    zone = a_zone(worker, waiting=(who_waits(9), who_waits(1, urgency="high")), past=a_past(weeks_of(0)))
    run = replay.Run(replay.world(zone, (), 4))
    run.begin(future(zone, 4 + TAIL, Random(1)))
    run.wake(0)
    (left,) = [each for line in run._lines.values() for each in line.waiting]
    assert left[0][0], "the one of normal urgency"


def test_who_turned_a_case_down_is_not_asked_before_its_time() -> None:
    worker = a_worker(id=WORKER)
    declined = replace(who_waits(), excluded=((WORKER, NOW + timedelta(days=16)),))
    zone = a_zone(worker, waiting=(declined,), past=a_past(weeks_of(0)))
    waiting = [week.waiting.middle for week in answer(zone, (), 4).now.weeks]
    assert waiting == [1, 1, 0, 0]


def test_a_case_weighs_less_after_six_weeks_and_nothing_once_closed() -> None:
    worker = a_worker(id=WORKER)
    held = held_by(worker, 300, 0, first_weeks_end=NOW + timedelta(weeks=6))
    zone = a_zone(worker, held=(held,), past=a_past(weeks_of(0), lengths={"frail": ((10, 1e9),) * len(ENDS)}))
    assert [answer(zone, (), weeks).now.load[0].used.middle for weeks in (5, 7)] == [1800, 1700]
    soon = replace(zone, past=a_past(weeks_of(0), lengths={"frail": ((1000, 0.1),) * len(ENDS)}))
    assert answer(soon, (), 4).now.load[0].used.middle == 1500


def test_what_a_worker_carries_elsewhere_stays() -> None:
    worker = a_worker(id=WORKER)
    zone = a_zone(worker, elsewhere={WORKER: 8400})
    assert answer(zone, (), 4).now.weeks[-1].waiting.low > 10


# ---- what may be changed


def test_who_is_away_takes_nothing_and_then_again() -> None:
    zone = a_zone(a_worker(id=WORKER))
    away = Away(WORKER, TODAY, TODAY + timedelta(days=20))
    waiting = [week.waiting.middle for week in answer(zone, (away,), 6).then.weeks]
    assert waiting[:2] == [4, 8]
    assert waiting[3] == 0


def test_somebody_new_takes_cases_from_the_first_day_on_with_the_capacity_of_a_first_year() -> None:
    worker = a_worker(id=WORKER)
    zone = a_zone(worker, held=full(worker))
    told = answer(zone, (replace(SOMEBODY, starts_on=TODAY + timedelta(weeks=3)),), 8).then
    assert told.weeks[1].waiting.low > 3
    assert told.weeks[3].waiting.high < told.weeks[2].waiting.low
    assert told.load[0].capacity == 4500


@pytest.mark.parametrize("seed", range(3))
def test_more_hours_never_let_more_wait_and_more_intake_never_fewer(seed: int) -> None:
    zone = a_busy_zone(4, 3, seed)
    least = min(zone.workers, key=lambda worker: worker.fte)
    as_is = waiting_at_end(zone)
    assert waiting_at_end(zone, Fte(least.id, 100)) <= as_is <= waiting_at_end(zone, Fte(least.id, 20))
    assert waiting_at_end(zone, Intake(70)) <= as_is <= waiting_at_end(zone, Intake(150))


@settings(max_examples=10, deadline=None)
@given(
    fte=st.integers(1, 19).map(lambda part: part * 5),
    more=st.integers(1, 10).map(lambda part: part * 5),
    coming=st.integers(1, 6),
    intake=st.integers(50, 150),
    role=st.sampled_from(["care_coordinator", "case_manager"]),
)
def test_whatever_the_zone_more_hours_help_and_more_intake_does_not(fte: int, more: int, coming: int, intake: int, role: str) -> None:
    workers = [a_worker(id=UUID(int=100 + number), fte=fte) for number in range(3)]
    held = tuple(each for worker in workers for each in full(worker))
    zone = a_zone(*workers, held=held, past=a_past(weeks_of(coming, role=role), intensities=("light", "normal", "intense")))
    as_is = waiting_at_end(zone, Intake(intake))
    assert waiting_at_end(zone, Intake(intake), Fte(WORKER, min(fte + more, 100))) <= as_is
    assert waiting_at_end(zone, Intake(intake + more)) >= as_is


@pytest.mark.parametrize(
    "text",
    [
        "intake:130",
        f"fte:{WORKER}:50",
        f"away:{WORKER}:2026-12-01:2026-12-31",
        "hire:50:care_coordinator.case_manager:fr.nl:frail.perinatal:2027-01-04",
    ],
)
def test_a_change_reads_as_it_is_written(text: str) -> None:
    assert written(read(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "intake",
        "intake:201",
        "intake:-5",
        "intake:٣٠",
        "intake:130:1",
        "salary:130",
        "fte:nobody:50",
        f"fte:{WORKER}:101",
        f"away:{WORKER}:2026-12-31:2026-12-01",
        f"away:{WORKER}:31/12/2026:2027-01-01",
        f"away:{WORKER}:9999-12-30:9999-12-31",
        "hire:0:care_coordinator:nl:frail:2027-01-04",
        "hire:50:zone_lead:nl:frail:2027-01-04",
        "hire:50:care_coordinator:Jan Peeters:frail:2027-01-04",
        "hire:50:care_coordinator:nl::2027-01-04",
    ],
)
def test_what_is_no_change_is_refused(text: str) -> None:
    with pytest.raises(NoChange):
        read(text)


def test_three_changes_at_most_and_the_last_word_on_one_subject_counts() -> None:
    assert read_all(["intake:110", f"fte:{WORKER}:50", "intake:120"]) == (Intake(120), Fte(WORKER, 50))
    with pytest.raises(NoChange):
        read_all([f"fte:{UUID(int=number)}:50" for number in range(4)])


# ---- how long cases last


def test_open_cases_count_as_long_as_they_lasted_and_what_was_before_does_not() -> None:
    start = NOW - timedelta(weeks=20)
    lives = [
        Life("frail", NOW - timedelta(weeks=10), NOW - timedelta(weeks=4)),
        Life("frail", NOW - timedelta(weeks=30), None),
        Life("frail", NOW - timedelta(weeks=30), NOW - timedelta(weeks=21)),
    ]
    bands = lengths.counted(lives, start, NOW)["frail"]
    assert [closings for closings, _ in bands] == [0, 1, 0, 0, 0]
    assert [weeks for _, weeks in bands] == pytest.approx([4, 2 + 2, 14, 4, 0])


def test_an_assumed_length_weighs_as_some_closings_and_is_told() -> None:
    few = a_zone(past=a_past(lengths={"frail": ((ASSUMED.fewest_closings - 1, 100.0),)}))
    assert few.assumed == ["frail"]
    assert a_zone().assumed == []
    dice = Random(1)
    drawn = [1 / lengths.drawn((), 40, dice)[0] for _ in range(2000)]
    assert 40 < mean(drawn) < 60
    assert len({*lengths.drawn(KNOWN, 40, dice)}) == len(ENDS)


def test_what_is_left_of_a_case_follows_its_age() -> None:
    hazards = (0.0001, 0.0001, 0.0001, 0.0001, 1.0)
    assert lengths.left(hazards, 52, 1.0) == 1
    assert 52 < lengths.left(hazards, 0, 1.0) < 54


def test_too_little_past_says_nothing() -> None:
    assert a_past(weeks_of(2, 4)).is_enough
    assert not a_past(weeks_of(9, 3)).is_enough
    assert not a_past(weeks_of(1, 7)).is_enough
