"""Use cases of the directory. Each: load, decide, save."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from services.notifications.directory import domain, store
from shared.csv_files import Problem
from shared.db import Transaction
from shared.items import Decision


@dataclass(frozen=True, slots=True)
class ImportContacts:
    """A CSV file of providers, or the workforce file. `dry_run` changes nothing; `per_row` imports the good rows beside the bad ones."""

    content: bytes
    dry_run: bool = False
    per_row: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did, or would do. `imported` is False after a dry run and when problems kept everything out."""

    imported: bool
    added: int
    changed: int
    unchanged: int
    encoding: str
    delimiter: str
    ignored_columns: tuple[str, ...]
    problems: tuple[Problem, ...]


async def import_contacts(tx: Transaction, items: Sequence[ImportContacts], now: datetime) -> list[Decision]:
    """Each answer is a `Report` as a dict."""
    return [Decision(answer=asdict(await _import(tx, item, now))) for item in items]


async def _import(tx: Transaction, item: ImportContacts, now: datetime) -> Report:
    reading = domain.read(item.content)
    known = await store.lock(tx, [entry.contact.id for entry in reading.listed])
    other_kind = domain.changed_kind(known, reading.listed)
    bad_lines = {problem.line for problem in other_kind}
    problems = tuple(sorted((*reading.problems, *other_kind), key=lambda problem: problem.line))
    contacts = [domain.merge(known.get(entry.contact.id), entry) for entry in reading.listed if entry.line not in bad_lines]
    changed = [contact for contact in contacts if known.get(contact.id) != contact]
    imported = not item.dry_run and (item.per_row or not problems)
    if imported:
        await store.save(tx, changed, now)
    added = sum(contact.id not in known for contact in changed)
    return Report(
        imported,
        added,
        len(changed) - added,
        len(contacts) - len(changed),
        reading.table.encoding,
        reading.table.delimiter,
        reading.table.ignored,
        problems,
    )
