"""The application around the routes of one or several services: security, static files, and answers to what no route takes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext

from starlette.requests import Request
from starlette.routing import BaseRoute, Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared import clock
from shared.access import database
from shared.access.actors import who_is_asking
from shared.access.start import check_start
from shared.settings import settings
from shared.web import about, ask, assets, languages, pages, problems
from shared.web.limits import Limits, networks
from shared.web.security import SecurityHeaders, check_origin

Lifespan = Callable[[], AbstractAsyncContextManager[None]]


class Guarded:
    """Turns away what comes too often or from another site, and answers what no endpoint answered: unknown addresses, wrong methods, faults of ours."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["app"] = self._app  # tells the router to raise what it cannot route
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            self._limits.take_for_address(scope)
            check_origin(scope)
            await self._app(scope, receive, watched)
        except Exception as error:
            if started:
                raise
            await _answer(error, scope, receive, send)


async def _answer(error: Exception, scope: Scope, receive: Receive, send: Send) -> None:
    request = Request(scope, receive)
    problem = problems.of_error(error, request)
    problems.log_refusal(problem, "web.enter", None)
    if "api" in request.scope["path"].split("/"):
        response = problem.response()
    else:
        try:
            who = await who_is_asking(request)
        except Exception:  # the page says what went wrong first, not who asks
            who = None
        response = pages.render_problem(request, problem, actor=who, service=None, now=clock.now())
    await response(scope, receive, send)


def build_app(routes: Sequence[BaseRoute], *, lifespan: Lifespan | None = None, limits: Limits | None = None) -> ASGIApp:
    """The ASGI application of a process: `build_app([*service_routes(...), *service_routes(...)], lifespan=...)`.

    `lifespan` is entered at start and left at stop (kernels, broker). `limits`: others than the usual.
    Raises at once when the settings are not safe to start with.
    """
    for text in (settings().trusted_proxies, settings().unlimited):
        networks(text)
    check_start(settings())

    @asynccontextmanager
    async def alive(_: object) -> AsyncIterator[None]:
        languages.read()
        try:
            async with lifespan() if lifespan is not None else nullcontext():
                yield
        finally:
            await ask.close()
            await database.close()

    router = Router([*routes, *about.routes(), assets.route(None)], redirect_slashes=False, lifespan=alive)
    return SecurityHeaders(Guarded(router, limits or Limits()))
