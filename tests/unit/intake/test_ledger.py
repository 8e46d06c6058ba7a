"""The ledger of erasures: what was written is read again, and what is not as it was written is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.intake.erasures import ledger
from services.intake.erasures.ledger import Line

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
AT = datetime(2026, 11, 24, 9, tzinfo=UTC)


def a_line(place: int) -> Line:
    return Line(place, (UUID(int=place), UUID(int=100 + place)), UUID(int=200), "asked", AT)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A ledger of four lines, written in two goes."""
    file = ledger.file_in(tmp_path / "checkpoints")
    ledger.append(file, KEY, [a_line(1), a_line(2)])
    ledger.append(file, KEY, [a_line(3), a_line(4)])
    return file


def problems(file: Path, written: int = 4) -> list[str]:
    return ledger.problems(file, KEY.public_key(), written)


def test_what_was_written_is_read(file: Path) -> None:
    assert [replace(line, before="", key="", signature="") for line in ledger.read(file)] == [a_line(place) for place in (1, 2, 3, 4)]
    assert problems(file) == []


def test_a_ledger_that_was_never_needed_is_whole(tmp_path: Path) -> None:
    nothing = tmp_path / "erasures.jsonl"
    assert (ledger.read(nothing), problems(nothing, 0)) == ([], [])
    assert problems(nothing, 1) == ["the end is missing: it has 0 places, intake wrote 1"]


@pytest.mark.parametrize("gone", [0, 1, 2, 3])
def test_a_line_that_is_missing_is_told(file: Path, gone: int) -> None:
    rows = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(rows[:gone] + rows[gone + 1 :]))
    assert problems(file) != []
    assert len(ledger.read(file)) == 3


def test_an_end_that_was_cut_off_is_still_told_when_more_was_written(file: Path) -> None:
    rows = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(rows[:2]))
    assert problems(file) == ["the end is missing: it has 2 places, intake wrote 4"]
    ledger.append(file, KEY, [a_line(5)])
    assert problems(file, 5) == ["between line 2 and line 3 erasures are missing"]


@pytest.mark.parametrize("changed", [0, 1, 2, 3])
def test_a_line_that_names_somebody_else_is_told(file: Path, changed: int) -> None:
    rows = file.read_bytes().splitlines(keepends=True)
    rows[changed] = rows[changed].replace(str(UUID(int=changed + 1)).encode(), str(UUID(int=77)).encode())
    file.write_bytes(b"".join(rows))
    assert problems(file) == (
        ["the last line is not signed by the key of the audit"] if changed == 3 else [f"what stands above line {changed + 2} was changed"]
    )


def test_lines_of_another_key_are_told(file: Path) -> None:
    ledger.append(file, Ed25519PrivateKey.generate(), [a_line(5)])
    assert problems(file, 5) == ["the last line is not signed by the key of the audit"]


def test_a_line_over_which_the_writer_died_is_told_and_the_next_ones_are_whole(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-40])
    ledger.append(file, KEY, [a_line(4), a_line(5)])
    assert [line.place for line in ledger.read(file)] == [1, 2, 3, 4, 5]
    assert problems(file, 5) == ["line 4 is no line of the ledger"]
