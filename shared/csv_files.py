"""Reading and writing CSV files as people's spreadsheets make them.

Read: UTF-8 or CP1252, with or without byte order mark, `;` or `,`. Whatever is not as expected becomes a `Problem` that names line and
column and says what is expected, never what stood there. Written: every cell quoted, and nothing that a spreadsheet would run as a formula.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from pydantic_core import PydanticCustomError

from shared.text import Text

MAX_BYTES = 5_000_000
MAX_ROWS = 5_000
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")  # https://owasp.org/www-community/attacks/CSV_Injection
INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn"}  # control characters, direction overrides, halves of characters, no characters
LIST_SEPARATOR = "|"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a file. `line` counts from 1 as an editor does; `column` is None when the whole line or file is meant."""

    line: int
    column: str | None
    code: str
    expected: str

    def __str__(self) -> str:
        return f"{self.place}: expected {self.expected}"

    @property
    def place(self) -> str:
        return f"line {self.line}, column {self.column}" if self.column else f"line {self.line}"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line it starts on, and its cells by column, without surrounding blanks."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """A file as it was read. With problems in its header or encoding it has no rows. `ignored` are columns nobody asked for."""

    encoding: str = ""
    delimiter: str = ""
    columns: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    problems: tuple[Problem, ...] = ()


def columns_of(content: bytes) -> frozenset[str]:
    """The names in the header, for telling shapes of files apart; empty when the file cannot be read."""
    return frozenset(read(content, required=()).columns)


def read(content: bytes, required: Collection[str], optional: Collection[str] = ()) -> Table:
    """Read a file that must have the required columns and may have the optional ones, in any order."""
    if len(content) > MAX_BYTES:
        return _unreadable("too_large", f"at most {MAX_BYTES // 1_000_000} MB")
    try:
        text, encoding = _decode(content)
    except UnicodeDecodeError:
        return _unreadable("encoding", "a text file in UTF-8 or CP1252 (Windows)")
    if "\0" in text:
        return _unreadable("encoding", "a text file in UTF-8 or CP1252 (Windows)")
    records, problems = _records(text, delimiter := _delimiter(text))
    if not records:
        return Table(
            encoding, delimiter, problems=tuple(problems) or (Problem(1, None, "empty", "a first line with the names of the columns"),)
        )
    (line, header), *body = records
    names = tuple(name.strip().casefold() for name in header)
    ignored = tuple(name for name in names if name and name not in required and name not in optional)
    wrong = _header_problems(line, names, required)
    if wrong:
        return Table(encoding, delimiter, names, ignored, problems=tuple(wrong))
    if len(body) > MAX_ROWS:
        problems.append(Problem(body[MAX_ROWS][0], None, "too_many_rows", f"at most {MAX_ROWS} rows in one file"))
        body = body[:MAX_ROWS]
    rows = [Row(at, dict(zip(names, map(_cell, cells), strict=True))) for at, cells in body if len(cells) == len(names)]
    problems += [Problem(at, None, "cells", f"{len(names)} cells, as in the first line") for at, cells in body if len(cells) != len(names)]
    return Table(encoding, delimiter, names, ignored, tuple(rows), tuple(sorted(problems, key=lambda problem: problem.line)))


class Cells:
    """Reads the cells of one row by column. What is not as expected is added to `problems` and read as empty."""

    def __init__(self, row: Row, problems: list[Problem]) -> None:
        self.row = row
        self.problems = problems

    def problem(self, column: str, code: str, expected: str) -> None:
        self.problems.append(Problem(self.row.line, column, code, expected))

    def text(self, column: str, *, required: bool = True, longest: int = 200) -> str:
        """A line of text as `shared.text` allows it; "" when the cell is empty, or the file has no such column and it is not required."""
        value = self.row.cells.get(column, "")
        if not value:
            if required:
                self.problem(column, "required", "a value")
            return ""
        try:
            return Text(longest).clean(value)
        except PydanticCustomError as error:
            self.problem(column, error.type, error.message().removeprefix("Expected ").rstrip("."))
            return ""

    def uuid(self, column: str, *, required: bool = True) -> UUID | None:
        """An id such as 018f6d5e-7a31-7cc2-9d37-0a5b6a1f2c3d."""
        value = self.text(column, required=required)
        if not value:
            return None
        try:
            return UUID(value)
        except ValueError:
            self.problem(column, "uuid", "an id (UUID), such as 018f6d5e-7a31-7cc2-9d37-0a5b6a1f2c3d")
            return None

    def choice(self, column: str, allowed: Sequence[str], *, required: bool = True) -> str:
        """One of the allowed codes, whatever its case."""
        value = self.text(column, required=required).casefold()
        if not value or value in allowed:
            return value
        self.problem(column, "choice", "one of " + ", ".join(allowed))
        return ""

    def several(self, column: str, allowed: Sequence[str] | None = None, *, required: bool = True) -> tuple[str, ...]:
        """Codes separated by `|`, each once, in the order of the file."""
        text = self.text(column, required=required, longest=2_000)
        values = tuple(dict.fromkeys(value for part in text.split(LIST_SEPARATOR) if (value := part.strip())))
        if allowed is None or all(value in allowed for value in values):
            return values
        self.problem(column, "choice", f"any of {', '.join(allowed)}, separated by {LIST_SEPARATOR}")
        return ()


def write(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A file that spreadsheets here open as it is (UTF-8 with mark, `;`) and that `read` reads back to the same cells."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return BYTE_ORDER_MARK + out.getvalue().encode()


def _harmless(cell: str) -> str:
    return "'" + cell if cell.startswith(FORMULA_STARTS) else cell


def _cell(cell: str) -> str:
    """A cell without surrounding blanks, and without the apostrophe that `write` puts before a formula."""
    return (cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA_STARTS) else cell).strip()


def _unreadable(code: str, expected: str) -> Table:
    return Table(problems=(Problem(1, None, code, expected),))


def _decode(content: bytes) -> tuple[str, str]:
    content = content.removeprefix(BYTE_ORDER_MARK)
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return content.decode("cp1252"), "cp1252"


def _delimiter(text: str) -> str:
    first = next((line for line in text.splitlines() if line.strip()), "")
    return ";" if first.count(";") >= first.count(",") else ","


def _records(text: str, delimiter: str) -> tuple[list[tuple[int, list[str]]], list[Problem]]:
    """Every record that is not blank, with the line it starts on; a quote that never ends stops the reading."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    records: list[tuple[int, list[str]]] = []
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                records.append((line, cells))
            line = reader.line_num + 1
    except csv.Error:
        expected = f'cells separated by {delimiter}, with quotes only around a whole cell and doubled inside it ("")'
        return records, [Problem(line, None, "quotes", expected)]
    return records, []


def _header_problems(line: int, names: Sequence[str], required: Collection[str]) -> list[Problem]:
    counted = Counter(names)
    wrong = [Problem(line, name, "missing_column", "this column, by this name") for name in required if name not in counted]
    wrong += [Problem(line, name, "duplicate_column", "this column once") for name, times in counted.items() if name and times > 1]
    return wrong
