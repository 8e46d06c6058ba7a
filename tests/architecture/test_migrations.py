"""Migrations: plain, numbered, never edited; and personal columns only where they can be encrypted and erased."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture import tree

LIST = Path(__file__).with_name("migrations.sha256")
RENEW = "new ones are added by: sha256sum shared/*/migrations/*.sql services/*/migrations/*.sql > tests/architecture/migrations.sha256"
NAME = re.compile(r"(\d{4})_[a-z0-9]+(_[a-z0-9]+)*\.sql")
KERNEL = range(1, 100)
SERVICES = range(100, 10_000)

TABLE = re.compile(r"create table (?:if not exists )?([\w.]+) \((.*?)^\)", re.DOTALL | re.MULTILINE)
COLUMN = re.compile(r"^\s+(\w+)\s+\w", re.MULTILINE)
ADDED = re.compile(r"alter table (?:only )?(\w+)\s(.*?);", re.DOTALL)
ADDED_COLUMN = re.compile(r"\badd column (?:if not exists )?(\w+)")
BYTES = re.compile(r"^\s+(\w+)\s+bytea\b", re.MULTILINE)
PERSONAL = re.compile(
    r"(^|_)(name|surname|given|family|street|house|postcode|address|phone|mobile|email|mail|birth|born|sex|gender|national|insz"
    r"|text|note|notes|remark|remarks|comment|worry|worries|bmi|score|diagnosis|body)(_|$)|^due_date$"
)
HOME = {("intake", "persons"), ("intake", "records")}
# Columns that look personal and are not about a person in care.
OF_NOBODY_IN_CARE = {
    ("intake", "zones", "name_nl"): "a zone's name",
    ("intake", "zones", "name_fr"): "a zone's name",
    ("coordination", "coordinators", "name"): "a worker's",
    ("access", "clients", "organisation_name"): "an organisation",
    ("notifications", "contacts", "name"): "the provider directory",
    ("notifications", "contacts", "email"): "the provider directory",
    ("notifications", "contacts", "phone"): "the provider directory",
}


PARTITIONED = re.compile(r"create table ([\w.]+) \((?:(?!create table).)*?^\) partition by", re.DOTALL | re.MULTILINE)


def migrations() -> list[Path]:
    access = (tree.PROJECT / "shared" / "access" / "migrations").iterdir()
    services = [path for house in tree.HOUSES for path in (tree.PROJECT / "services" / house / "migrations").iterdir()]
    return sorted([*(tree.PROJECT / "shared" / "messaging" / "migrations").iterdir(), *access, *services])


def columns(sql: str) -> Iterator[tuple[str, str]]:
    """Every table and column that a migration makes."""
    sql = re.sub(r"--.*", "", sql)
    for table, body in TABLE.findall(sql):
        yield from ((table, column) for column in COLUMN.findall("\n" + body))
    for table, change in ADDED.findall(sql):
        yield from ((table, column) for column in ADDED_COLUMN.findall(change))


def sealed(sql: str) -> Iterator[tuple[str, str]]:
    """Every table and column that holds bytes only."""
    for table, body in TABLE.findall(re.sub(r"--.*", "", sql)):
        yield from ((table, column) for column in BYTES.findall("\n" + body))


def personal() -> set[tuple[str, str, str]]:
    """The columns with a personal name, as (service or kernel, table, column)."""
    made = {(path.parts[-3], table, column) for path in migrations() for table, column in columns(path.read_text())}
    return {(house, table, column) for house, table, column in made if PERSONAL.search(column)}


def test_migrations_are_numbered_once_and_the_kernel_comes_first():
    for folder in {path.parent for path in migrations()}:
        names = [NAME.fullmatch(path.name) for path in sorted(folder.iterdir())]
        numbers = [int(name[1]) for name in names if name]
        assert len(numbers) == len(names), f"{tree.named(folder)}: NNNN_words.sql"
        assert len(set(numbers)) == len(numbers), tree.named(folder)
        assert set(numbers) <= set(KERNEL if folder.parent.name == "messaging" else SERVICES), tree.named(folder)


def test_migrations_are_plain_statements():
    begins = re.compile(r"^\s*(\\|begin;|commit;|rollback;)", re.MULTILINE | re.IGNORECASE)
    assert [tree.named(path) for path in migrations() if begins.search(path.read_text())] == []


def test_a_migration_is_never_edited_or_dropped_and_a_new_one_is_added_to_the_list():
    released = {name: checksum for checksum, _, name in (line.partition("  ") for line in LIST.read_text().splitlines())}
    present = {tree.named(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in migrations()}
    assert {name for name in released if present.get(name) != released[name]} == set(), "write a new migration instead"
    assert set(present) == set(released), RENEW


def test_what_runs_as_the_owner_looks_names_up_where_nobody_else_can_put_one():
    definers = re.compile(r"\bsecurity definer\b(?: set (search_path = (?:pg_catalog, )?public)\b)?", re.IGNORECASE)
    found = [(tree.named(path), set_) for path in migrations() for set_ in definers.findall(path.read_text())]
    assert len(found) >= 6
    assert [name for name, set_ in found if not set_] == []


def test_personal_columns_stand_only_in_persons_and_records():
    assert {place for place in personal() if place[:2] not in HOME and place not in OF_NOBODY_IN_CARE} == set()


def test_personal_columns_are_sealed():
    made = {(path.parts[-3], *each) for path in migrations() for each in sealed(path.read_text())}
    assert {place for place in personal() if place[:2] in HOME} - made == set()
    assert ("intake", "persons", "nis") not in made


def test_what_is_looked_for_is_there_to_be_found():
    assert {("intake", "persons", column) for column in ("given_name", "birth_date", "due_date", "street", "phone")} <= personal()
    assert ("intake", "records", "body") in personal()
    assert set(OF_NOBODY_IN_CARE) <= personal()


def test_a_column_is_seen_in_every_way_of_making_one():
    sql = "create table a (\n    id uuid, -- name text\n    family_name text\n);\nalter table a add column if not exists phone text,\n  add column note text;"
    assert set(columns(sql)) == {("a", "id"), ("a", "family_name"), ("a", "phone"), ("a", "note")}


def test_every_partitioned_table_takes_rows_that_no_partition_waits_for():
    """Else a row without a place would be taken for one that met the making of its partition, and tried again for ever (`shared.db.was_undone`)."""
    sql = "\n".join(path.read_text() for path in migrations())
    tables = set(PARTITIONED.findall(sql))
    assert tables >= {"event_log", "inbox", "audit"}
    assert {table for table in tables if f"partition of {table} default" not in sql} == set()
