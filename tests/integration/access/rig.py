"""A page that says who asks, and browsers and machines at its door."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest
from starlette.responses import Response
from starlette.types import ASGIApp

from deploy.embedded import provision
from shared.access import database, machines, sessions
from shared.access.database import connected
from shared.access.rules import Action
from shared.items import Entry
from shared.messaging.changes import Changes
from shared.settings import ACCESS, settings
from shared.web import form_key, oauth, own_sessions, sign_in
from shared.web.app import build_app
from shared.web.call import Call
from shared.web.routing import Operation, Page, service_routes

HOME = "http://127.0.0.1:8080"


class Silent:
    """A kernel that is asked nothing, and told of refusals."""

    service = "intake"
    changes = Changes()

    async def record(self, rows: Sequence[Entry]) -> None:
        pass

    def now(self) -> datetime:
        return datetime.now(UTC)


async def who(call: Call) -> dict[str, Any]:
    actor = call.actor
    return {
        "id": actor.id,
        "kind": actor.kind,
        "roles": sorted(actor.roles),
        "organisation": actor.organisation_id,
        "scopes": sorted(actor.scopes),
        "zones": sorted(actor.zones),
    }


async def page(call: Call) -> Response:
    return call.page(
        "problem.html",
        title=call.actor.organisation_name,
        words="",
        code="x",
        number=None,
        typed={},
        method="GET",
        retry=False,
        address="/",
    )


PAGES = [Page("GET", "/", page), Page("GET", "/intake/own", page)]
ACTIONS = {
    ("GET", "/"): Action.OPEN,
    ("GET", "/intake/own"): Action.WRITE_REFERRAL,
    ("GET", "/intake/api/zones"): Action.SEE_ZONES,
    ("GET", "/intake/api/referrals"): Action.SEE_OWN_REFERRALS,
    ("GET", "/intake/api/contacts"): Action.SEE_CONTACTS,
    ("GET", "/intake/api/people"): Action.OPEN,
}


def operations() -> list[Operation]:
    return [
        Operation("GET", "/intake/api/zones", who, "Who asks, of the staff"),
        Operation("GET", "/intake/api/referrals", who, "Who asks, of senders"),
        Operation("GET", "/intake/api/contacts", who, "Who asks, with the contacts of a referral"),
        Operation("GET", "/intake/api/people", who, "Who asks, for people"),
    ]


class Forms(HTMLParser):
    """The fields and buttons of the forms of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.buttons: list[tuple[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "input":
            self.fields[given["name"]] = given["value"]
        elif tag == "button" and "name" in given:
            self.buttons.append((given["name"], given["value"]))


@dataclass
class Door:
    """What stands at the address of Zorgspoor."""

    app: ASGIApp

    @asynccontextmanager
    async def browser(self) -> AsyncIterator[Browser]:
        """A browser with cookies of its own."""
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url=HOME) as home, httpx.AsyncClient(trust_env=False) as away:
            yield Browser(home, away)


@dataclass
class Browser:
    """Follows redirects between Zorgspoor and the provider as a browser does."""

    home: httpx.AsyncClient
    away: httpx.AsyncClient

    async def get(self, url: str) -> httpx.Response:
        client = self.home if urlsplit(url).netloc in ("", urlsplit(HOME).netloc) else self.away
        return await client.get(url)

    async def choose(self, persona: str, back: str = "/intake/own") -> httpx.Response:
        """To the provider and, as a persona, to the answer of Zorgspoor."""
        return await self.home.get(await self.return_address(persona, back))

    async def return_address(self, persona: str, back: str = "/intake/own", way_in: str = "/sign-in") -> str:
        """Where the provider sends a browser that chose a persona."""
        begun = await self.home.get(way_in, params={"next": back})
        assert begun.status_code == 303, begun.text
        picker = await self.away.get(begun.headers["location"])
        assert picker.status_code == 200, picker.text
        forms = Forms(picker.text)
        assert ("persona", persona) in forms.buttons
        sent = await self.away.post(str(picker.url.copy_with(query=None)), data=forms.fields | {"persona": persona})
        assert sent.status_code == 303, sent.text
        return str(sent.headers["location"])

    async def send(self, path: str, **typed: str) -> httpx.Response:
        """A form of ours as a page shows it to this session."""
        word = form_key.of_credential(self.secret)
        return await self.home.post(path, data={**typed, form_key.FIELD: word})

    @property
    def secret(self) -> str | None:
        return self.home.cookies.get("zorgspoor_session")

    async def show_again(self, persona: str, back: str = "/sessions") -> httpx.Response:
        """To the provider to show again who one is, and back."""
        return await self.home.get(await self.return_address(persona, back, "/sign-in/again"))

    async def asks(self) -> dict[str, Any]:
        """Who Zorgspoor takes this browser for."""
        return dict((await self.home.get("/intake/api/people")).json())


@asynccontextmanager
async def a_door(dsn: str, values: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Door]:
    """A door with this database of sessions and these further settings, and the pages above behind it."""
    kernel: Any = Silent()
    for name, value in {"public_url": HOME, "demo": "true", "access_dsn": dsn, **values}.items():
        monkeypatch.setenv(f"ZORGSPOOR_{name.upper()}", value)
    settings.cache_clear()
    forget()
    yield Door(
        build_app(
            [*service_routes("intake", kernel, operations(), PAGES, ACTIONS), *sign_in.routes(), *own_sessions.routes(), *oauth.routes()]
        )
    )
    await database.close()
    forget()
    monkeypatch.undo()
    settings.cache_clear()


def forget() -> None:
    """As if this process had looked up nobody yet: another process, or this one five seconds later."""
    sessions._looked_up.drop()
    machines._looked_up.drop()


async def rows(table: str) -> list[dict[str, Any]]:
    async with connected() as connection:
        return [dict(row) for row in await connection.fetch(f"select * from {table}")]


async def grow_older(by: timedelta, column: str = "used_at") -> None:
    """Sessions as if this had passed."""
    async with as_owner() as connection:
        await connection.execute(f"update sessions set {column} = {column} - $1::interval", by)
    forget()


@asynccontextmanager
async def as_owner() -> AsyncIterator[Any]:
    """The database of sign-ins as its owner has it, who may what no service may."""
    connection = await asyncpg.connect(provision.dsn_as(settings().dsn(ACCESS), user="access_owner"))
    try:
        yield connection
    finally:
        await connection.close()
