"""A real SMTP server on a loopback port that the system chose, which can be told how to answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class Sink:
    """What arrived and how to answer. `to_recipient`, `to_data` hold the next answers, used one by one; without them all is taken."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str | None, list[str]]] = field(default_factory=list)
    connections: int = 0
    greeting: bytes = b""  # sent instead of a conversation
    to_recipient: list[str] = field(default_factory=list)
    to_data: list[str] = field(default_factory=list)
    drop_after_data: bool = False
    taking: asyncio.Event = field(default_factory=asyncio.Event)  # set when a mail is being taken
    go_on: asyncio.Event = field(default_factory=asyncio.Event)  # a mail is answered only while this is set
    server: asyncio.Server | None = None

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802
        if self.to_recipient:
            return self.to_recipient.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.taking.set()
        await self.go_on.wait()
        if self.to_data:
            return self.to_data.pop(0)
        content: Any = envelope.content
        self.mails.append(message_from_bytes(content, policy=default))
        self.envelopes.append((envelope.mail_from, envelope.rcpt_tos))
        if self.drop_after_data:
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
        return "250 OK"

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        self.go_on.set()
        self.server = await loop.create_server(self._conversation, "127.0.0.1", self.port)
        self.port = self.server.sockets[0].getsockname()[1]

    def _conversation(self) -> asyncio.Protocol:
        self.connections += 1
        return _Refusing(self.greeting) if self.greeting else SMTP(self, hostname="sink", loop=asyncio.get_running_loop())

    async def stop(self) -> None:
        if self.server is not None:
            self.server.close()
            await self.server.wait_closed()
            self.server = None

    @property
    def message_ids(self) -> list[str]:
        return [str(mail["Message-ID"]) for mail in self.mails]


class _Refusing(asyncio.Protocol):
    def __init__(self, greeting: bytes) -> None:
        self.greeting = greeting

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(self.greeting)
        transport.close()


@asynccontextmanager
async def a_sink() -> AsyncIterator[Sink]:
    sink = Sink()
    await sink.start()
    try:
        yield sink
    finally:
        await sink.stop()
