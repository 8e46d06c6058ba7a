"""The load: referrals over keep-alive connections, at a given rate or as fast as they are answered. As light as can be, it shares the machine."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass

PATH = "/intake/api/referrals"


@dataclass(slots=True)
class Sent:
    """What came of a load."""

    accepted: int = 0
    refused: int = 0
    seconds: float = 0.0


class Connection(asyncio.Protocol):
    """One connection; one request at a time."""

    def __init__(self) -> None:
        self.received = b""
        self.waiter: asyncio.Future[int] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]

    def connection_lost(self, exc: Exception | None) -> None:
        if self.waiter and not self.waiter.done():
            self.waiter.set_result(0)

    def data_received(self, data: bytes) -> None:
        self.received += data
        head, end, body = self.received.partition(b"\r\n\r\n")
        if not end:
            return
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        if len(body) >= length and self.waiter:
            self.received = b""
            self.waiter.set_result(int(head[9:12]))

    def send(self, request: bytes) -> asyncio.Future[int]:
        """Send a request; the future is its HTTP status, 0 when the connection broke."""
        self.waiter = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return self.waiter


class Load:
    """Sends requests to one server and counts the answers."""

    def __init__(self, port: int, tokens: list[str], bodies: Iterator[bytes]) -> None:
        self.port = port
        self.heads = [
            f"POST {PATH} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\nauthorization: Bearer {token}\r\n".encode()
            for token in tokens
        ]
        self.bodies = bodies
        self.ready: list[bytes] = []
        self.count = 0

    def prepare(self, count: int) -> None:
        """Make so many requests beforehand, so that making them is not measured."""
        self.ready = [self._request() for _ in range(count)]

    def _request(self) -> bytes:
        body = next(self.bodies)
        self.count += 1
        return b"%bcontent-length: %d\r\n\r\n%b" % (self.heads[self.count % len(self.heads)], len(body), body)

    def next_request(self) -> bytes:
        """A prepared request, or a new one when there is none left."""
        return self.ready.pop() if self.ready else self._request()

    async def connect(self) -> Connection:
        """A new connection."""
        _, connection = await asyncio.get_running_loop().create_connection(Connection, "127.0.0.1", self.port)
        return connection

    async def as_fast_as_answered(self, seconds: float, connections: int) -> Sent:
        """Closed loop: each connection sends its next request when the last is answered."""
        sent, began = Sent(), time.monotonic()

        async def one() -> None:
            connection = await self.connect()
            while time.monotonic() < began + seconds:
                _count(sent, await connection.send(self.next_request()))
            connection.transport.close()

        await asyncio.gather(*[one() for _ in range(connections)])
        sent.seconds = time.monotonic() - began
        return sent

    async def at_rate(self, rate: float, seconds: float) -> Sent:
        """Open loop: arrivals at random (Poisson), whether or not earlier ones are answered."""
        sent, idle, running = Sent(), list[Connection](), set[asyncio.Task[None]]()
        dice = random.Random(1)  # noqa: S311 - arrival times

        async def one() -> None:
            while idle and idle[-1].transport.is_closing():  # the server closes what is idle too long
                idle.pop()
            connection = idle.pop() if idle else await self.connect()
            _count(sent, await connection.send(self.next_request()))
            if not connection.transport.is_closing():
                idle.append(connection)

        began = due = time.monotonic()
        while due < began + seconds:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            task = asyncio.create_task(one())
            running.add(task)
            task.add_done_callback(running.discard)
            due += dice.expovariate(rate)
        await asyncio.gather(*running)
        for connection in idle:
            connection.transport.close()
        sent.seconds = time.monotonic() - began
        return sent


def _count(sent: Sent, status: int) -> None:
    if status == 201:
        sent.accepted += 1
    else:
        sent.refused += 1
