"""Processes of coordination that people listen to: each with its own look at one database, served over a real socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import httpx
import uvicorn

from deploy.embedded.processes import free_port
from services.coordination import app
from shared.messaging.kernel import Kernel
from shared.web.app import build_app

SECONDS = 10.0


@dataclass
class Process:
    """One process of the service: what it knows of changes, and where it listens."""

    kernel: Kernel
    url: str

    @asynccontextmanager
    async def listening(self, headers: dict[str, str], since: int | None = None) -> AsyncIterator[Stream]:
        """A stream of somebody who knows these headers."""
        path = "/coordination/live" + ("" if since is None else f"?since={since}")
        client = httpx.AsyncClient(base_url=self.url, headers=headers, trust_env=False, timeout=SECONDS)
        async with client, client.stream("GET", path) as answer:
            yield Stream(answer, answer.aiter_lines())


@dataclass
class Stream:
    """What comes over one stream."""

    answer: httpx.Response
    lines: AsyncIterator[str]
    id: str = ""
    seen: list[str] = field(default_factory=list)

    async def hint(self, seconds: float = SECONDS) -> str:
        """Wait for the next hint; its position."""
        async with asyncio.timeout(seconds):
            async for line in self.lines:
                self.seen.append(line)
                if line.startswith("id: "):
                    self.id = line.removeprefix("id: ")
                if line == "data: changed":
                    return self.id
        raise AssertionError(f"the stream ended: {self.seen}")

    async def end(self) -> None:
        """Wait until the service ends it."""
        async with asyncio.timeout(SECONDS):
            async for line in self.lines:
                self.seen.append(line)


@asynccontextmanager
async def a_process(kernel: Kernel) -> AsyncIterator[Process]:
    """Serve a kernel that has its pool, and watch its database."""
    port = free_port()
    server = uvicorn.Server(
        uvicorn.Config(build_app(app.routes(kernel)), host="127.0.0.1", port=port, log_level="critical", lifespan="off", ws="none")
    )
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    await kernel.changes.watch(kernel.pool)
    tasks = [asyncio.create_task(server._serve()), asyncio.create_task(_watch(kernel))]
    while not server.started:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    try:
        yield Process(kernel, f"http://127.0.0.1:{port}")
    finally:
        kernel.changes.close()
        server.should_exit = True
        await tasks[0]
        tasks[1].cancel()
        with suppress(asyncio.CancelledError):
            await tasks[1]


async def _watch(kernel: Kernel) -> None:
    while True:
        await kernel.changes.watch(kernel.pool)
        await asyncio.sleep(0.05)
