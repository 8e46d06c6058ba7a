"""All of Zorgspoor in one process with the people of the demonstration, as `up` runs it, and its identity provider beside it.

`sink` and `house` are fixtures: the conftest of a folder that takes them in has one house for all of its tests.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from deploy.embedded.processes import free_port
from tests.databases import Databases
from tests.identity import a_provider
from tests.journeys.sink import Sink
from tests.servers import Servers
from tests.stack import Stack, a_stack

OF_THE_PLACE = {
    "operator": "Zorgraad Oost-Meetjesland",
    "help_mail": "hulp@zorgraad.example",
    "help_phone": "09 000 00 00",
    "ombudsman": "flanders",
}


@pytest.fixture(scope="session")
def sink() -> Iterator[Sink]:
    """A real SMTP server that keeps what it gets."""
    kept = Sink(free_port())
    controller = Controller(kept, hostname="127.0.0.1", port=kept.port)
    controller.start()
    yield kept
    controller.stop()


@asynccontextmanager
async def a_house(
    servers: Servers, databases: Databases, directory: Path, sink: Sink | None = None, **settings: str
) -> AsyncIterator[Stack]:
    """Started, with the demonstration loaded, and a provider of its own: there may be several at once. Mails go to the sink, or nowhere."""
    mail = {"deliver": "true", "smtp_port": str(sink.port)} if sink else {}
    context = a_stack(servers, databases, directory, apart=False, **mail, **settings)
    stack = await asyncio.to_thread(context.__enter__)
    provider = a_provider(free_port(), stack.urls["intake"])
    stack.extra |= await asyncio.to_thread(provider.__enter__)
    try:
        stack.start()
        await stack.ready()
        await stack.load_demonstration()
        yield stack
    finally:
        await asyncio.to_thread(context.__exit__, None, None, None)
        await asyncio.to_thread(provider.__exit__, None, None, None)


@pytest.fixture(scope="session")
async def house(
    infrastructure: Servers, databases: Databases, sink: Sink, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stack]:
    """The three services in one process, with the people of the demonstration, as `up` runs them, and all that a place says of itself."""
    directory = tmp_path_factory.mktemp("house")
    kept = {"audit_key": os.urandom(32).hex(), "audit_checkpoints": str(directory / "checkpoints")}
    async with a_house(infrastructure, databases, directory, sink, **kept, **OF_THE_PLACE) as stack:
        yield stack


@pytest.fixture(scope="module")
async def own_house(
    infrastructure: Servers, databases: Databases, sink: Sink, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stack]:
    """A house of one module's own, whose coordinators have room for everybody who is referred there: `house = own_house`."""
    async with a_house(infrastructure, databases, tmp_path_factory.mktemp("own-house"), sink) as stack:
        yield stack
