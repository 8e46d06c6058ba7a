"""Everybody one can be in the demonstration: the personas by their names, and the workers of its workforce file by their ids."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from uuid import UUID

from shared import csv_files
from shared.access.personas import PERSONAS
from shared.access.roles import Actor

WORKFORCE = Path(__file__).with_name("workforce.csv")
HOLDERS = {"care_coordinator", "case_manager"}


@cache
def people() -> dict[str, Actor]:
    """By what one asks a token with."""
    return {str(worker.id): worker for worker in workers(WORKFORCE)} | PERSONAS


def workers(file: Path) -> list[Actor]:
    """Those of a workforce file who hold cases."""
    rows = csv_files.read(file.read_bytes(), required=["id", "name", "roles", "zones", "organisation_id", "organisation", "language"]).rows
    return [
        Actor(
            UUID(row.cells["id"]),
            row.cells["name"],
            frozenset({"coordinator"}),
            UUID(row.cells["organisation_id"]),
            row.cells["organisation"],
            frozenset(row.cells["zones"].split(csv_files.LIST_SEPARATOR)),
            row.cells["language"],
        )
        for row in rows
        if HOLDERS & set(row.cells["roles"].split(csv_files.LIST_SEPARATOR))
    ]
