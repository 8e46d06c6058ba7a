"""One request, as a route's handler sees it: who asks, what was sent, and the kernel to hand a command to."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID
from weakref import WeakKeyDictionary

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from shared.access.actors import Actor, is_refresh, token_of
from shared.access.audit import entries
from shared.access.audit.entries import Asker
from shared.access.audit.refreshes import Refreshes
from shared.access.rules import Action, Allowed, Bounds, Denied, Facts, bounds, may
from shared.clock import new_id
from shared.db import Connection, is_transient
from shared.items import Decision, Entry
from shared.messaging.idempotency import IdempotencyKey
from shared.messaging.service import Handler
from shared.web import forms, pages, problems
from shared.web.problems import Problem

if TYPE_CHECKING:
    from shared.messaging.kernel import Kernel

Item = TypeVar("Item")
LONGEST_BODY = 256 * 1024
LONGEST_FILE = 5_000_000
KEY = re.compile(r"[\x21-\x7e]{1,255}")
REFRESHES: WeakKeyDictionary[Kernel, Refreshes] = WeakKeyDictionary()
FORM_TYPE = "application/x-www-form-urlencoded"

log = structlog.get_logger()


class Call:
    """A request on its way to a handler. One command per request: the idempotency key belongs to it."""

    def __init__(
        self,
        request: Request,
        kernel: Kernel,
        who: Actor | None,
        sentences: Mapping[str, str],
        action: Action = Action.OPEN,
        does: str = "",
    ) -> None:
        self.request = request
        self.kernel = kernel
        self.who = who  # None only where everyone is allowed
        self.action = action  # nobody may do anything to a resource by an open route
        self.does = does  # what the route is called in the audit
        self.path: Mapping[str, Any] = request.scope["path_params"]
        self.body: Any = None  # the validated body of an operation that has one
        self.query: Any = None  # the validated query of an operation that has one
        self.raw = b""
        self.typed: forms.Typed | None = None
        self.position: int | None = None  # of a page: of the changes before anything was read; what changes after it, the page is told of
        self.recorded = False  # whether the audit has something of this request
        self.listed: list[tuple[Entry, object]] = []  # rows of lists that it recorded, with what was shown of them
        self._sentences = sentences
        self._correlation_id: UUID | None = None
        self._now: datetime | None = None

    @property
    def actor(self) -> Actor:
        """Who asks. Raises a 401 problem where everyone is allowed and nobody signed in."""
        if self.who is None:
            raise problems.unauthenticated(self.token is not None)
        return self.who

    def may(self, facts: Facts) -> Allowed | Denied:
        """Whether who asks may do what this route does to a resource of which these are the facts."""
        return may(self.actor, self.action, facts)

    @property
    def bounds(self) -> Bounds:
        """How far who asks may do what this route does, to filter a list by."""
        return bounds(self.actor, self.action)

    def read(self) -> AbstractAsyncContextManager[Connection]:
        """A transaction for reading in which the database knows who asks, and shows no rows of others."""
        return self.kernel.read(self.actor)

    @property
    def token(self) -> str | None:
        """The actor's token, to ask another service with."""
        return token_of(self.request)

    @property
    def correlation_id(self) -> UUID:
        """One id for all that this request causes."""
        if self._correlation_id is None:
            self._correlation_id = new_id()
        return self._correlation_id

    @property
    def now(self) -> datetime:
        """The time of this request, of the kernel's clock."""
        if self._now is None:
            self._now = self.kernel.now()
        return self._now

    @property
    def idempotency_key(self) -> IdempotencyKey | None:
        """The key of the header `Idempotency-Key`, or of a form's hidden field, with a hash of what was sent. None when there is neither."""
        key = _header(self.request, b"idempotency-key")
        if key is None and self.typed is not None:
            key = str(self.typed[forms.ONCE]) or None
        if key is None:
            return None
        if not KEY.fullmatch(key):
            raise Problem(400, "malformed_idempotency_key", "Expected an Idempotency-Key of 1 to 255 visible ASCII characters.")
        line = f"{self.request.scope['method']} {self.request.scope['path']}\n".encode()
        return IdempotencyKey(str(self.actor.organisation_id or self.actor.id), key, hashlib.sha256(line + self.raw).digest())

    @property
    def asker(self) -> Asker:
        """Who asks, as the audit names them, with what the address names."""
        subject = self.path.get("id")
        return entries.asker_of(self.actor, subject if isinstance(subject, UUID) else None)

    async def decide(self, handler: Handler[Item], item: Item) -> Decision:
        """Hand a command to the kernel; a refusal comes back as it is, for a page that explains it."""
        return await self.decide_under(self.idempotency_key, handler, item)

    async def decide_under(self, key: IdempotencyKey | None, handler: Handler[Item], item: Item) -> Decision:
        """The same under a key of the handler's choice; None: each time it is sent, it is done."""
        decision = await self.kernel.submit(handler, item, key=key, correlation_id=self.correlation_id, asker=self.asker)
        self.recorded = True
        return decision

    async def looked(self, connection: Connection, seen: Iterable[Entry]) -> None:
        """Record what who asks is about to see, one entry for each; in the transaction that read it, so that no answer leaves without."""
        await self._record(connection, self._whole(seen))

    async def looked_over(self, connection: Connection, seen: Iterable[tuple[Entry, object]]) -> None:
        """The same of the rows of a list, each with what is shown of it: a page that refreshes itself records a row once in some minutes, and
        whenever it shows something else."""
        listed = list(seen)
        shown = list(zip(self._whole(entry for entry, _ in listed), (shown for _, shown in listed), strict=True))
        lately = REFRESHES.setdefault(self.kernel, Refreshes())
        rows = lately.new(shown, self.now) if is_refresh(self.request) else [entry for entry, _ in shown]
        await self._record(connection, rows)
        kept = set(rows)
        self.listed += [(entry, what) for entry, what in shown if entry in kept]

    def answered(self) -> None:
        """The answer is made and what it shows is recorded for good."""
        if self.listed:
            REFRESHES[self.kernel].remember(self.listed, self.now)

    def _whole(self, seen: Iterable[Entry]) -> list[Entry]:
        asker, does, request_id = self.asker, self.does, self.correlation_id
        return [entries.whole(about, asker, does, entries.SEEN, request_id) for about in seen]

    async def _record(self, connection: Connection, rows: Sequence[Entry]) -> None:
        await entries.append(connection, rows, self.now)
        self.recorded = bool(rows) or self.recorded

    async def turned_away(self, problem: Problem) -> None:
        """Log that a request was refused, and record of whom, unless a refused command has said so already."""
        problems.log_refusal(problem, self.does, None if self.who is None else self.who.id)
        if self.who is None or self.recorded or problem.status not in (403, 404):
            return
        try:
            await self.kernel.record([entries.whole(Entry(), self.asker, self.does, problem.code, self.correlation_id)])
        except Exception as error:
            if not is_transient(error):
                raise
            log.warning("refusal not recorded", service=self.kernel.service, error=type(error).__name__)

    async def submit(self, handler: Handler[Item], item: Item) -> Decision:
        """Hand a command to the kernel; a refusal becomes a problem."""
        decision = await self.decide(handler, item)
        if decision.refusal is not None:
            raise problems.of_refusal(decision.refusal, self._sentences)
        return decision

    async def form(self) -> forms.Typed:
        """What was typed in the form, by field name."""
        if self.typed is None:
            expect_type(self.request, FORM_TYPE)
            self.raw = await read_body(self.request)
            self.typed = forms.parse(self.raw)
        return self.typed

    def page(self, template: str, status: int = 200, **context: Any) -> Response:
        """A page: `call.page("offers/day.html", offers=offers)`."""
        return pages.render(
            self.request,
            template,
            {"call": self, **context},
            actor=self.who,
            service=self.kernel.service,
            now=self.now,
            status=status,
            position=self.position,
        )

    def redirect(self, url: str) -> Response:
        """See other (303): what follows a form that did its work. Local addresses only."""
        if not is_local(url):
            raise ValueError("a page redirects to a path of this site only")
        return Response(status_code=303, headers={"Location": url})


def is_local(url: str) -> bool:
    """Whether an address is a path of this site: browsers read `//x` and `/\\x` as another site."""
    return url.startswith("/") and not url.startswith(("//", "/\\")) and url.isprintable() and url.isascii()


def expect_type(request: Request, media_type: str) -> None:
    """Raises a 415 problem unless the body says it is of this type."""
    sent = _header(request, b"content-type") or ""
    if sent != media_type and sent.partition(";")[0].strip().lower() != media_type:
        raise Problem(415, "unsupported_media_type", f"Expected a body with Content-Type: {media_type}.", headers={"Accept": media_type})


async def read_file(call: Call, media_type: str) -> bytes:
    """A file sent as the body, such as a CSV. Raises a 415 or 413 problem."""
    expect_type(call.request, media_type)
    call.raw = await read_body(call.request, LONGEST_FILE)
    return call.raw


async def read_body(request: Request, longest: int = LONGEST_BODY) -> bytes:
    """The body. Raises a 413 problem beyond the limit in bytes, as early as that is known."""
    declared = _header(request, b"content-length") or ""
    if declared.isdecimal() and int(declared) > longest:
        raise _too_large(longest)
    received = bytearray()
    while True:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        received += message.get("body", b"")
        if len(received) > longest:
            raise _too_large(longest)
        if not message.get("more_body", False):
            return bytes(received)


def _header(request: Request, wanted: bytes) -> str | None:
    """One header; `request.headers` builds an object for each request, which the hot path does without."""
    for name, value in request.scope["headers"]:
        if name == wanted:
            return str(value, "latin-1")
    return None


def _too_large(longest: int) -> Problem:
    return Problem(413, "body_too_large", "The body is too large.", f"A body holds at most {longest // 1024} KiB ({longest} bytes).")
