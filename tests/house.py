"""All of Zorgspoor in one process with the people of the demonstration, as `up` runs it, and its identity provider beside it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from aiosmtpd.controller import Controller

from deploy.embedded.processes import free_port
from tests.databases import Databases
from tests.identity import a_provider
from tests.journeys.sink import Sink
from tests.servers import Servers
from tests.stack import Stack, a_stack


@contextmanager
def a_sink() -> Iterator[Sink]:
    """A real SMTP server that keeps what it gets."""
    kept = Sink(free_port())
    controller = Controller(kept, hostname="127.0.0.1", port=kept.port)
    controller.start()
    yield kept
    controller.stop()


@asynccontextmanager
async def a_house(servers: Servers, databases: Databases, directory: Path, **extra: str) -> AsyncIterator[Stack]:
    """Started, with the demonstration loaded, and a provider of its own: there may be several at once."""
    context = a_stack(servers, databases, directory, apart=False, **extra)
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
