"""The directory over HTTP: finding contacts, reaching them, and importing and exporting files of them."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from starlette.responses import Response

from services.notifications.directory import domain, handlers, store
from services.notifications.directory.domain import Contact, Kind
from shared import csv_files
from shared.web.call import Call, read_file
from shared.web.problems import FieldError, Problem
from shared.web.routing import Operation

MOST_IDS = 500


def _comma_separated(value: Any) -> Any:
    texts = [value] if isinstance(value, str) else value
    return [part.strip() for text in texts for part in str(text).split(",") if part.strip()]


class IdsQuery(BaseModel):
    """Ids of workers, providers and organisations, separated by commas."""

    model_config = ConfigDict(extra="forbid")
    ids: Annotated[list[UUID], BeforeValidator(_comma_separated), Field(max_length=MOST_IDS)]


class Search(BaseModel):
    """Words of a name or organisation, and a zone's code; without both everybody, by name. What is typed stands in no address."""

    model_config = ConfigDict(
        extra="forbid", hide_input_in_errors=True, json_schema_extra={"examples": [{"words": "de linde", "zone": "meetjesland-oost"}]}
    )
    words: str = Field(default="", max_length=100, pattern=r"^[^\x00-\x1f]*$")
    zone: str | None = Field(default=None, max_length=60, pattern=r"^[^\x00-\x1f]*$")
    limit: int = Field(default=50, ge=1, le=500)


class ImportQuery(BaseModel):
    """`dry_run` only reports; `per_row` imports the rows without problems beside those with."""

    model_config = ConfigDict(extra="forbid")
    dry_run: bool = False
    per_row: bool = False


class ContactView(BaseModel):
    """How to reach somebody."""

    id: UUID
    kind: str
    name: str
    organisation_id: UUID | None
    organisation: str
    email: str | None
    phone: str
    language: str
    municipality: str
    roles: list[str]
    zones: list[str]
    active: bool


class ContactList(BaseModel):
    contacts: list[ContactView]


class ProblemView(BaseModel):
    line: int
    column: str | None
    code: str
    expected: str


class ReportView(BaseModel):
    """What an import did, or would do."""

    imported: bool
    added: int
    changed: int
    unchanged: int
    encoding: str
    delimiter: str
    ignored_columns: list[str]
    problems: list[ProblemView]


async def contacts(call: Call) -> ContactList:
    """Name, organisation, phone and address of contacts by id, also those no longer active; unknown ids are left out."""
    async with call.kernel.read() as connection:
        return _list(await store.by_ids(connection, call.query.ids))


async def search(call: Call) -> ContactList:
    """Active contacts by words and zone."""
    async with call.kernel.read() as connection:
        return _list(await store.search(connection, call.body.words, call.body.zone, call.body.limit))


async def import_file(call: Call) -> dict[str, Any]:
    """A CSV file as the body: providers, or the workforce file. With problems nothing is imported, unless `per_row`."""
    content = await read_file(call, "text/csv")
    item = handlers.ImportContacts(content, dry_run=call.query.dry_run, per_row=call.query.per_row)
    answer: dict[str, Any] = (await call.submit(handlers.import_contacts, item)).answer
    report = ReportView.model_validate(answer, from_attributes=True)
    if not (report.imported or item.dry_run):
        raise Problem(
            422,
            "file_problems",
            "The file is not as expected; nothing was imported.",
            errors=[
                FieldError(f"line {p.line}" + (f", {p.column}" if p.column else ""), p.code, f"Expected {p.expected}.")
                for p in report.problems
            ],
        )
    return report.model_dump()


async def export(call: Call) -> Response:
    """All organisations and providers as a file that can be imported again."""
    async with call.kernel.read() as connection:
        found = await store.everyone(connection, (Kind.ORGANISATION, Kind.PROVIDER))
    content = csv_files.write((*domain.PROVIDER_COLUMNS, domain.ACTIVE), map(domain.row_of, found))
    return Response(content, media_type="text/csv; charset=utf-8", headers={"Content-Disposition": 'attachment; filename="directory.csv"'})


def _list(found: list[Contact]) -> ContactList:
    return ContactList(contacts=[ContactView.model_validate(contact, from_attributes=True) for contact in found])


EXAMPLE = """\
id,kind,name,organisation_id,organisation,email,phone,language,municipality,zones
0190a3c2-7a53-7c1e-9f7b-3f1f2f6f0101,organisation,De Linde,,De Linde,info@delinde.example,09 000 00 01,nl,Eeklo,meetjesland-oost
0190a3c2-7a53-7c1e-9f7b-3f1f2f6f0102,provider,An Peeters,0190a3c2-7a53-7c1e-9f7b-3f1f2f6f0101,De Linde,an@delinde.example,09 000 00 02,nl,Eeklo,meetjesland-oost
"""
OPERATIONS = [
    Operation("GET", "/notifications/api/contacts", contacts, "How to reach contacts, by id", query=IdsQuery, answer=ContactList),
    Operation("POST", "/notifications/api/directory/search", search, "Search the directory", body=Search, answer=ContactList),
    Operation("GET", "/notifications/api/directory/export", export, "The directory of providers as a file"),
    Operation(
        "POST",
        "/notifications/api/directory/import",
        import_file,
        "Import a file of providers or workers",
        file=EXAMPLE,
        query=ImportQuery,
        answer=ReportView,
    ),
]
