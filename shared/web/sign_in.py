"""The demonstration's sign-in: choose who to be. It exists only with `demo=true` at a loopback address."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from shared import clock
from shared.access.actors import cookie_name, issue_token, who_is_asking
from shared.access.personas import DESCRIPTIONS, PERSONAS
from shared.access.start import is_loopback
from shared.settings import settings
from shared.web import call, form_key, forms, pages, problems

SESSION_HOURS = 12


def _only_in_demonstration(request: Request) -> None:
    # the Host too: a name of another site that resolves to this machine must not sign anyone in (DNS rebinding)
    if not (settings().demo and is_loopback(settings().public_url) and is_loopback(f"http://{request.headers.get('host', '')}")):
        raise HTTPException(404)


async def choose(request: Request) -> Response:
    """The list of personas."""
    _only_in_demonstration(request)
    context = {
        "back": _local(request.query_params.get("next")),
        "personas": [{"key": key, "actor": actor, "description": DESCRIPTIONS[key]} for key, actor in PERSONAS.items()],
    }
    return pages.render(request, "sign_in.html", context, actor=await who_is_asking(request), service=None, now=clock.now())


async def enter(request: Request) -> Response:
    """Signs in as the chosen persona and goes back to where one came from."""
    _only_in_demonstration(request)
    typed = await _form(request)
    persona = PERSONAS.get(str(typed["persona"]))
    if persona is None:
        raise problems.Problem(404, "not_found", "There is no such persona.")
    response = RedirectResponse(_local(str(typed["next"])), status_code=303)
    response.set_cookie(
        cookie_name(settings()),
        issue_token(persona, SESSION_HOURS),
        max_age=SESSION_HOURS * 3600,
        httponly=True,
        samesite="lax",
        secure=_secure(),
    )
    return response


async def leave(request: Request) -> Response:
    """Signs out."""
    await _form(request)
    response = RedirectResponse("/sign-in" if settings().demo else "/", status_code=303)
    response.delete_cookie(cookie_name(settings()), httponly=True, samesite="lax", secure=_secure())
    return response


async def _form(request: Request) -> forms.Typed:
    call.expect_type(request, call.FORM_TYPE)
    typed = forms.parse(await call.read_body(request))
    form_key.check(request, str(typed[form_key.FIELD]))
    return typed


def _local(address: str | None) -> str:
    return address if address and call.is_local(address) else "/"


def _secure() -> bool:
    return settings().public_url.startswith("https://")


def routes() -> list[BaseRoute]:
    """`/sign-in` and `/sign-out`."""
    return [
        Route("/sign-in", choose, methods=["GET"]),
        Route("/sign-in", enter, methods=["POST"]),
        Route("/sign-out", leave, methods=["POST"]),
    ]
