"""Where somebody is signed in: their own sessions, to end one or all others."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from shared import clock
from shared.access import sessions
from shared.web import pages, problems, sign_in

ADDRESS = "/sessions"


async def own(request: Request) -> Response:
    """The sessions of who asks, this one first."""
    who = await sign_in.signed_in(request)
    found = sorted(await sessions.of_person(who.id), key=lambda session: session.id != who.session_id)
    context = {
        "sessions": found,
        "done": "beeindigd" in request.query_params,
        "again": not await sessions.is_fresh(who.session_id),
        "again_url": f"{sign_in.AGAIN}?{urlencode({'next': ADDRESS})}",
        "address": ADDRESS,
    }
    return pages.render(request, "sessions.html", context, actor=who, service=None, now=clock.now())


async def end(request: Request) -> Response:
    """Ends another one of the own sessions; this one has its own button, which also tells the browser."""
    who = await sign_in.signed_in(request)
    await sign_in.form(request)
    if not await sessions.is_fresh(who.session_id):
        return RedirectResponse(ADDRESS, status_code=303)  # which asks for it
    id = request.path_params["id"]
    if id == who.session_id or not await sessions.end_one(who.id, id):
        raise problems.Problem(404, "not_found", "You have no such other session.")
    return RedirectResponse(f"{ADDRESS}?beeindigd", status_code=303)


async def end_others(request: Request) -> Response:
    """Ends all of the own sessions but this one."""
    who = await sign_in.signed_in(request)
    await sign_in.form(request)
    if not await sessions.is_fresh(who.session_id):
        return RedirectResponse(ADDRESS, status_code=303)  # which asks for it
    if who.session_id is not None:
        await sessions.end_others(who.id, who.session_id)
    return RedirectResponse(f"{ADDRESS}?beeindigd", status_code=303)


def routes() -> list[BaseRoute]:
    """`/sessions` and what ends them."""
    return [
        Route(ADDRESS, own, methods=["GET"]),
        Route(f"{ADDRESS}/others/end", end_others, methods=["POST"]),
        Route(f"{ADDRESS}/{{id:uuid}}/end", end, methods=["POST"]),
    ]
