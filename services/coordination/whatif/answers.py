"""What comes of a scenario over many futures, beside what comes without it. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta
from random import Random

from services.coordination.whatif.domain import COHORT, SEEDS, TAIL, Answer, Carried, Course, Week, Zone, range_of
from services.coordination.whatif.futures import future
from services.coordination.whatif.replay import DAYS, Asker, Replayed, World, replay, world
from services.coordination.whatif.scenario import Change

SERVED = 0.8  # of them, as the zone board counts


def answer(zone: Zone, changes: Sequence[Change], weeks: int, seeds: Sequence[int] = SEEDS) -> Answer:
    """Replay every seed as the zone is now and, where there are changes, with them. The same zone, changes and seeds give the same answer."""
    as_is, changed = world(zone, (), weeks), world(zone, changes, weeks)
    futures = [future(zone, weeks + TAIL, Random(seed)) for seed in seeds]  # noqa: S311 - tries what may happen, decides nothing
    now = [replay(as_is, each) for each in futures]
    if not changes:
        return Answer(_course(as_is, now), None)
    then = [replay(changed, each) for each in futures]
    ends = [(after.waiting[-1], before.waiting[-1]) for after, before in zip(then, now, strict=True)]
    return Answer(
        _course(as_is, now),
        _course(changed, then),
        fewer=sum(after < before for after, before in ends),
        equal=sum(after == before for after, before in ends),
        more=sum(after > before for after, before in ends),
    )


def _course(world: World, runs: Sequence[Replayed]) -> Course:
    weeks = []
    for number in range(world.weeks):
        waits = [wait for run in runs if (wait := _wait(run.askers, number)) is not None]
        weeks.append(
            Week(
                world.zone.today + timedelta(days=number * DAYS),
                range_of([run.waiting[number] for run in runs]),
                range_of(waits) if waits else None,
            )
        )
    members = world.teams[max(day for day in world.teams if day < world.weeks * DAYS)].members
    capacity = world.zone.today + timedelta(days=world.weeks * DAYS - 1)
    return Course(
        tuple(weeks),
        tuple(
            [
                Carried(worker.id, range_of([run.used[place] for run in runs]), worker.capacity(capacity))
                for place, worker in enumerate(members)
            ]
        ),
    )


def _wait(askers: Sequence[Asker], number: int) -> float | None:
    """Weeks within which eight in ten of who came in this week and those before it were served; TAIL for that long or longer."""
    first, last = (number + 1 - COHORT) * DAYS, (number + 1) * DAYS
    waits = sorted([_weeks(asker) for asker in askers if first <= asker.came < last])
    return waits[math.ceil(len(waits) * SERVED) - 1] if waits else None


def _weeks(asker: Asker) -> float:
    return TAIL if asker.served is None else min((asker.served - asker.came) / DAYS, TAIL)
