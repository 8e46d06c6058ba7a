"""`/<service>/live`: a stream of hints (server-sent events) that something changed which the reader may see. What changed, the page asks for itself.

A hint carries a position and nothing else; at most one a second. A browser comes back by itself with `Last-Event-ID` and is told at once
whether it missed something. See docs/decisions/0017-live-pages.md.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, TypeAlias

import structlog
from starlette.requests import Request
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from shared.access.actors import Actor, token_of, who_is_asking
from shared.access.rules import CARE_TEAM, COORDINATOR, OPS, SENDER, ZONE_INTAKE, ZONE_LEAD, Action
from shared.messaging.changes import Audience, Changes, Listener, TooMany
from shared.web import admission, limits, problems
from shared.web.problems import Problem

if TYPE_CHECKING:
    from shared.messaging.kernel import Kernel

Still: TypeAlias = Callable[[], Awaitable[bool]]

OF_ZONES = frozenset({ZONE_LEAD, ZONE_INTAKE})
HEARTBEAT_SECONDS = 15.0
PAUSE_SECONDS = 1.0  # between two hints
SPREAD_SECONDS = 0.2  # not all readers of a change come back in the same moment
LIFE_SECONDS = 300.0, 420.0
SLOW_SECONDS = 10.0  # who takes longer to read a line is let go
BACK_MS = 1_000, 3_000  # when a browser comes back after an end
POSITION = re.compile(r"\d{1,18}")
HEADERS = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"cache-control", b"no-store"), (b"x-accel-buffering", b"no")]

log = structlog.get_logger()


def concerns(who: Actor) -> Audience | None:
    """What may be heard of by who asks; None: everything, which says how busy it is and no more."""
    if OPS in who.roles:
        return None
    found = {f"zone {zone}" for zone in who.zones} if OF_ZONES & who.roles else set()
    if COORDINATOR in who.roles:
        found.add(f"worker {who.id}")
    if CARE_TEAM in who.roles:
        found.add(f"member {who.id}")
    if SENDER in who.roles:
        found.add(f"organisation {who.organisation_id or who.id}")
    return frozenset(found)


class Live:
    """The stream of one service, as an ASGI application."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            who = await _admitted(request)
            listener = _listen(self._changes, who)
        except Exception as error:
            await problems.of_error(error, request).response()(scope, receive, send)
            return
        try:
            await _stream(lines(self._changes, listener, since_of(request), lambda: _still(request, who)), listener, receive, send)
        finally:
            self._changes.leave(listener)


async def _admitted(request: Request) -> Actor:
    who = await who_is_asking(request, used=False)
    if who is None:
        raise problems.unauthenticated(token_of(request) is not None)
    admission.admit_person(who)
    admission.admit(Action.HEAR_CHANGES, who, request)
    limits.take_for_account(request.scope, who.id)
    return who


def _listen(changes: Changes, who: Actor) -> Listener:
    try:
        return changes.listen(who.id, concerns(who))
    except TooMany as error:
        if error.own:
            detail = "Close some of your other windows; a page that is loaded again shows the same."
            raise Problem(429, "too_many_windows", "Too many of your windows listen.", detail, retry_after=60) from None
        detail = "A page that is loaded again shows the same."
        raise Problem(503, "too_many_listeners", "Too many windows listen.", detail, retry_after=60) from None


async def _still(request: Request, who: Actor) -> bool:
    """Whether the session goes on, as the same person with the same rights."""
    with suppress(Exception):  # whatever keeps us from knowing: the browser comes back and is looked at anew
        now = await who_is_asking(request, used=False)
        return now is not None and (now.id, now.roles, now.zones, now.organisation_id) == (
            who.id,
            who.roles,
            who.zones,
            who.organisation_id,
        )
    return False


def since_of(request: Request) -> int | None:
    """The position a reader has: of the last hint, or of the page that was read."""
    told = request.headers.get("last-event-id") or request.query_params.get("since") or ""
    return int(told) if POSITION.fullmatch(told) else None


async def lines(changes: Changes, listener: Listener, since: int | None, still: Still) -> AsyncGenerator[str]:
    """What is sent, until the session ends, the listener's time is over, or it was long enough.

    A position is only told where nothing that it covers is still to be told: who loses the connection comes back from there.
    """
    loop = asyncio.get_running_loop()
    ends_at = loop.time() + random.uniform(*LIFE_SECONDS)  # noqa: S311
    if changes.missed(listener, since):
        listener.news.set()
    yield f"retry: {random.randint(*BACK_MS)}\n\n"  # noqa: S311
    while loop.time() < ends_at:
        await _within(HEARTBEAT_SECONDS, listener.news)
        if listener.over.is_set() or not await still():
            return
        if not listener.news.is_set():
            yield f": still here\nid: {changes.position}\n\n"
            continue
        await _within(random.uniform(0, SPREAD_SECONDS), listener.over)  # noqa: S311
        if listener.over.is_set():
            return
        listener.news.clear()
        yield f"id: {changes.position}\nevent: changed\ndata: changed\n\n"
        await _within(PAUSE_SECONDS, listener.over)


async def _within(seconds: float, event: asyncio.Event) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


async def _stream(told: AsyncGenerator[str], listener: Listener, receive: Receive, send: Send) -> None:
    gone = asyncio.create_task(_notice_end(listener, receive))
    try:
        await send({"type": "http.response.start", "status": 200, "headers": list(HEADERS)})
        async for text in told:
            async with asyncio.timeout(SLOW_SECONDS):
                await send({"type": "http.response.body", "body": text.encode(), "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    except TimeoutError:
        log.info("a reader of live pages was too slow")
    finally:
        gone.cancel()
        await told.aclose()


async def _notice_end(listener: Listener, receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    listener.end()


def route(service: str, kernel: Kernel) -> BaseRoute:
    """The route of one service's stream."""
    made = Route(f"/{service}/live", Live(kernel.changes), methods=["GET"])
    made.methods = {"GET"}  # a HEAD would wait for the end of the stream
    return made
