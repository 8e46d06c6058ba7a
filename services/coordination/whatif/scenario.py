"""What may be changed in a what-if, how an address writes it, and what it makes of a zone's workers. Pure.

In an address a change is one word of codes and numbers: `intake:130`, `fte:<worker>:50`, `away:<worker>:2026-12-01:2026-12-31`,
`hire:50:care_coordinator:nl.fr:perinatal.frail:2027-01-04`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TypeAlias
from uuid import UUID

from services.coordination.whatif.domain import MOST_CHANGES, Zone
from services.coordination.workforce.changes import turning_days
from services.coordination.workforce.domain import HOLDERS, Absence, Worker
from shared.when import FIRST, LAST

LEAST_INTAKE, MOST_INTAKE, USUAL_INTAKE = 50, 200, 100  # percent of what came
FULL_TIME = 100
CODE = re.compile(r"[a-z_]{2,20}")


@dataclass(frozen=True, slots=True)
class Intake:
    """More or fewer cases come: percent of what came so far."""

    percent: int


@dataclass(frozen=True, slots=True)
class Fte:
    """A worker works more or less from now on; hundredths."""

    worker_id: UUID
    fte: int


@dataclass(frozen=True, slots=True)
class Away:
    """A worker is away, both days included; the cases they have stay theirs."""

    worker_id: UUID
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Hire:
    """Somebody new begins on a day, with the smaller capacity of a first year."""

    fte: int
    roles: tuple[str, ...]
    languages: tuple[str, ...]
    programmes: tuple[str, ...]
    starts_on: date


Change: TypeAlias = Intake | Fte | Away | Hire


class NoChange(ValueError):
    """This is no change that can be tried: it is written wrongly, or out of bounds."""


def read(text: str) -> Change:
    """A change out of an address. Raises NoChange."""
    kind, *parts = text.split(":")
    try:
        return _READERS[kind](parts)
    except (KeyError, ValueError) as error:
        raise NoChange from error


class NotThere(NoChange):
    """A change is about somebody who does not work in the zone."""


def read_for(zone: Zone, texts: Sequence[str]) -> tuple[Change, ...]:
    """All changes out of an address, for this zone. Raises NoChange or NotThere."""
    changes = read_all(texts)
    if not workers_named(changes) <= {worker.id for worker in zone.workers}:
        raise NotThere
    return changes


def read_all(texts: Sequence[str]) -> tuple[Change, ...]:
    """All changes out of an address, the last of each subject. Raises NoChange when there are too many."""
    found = {subject_of(change): change for change in map(read, texts)}
    if len(found) > MOST_CHANGES:
        raise NoChange
    return tuple(found.values())


def subject_of(change: Change) -> object:
    """Two changes of one subject would be one: the intake, the hours of a worker; anything else only itself."""
    match change:
        case Intake():
            return Intake
        case Fte(worker):
            return Fte, worker
        case _:
            return change


def written(change: Change) -> str:
    """The same as an address says it."""
    match change:
        case Intake(percent):
            return f"intake:{percent}"
        case Fte(worker, fte):
            return f"fte:{worker}:{fte}"
        case Away(worker, first, last):
            return f"away:{worker}:{first}:{last}"
        case Hire(fte, roles, languages, programmes, starts_on):
            return ":".join(["hire", str(fte), ".".join(roles), ".".join(languages), ".".join(programmes), str(starts_on)])


def workers_named(changes: Sequence[Change]) -> set[UUID]:
    """Whom the changes are about."""
    return {change.worker_id for change in changes if isinstance(change, Fte | Away)}


def intake_of(changes: Sequence[Change]) -> float:
    """How many cases come for each that came."""
    return next((change.percent for change in changes if isinstance(change, Intake)), USUAL_INTAKE) / USUAL_INTAKE


def workers_with(workers: Sequence[Worker], changes: Sequence[Change], zone: str) -> tuple[Worker, ...]:
    """The workers as the changes would have them. Who is still to begin is away until then."""
    known = {worker.id: worker for worker in workers}
    for number, change in enumerate(changes):
        match change:
            case Fte(id, fte):
                known[id] = replace(known[id], fte=fte)
            case Away(id, first, last):
                known[id] = replace(known[id], absences=(*known[id].absences, Absence(first, last)))
            case Hire():
                new = _hired(change, number, zone)
                known[new.id] = new
    return tuple(known.values())


def _hired(change: Hire, number: int, zone: str) -> Worker:
    return Worker(
        UUID(int=number),
        "",
        None,
        frozenset({zone}),
        frozenset(change.roles),
        change.fte,
        frozenset(change.languages),
        frozenset(change.programmes),
        started_on=change.starts_on,
        absences=(Absence(FIRST, change.starts_on - timedelta(days=1)),),
    )


def turns(workers: Collection[Worker], today: date, last: date) -> list[date]:
    """Today, and the days until the last on which somebody's capacity or presence changes."""
    return sorted({today} | {day for worker in workers for day in turning_days(worker, today) if day <= last})


def _number(text: str, least: int, most: int) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 3 and least <= int(text) <= most):
        raise NoChange
    return int(text)


def _day(text: str) -> date:
    day = date.fromisoformat(text)
    if not FIRST < day <= LAST:
        raise NoChange
    return day


def _codes(text: str, known: Collection[str] | None = None) -> tuple[str, ...]:
    codes = tuple(sorted(set(text.split("."))))
    if not all(CODE.fullmatch(code) for code in codes) or (known is not None and not set(codes) <= set(known)):
        raise NoChange
    return codes


def _intake(parts: list[str]) -> Intake:
    (percent,) = parts
    return Intake(_number(percent, LEAST_INTAKE, MOST_INTAKE))


def _fte(parts: list[str]) -> Fte:
    worker, fte = parts
    return Fte(UUID(worker), _number(fte, 0, FULL_TIME))


def _away(parts: list[str]) -> Away:
    worker, first, last = parts
    change = Away(UUID(worker), _day(first), _day(last))
    if change.last < change.first:
        raise NoChange
    return change


def _hire(parts: list[str]) -> Hire:
    fte, roles, languages, programmes, starts_on = parts
    return Hire(_number(fte, 1, FULL_TIME), _codes(roles, HOLDERS), _codes(languages), _codes(programmes), _day(starts_on))


_READERS: Mapping[str, Callable[[list[str]], Change]] = {"intake": _intake, "fte": _fte, "away": _away, "hire": _hire}
