"""The provider directory: whom a message can reach and how, and reading it from files. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from shared import csv_files
from shared.csv_files import Cells, Problem, Row

LANGUAGES = ("nl", "fr", "de", "en")
WORKER_ROLES = ("care_coordinator", "case_manager", "zone_lead", "zone_intake", "privacy_officer")
EMAIL = "email"
PROVIDER_COLUMNS = ("id", "kind", "name", "organisation_id", "organisation", "email", "phone", "language", "municipality", "zones")
WORKER_COLUMNS = ("id", "name", "email", "phone", "language", "organisation_id", "organisation", "zones", "roles")
WORKFORCE_ONLY = ("fte", "languages", "programmes", "municipalities", "started_on")  # read by coordination from the same file
ACTIVE = "active"

LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
DOMAIN = re.compile(r"([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]")


class Kind(StrEnum):
    ORGANISATION = "organisation"
    PROVIDER = "provider"
    WORKER = "worker"


@dataclass(frozen=True, slots=True)
class Contact:
    """An organisation, a provider or a worker. `channels` holds the ways this contact wants to be told, at once; none means not at all."""

    id: UUID
    kind: Kind
    name: str
    organisation_id: UUID | None
    organisation: str
    email: str | None
    phone: str
    language: str
    municipality: str = ""
    roles: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    channels: tuple[str, ...] = (EMAIL,)
    active: bool = True


@dataclass(frozen=True, slots=True)
class Listed:
    """A contact as a file lists it. `active` is None where the file does not say."""

    line: int
    contact: Contact
    active: bool | None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file holds: the rows without problems, and all problems."""

    table: csv_files.Table
    listed: tuple[Listed, ...]
    problems: tuple[Problem, ...]


def is_email(text: str) -> bool:
    """Whether this is a plain address as every server takes it: ASCII, no quotes, a domain with a dot (RFC 5321, lengths included)."""
    local, at, host = text.rpartition("@")
    return bool(at and len(local) <= 64 and len(text) <= 254 and LOCAL_PART.fullmatch(local) and DOMAIN.fullmatch(host))


def read(content: bytes) -> Reading:
    """Read a file of providers, or the workforce file: told apart by their columns `kind` and `roles`."""
    of_workers = "roles" in (columns := csv_files.columns_of(content)) and "kind" not in columns
    required, optional = (WORKER_COLUMNS, (*WORKFORCE_ONLY, ACTIVE)) if of_workers else (PROVIDER_COLUMNS, (ACTIVE,))
    table = csv_files.read(content, required, optional)
    problems = list(table.problems)
    listed: dict[UUID, Listed] = {}
    for row in table.rows:
        found: list[Problem] = []
        entry = _listed(row, found, of_workers=of_workers)
        if entry.contact.id in listed:
            found.append(Problem(row.line, "id", "duplicate_id", "every id once in a file"))
        problems += found
        if not found:
            listed[entry.contact.id] = entry
    return Reading(table, tuple(listed.values()), tuple(sorted(problems, key=lambda problem: problem.line)))


def _listed(row: Row, problems: list[Problem], *, of_workers: bool) -> Listed:
    cells = Cells(row, problems)
    kind = Kind.WORKER if of_workers else cells.choice("kind", (Kind.ORGANISATION, Kind.PROVIDER))
    contact = Contact(
        id=cells.uuid("id") or UUID(int=0),
        kind=Kind(kind or Kind.PROVIDER),
        name=cells.text("name"),
        organisation_id=cells.uuid("organisation_id", required=of_workers),
        organisation=cells.text("organisation", required=of_workers),
        email=_email(cells),
        phone=cells.text("phone", required=False, longest=40),
        language=cells.choice("language", LANGUAGES),
        municipality=cells.text("municipality", required=False, longest=10),
        roles=cells.several("roles", WORKER_ROLES) if of_workers else (),
        zones=cells.several("zones", required=of_workers),
    )
    active = cells.choice(ACTIVE, ("yes", "no"), required=False)
    return Listed(row.line, contact, {"yes": True, "no": False}.get(active))


def _email(cells: Cells) -> str | None:
    value = cells.text("email", required=False, longest=254)
    if value and not is_email(value):
        cells.problem("email", "email", "an e-mail address such as naam@praktijk.be, or nothing")
        return None
    return value or None


def changed_kind(known: Mapping[UUID, Contact], listed: Sequence[Listed]) -> list[Problem]:
    """A worker does not become an organisation: such a row most likely carries somebody else's id."""
    return [
        Problem(entry.line, "id", "other_kind", f"an id that is not yet the id of a {known[entry.contact.id].kind}")
        for entry in listed
        if entry.contact.id in known and known[entry.contact.id].kind is not entry.contact.kind
    ]


def merge(known: Contact | None, entry: Listed) -> Contact:
    """The contact as the file has it; what files do not hold stays as it was."""
    if known is None:
        return replace(entry.contact, active=entry.active is not False)
    return replace(entry.contact, channels=known.channels, active=known.active if entry.active is None else entry.active)


def row_of(contact: Contact) -> tuple[str, ...]:
    """The cells of a provider's row, in the order of `PROVIDER_COLUMNS`, then whether it is active."""
    return (
        str(contact.id),
        contact.kind,
        contact.name,
        str(contact.organisation_id or ""),
        contact.organisation,
        contact.email or "",
        contact.phone,
        contact.language,
        contact.municipality,
        "|".join(contact.zones),
        "yes" if contact.active else "no",
    )
