"""The ledger of ASVS 5.0 is whole, what it names exists, and the counts beside it are right."""

from __future__ import annotations

import ast
import csv
import re
from functools import cache
from typing import NamedTuple

import pytest

from shared.web.limits import RATES
from tests.architecture import tree

DOCUMENT = tree.PROJECT / "docs" / "security.md"
CHAPTERS = range(1, 18)
IDS = {"1": 70, "2": 183}  # of ASVS 5.0.0
NOT_YET = "not yet"


class Line(NamedTuple):
    id: str
    level: str
    applies: str
    shown_by: str
    note: str


def ledger() -> list[Line]:
    with (tree.PROJECT / "docs" / "asvs.csv").open(newline="") as file:
        header, *rows = csv.reader(file)
    assert tuple(header) == Line._fields
    return [Line(*row) for row in rows]


LEDGER = ledger()


@cache
def named_in(file: str) -> set[str]:
    path = tree.PROJECT / file
    nodes = ast.parse(path.read_text()).body if path.is_file() else []
    return {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")}


@cache
def sections_of(file: str) -> set[str]:
    """The headings of a document, as addresses within it."""
    path = tree.PROJECT / file
    headings = re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE) if path.is_file() else []
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def exists(evidence: str) -> bool:
    file, _, test = evidence.partition("::")
    if test:
        return file.startswith("tests/") and test in named_in(file)
    file, _, section = evidence.partition("#")
    return file.endswith(".md") and section in sections_of(file)


def shares() -> str:
    """The table of the document, as the ledger has it."""
    lines = []
    for level, count in IDS.items():
        apply = [line for line in LEDGER if line.level == level and line.applies == "yes"]
        shown = [line for line in apply if line.shown_by != NOT_YET]
        share = 100 * len(shown) // len(apply)
        lines.append(f"| L{level} | {count} | {len(apply)} | {len(shown)} | {len(apply) - len(shown)} | {share} % |")
    return "\n".join(lines)


def test_every_requirement_of_both_levels_has_one_line():
    assert len({line.id for line in LEDGER}) == len(LEDGER)
    assert {level: sum(line.level == level for line in LEDGER) for level in IDS} == IDS
    assert {int(line.id.split(".")[0]) for line in LEDGER} == set(CHAPTERS)
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", line.id) for line in LEDGER)


def test_what_does_not_apply_says_why_and_what_is_missing_says_what():
    assert {line.applies for line in LEDGER} == {"yes", "no"}
    assert [line.id for line in LEDGER if (line.applies == "no" or line.shown_by == NOT_YET) and not line.note] == []
    assert [line.id for line in LEDGER if (line.applies == "no") != (line.shown_by == "")] == []


@pytest.mark.parametrize("line", [line for line in LEDGER if line.shown_by not in ("", NOT_YET)], ids=lambda line: line.id)
def test_what_shows_a_requirement_exists(line: Line):
    missing = [evidence for evidence in line.shown_by.split() if not exists(evidence)]
    assert missing == []


def test_a_name_that_is_no_test_or_section_is_seen():
    assert not exists("tests/architecture/test_security_ledger.py::test_nothing")
    assert not exists("docs/security.md#nothing")
    assert not exists("docs/nothing.md#data")
    assert not exists("shared/web/limits.py::test_x")


def test_the_document_has_the_shares_of_the_ledger():
    assert shares() in DOCUMENT.read_text(), f"docs/security.md must say:\n{shares()}"


def test_the_document_has_the_limits_of_the_code():
    rows = "\n".join(
        f"| {kind.replace('_', '-')} | {each.address.burst}, {each.address.per_minute:.0f} | {each.account.burst}, {each.account.per_minute:.0f} |"
        for kind, each in RATES.items()
    )
    assert rows in DOCUMENT.read_text(), f"docs/security.md must say:\n{rows}"


def test_the_image_holds_no_history():
    ignored = (tree.PROJECT / ".dockerignore").read_text().splitlines()
    assert "*" in ignored
    assert [line for line in ignored if line.startswith("!") and ".git" in line] == []
    assert "COPY . " not in (tree.PROJECT / "deploy" / "Dockerfile").read_text()
