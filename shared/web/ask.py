"""Asking another service over HTTP, with the token of who asks. A page does without what does not come in time."""

from __future__ import annotations

import asyncio
from typing import Any
from weakref import WeakKeyDictionary

import httpx
import orjson
import structlog

from shared.access.actors import REFRESH, is_refresh
from shared.settings import settings
from shared.web import languages
from shared.web.call import Call
from shared.web.problems import Problem

SECONDS = 0.3  # a page waits no longer for another service
_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, httpx.AsyncClient] = WeakKeyDictionary()

log = structlog.get_logger()


async def ask(
    call_or_token: Call | str | None,
    service: str,
    method: str,
    path: str,
    json: Any = None,
    *,
    timeout: float = SECONDS,  # noqa: ASYNC109
) -> Any | None:
    """The JSON another service answers to who asks, or None when it says no, fails or is late. `path` starts with a slash; `timeout` in seconds."""
    try:
        answer = await _request(call_or_token, service, method, path, json, timeout)
        if not answer.is_success:
            log.warning("another service said no", service=service, status=answer.status_code)
            return None
        return orjson.loads(answer.content) if answer.content else None
    except (httpx.HTTPError, TimeoutError, orjson.JSONDecodeError) as error:
        log.warning("no answer from another service", service=service, error=type(error).__name__)
        return None


async def act(call: Call, service: str, path: str, *, timeout: float) -> None:  # noqa: ASYNC109
    """Have another service do something in the name of who asks. Raises the problem that it answers; 503 when it does not answer in time."""
    try:
        answer = await _request(call, service, "POST", path, None, timeout)
        if answer.is_success:
            return
        said = orjson.loads(answer.content)
        raise Problem(answer.status_code, str(said["code"]), str(said["title"]), said.get("detail"))
    except (httpx.HTTPError, TimeoutError, ValueError, LookupError, TypeError) as error:
        log.warning("no answer from another service", service=service, error=type(error).__name__)
        raise Problem(503, "unavailable", f"The service {service} does not answer.", "Try it again in a moment.", retry_after=5) from error


async def _request(
    call_or_token: Call | str | None,
    service: str,
    method: str,
    path: str,
    json: Any,
    timeout: float,  # noqa: ASYNC109
) -> httpx.Response:
    token = call_or_token.token if isinstance(call_or_token, Call) else call_or_token
    headers = {"Accept": "application/json", "Accept-Language": languages.current()} | (
        {"Authorization": f"Bearer {token}"} if token else {}
    )
    if json is not None:
        headers["Content-Type"] = "application/json"
    if isinstance(call_or_token, Call) and is_refresh(call_or_token.request):  # nor does anybody press anything there
        headers[REFRESH.decode()] = "1"
    client = _client()  # the first one takes a moment to make, which is not the other service's
    async with asyncio.timeout(timeout):
        return await client.request(
            method, settings().url(service) + path, content=None if json is None else orjson.dumps(json, default=str), headers=headers
        )


def _client() -> httpx.AsyncClient:
    loop = asyncio.get_running_loop()
    client = _clients.get(loop)
    if client is None or client.is_closed:
        client = _clients[loop] = httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=None)  # noqa: S113  # asyncio.timeout
    return client


async def close() -> None:
    """Close the connections kept for asking; the next question opens new ones."""
    client = _clients.pop(asyncio.get_running_loop(), None)
    if client is not None:
        await client.aclose()
