from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.databases import Databases
from tests.house import a_house, a_sink
from tests.journeys.sink import Sink
from tests.servers import Servers
from tests.stack import Stack


@pytest.fixture(scope="session")
def sink() -> Iterator[Sink]:
    """A real SMTP server that keeps what it gets."""
    with a_sink() as kept:
        yield kept


@pytest.fixture(scope="session")
async def house(
    infrastructure: Servers, databases: Databases, sink: Sink, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stack]:
    """The three services in one process, with the people of the demonstration, as `up` runs them."""
    directory = tmp_path_factory.mktemp("house")
    async with a_house(infrastructure, databases, directory, deliver="true", smtp_port=str(sink.port)) as stack:
        yield stack
