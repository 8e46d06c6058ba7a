"""`zorgspoor contracts`: it writes what the services answer, and the page of events in docs is the one it writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from services.commands import contracts
from shared.events import REGISTRY


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("contracts") / "new"
    ran = CliRunner().invoke(contracts.contracts, ["--out", str(folder)], catch_exceptions=False)
    assert ran.exit_code == 0
    assert ran.output.split() == [str(folder / name) for name in contracts.files(contracts.apps())]
    return folder


def test_the_page_of_events_is_the_one_that_the_command_writes(out: Path):
    kept = contracts.PROJECT / "docs" / "events.md"
    assert kept.read_text() == (out / "events.md").read_text(), "run: ./zorgspoor contracts"


def test_the_page_names_every_event_and_every_subscription(out: Path):
    rows = {line.split("`")[1]: line for line in (out / "events.md").read_text().splitlines() if line.startswith("| `")}
    assert list(rows) == list(REGISTRY)
    for service in (app.service() for app in contracts.apps().values()):
        hears = {type_ for type_, row in rows.items() if f"**{service.name}**:" in row}
        assert hears == {event.type for event in service.subscriptions}


def test_each_service_has_an_openapi_document_of_its_own_operations(out: Path):
    for name in contracts.apps():
        document = json.loads((out / f"openapi-{name}.json").read_text())
        assert document["openapi"] == "3.1.0"
        assert document["info"]["title"] == f"Zorgspoor {name}"
        assert f"/{name}/api/flow" in document["paths"]
        assert all(path.startswith(f"/{name}/") or name == "intake" for path in document["paths"])


CODES = {"zone", "places", "states", "change", "referral"}  # of zones, of where something stands, of a change to ask about, a reference
FILES = {"source"}  # what an imported file is called


def test_no_address_takes_what_somebody_types_to_find_somebody(out: Path):
    """Names travel by POST: addresses stand in logs, histories and caches."""
    found = {
        parameter["name"]
        for name in contracts.apps()
        for methods in json.loads((out / f"openapi-{name}.json").read_text())["paths"].values()
        for operation in methods.values()
        for parameter in operation["parameters"]
        if parameter["in"] == "query" and _is_any_text(parameter["schema"])
    }
    assert found == CODES | FILES


def _is_any_text(schema: dict[str, Any]) -> bool:
    kinds = schema.get("anyOf", [schema.get("items", schema)])
    return any(kind.get("type") == "string" and not {"format", "enum"} & kind.keys() for kind in kinds)
