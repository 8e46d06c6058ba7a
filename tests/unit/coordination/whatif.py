"""Zones for tests of what-if: whole and valid, with what matters to a test said by the test."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID

from services.coordination.cases.domain import workload
from services.coordination.offers.choice import Question
from services.coordination.whatif.domain import Arrival, Held, Past, Waiting, Zone
from services.coordination.workforce.domain import Worker
from tests.unit.coordination.builders import NOW, TODAY, ZONE, a_worker

KNOWN = ((0, 900.0), (10, 800.0), (20, 700.0), (40, 900.0), (20, 500.0))
PROGRAMMES = ("perinatal", "frail", "obesity")
ROLES = ("care_coordinator", "case_manager")


def an_arrival(day: int = 0, **changes: Any) -> Arrival:
    known = {"role": "care_coordinator", "programmes": ("frail",), "languages": ("nl",), "urgency": "normal"} | changes
    urgency = known.pop("urgency")
    question = Question(nis="43005", points=workload(known["programmes"]), **known)
    return Arrival(day, 36_000, urgency, question)


def weeks_of(count: int, number: int = 12, **changes: Any) -> tuple[tuple[Arrival, ...], ...]:
    """So many cases in each of so many weeks."""
    return tuple(tuple(an_arrival(each % 5, **changes) for each in range(count)) for _ in range(number))


def a_past(weeks: tuple[tuple[Arrival, ...], ...] = weeks_of(4), **changes: Any) -> Past:
    known: dict[str, Any] = {"monday": date(2026, 8, 31), "weeks": weeks, "intensities": ("normal",)}
    return Past(**({"lengths": dict.fromkeys(PROGRAMMES, KNOWN)} | known | changes))


def a_zone(*workers: Worker, **changes: Any) -> Zone:
    known: dict[str, Any] = {"held": (), "waiting": (), "past": a_past(), "elsewhere": {}, "recent": {}}
    return Zone(ZONE, NOW, TODAY, tuple(workers or [a_worker(id=UUID(int=100))]), **(known | changes))


def held_by(worker: Worker, points: int = 200, weeks: float = 20, **changes: Any) -> Held:
    known: dict[str, Any] = {"programmes": ("frail",), "intensity": "normal", "met": True, "first_weeks_end": None}
    return Held(worker.id, points, since=NOW - timedelta(weeks=weeks), **(known | changes))


def who_waits(days: int = 1, **changes: Any) -> Waiting:
    arrival = an_arrival(**changes)
    return Waiting(NOW - timedelta(days=days), arrival.urgency, arrival.question)


def a_busy_zone(coordinators: int, per_week: int, seed: int = 1) -> Zone:
    """Many coordinators, nearly full, with all kinds of cases coming: about the largest there is."""
    dice = Random(seed)
    workers = [
        a_worker(
            id=UUID(int=1000 + number),
            organisation_id=UUID(int=1 + number % 7),
            fte=dice.choice((50, 80, 100)),
            languages=frozenset(dice.sample(("nl", "fr", "en", "ar", "tr"), 2)) | {"nl"},
        )
        for number in range(coordinators)
    ]
    held = []
    for worker in workers:
        while worker.fixed + sum(each.points for each in held if each.coordinator_id == worker.id) < worker.capacity(TODAY) - 400:
            programme = dice.choice(PROGRAMMES)
            held.append(held_by(worker, workload((programme,), first_weeks=False), dice.uniform(6, 60), programmes=(programme,)))

    def any_arrival() -> Arrival:
        return an_arrival(
            dice.randrange(5),
            role=dice.choice(ROLES),
            programmes=(dice.choice(PROGRAMMES),),
            languages=(dice.choice(("nl", "nl", "fr", "ar", "tr")),),
            urgency=dice.choice(("normal", "normal", "high")),
            caring=(UUID(int=1 + dice.randrange(9)),),
        )

    weeks = tuple(tuple(any_arrival() for _ in range(per_week)) for _ in range(12))
    waiting = tuple(Waiting(NOW - timedelta(days=number), "normal", any_arrival().question) for number in range(40))
    return a_zone(*workers, held=tuple(held), waiting=waiting, past=a_past(weeks, intensities=("light", "normal", "normal", "intense")))
