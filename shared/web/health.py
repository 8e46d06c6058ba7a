"""Health of one service: alive is answered always, ready only with a database. Without Kafka a service works on and says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

if TYPE_CHECKING:
    from shared.messaging.kernel import Kernel


def routes(name: str, kernel: Kernel) -> list[BaseRoute]:
    """`/<service>/livez` and `/<service>/readyz`."""

    async def alive(_: Request) -> Response:
        return JSONResponse({"service": name, "alive": True})

    async def ready(_: Request) -> Response:
        health = await kernel.health()
        is_ready = health["database"] == "ok"
        shown = {"service": name, "ready": is_ready, "database": health["database"], "kafka": health["kafka"]}
        return JSONResponse(shown, status_code=200 if is_ready else 503)

    return [Route(f"/{name}/livez", alive), Route(f"/{name}/readyz", ready)]
