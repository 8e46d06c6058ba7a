"""The workforce over HTTP: who works in a zone and what they carry, and importing the file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.coordination.offers import loads
from services.coordination.sight import in_zone
from services.coordination.workforce import changes, handlers, pages, store
from services.coordination.workforce.domain import Worker
from services.coordination.workforce.file import Reading, read_workforce_file
from shared.clock import new_id
from shared.web.call import Call, read_file
from shared.web.problems import FieldError, Problem
from shared.web.routing import Operation, Page
from shared.working_time import BRUSSELS


class WorkforceQuery(BaseModel):
    """Workers of this zone; of all one's own zones when left out."""

    model_config = ConfigDict(extra="forbid")
    zone: str | None = Field(default=None, max_length=60, pattern=r"^[^\x00-\x1f]*$")


class ImportQuery(BaseModel):
    """`dry_run` only reports what the file holds; `source` names the file."""

    model_config = ConfigDict(extra="forbid")
    dry_run: bool = False
    source: str | None = Field(default=None, max_length=255)


class AbsenceView(BaseModel):
    """Days away, both included."""

    starts_on: date
    ends_on: date


class WorkerView(BaseModel):
    """A worker and what they carry. Points and fte in hundredths."""

    id: UUID
    name: str
    organisation_id: UUID | None
    zones: list[str]
    roles: list[str]
    fte: int
    languages: list[str]
    programmes: list[str]
    municipalities: list[str]
    started_on: date | None
    active: bool
    absences: list[AbsenceView]
    capacity: int
    used: int
    recent: int


class Workforce(BaseModel):
    workers: list[WorkerView]


class ProblemView(BaseModel):
    """What is wrong in a file, where."""

    line: int
    column: str | None
    code: str
    expected: str


class Report(BaseModel):
    """What an import did, or would do. `served`: waiting cases that were offered since capacity grew."""

    imported: bool
    rows: int
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    served: int = 0
    encoding: str
    delimiter: str
    ignored_columns: list[str]
    problems: list[ProblemView]


async def list_workforce(call: Call) -> Workforce:
    """Workers of zones that are the actor's own."""
    zones = call.actor.zones if call.query.zone is None else {call.query.zone}
    if not all(call.may(in_zone(zone)) for zone in zones):
        raise Problem(403, "not_your_zone", "This zone is not yours to see.", "Ask for one of your own zones.")
    today = call.now.astimezone(BRUSSELS).date()
    async with call.read() as connection:
        workers = await store.workers_in(connection, zones)
        carried = await loads.count(connection, [worker.id for worker in workers], today)
    return Workforce(workers=[worker_view(worker, carried[worker.id], today) for worker in workers])


async def import_file(call: Call) -> Report:
    """A CSV file as the body. With problems nothing is imported."""
    reading = read_workforce_file(await read_file(call, "text/csv"))
    await _check_zones(call, reading.workers)
    if call.query.dry_run:
        async with call.kernel.read() as connection:
            known = {worker.id: worker for worker in await store.workers(connection, [worker.id for worker in reading.workers])}
        differing = changes.differing(known, changes.keeping_absences(known, reading.workers))
        added = sum(worker.id not in known for worker in differing)
        return _report(
            reading, imported=False, added=added, changed=len(differing) - added, unchanged=len(reading.workers) - len(differing), served=0
        )
    if reading.problems:
        raise Problem(
            422,
            "file_problems",
            "The file is not as expected; nothing was imported.",
            errors=[FieldError(problem.place, problem.code, f"Expected {problem.expected}.") for problem in reading.problems],
        )
    decision = await call.submit(handlers.import_workforce, changes.ImportWorkforce(new_id(), reading.workers, reading.organisations))
    return _report(reading, imported=True, **decision.answer)


async def _check_zones(call: Call, workers: Sequence[Worker]) -> None:
    """A zone lead changes the workers of the own zones only; raises a 403 problem. Operations may load any file."""
    if call.bounds.everything:
        return
    async with call.kernel.read() as connection:
        known = await store.workers(connection, [worker.id for worker in workers])
    zones = frozenset().union(*(worker.zones for worker in (*workers, *known)))
    foreign = {zone for zone in zones if not call.may(in_zone(zone))}
    if foreign:
        raise Problem(
            403, "not_your_zone", "Some of these workers are of other zones.", f"Not yours to change: {', '.join(sorted(foreign))}."
        )


def _report(reading: Reading, *, imported: bool, added: int, changed: int, unchanged: int, served: int) -> Report:
    table = reading.table
    return Report(
        imported=imported,
        rows=len(table.rows),
        added=added,
        changed=changed,
        unchanged=unchanged,
        served=served,
        encoding=table.encoding,
        delimiter=table.delimiter,
        ignored_columns=list(table.ignored),
        problems=[
            ProblemView(line=problem.line, column=problem.column, code=problem.code, expected=problem.expected)
            for problem in reading.problems
        ],
    )


def worker_view(worker: Worker, carried: tuple[int, int], today: date) -> WorkerView:
    """A worker as people see one."""
    points, recent = carried
    return WorkerView(
        id=worker.id,
        name=worker.name,
        organisation_id=worker.organisation_id,
        zones=sorted(worker.zones),
        roles=sorted(worker.roles),
        fte=worker.fte,
        languages=sorted(worker.languages),
        programmes=sorted(worker.programmes),
        municipalities=sorted(worker.municipalities),
        started_on=worker.started_on,
        active=worker.active,
        absences=[AbsenceView(starts_on=absence.starts_on, ends_on=absence.ends_on) for absence in worker.absences],
        capacity=worker.capacity(today),
        used=worker.fixed + points,
        recent=recent,
    )


EXAMPLE = """\
id,name,email,phone,language,organisation_id,organisation,zones,roles,fte,languages,programmes,municipalities,started_on
0190a3c2-7a53-7c1e-9f7b-3f1f2f6f0201,An Claes,an.claes@zorgzone.example,09 000 00 03,nl,0190a3c2-7a53-7c1e-9f7b-3f1f2f6f0101,Zorgraad,\
meetjesland-oost,care_coordinator|case_manager,0.8,nl|fr,perinatal|frail,43005,2026-09-01
"""
OPERATIONS = [
    Operation(
        "GET",
        "/coordination/api/workforce",
        list_workforce,
        "Workers of a zone and what they carry",
        query=WorkforceQuery,
        answer=Workforce,
    ),
    Operation(
        "POST",
        "/coordination/api/workforce/import",
        import_file,
        "Import the workforce file",
        file=EXAMPLE,
        query=ImportQuery,
        answer=Report,
    ),
]
PAGES: list[Page] = pages.PAGES
