from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from deploy.embedded.processes import free_port
from tests.databases import Databases
from tests.identity import PORT, a_provider
from tests.journeys.sink import Sink
from tests.servers import Servers
from tests.stack import Stack, a_stack


@pytest.fixture(scope="session")
def sink() -> Iterator[Sink]:
    """A real SMTP server that keeps what it gets."""
    kept = Sink(free_port())
    controller = Controller(kept, hostname="127.0.0.1", port=kept.port)
    controller.start()
    yield kept
    controller.stop()


@pytest.fixture(scope="session")
async def house(
    infrastructure: Servers, databases: Databases, sink: Sink, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stack]:
    """The three services in one process, with the people of the demonstration, as `up` runs them."""
    directory: Path = tmp_path_factory.mktemp("house")
    context = a_stack(infrastructure, databases, directory, apart=False, deliver="true", smtp_port=str(sink.port))
    stack = await asyncio.to_thread(context.__enter__)
    provider = a_provider(PORT, stack.urls["intake"])
    stack.extra |= await asyncio.to_thread(provider.__enter__)
    try:
        stack.start()
        await stack.ready()
        await stack.load_demonstration()
        yield stack
    finally:
        await asyncio.to_thread(context.__exit__, None, None, None)
        await asyncio.to_thread(provider.__exit__, None, None, None)
