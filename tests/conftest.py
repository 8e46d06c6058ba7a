"""Fixtures shared by all tests. Nothing starts that no test of the run asks for."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
import structlog

from shared.web import languages
from tests import identity, servers
from tests.databases import Databases


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--stack",
        choices=("embedded", "containers"),
        default=os.environ.get("ZORGSPOOR_TEST_STACK", "embedded"),
        help="the servers to test on: child processes, or containers of the official images",
    )


os.environ.update(identity.ENVIRONMENT)  # before anything reads its settings, and for every process that a test starts


@pytest.fixture(scope="session")
def infrastructure(pytestconfig: pytest.Config) -> Iterator[servers.Servers]:
    """Real PostgreSQL and real Kafka, started once."""
    start = servers.containers if pytestconfig.getoption("stack") == "containers" else servers.embedded
    with start() as running:
        yield running


@pytest.fixture(scope="session")
def databases(infrastructure: servers.Servers) -> Databases:
    """Fresh databases on the session's PostgreSQL."""
    return Databases(infrastructure.postgres)


@pytest.fixture(autouse=True)
def _dutch() -> None:
    """A request in another language leaves nothing to the next test."""
    languages.speak(languages.SOURCE)


@pytest.fixture(scope="session", autouse=True)
def _quiet() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
