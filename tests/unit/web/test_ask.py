from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from starlette.requests import Request

from shared.web import ask as asking
from shared.web.ask import act, ask
from shared.web.call import Call
from shared.web.problems import Problem
from tests.unit.web.conftest import Configure


@asynccontextmanager
async def other_service(configured: Configure, reply: bytes | None) -> AsyncIterator[list[bytes]]:
    """A service that gives one reply to everything, or none at all; yields what it was asked."""
    asked: list[bytes] = []
    done = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = [line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
        asked.append(head + (await reader.readexactly(int(length[0].split(b":")[1])) if length else b""))
        if reply is None:
            await done.wait()
        else:
            writer.write(reply)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    configured(coordination_url=f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
    try:
        yield asked
    finally:
        done.set()
        server.close()
        await server.wait_closed()
        await asking.close()


def response(status: bytes, body: bytes, headers: bytes = b"") -> bytes:
    return b"HTTP/1.1 " + status + b"\r\nConnection: close\r\n" + headers + b"Content-Length: %d\r\n\r\n" % len(body) + body


async def test_the_answer_of_another_service_comes_back_and_the_token_goes_along(configured: Configure) -> None:
    async with other_service(configured, response(b"200 OK", b'{"name": "Amina"}')) as asked:
        answer = await ask("a-token", "coordination", "POST", "/coordination/api/names", {"ids": [1]}, timeout=5)
    assert answer == {"name": "Amina"}
    assert asked[0].startswith(b"POST /coordination/api/names HTTP/1.1")
    assert b"authorization: bearer a-token" in asked[0].lower()
    assert asked[0].endswith(b'{"ids":[1]}')


@pytest.mark.parametrize(
    "reply",
    [
        response(b"404 Not Found", b'{"code": "x"}'),
        response(b"503 Unavailable", b""),
        response(b"200 OK", b"<html>"),
        b"",
        b"nonsense\r\n\r\n",
        response(b"302 Found", b"{}", b"Location: http://127.0.0.1:1/\r\n"),
    ],
    ids=lambda reply: str(reply[:25]),
)
async def test_a_no_or_nonsense_is_nothing(configured: Configure, reply: bytes) -> None:
    async with other_service(configured, reply):
        assert await ask("t", "coordination", "GET", "/x", timeout=5) is None


async def test_nobody_is_followed_to_another_address(configured: Configure) -> None:
    elsewhere = b"Location: /coordination/api/elsewhere\r\n"
    for status in (b"302 Found", b"307 Temporary Redirect", b"308 Permanent Redirect"):
        async with other_service(configured, response(status, b"{}", elsewhere)) as asked:
            assert await ask("t", "coordination", "GET", "/x", timeout=5) is None
        assert len(asked) == 1


async def test_what_comes_late_is_done_without(configured: Configure) -> None:
    async with other_service(configured, None):
        async with asyncio.timeout(30):
            assert await ask("t", "coordination", "GET", "/x", timeout=0.05) is None


async def test_a_service_that_is_away_is_done_without(configured: Configure) -> None:
    configured(coordination_url="http://127.0.0.1:1")
    assert await ask(None, "coordination", "GET", "/x", timeout=5) is None
    await asking.close()


@pytest.mark.parametrize("headers", [[], [(b"x-refresh", b"1")]])
async def test_who_is_asked_knows_whether_a_page_refreshes_itself(configured: Configure, headers: list[tuple[bytes, bytes]]) -> None:
    request = Request({"type": "http", "method": "GET", "path": "/", "headers": headers, "query_string": b"", "path_params": {}})
    async with other_service(configured, response(b"200 OK", b"{}")) as asked:
        await ask(Call(request, None, None, {}), "coordination", "GET", "/x", timeout=5)  # type: ignore[arg-type]
    assert (b"x-refresh: 1" in asked[0].lower()) == bool(headers)


async def an_act(*, seconds: float = 5) -> Problem | None:
    """The problem that came of asking for an act."""
    request = Request({"type": "http", "method": "POST", "path": "/", "headers": [], "query_string": b"", "path_params": {}})
    try:
        await act(Call(request, None, None, {}), "coordination", "/coordination/api/parked/1/replay", timeout=seconds)  # type: ignore[arg-type]
    except Problem as problem:
        return problem
    return None


async def test_an_act_that_another_service_refuses_is_refused_with_its_words(configured: Configure) -> None:
    said = b'{"code": "not_parked", "title": "Refused: not parked.", "detail": "It is gone.", "status": 404}'
    async with other_service(configured, response(b"404 Not Found", said)) as asked:
        problem = await an_act()
    assert asked[0].startswith(b"POST /coordination/api/parked/1/replay")
    assert problem is not None
    assert (problem.status, problem.code, problem.detail) == (404, "not_parked", "It is gone.")
    async with other_service(configured, response(b"200 OK", b'{"done": true}')):
        assert await an_act() is None


@pytest.mark.parametrize("reply", [response(b"500 Oops", b"<html>"), response(b"502 Bad Gateway", b"[]"), b"", None])
async def test_an_act_that_nobody_confirms_did_not_happen(configured: Configure, reply: bytes | None) -> None:
    async with other_service(configured, reply):
        problem = await an_act(seconds=5 if reply is not None else 0.05)
    assert problem is not None
    assert (problem.status, problem.code) == (503, "unavailable")


async def test_no_proxy_of_the_environment_ever_sees_a_token(configured: Configure, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "")
    reply: Any = response(b"200 OK", b"[1]")
    async with other_service(configured, reply):
        assert await ask("t", "coordination", "GET", "/x", timeout=5) == [1]
