"""What may come to a zone: weeks drawn from its real past, with how long each case will last. The same for every scenario of one seed, so that
two scenarios differ by what was changed and not by chance. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

from services.coordination.offers.choice import Question
from services.coordination.whatif import lengths
from services.coordination.whatif.domain import Arrival, Held, Zone
from services.coordination.whatif.lengths import Hazards

COPIES = 2  # of a case, at most: the intake can double
NORMAL = "normal"


class Fate(NamedTuple):
    """What chance decides of one case: weeks that it lasts once held, its intensity from the first contact on, what breaks ties."""

    weeks: float
    intensity: str
    draw: float


@dataclass(frozen=True, slots=True)
class Coming:
    """A case that may come, so many days from today. It does where `share` is below how many come for each that came."""

    share: float
    day: int
    second: int
    urgency: str
    question: Question
    fate: Fate


@dataclass(frozen=True, slots=True)
class Future:
    """All that chance decides in one replay: who comes, in that order; the fates of what is held and of who waits now, in the zone's order."""

    coming: tuple[Coming, ...]
    held: tuple[Fate, ...]
    waiting: tuple[Fate, ...]


def future(zone: Zone, weeks: int, dice: Random) -> Future:
    """One future. The past itself is drawn anew first, week by week: twelve weeks tell the usual intake only roughly, and a range that left that
    out would be too narrow."""
    chances = Chances(zone, dice)
    held = tuple([chances.fate(each.programmes[0], _age(each, zone.now)) for each in zone.held])
    waiting = tuple([chances.fate(each.question.programmes[0]) for each in zone.waiting])
    past = dice.choices(zone.past.weeks, k=len(zone.past.weeks))
    coming = []
    monday = -zone.today.weekday()  # of the running week, whose days that are past fall off
    for number in range(weeks + 1):
        for arrival in dice.choice(past):
            coming += [chances.coming(arrival, copy, monday + number * 7) for copy in range(COPIES)]
    soon = [each for each in coming if 0 <= each.day < weeks * 7]
    return Future(tuple(sorted(soon, key=lambda each: (each.day, each.second))), held, waiting)


class Chances:
    """The draws of one future."""

    def __init__(self, zone: Zone, dice: Random) -> None:
        self._dice = dice
        self._intensities = zone.past.intensities or (NORMAL,)
        self._hazards: dict[str, Hazards] = lengths.hazards_of(zone.past.lengths, zone.programmes, dice)

    def fate(self, programme: str, age: float = 0.0) -> Fate:
        """Of a case of this programme that was held for so many weeks."""
        weeks = lengths.left(self._hazards[programme], age, self._dice.expovariate(1.0))
        return Fate(weeks, self._intensities[int(self._dice.random() * len(self._intensities))], self._dice.random())

    def coming(self, arrival: Arrival, copy: int, monday: int) -> Coming:
        """A case like one that came, as its first or second copy."""
        share = copy + self._dice.random()
        fate = self.fate(arrival.question.programmes[0])
        return Coming(share, monday + arrival.day, arrival.second, arrival.urgency, arrival.question, fate)


def _age(held: Held, now: datetime) -> float:
    return max((now - held.since) / timedelta(weeks=1), 0.0)
