"""Where a message of HTTP ends: what could be read in two ways is not taken by the server that the services run on."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from services import serving
from tests.unit.web.conftest import Configure

INNER = b"GET /inner HTTP/1.1\r\nHost: x\r\n\r\n"
CHUNKED = b"5\r\nhello\r\n0\r\n\r\n"


class Unstarted:
    """In the place of the server: only its settings are wanted."""

    started = True

    def __init__(self, *_: object) -> None:
        pass

    def run(self) -> None:
        pass


@contextmanager
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[tuple[str, int], list[tuple[str, bytes]]]]:
    """The address of a server with the settings of the services, and what it was asked: paths and bodies."""
    asked: list[tuple[str, bytes]] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        asked.append((scope["path"], body))
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    chosen: dict[str, object] = {}
    with monkeypatch.context() as patch:
        patch.setattr(serving.log, "configure", lambda _: None)
        patch.setattr(serving.uvicorn, "Config", lambda _, **options: chosen.update(options))
        patch.setattr(serving, "Server", Unstarted)
        serving.serve([], "127.0.0.1", 0)
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, **{**chosen, "lifespan": "off", "loop": "asyncio"}))  # type: ignore[arg-type]
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listening])), daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[:2], asked
    finally:
        server.should_exit = True
        thread.join(10)


def answers(address: tuple[str, int], sent: bytes) -> bytes:
    """All that comes back until the server, or this side, is done."""
    with socket.create_connection(address, timeout=10) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        received = b""
        while more := connection.recv(65_536):
            received += more
        return received


def post(*headers: bytes, body: bytes = CHUNKED) -> bytes:
    return b"POST /outer HTTP/1.1\r\nHost: x\r\n" + b"".join(header + b"\r\n" for header in headers) + b"\r\n" + body


AMBIGUOUS = {
    "a length and chunks": post(b"Content-Length: 15", b"Transfer-Encoding: chunked"),
    "chunks and a length": post(b"Transfer-Encoding: chunked", b"Content-Length: 3"),
    "two lengths": post(b"Content-Length: 5", b"Content-Length: 0", body=INNER),
    "a list of lengths": post(b"Content-Length: 5, 0", body=INNER),
    "a length below nothing": post(b"Content-Length: -1", body=INNER),
    "a length with a sign": post(b"Content-Length: +5", body=INNER),
    "a length in another base": post(b"Content-Length: 0x5", body=INNER),
    "an encoding nobody knows": post(b"Transfer-Encoding: xchunked", body=INNER),
    "chunks that are not last": post(b"Transfer-Encoding: chunked, identity", body=CHUNKED),
    "a space before the colon": post(b"Transfer-Encoding : chunked", body=CHUNKED),
    "a header on a second line": post(b"X: y", b" Transfer-Encoding: chunked", b"Content-Length : 5", body=INNER),
    "a chunk of no length": post(b"Transfer-Encoding: chunked", body=b"\r\n0\r\n\r\n"),
    "a chunk in another base": post(b"Transfer-Encoding: chunked", body=b"0x5\r\nhello\r\n0\r\n\r\n"),
    "a chunk longer than it says": post(b"Transfer-Encoding: chunked", body=b"2\r\nhello\r\n0\r\n\r\n"),
}


@pytest.fixture
def plain(configured: Configure) -> None:
    configured(demo="false")


@pytest.mark.parametrize("what", AMBIGUOUS)
@pytest.mark.usefixtures("plain")
def test_a_message_whose_end_can_be_read_in_two_ways_is_refused_with_what_follows(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with served(monkeypatch) as (address, asked):
        received = answers(address, AMBIGUOUS[what] + INNER)
    assert received.startswith(b"HTTP/1.1 400 "), received[:40]
    assert received.count(b"HTTP/1.1 ") == 1
    assert [path for path, _ in asked if path == "/inner"] == []


@pytest.mark.parametrize("message", [post(b"Content-Length: 5", body=b"hello"), post(b"Transfer-Encoding: chunked", body=CHUNKED)])
@pytest.mark.usefixtures("plain")
def test_one_message_ends_where_the_next_begins(message: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    with served(monkeypatch) as (address, asked):
        assert answers(address, message + INNER).count(b"HTTP/1.1 204 ") == 2
    assert asked == [("/outer", b"hello"), ("/inner", b"")]
