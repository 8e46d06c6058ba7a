"""How long cases last: counted from closings and from what is still open, in bands of age, and drawn from. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple, TypeAlias

from services.coordination.whatif.domain import ASSUMED, Bands

ENDS = (4.0, 12.0, 26.0, 52.0, float("inf"))  # of the bands, in weeks since somebody had the case first

# Closings per week that a case is held, by band.
Hazards: TypeAlias = tuple[float, ...]


class Life(NamedTuple):
    """One case: since when somebody had it, and when it was closed; None while it is open."""

    programme: str
    since: datetime
    closed_at: datetime | None


def counted(lives: Iterable[Life], start: datetime, now: datetime) -> dict[str, Bands]:
    """Per programme and band of age, the closings since `start` and the weeks in which there could have been one. Cases that are still open
    count with the weeks they lasted so far: counting closed ones alone would make cases look short where work grows."""
    found: dict[str, list[tuple[int, float]]] = {}
    for life in lives:
        until = min(life.closed_at or now, now)
        if until <= max(life.since, start):
            continue
        bands = found.setdefault(life.programme, [(0, 0.0)] * len(ENDS))
        _add(bands, _weeks(max(life.since, start) - life.since), _weeks(until - life.since), closed=life.closed_at is not None)
    return {programme: tuple(bands) for programme, bands in found.items()}


def _add(bands: list[tuple[int, float]], first: float, last: float, *, closed: bool) -> None:
    begin = 0.0
    for place, end in enumerate(ENDS):
        inside = min(last, end) - max(first, begin)
        if inside > 0:
            closings, weeks = bands[place]
            bands[place] = (closings + (closed and last <= end), weeks + inside)
        begin = end


def drawn(bands: Bands, assumed_weeks: int, dice: Random) -> Hazards:
    """Hazards as they may well be, given what was counted: the fewer closings, the wider apart from seed to seed. With too few of them one for
    all ages, the assumed length weighing as some closings."""
    closings, weeks = sum(count for count, _ in bands), sum(weeks for _, weeks in bands)
    if closings < ASSUMED.fewest_closings:
        one = dice.gammavariate(ASSUMED.weighs + closings, 1 / (ASSUMED.weighs * assumed_weeks + weeks))
        return (one,) * len(ENDS)
    usual = weeks / closings
    return tuple(dice.gammavariate(count + 1, 1 / (seen + usual)) for count, seen in bands)


def left(hazards: Hazards, age: float, patience: float) -> float:
    """Weeks that a case of this age still lasts. `patience` is a draw of the exponential distribution with mean one."""
    total = 0.0
    for end, hazard in zip(ENDS, hazards, strict=True):
        if age >= end:
            continue
        room = (end - age) * hazard
        if patience <= room:
            return total + patience / hazard
        patience -= room
        total, age = total + end - age, end
    return total


def hazards_of(lengths: Mapping[str, Bands], programmes: Sequence[str], dice: Random) -> dict[str, Hazards]:
    """A draw for each of these programmes."""
    return {programme: drawn(lengths.get(programme, ()), ASSUMED.length_of(programme), dice) for programme in programmes}


def _weeks(time: timedelta) -> float:
    return time / timedelta(weeks=1)
