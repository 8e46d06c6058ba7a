"""Who can hold cases in a zone, and who leads it. Pure: dates are arguments."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, TypeAlias
from uuid import UUID

from services.coordination.rule import RULE

KEPT_SIEVES = 4096


class Role(StrEnum):
    """What a worker may be. Only the first two hold cases."""

    CARE_COORDINATOR = "care_coordinator"
    CASE_MANAGER = "case_manager"
    ZONE_LEAD = "zone_lead"
    ZONE_INTAKE = "zone_intake"
    PRIVACY_OFFICER = "privacy_officer"  # told when somebody looks without a relation


HOLDERS = frozenset({Role.CARE_COORDINATOR, Role.CASE_MANAGER})


class Filter(StrEnum):
    """Hard filters, in the order in which a failing one is named. Also why a case waits."""

    NOBODY = "nobody"  # the zone has no coordinators at all
    NOT_ACTIVE = "not_active"
    ROLE = "role"
    PROGRAMME = "programme"
    AREA = "area"
    ON_LEAVE = "on_leave"
    LANGUAGE = "language"
    NEUTRALITY = "neutrality"
    DECLINED = "declined"  # declined or let expire, and not to be asked again yet
    CAPACITY = "capacity"


@dataclass(frozen=True, slots=True)
class Absence:
    """Days away, both included."""

    starts_on: date
    ends_on: date

    def covers(self, day: date) -> bool:
        return self.starts_on <= day <= self.ends_on

    def meets(self, other: Absence) -> bool:
        """Whether they have a day in common."""
        return self.starts_on <= other.ends_on and other.starts_on <= self.ends_on


@dataclass(frozen=True, slots=True)
class Worker:
    """A coordinator, case manager, zone lead or zone intake worker. `fte` in hundredths; no `municipalities` means the whole zone."""

    id: UUID
    name: str
    organisation_id: UUID | None
    zones: frozenset[str]
    roles: frozenset[str]
    fte: int
    languages: frozenset[str]
    programmes: frozenset[str]
    municipalities: frozenset[str] = frozenset()
    started_on: date | None = None
    absences: tuple[Absence, ...] = ()
    active: bool = True

    @property
    def fixed(self) -> int:
        """Points that meetings and training take, whatever the cases."""
        return self.fte * RULE.fixed_per_fte // 100

    @property
    def first_year_ends(self) -> date | None:
        return a_year_after(self.started_on) if self.started_on else None

    def capacity(self, day: date) -> int:
        """Points this worker can carry on that day; less in the first year."""
        ends = self.first_year_ends
        return self.fte * (RULE.first_year_per_fte if ends and day < ends else RULE.per_fte) // 100

    def on_leave(self, day: date) -> bool:
        return any(absence.covers(day) for absence in self.absences)

    def speaks(self, languages: Collection[str]) -> bool:
        """Whether this worker needs no interpreter: one of these languages is enough."""
        return not self.languages.isdisjoint(languages)

    def holds_cases(self) -> bool:
        return not HOLDERS.isdisjoint(self.roles)


def a_year_after(day: date) -> date:
    return day.replace(year=day.year + 1) if (day.month, day.day) != (2, 29) else date(day.year + 1, 3, 1)


# What the fixed filters look at: role, programmes, languages (none: language limits nobody), municipality.
Kind: TypeAlias = tuple[str, tuple[str, ...], tuple[str, ...], str]


@dataclass(frozen=True, slots=True)
class Sieve:
    """Who passes the filters that do not depend on load: (place in the team, worker, capacity); and who fails which."""

    passing: tuple[tuple[int, Worker, int], ...]
    failed: tuple[tuple[int, Filter], ...]


@dataclass(slots=True)
class Team:
    """The workers of one zone as they were known under one `version`, on one day. Members are in id order: cards name them by place."""

    zone: str
    version: UUID
    day: date
    members: tuple[Worker, ...] = ()
    leads: tuple[UUID, ...] = ()
    intake: tuple[UUID, ...] = ()
    sieves: dict[Kind, Sieve] = field(default_factory=dict)
    is_divided: bool = field(init=False)  # whether anyone serves only some municipalities

    def __post_init__(self) -> None:
        self.is_divided = any(worker.municipalities for worker in self.members)

    def sieve(self, kind: Kind) -> Sieve:
        """Remembered per kind of case, since thousands of cases are of one kind."""
        if not self.is_divided:
            kind = (*kind[:3], "")
        found = self.sieves.get(kind)
        if found is None:
            if len(self.sieves) >= KEPT_SIEVES:
                self.sieves.clear()
            found = self.sieves[kind] = sift(self, kind)
        return found

    @property
    def owner(self) -> UUID | None:
        """Who owns what waits in this zone: the zone lead."""
        return self.leads[0] if self.leads else None

    @property
    def intake_owner(self) -> UUID | None:
        """Who answers human checks: the zone intake worker, by default the zone lead."""
        return self.intake[0] if self.intake else self.owner


def sift(team: Team, kind: Kind) -> Sieve:
    """Part the team into who can take this kind of case and who cannot, whatever they carry."""
    passing: list[tuple[int, Worker, int]] = []
    failed: list[tuple[int, Filter]] = []
    for place, worker in enumerate(team.members):
        if failing := first_failing(worker, team.day, kind):
            failed.append((place, failing))
        else:
            passing.append((place, worker, worker.capacity(team.day)))
    return Sieve(tuple(passing), tuple(failed))


def first_failing(worker: Worker, day: date, kind: Kind) -> Filter | None:
    """The first hard filter that this worker fails for this kind of case, load and case apart; None when all are passed."""
    role, programmes, languages, nis = kind
    passed = {
        Filter.NOT_ACTIVE: worker.active and worker.fte > 0,
        Filter.ROLE: role in worker.roles,
        Filter.PROGRAMME: worker.programmes.issuperset(programmes),
        Filter.AREA: not worker.municipalities or nis in worker.municipalities,
        Filter.ON_LEAVE: not worker.on_leave(day),
        Filter.LANGUAGE: not languages or worker.speaks(languages),
    }
    return next((failing for failing, is_passed in passed.items() if not is_passed), None)


def a_team(zone: str, version: UUID, day: date, workers: Iterable[Worker]) -> Team:
    """The team of a zone out of all its workers. Leads on leave or gone come last or not at all."""
    known = sorted(workers, key=lambda worker: worker.id)
    return Team(
        zone,
        version,
        day,
        tuple(worker for worker in known if worker.holds_cases()),
        leads=_present_first(known, Role.ZONE_LEAD, day),
        intake=_present_first(known, Role.ZONE_INTAKE, day),
    )


def _present_first(workers: Iterable[Worker], role: Role, day: date) -> tuple[UUID, ...]:
    having = [worker for worker in workers if role in worker.roles and worker.active]
    return tuple(worker.id for worker in sorted(having, key=lambda worker: worker.on_leave(day)))


def facts_of(worker: Worker) -> dict[str, Any]:
    """What a decision needs of a worker, as JSON: no name."""
    return {
        "id": str(worker.id),
        "organisation_id": str(worker.organisation_id) if worker.organisation_id else None,
        "zones": sorted(worker.zones),
        "roles": sorted(worker.roles),
        "fte": worker.fte,
        "languages": sorted(worker.languages),
        "programmes": sorted(worker.programmes),
        "municipalities": sorted(worker.municipalities),
        "started_on": worker.started_on.isoformat() if worker.started_on else None,
        "absences": [[absence.starts_on.isoformat(), absence.ends_on.isoformat()] for absence in worker.absences],
        "active": worker.active,
    }


def worker_from(facts: Mapping[str, Any]) -> Worker:
    """A worker out of `facts_of`, without a name."""
    return Worker(
        UUID(facts["id"]),
        "",
        UUID(facts["organisation_id"]) if facts["organisation_id"] else None,
        frozenset(facts["zones"]),
        frozenset(facts["roles"]),
        facts["fte"],
        frozenset(facts["languages"]),
        frozenset(facts["programmes"]),
        frozenset(facts["municipalities"]),
        date.fromisoformat(facts["started_on"]) if facts["started_on"] else None,
        tuple(Absence(date.fromisoformat(start), date.fromisoformat(end)) for start, end in facts["absences"]),
        facts["active"],
    )
