"""What every answer carries so that a browser guards the reader, and which requests of a browser are not taken at all. Pure ASGI."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.settings import settings
from shared.web.problems import Problem

CONTENT_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS: list[tuple[bytes, bytes]] = [
    (b"content-security-policy", CONTENT_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
]
NO_STORE = (b"cache-control", b"no-store")
ONLY_ENCRYPTED = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
OWN_SITES = ("same-origin", "none")  # none: the person's own doing, as a bookmark


class SecurityHeaders:
    """Adds the headers to every answer (over https also that browsers use nothing else); an answer that says nothing about caching is not kept anywhere."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._headers = [*HEADERS, ONLY_ENCRYPTED] if settings().public_url.startswith("https://") else HEADERS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message["headers"] = [*message.get("headers", ()), *self._headers]
                if not any(name == b"cache-control" for name, _ in headers):
                    headers.append(NO_STORE)
            await send(message)

        await self._app(scope, receive, guarded)


def check_origin(scope: Scope) -> None:
    """Raises a 403 problem for a request that changes something and that another site made a browser send.

    Browsers say where a request comes from (Sec-Fetch-Site, or Origin in older ones); what says neither is no browser. A request with
    an Authorization header cannot be made by another site. Follows Go's net/http CrossOriginProtection.
    """
    if scope["method"] in SAFE_METHODS:
        return
    if any(name == b"authorization" for name, _ in scope["headers"]):
        return
    if _is_own(scope) is False:
        raise Problem(403, "cross_site", "This request was sent by another website.", "Nothing was changed.")


def is_shown_to_be_own(scope: Scope) -> bool:
    """Whether the browser itself says that a page of ours sent this request; unlike in `check_origin`, silence is no proof."""
    return _is_own(scope) is True


def _is_own(scope: Scope) -> bool | None:
    """What the browser says about where a request comes from; None when it says nothing."""
    headers = _first(scope["headers"], (b"sec-fetch-site", b"origin", b"host"))
    site, origin = headers.get(b"sec-fetch-site"), headers.get(b"origin")
    if site is not None:
        return site.decode("latin-1") in OWN_SITES
    return None if origin is None else _host_of(origin) == headers.get(b"host", b"").decode("latin-1")


def _host_of(origin: bytes) -> str | None:
    """The host and port of an origin; None for what is no origin, which no host equals."""
    try:
        return urlsplit(origin.decode("latin-1")).netloc
    except ValueError:
        return None


def _first(headers: Iterable[tuple[bytes, bytes]], wanted: tuple[bytes, ...]) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    for name, value in headers:
        if name in wanted:
            found.setdefault(name, value)
    return found
