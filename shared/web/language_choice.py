"""Which language a request is answered in, and the menu to choose one."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response

from shared.access import preferences
from shared.access.actors import who_is_asking
from shared.access.roles import Actor
from shared.settings import settings
from shared.web import languages

ADDRESS = "/language"
YEAR_SECONDS = 365 * 24 * 3600


def cookie_name() -> str:
    """The cookie that keeps what was chosen in this browser; whoever signs in starts without it."""
    return ("__Host-" if _secure() else "") + "zorgspoor_language"


def of(request: HTTPConnection, who: Actor | None) -> str:
    """What was chosen in this browser since signing in; else what the person chose before or the identity provider says; else what the browser asks."""
    cookie = accept = ""
    for name, value in request.scope["headers"]:
        if name == b"cookie":
            cookie = request.cookies.get(cookie_name(), "")
        elif name == b"accept-language":
            accept = value.decode("latin-1")
    if cookie in languages.LANGUAGES:
        return cookie
    if who is not None and who.language in languages.LANGUAGES:
        return who.language
    return languages.accepted(accept) or languages.SOURCE


def of_machine(request: HTTPConnection, who: Actor | None) -> str:
    """The same for what programs and other services ask: what the request says, else who asks."""
    accept = next((value.decode("latin-1") for name, value in request.scope["headers"] if name == b"accept-language"), "")
    return languages.accepted(accept) or (who.language if who is not None and who.language in languages.LANGUAGES else languages.SOURCE)


def back_to(request: Request) -> str:
    """The page on which the language menu stands, to come back to: of an answer to a form, the page with that form."""
    if request.scope["method"] in ("GET", "HEAD"):
        query = request.scope["query_string"].decode("latin-1")
        return str(request.scope["path"]) + (f"?{query}" if query else "")
    try:
        came_from = urlsplit(request.headers.get("referer", ""))
    except ValueError:
        return "/"
    if came_from.netloc != request.headers.get("host"):
        return "/"
    return came_from.path + (f"?{came_from.query}" if came_from.query else "")


async def choose(request: Request, language: str, back: str) -> Response:
    """Keeps the choice, for the person where one is signed in, and goes back."""
    response = RedirectResponse(back, status_code=303)
    if language in languages.LANGUAGES:
        who = await who_is_asking(request)
        if who is not None:
            await preferences.keep_language(who.id, language)
        response.set_cookie(cookie_name(), language, max_age=YEAR_SECONDS, httponly=True, samesite="lax", secure=_secure())
    return response


def forget(response: Response) -> None:
    """Who signs in reads in the own language, not in that of whoever had this browser before."""
    response.delete_cookie(cookie_name(), httponly=True, samesite="lax", secure=_secure())


def _secure() -> bool:
    return settings().public_url.startswith("https://")
