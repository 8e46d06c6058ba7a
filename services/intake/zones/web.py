"""Zones over HTTP: which there are, and loading others."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from services.intake.zones import handlers, places, store
from shared.web.call import Call, read_file
from shared.web.problems import FieldError, Problem
from shared.web.routing import Operation


class ImportQuery(BaseModel):
    """`source` is kept with the zones, such as the name of the file; `valid_from` is today when left out."""

    model_config = ConfigDict(extra="forbid")
    source: str = Field(default="import", max_length=120)
    valid_from: date | None = None
    dry_run: bool = False


class ZoneView(BaseModel):
    code: str
    name_nl: str
    name_fr: str
    entity: str
    municipalities: int
    source: str


class ZoneList(BaseModel):
    """All zones; `credit` is to be shown with what is made of them."""

    zones: list[ZoneView]
    credit: str


class Report(BaseModel):
    """What an import did, or would do."""

    zones: int
    new: list[str]
    changed: list[str]
    same: int


async def listing(call: Call) -> ZoneList:
    """The zones of this installation."""
    async with call.kernel.read() as connection:
        known = await store.load_map(connection)
    zones = [
        ZoneView(
            code=zone.code,
            name_nl=zone.name_nl,
            name_fr=zone.name_fr,
            entity=zone.entity,
            source=zone.source,
            municipalities=len(zone.municipalities) + len(zone.parts),
        )
        for zone in known.zones.values()
    ]
    return ZoneList(zones=zones, credit=places.CREDIT["en"])


async def import_zones(call: Call) -> Any:
    """Zones from a CSV file as the body. With problems nothing is imported."""
    content = await read_file(call, "text/csv")
    query: ImportQuery = call.query
    item = handlers.ImportZones(content, query.source, query.valid_from or call.now.date(), query.dry_run)
    decision = await call.decide(handlers.import_zones, item)
    if decision.refusal is not None:
        problems = [FieldError("file", "file_problem", text) for text in decision.refusal.values["problems"]]
        raise Problem(422, "file_problems", "The file is not as expected; nothing was imported.", errors=problems[:50])
    return decision.answer


EXAMPLE = """\
nis,zone,name_fr
43005,Oost-Meetjesland,Meetjesland Est
44085,Oost-Meetjesland,Meetjesland Est
"""
OPERATIONS = [
    Operation("GET", "/intake/api/zones", listing, "The zones", answer=ZoneList),
    Operation(
        "POST", "/intake/api/zones/import", import_zones, "Load zones from a CSV file", file=EXAMPLE, query=ImportQuery, answer=Report
    ),
]
