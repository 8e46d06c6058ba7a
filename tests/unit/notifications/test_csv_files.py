"""CSV files as spreadsheets make them, and worse."""

from __future__ import annotations

import csv
import io
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import csv_files
from shared.csv_files import Cells, Problem, Row


def codes(content: bytes, *required: str) -> list[tuple[int, str | None, str]]:
    return [(problem.line, problem.column, problem.code) for problem in csv_files.read(content, required).problems]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ","])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_what_spreadsheets_write(encoding: str, delimiter: str, newline: str) -> None:
    content = newline.join([f"ID{delimiter} Name ", f'1{delimiter}"Zoë {delimiter} 5 €"', f"2{delimiter}’t Hof", ""]).encode(encoding)
    table = csv_files.read(content, ("id", "name"))
    assert [(row.line, row.cells) for row in table.rows] == [
        (2, {"id": "1", "name": f"Zoë {delimiter} 5 €"}),
        (3, {"id": "2", "name": "’t Hof"}),
    ]
    assert (table.encoding, table.delimiter, table.problems) == (encoding.removesuffix("-sig"), delimiter, ())


def test_a_mark_before_cp1252_is_tolerated() -> None:
    assert csv_files.read(b"\xef\xbb\xbfid;name\n1;Zo\xeb", ("id",)).rows[0].cells["name"] == "Zoë"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", [(1, None, "empty")]),
        (b"\n \n", [(1, None, "empty")]),
        (b"id;other\n1;2", [(1, "name", "missing_column")]),
        (b"id;name;name\n1;2;3", [(1, "name", "duplicate_column")]),
        (b"id;ID;name;x;x\n1;2;3;4;5", [(1, "id", "duplicate_column"), (1, "x", "duplicate_column")]),
        (b"id;name\n1\n2;b\n3;c;d", [(2, None, "cells"), (4, None, "cells")]),
        (b'id;name\n1;"a\n\nb"\n2', [(5, None, "cells")]),
        (b'id;name\n1;a\n2;"b\n3;c', [(3, None, "quotes")]),
        (b'id;name\n1;"a"b', [(2, None, "quotes")]),
        (b"id;name\n1;\x81", [(1, None, "encoding")]),
        ("id;name\n1;a".encode("utf-16"), [(1, None, "encoding")]),
        (b"id;name\n" + b"1;a\n" * 5_001, [(5_002, None, "too_many_rows")]),
        (b"id;name\n" + b"x" * 5_000_000, [(1, None, "too_large")]),
    ],
)
def test_what_is_wrong_is_named(content: bytes, expected: list[tuple[int, str | None, str]]) -> None:
    assert codes(content, "id", "name") == expected


def test_the_good_rows_beside_a_bad_one_are_read() -> None:
    assert [row.cells["id"] for row in csv_files.read(b"id;name\n1\n2;b", ("id", "name")).rows] == ["2"]


def test_columns_nobody_asked_for_are_told() -> None:
    assert csv_files.read(b"id;name;note\n1;a;b", ("id",), ("name",)).ignored == ("note",)


@pytest.mark.parametrize("cell", ["=1+1", "+32 9 000", "-1", "@SUM(A1)", "\tx", "\rx", "'=1", '=HYPERLINK("http://x")'])
def test_what_a_spreadsheet_would_run_is_written_as_text(cell: str) -> None:
    written = csv_files.write(["a"], [[cell]]).decode("utf-8-sig")
    ((_,), (out,)) = csv.reader(io.StringIO(written, newline=""), delimiter=";")
    assert not out.startswith(("=", "+", "-", "@", "\t", "\r"))


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0")).map(str.strip), min_size=1, max_size=5))
def test_what_was_written_reads_back(cells: list[str]) -> None:
    cells = ["anchor", *[cell for cell in cells if not cell.startswith("'")]]
    names = [f"c{at}" for at in range(len(cells))]
    (row,) = csv_files.read(csv_files.write(names, [cells]), names).rows
    assert list(row.cells.values()) == cells


@given(st.binary(max_size=300))
def test_any_bytes_give_a_table_or_problems(content: bytes) -> None:
    table = csv_files.read(content, ("id",))
    assert table.problems or table.columns


def test_cells_are_read_by_kind() -> None:
    problems: list[Problem] = []
    cells = Cells(
        Row(7, {"id": "018f6d5e-7a31-7cc2-9d37-0a5b6a1f2c01", "kind": "Provider", "zones": "a| b ||a", "n": "", "bad": "x"}), problems
    )
    assert cells.uuid("id") == UUID("018f6d5e-7a31-7cc2-9d37-0a5b6a1f2c01")
    assert cells.choice("kind", ("provider",)) == "provider"
    assert cells.several("zones") == ("a", "b")
    assert (cells.text("n", required=False), cells.text("absent", required=False), problems) == ("", "", [])
    assert (cells.uuid("bad"), cells.choice("bad", ("y",)), cells.several("bad", ("y",)), cells.text("n")) == (None, "", (), "")
    assert [(problem.line, problem.column, problem.code) for problem in problems] == [
        (7, "bad", "uuid"),
        (7, "bad", "choice"),
        (7, "bad", "choice"),
        (7, "n", "required"),
    ]
