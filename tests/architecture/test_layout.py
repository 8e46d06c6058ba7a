"""A newcomer could have guessed where a thing stands: sizes, names and rooms."""

from __future__ import annotations

import re
from pathlib import Path

import grimp
import pytest

from tests.architecture import tree

MOST_LINES = 300
SAYS_NOTHING = re.compile(r"(^|_)(util|utils|helper|helpers|common|base|manager|managers|misc)(_|$)")
ROOMS = {"__init__", "domain", "store", "queries", "handlers", "web", "pages"}
FOLDERS = {"templates", "data", "texts"}
HOUSE = {"__init__", "__main__", "app"}
# Modules beside the rooms are pure. These are not, and why.
BEYOND_ROOMS = {
    "services.coordination.directory": "asks notifications over HTTP who colleagues are, for the pages of cases and care teams",
    "services.coordination.persons": "asks intake over HTTP who a person is, for the pages of cases and offers",
    "services.coordination.sight": "turns who asks into what the rules know of them, for every noun of the service",
    "services.coordination.cases.listing": "the page that lists cases, beside the page of one case",
    "services.coordination.cases.counts": "answers what the service counts",
    "services.coordination.offers.loads": "SQL of what coordinators carry, for every noun of the service",
    "services.coordination.offers.turns": "load, decide, save for a batch, for the use cases of every noun of the service",
    "services.intake.audit.gathering": "asks the other services over HTTP what they recorded",
    "services.intake.erasures.writing": "the endless work of bringing erasures into the ledger outside the database",
    "services.intake.persons.joined": "SQL of the ids a person had before, for every noun of the service",
    "services.intake.drafts.forms": "reads what was typed on the screens",
    "services.intake.keys.secrets": "reads the files of keys, and refuses a start without them",
    "services.intake.operations.counts": "answers what the service counts",
    "services.intake.operations.asking": "asks the other services over HTTP",
    "services.intake.drafts.screens": "a draft as its pages read it",
    "services.intake.operations.counting": "asks the other services over HTTP",
    "services.intake.operations.tracing": "asks the other services over HTTP",
    "services.intake.organisations.asking": "asks notifications over HTTP what organisations are called",
    "services.intake.referrals.contacts": "asks notifications over HTTP how to reach who coordinates",
    "services.intake.referrals.zone_map": "the zones as this process holds them, renewed from their store",
    "services.notifications.delivery.post": "speaks SMTP",
    "services.notifications.delivery.rounds": "the endless work of sending: claims, sends outside the transaction, settles",
}
OUTSIDE_WORLD = ("asyncpg", "aiokafka", "faststream", "starlette", "structlog", "aiosmtplib", "httpx", "uvicorn", "jinja2", "click")


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("services", "shared", include_external_packages=True, cache_dir=None)


def reaches(graph: grimp.ImportGraph, module: str) -> list[str]:
    """How a module comes to know the outside world: a chain of imports per library."""
    known = (library for library in OUTSIDE_WORLD if library in graph.modules)
    return [" → ".join(chain) for library in known if (chain := graph.find_shortest_chain(module, library))]


def beside_rooms() -> list[Path]:
    """The modules of the services that are neither a room nor run a service."""
    in_nouns = [path for noun in tree.nouns() for path in noun.glob("*.py") if path.stem not in ROOMS]
    in_houses = [path for house in tree.HOUSES for path in (tree.PROJECT / "services" / house).glob("*.py") if path.stem not in HOUSE]
    return sorted(in_nouns + in_houses)


def test_no_module_outgrows_its_noun():
    lengths = {tree.named(path): len(path.read_text().splitlines()) for path in tree.modules()}
    assert {name: lines for name, lines in lengths.items() if lines >= MOST_LINES} == {}


def test_no_module_or_folder_has_a_name_that_says_nothing():
    names = [path.relative_to(tree.PROJECT).with_suffix("") for path in [*tree.modules(), *tree.modules("tests")]]
    assert [str(name) for name in names if any(SAYS_NOTHING.search(part) for part in name.parts)] == []
    assert SAYS_NOTHING.search("date_utils")


def test_a_noun_has_only_rooms_and_pure_modules(graph: grimp.ImportGraph):
    impure = {tree.dotted(path): reaches(graph, tree.dotted(path)) for path in beside_rooms()}
    assert {module: chains for module, chains in impure.items() if chains and module not in BEYOND_ROOMS} == {}


def test_every_exception_to_the_rooms_still_needs_to_be_one(graph: grimp.ImportGraph):
    assert [module for module in BEYOND_ROOMS if module not in graph.modules or not reaches(graph, module)] == []


def test_a_room_that_speaks_to_a_database_is_seen_to(graph: grimp.ImportGraph):
    assert reaches(graph, "shared.messaging.consumer")
    assert reaches(graph, "shared.items") == []


def test_a_noun_has_no_folders_but_those_of_its_pages_data_and_texts():
    folders = {tree.named(path) for noun in tree.nouns() for path in noun.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert {folder for folder in folders if Path(folder).name not in FOLDERS} == set()


def test_packages_are_empty_so_that_importing_one_room_loads_only_that_room():
    packages = [path for path in tree.modules("services") if path.name == "__init__.py"]
    assert packages
    assert [tree.named(path) for path in packages if path.read_text().strip()] == []
