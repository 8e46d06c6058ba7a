"""The workforce file: one worker per line, the same file that feeds the directory of notifications. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from uuid import UUID

from services.coordination.rule import RULE
from services.coordination.workforce.domain import HOLDERS, Role, Worker
from shared import csv_files
from shared.csv_files import Cells, Problem, Row, Table

COLUMNS = (
    "id",
    "name",
    "organisation_id",
    "organisation",
    "zones",
    "roles",
    "fte",
    "languages",
    "programmes",
    "municipalities",
    "started_on",
)
LANGUAGE = 2  # letters of ISO 639-1; sign languages have the three of ISO 639-3
ELSEWHERE = ("email", "phone", "language")  # read by notifications from the same file
ACTIVE = "active"
NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Reading:
    """A file as it was read: the workers without problems, the names of their employers, and every problem by line and column."""

    table: Table
    workers: tuple[Worker, ...]
    organisations: dict[UUID, str]
    problems: tuple[Problem, ...]


def read_workforce_file(content: bytes) -> Reading:
    """Read UTF-8 or CP1252, `;` or `,`; lists in a cell are separated by `|`."""
    table = csv_files.read(content, COLUMNS, (*ELSEWHERE, ACTIVE))
    problems = list(table.problems)
    workers: dict[UUID, Worker] = {}
    organisations: dict[UUID, str] = {}
    for row in table.rows:
        found: list[Problem] = []
        worker = _worker(row, found)
        if worker.id in workers:
            found.append(Problem(row.line, "id", "duplicate_id", "every id once in a file"))
        problems += found
        if not found:
            workers[worker.id] = worker
            organisations[worker.id] = row.cells["organisation"]
    return Reading(table, tuple(workers.values()), organisations, tuple(sorted(problems, key=lambda problem: problem.line)))


def _worker(row: Row, problems: list[Problem]) -> Worker:
    cells = Cells(row, problems)
    cells.text("organisation")
    roles = frozenset(cells.several("roles", tuple(Role)))
    holds = not HOLDERS.isdisjoint(roles)
    return Worker(
        id=cells.uuid("id") or NOBODY,
        name=cells.text("name"),
        organisation_id=cells.uuid("organisation_id"),
        zones=_codes(cells, "zones", "zone codes such as meetjesland-oost"),
        roles=roles,
        fte=_fte(cells, holds=holds),
        languages=_codes(cells, "languages", "languages as two letters (ISO 639-1) or three (ISO 639-3)", length=LANGUAGE, required=holds),
        programmes=frozenset(cells.several("programmes", tuple(RULE.weight), required=False)),
        municipalities=_codes(cells, "municipalities", "NIS codes of five digits", length=5, required=False),
        started_on=_day(cells, "started_on"),
        active=cells.choice(ACTIVE, ("yes", "no"), required=False) != "no",
    )


def _codes(cells: Cells, column: str, expected: str, *, length: int | None = None, required: bool = True) -> frozenset[str]:
    values = cells.several(column, required=required)
    if all(_is_code(value, length) for value in values):
        return frozenset(values)
    cells.problem(column, "codes", f"{expected}, separated by {csv_files.LIST_SEPARATOR}")
    return frozenset()


def _is_code(value: str, length: int | None) -> bool:
    plain = value.isascii() and value == value.casefold() and value.replace("-", "").isalnum()
    if length == LANGUAGE:
        return plain and len(value) in (LANGUAGE, LANGUAGE + 1) and value.isalpha()
    return plain and (length is None or (len(value) == length and value.isdecimal()))


def _fte(cells: Cells, *, holds: bool) -> int:
    """Hundredths of a full-time job."""
    text = cells.text("fte")
    if not text:
        return 0
    try:
        hundredths = Decimal(text.replace(",", ".")) * 100
    except InvalidOperation:
        hundredths = Decimal("NaN")
    if hundredths.is_finite() and hundredths == hundredths.to_integral_value() and (1 if holds else 0) <= hundredths <= 100:
        return int(hundredths)
    cells.problem("fte", "fte", f"a number from {'0,01' if holds else '0'} to 1 with at most two decimals, such as 0,8")
    return 0


def _day(cells: Cells, column: str) -> date | None:
    text = cells.text(column, required=False)
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        cells.problem(column, "date", "a date that exists, as YYYY-MM-DD, or nothing")
        return None
