"""Running one or several services in this process, under one address."""

from __future__ import annotations

import gc
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Protocol

import click
import uvicorn
from starlette.routing import BaseRoute

from shared import log
from shared.access.audit.checkpoints import private_key
from shared.access.secrets import check_secrets
from shared.access.start import UnsafeStart
from shared.messaging.kernel import Kernel
from shared.messaging.runtime import running
from shared.messaging.service import Service
from shared.settings import settings
from shared.web.app import build_app

STOP_SECONDS = 5
NOT_STARTED = 3
COLLECT = (20_000, 50, 50)  # batches make many objects and no cycles: look for cycles seldom


class App(Protocol):
    """The `app` module of a service."""

    def service(self) -> Service: ...
    def routes(self, kernel: Kernel) -> list[BaseRoute]: ...


def serve(apps: Sequence[App], host: str, port: int) -> None:
    """Serve until told to stop (SIGTERM, SIGINT): requests end, batches end, then the process."""
    chosen = settings()
    log.configure(chosen.log_level)
    kernels = [Kernel(app.service(), chosen) for app in apps]
    check_secrets(chosen, [kernel.service for kernel in kernels])
    if chosen.audit_checkpoints is not None:
        private_key(chosen.audit_key.get_secret_value())  # fails now rather than at the first checkpoint
    for kernel in kernels:
        kernel.definition.check(chosen)

    @asynccontextmanager
    async def lifespan() -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for kernel in kernels:
                await stack.enter_async_context(running(kernel))
            gc.collect()
            gc.set_threshold(*COLLECT)
            gc.freeze()  # what is there now stays: no later collection looks at it again
            yield

    routes = [route for app, kernel in zip(apps, kernels, strict=True) for route in app.routes(kernel)]
    config = uvicorn.Config(
        build_app(routes, lifespan=lifespan),
        host=host,
        port=port,
        loop="uvloop",
        http="httptools",
        lifespan="on",
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=STOP_SECONDS,
        server_header=False,
        proxy_headers=False,
        ws="none",
    )
    server = Server(config, kernels)
    with suppress(KeyboardInterrupt):  # the server has stopped in order by then
        server.run()
    if not server.started:
        raise SystemExit(NOT_STARTED)


class Server(uvicorn.Server):
    """Ends what listens before it waits for what is still being answered: a stream would never end by itself."""

    def __init__(self, config: uvicorn.Config, kernels: Sequence[Kernel]) -> None:
        super().__init__(config)
        self._kernels = kernels

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop."""
        for kernel in self._kernels:
            kernel.changes.close()
        await super().shutdown(sockets)


def command(*apps: App) -> click.Command:
    """The command line of a process that serves these apps."""

    @click.command()
    @click.option("--host", default="127.0.0.1", show_default=True)
    @click.option("--port", default=8080, show_default=True)
    def run(host: str, port: int) -> None:
        """Serve."""
        try:
            serve(apps, host, port)
        except UnsafeStart as error:
            raise click.ClickException(str(error)) from error

    return run
