"""Who is asking. One function answers that for every request: a bearer token or the session cookie, and nothing else."""

from __future__ import annotations

from starlette.requests import HTTPConnection, cookie_parser

from shared.access import bearers, machines, sessions
from shared.access.roles import Actor, Membership
from shared.settings import Settings, settings

__all__ = ["Actor", "Membership", "cookie_name", "is_refresh", "token_of", "who_is_asking"]

REFRESH = b"x-refresh"  # a page asks by itself, nobody pressed anything


def cookie_name(chosen: Settings) -> str:
    """The session cookie. `__Host-` needs https; over plain http on loopback the name is plain."""
    return "__Host-zorgspoor" if chosen.public_url.startswith("https://") else "zorgspoor_session"


def token_of(connection: HTTPConnection) -> str | None:
    """The token a request carries. A request with an `Authorization` header never falls back on its cookie."""
    return _carried(connection)[0]


async def who_is_asking(connection: HTTPConnection, *, used: bool = True) -> Actor | None:
    """The actor behind a request, or None when nobody signed in or the token does not hold. Raises what asyncpg raises while sessions cannot be read.

    `used`: whether the request shows that somebody is there, which keeps their session alive; one that refreshes a page never does.
    """
    token, in_cookie = _carried(connection)
    if not token:
        return None
    if token.startswith(sessions.PREFIX):  # also as a bearer: so services ask each other in somebody's name
        return await sessions.actor(token, used=used and in_cookie and not is_refresh(connection))
    if in_cookie:
        return None
    if token.startswith(machines.PREFIX):
        return await machines.actor(token)
    return await bearers.actor(token)


def is_refresh(connection: HTTPConnection) -> bool:
    """Whether a page asks by itself rather than somebody."""
    return any(name == REFRESH for name, _ in connection.scope["headers"])


def _carried(connection: HTTPConnection) -> tuple[str | None, bool]:
    """The token, and whether a cookie held it."""
    authorization = cookies = None
    for name, value in connection.scope["headers"]:
        if name == b"authorization":
            authorization = value
        elif name == b"cookie":
            cookies = value
    if authorization is not None:
        scheme, _, token = authorization.partition(b" ")
        return (token.strip().decode("latin-1") if scheme.lower() == b"bearer" else ""), False
    return (None if cookies is None else cookie_parser(cookies.decode("latin-1")).get(cookie_name(settings()))), True
