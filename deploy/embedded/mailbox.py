"""A real SMTP server that delivers to nobody: what it takes is kept in a Maildir and read on a page.

`python -m deploy.embedded.mailbox --smtp-port 1025 --http-port 8025 --directory DIR`
"""

from __future__ import annotations

import asyncio
import email
import email.policy
import mailbox
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import click
import uvicorn
from aiosmtpd.smtp import SMTP, Envelope, Session
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from shared.web import formats, language_choice, languages
from shared.web import pages as web_pages

STATIC = Path(__file__).resolve().parents[2] / "shared" / "web" / "static"
LARGEST = 2_000_000
SHOWN = 200
_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}
_PAGES = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined)
web_pages.translate(_PAGES)
_PAGES.filters["moment"] = lambda moment: f"{formats.full_date(moment)} {formats.clock(moment)}"


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as it arrived. `to` is who the envelope named, `message_id` as the sender's header says."""

    id: str
    at: datetime
    sender: str
    to: str
    subject: str
    message_id: str
    text: str = ""

    def as_json(self) -> dict[str, str]:
        found = {
            "id": self.id,
            "at": self.at.isoformat(),
            "from": self.sender,
            "to": self.to,
            "subject": self.subject,
            "message_id": self.message_id,
        }
        return found | ({"text": self.text} if self.text else {})


class Box:
    """The Maildir. Reading and writing block, shortly: call them from a thread."""

    def __init__(self, directory: Path) -> None:
        directory.parent.mkdir(parents=True, exist_ok=True)
        self._maildir = mailbox.Maildir(directory, create=True)
        self._new = directory / "new"  # where mail stays, as nothing here marks it as seen

    def add(self, content: bytes, recipients: list[str]) -> None:
        """Keep one mail; the envelope's recipients become a header of their own."""
        head = f"X-Envelope-To: {', '.join(recipients)}\r\n".encode()
        self._maildir.add(head + content)

    def newest(self, limit: int = SHOWN) -> list[Mail]:
        """The newest mails without their text, newest first."""
        files = sorted(self._files(), key=lambda file: file.stat().st_mtime_ns, reverse=True)
        return [_read(file, with_text=False) for file in files[:limit]]

    def count(self) -> int:
        """How many there are."""
        return len(self._files())

    def get(self, id: str) -> Mail | None:
        """One mail with its text."""
        found = next((file for file in self._files() if file.name == id), None)
        return _read(found, with_text=True) if found else None

    def _files(self) -> list[Path]:
        return list(self._new.iterdir())


def _read(file: Path, *, with_text: bool) -> Mail:
    parsed = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    body = parsed.get_body(("plain", "html")) if with_text and isinstance(parsed, EmailMessage) else None
    return Mail(
        id=file.name,
        at=datetime.fromtimestamp(file.stat().st_mtime, UTC),
        sender=str(parsed.get("From", "")),
        to=str(parsed.get("X-Envelope-To", "")),
        subject=str(parsed.get("Subject", "")),
        message_id=str(parsed.get("Message-ID", "")),
        text=str(body.get_content()) if body else "",
    )


class Delivery:
    """What the SMTP server does with a mail: keeps it."""

    def __init__(self, box: Box) -> None:
        self.box = box

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - the name aiosmtpd calls
        """Answer only when the mail is on disk."""
        content = envelope.original_content or b""
        await asyncio.to_thread(self.box.add, content, [str(recipient) for recipient in envelope.rcpt_tos])
        return "250 kept"


def pages(box: Box) -> Starlette:
    """The list of mails, one mail as plain text, and both as JSON."""

    async def listed(request: Request) -> Response:
        mails, count = await asyncio.to_thread(box.newest), await asyncio.to_thread(box.count)
        return _page(request, "mailbox.html", mails=mails, count=count)

    async def one(request: Request) -> Response:
        return _page(request, "mailbox-mail.html", mail=await _found(request))

    async def listed_as_json(request: Request) -> Response:
        limit = request.query_params.get("limit", str(SHOWN))
        if not limit.isascii() or not limit.isdigit():
            raise HTTPException(422, "limit is a number of mails, for example 50")
        return JSONResponse([mail.as_json() for mail in await asyncio.to_thread(box.newest, int(limit))])

    async def one_as_json(request: Request) -> Response:
        return JSONResponse((await _found(request)).as_json())

    async def _found(request: Request) -> Mail:
        if (mail := await asyncio.to_thread(box.get, request.path_params["id"])) is None:
            raise HTTPException(404, "no such mail")
        return mail

    routes: list[BaseRoute] = [
        Route("/", listed),
        Route("/messages/{id}", one),
        Route("/api/messages", listed_as_json),
        Route("/api/messages/{id}", one_as_json),
    ]
    if STATIC.is_dir():
        routes.append(Mount("/static", StaticFiles(directory=STATIC)))
    return Starlette(routes=routes)


def _page(request: Request, name: str, **values: Any) -> Response:
    languages.speak(language_choice.of(request, None))  # as chosen in Zorgspoor: browsers send its cookie to every port of this machine
    return HTMLResponse(_PAGES.get_template(name).render(language=languages.current(), **values), headers=_HEADERS)


@asynccontextmanager
async def smtp_server(box: Box, port: int) -> AsyncIterator[None]:
    """Take mail on 127.0.0.1 while the context is open."""

    def protocol() -> SMTP:
        return SMTP(Delivery(box), data_size_limit=LARGEST, enable_SMTPUTF8=True, hostname="localhost", loop=loop)

    loop = asyncio.get_running_loop()
    server = await loop.create_server(protocol, "127.0.0.1", port)
    try:
        yield
    finally:
        server.close()


async def serve(directory: Path, smtp_port: int, http_port: int) -> None:
    """Take mail and show it until told to stop."""
    box = Box(directory)
    config = uvicorn.Config(
        pages(box), host="127.0.0.1", port=http_port, log_level="warning", access_log=False, server_header=False, ws="none", lifespan="off"
    )
    async with smtp_server(box, smtp_port):
        await uvicorn.Server(config).serve()


@click.command()
@click.option("--smtp-port", type=int, default=1025, show_default=True)
@click.option("--http-port", type=int, default=8025, show_default=True)
@click.option("--directory", type=click.Path(file_okay=False, path_type=Path), required=True)
def main(smtp_port: int, http_port: int, directory: Path) -> None:
    """Take mail on one port of 127.0.0.1, show it on another."""
    asyncio.run(serve(directory, smtp_port, http_port))


if __name__ == "__main__":
    main()
