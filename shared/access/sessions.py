"""Who is signed in. The cookie holds a random secret; the rest stands in the database, so that a session can be ended from anywhere."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from shared import clock
from shared.access.audit.sign_ins import (
    CHOSE,
    EVERYBODY_SIGNED_OUT,
    REFUSED,
    SHOWED_AGAIN,
    SIGNED_IN,
    SIGNED_OUT,
    SIGNED_OUT_EVERYWHERE,
    by_command,
    by_person,
    refused,
)
from shared.access.claims import Person
from shared.access.database import LookedUp, connected, forget, hashed, new_secret, record
from shared.access.roles import Actor, Membership
from shared.items import Entry

PREFIX = "zs."
IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
MOST = 10  # of one person
FRESH = timedelta(minutes=10)  # since a person showed who they are: long enough for what asks for that
NOTED_EVERY = timedelta(minutes=1)  # how exactly it is known when a session was last used

_looked_up = LookedUp()


async def actor(secret: str, *, used: bool = True) -> Actor | None:
    """Who holds this session; None when it ended, or nobody does. Looked up at most once in five seconds, and once more for a use.

    `used`: whether somebody did something; a page that refreshes itself keeps no session alive.
    """
    hash = hashed(secret)
    known = _looked_up.get(hash, time.monotonic(), used=used)
    if known is not None:
        return known
    now = clock.now()
    async with connected() as connection:
        row = await connection.fetchrow("select * from session_of($1, $2, $3)", hash, now, now - IDLE)
        if row is None:
            return None
        if used and row["used_at"] < now - NOTED_EVERY:
            await connection.execute("select use_session($1, $2)", hash, now)
    found = _actor(row)
    _looked_up.keep(hash, found, time.monotonic(), used=used)
    return found


@dataclass(frozen=True, slots=True)
class Session:
    """A session as the person it belongs to sees it. `browser`: a family, as `shared.access.browsers` names it."""

    id: UUID
    browser: str
    started_at: datetime
    used_at: datetime


async def start(who: Person, *, instead_of: str | None = None, browser: str = "", shown_at: datetime | None = None) -> str:
    """Begin a session; the secret for its cookie. With one organisation there is nothing to choose. `browser`: its family; `shown_at`: when the
    provider asked them who they are, None: just now.

    The session that the browser had before ends; so does, beyond ten of that person, the one unused longest.
    """
    await forget()
    secret, now = new_secret(PREFIX), clock.now()
    held = orjson.dumps({"name": who.name, "language": who.language, "memberships": [_plain(each) for each in who.memberships]}).decode()
    async with connected() as connection:
        if instead_of is not None:
            await _end(connection, instead_of)
        begun = await connection.fetchrow(
            """insert into sessions (id, secret_hash, person_id, held, chosen, started_at, used_at, ends_at, browser, shown_at)
               values ($1, $2, $3, $4, $5, $6, $6, $7, $8, $9) returning *""",
            clock.new_id(),
            hashed(secret),
            who.id,
            held,
            0 if len(who.memberships) == 1 else None,
            now,
            now + LONGEST,
            browser,
            shown_at or now,
        )
        too_many = await connection.fetch(
            """delete from sessions where id in
               (select id from sessions where person_id = $1 order by used_at desc, id desc offset $2) returning *""",
            who.id,
            MOST,
        )
        await record(connection, _entry(SIGNED_IN, begun), *(_entry(SIGNED_OUT, row) for row in too_many))
    _drop(too_many)
    return secret


async def choose(secret: str, organisation_id: UUID) -> str | None:
    """Go on in another organisation, under a new secret; None when the session ended or the person does not belong there."""
    who = await actor(secret)
    numbers = [] if who is None else [n for n, each in enumerate(who.memberships) if each.organisation_id == organisation_id]
    if not numbers:
        return None
    renewed = new_secret(PREFIX)
    async with connected() as connection:
        chosen = await connection.fetchrow(
            "update sessions set secret_hash = $2, chosen = $3 where secret_hash = $1 returning *",
            hashed(secret),
            hashed(renewed),
            numbers[0],
        )
        if chosen is not None:
            await record(connection, _entry(CHOSE, chosen))
    _looked_up.drop(hashed(secret))
    return renewed if chosen is not None else None


async def is_fresh(id: UUID | None) -> bool:
    """Whether the person of a session showed who they are within the last ten minutes: who ends sessions elsewhere has to (ASVS 7.5.2). Without
    a session nobody did."""
    async with connected() as connection:
        shown_at: datetime | None = await connection.fetchval("select shown_at from sessions where id = $1", id)
    return shown_at is not None and shown_at >= clock.now() - FRESH


async def has_changed(id: UUID, who: Person) -> bool:
    """Whether the provider gives the person of a session other memberships now than when it began."""
    async with connected() as connection:
        held = await connection.fetchval("select held from sessions where id = $1 and person_id = $2", id, who.id)
    return held is not None and _memberships(orjson.loads(held)) != tuple(who.memberships)


async def renew(id: UUID, person_id: UUID, shown_at: datetime) -> str | None:
    """Go on with a session whose person showed again who they are, under a new secret; None when it ended or is somebody else's."""
    renewed, now = new_secret(PREFIX), clock.now()
    async with connected() as connection:
        row = await connection.fetchrow(
            """update sessions set secret_hash = $3, shown_at = $4
               from (select id, secret_hash as former from sessions
                     where id = $1 and person_id = $2 and ends_at > $5 and used_at > $6 for update) as known
               where sessions.id = known.id returning sessions.*, former""",
            id,
            person_id,
            hashed(renewed),
            shown_at,
            now,
            now - IDLE,
        )
        await record(connection, refused(REFUSED, "somebody_else", person_id, id) if row is None else _entry(SHOWED_AGAIN, row))
        if row is None:
            return None
    _looked_up.drop(row["former"])
    return renewed


async def end(secret: str) -> None:
    """End one session."""
    async with connected() as connection:
        await _end(connection, secret)


async def of_person(person_id: UUID) -> list[Session]:
    """The sessions that somebody has now, the one used last first."""
    now = clock.now()
    async with connected() as connection:
        rows = await connection.fetch(
            """select id, browser, started_at, used_at from sessions
               where person_id = $1 and ends_at > $2 and used_at > $3 order by used_at desc, id desc""",
            person_id,
            now,
            now - IDLE,
        )
    return [Session(*row) for row in rows]


async def end_one(person_id: UUID, id: UUID) -> bool:
    """End one session of somebody; whether they had it. Other processes notice within five seconds."""
    async with connected() as connection:
        ended = await connection.fetch("delete from sessions where person_id = $1 and id = $2 returning *", person_id, id)
        await record(connection, *(_entry(SIGNED_OUT, row) for row in ended))
    _drop(ended)
    return bool(ended)


async def end_others(person_id: UUID, id: UUID) -> int:
    """End every session of somebody but this one; how many there were. Other processes notice within five seconds."""
    async with connected() as connection:
        ended = await connection.fetch("delete from sessions where person_id = $1 and id <> $2 returning *", person_id, id)
        await record(connection, *(_entry(SIGNED_OUT, row) for row in ended))
    _drop(ended)
    return len(ended)


async def end_all(person_id: UUID, *, by: Actor | None = None) -> int:
    """End every session of somebody, wherever they signed in; how many there were. Other processes notice within five seconds.

    `by`: the person themselves; otherwise a command on the server did it.
    """
    told = by_command(SIGNED_OUT_EVERYWHERE, person_id) if by is None else by_person(SIGNED_OUT_EVERYWHERE, by.id, by, by.session_id)
    async with connected() as connection:
        ended = await connection.fetch("delete from sessions where person_id = $1 returning secret_hash", person_id)
        await record(connection, told)
    _drop(ended)
    return len(ended)


async def end_everybodys() -> int:
    """End every session there is; how many there were. Other processes notice within five seconds."""
    async with connected() as connection:
        ended = await connection.fetch("delete from sessions returning secret_hash")
        await record(connection, by_command(EVERYBODY_SIGNED_OUT))
    _drop(ended)
    return len(ended)


def _drop(ended: Iterable[asyncpg.Record]) -> None:
    for row in ended:
        _looked_up.drop(row["secret_hash"])


async def _end(connection: Any, secret: str) -> None:
    ended = await connection.fetch("delete from sessions where secret_hash = $1 returning *", hashed(secret))
    await record(connection, *(_entry(SIGNED_OUT, row) for row in ended))
    _looked_up.drop(hashed(secret))


def _entry(action: str, row: Any) -> Entry:
    """What the audit tells of a session."""
    chosen = None if row["chosen"] is None else _memberships(orjson.loads(row["held"]))[row["chosen"]]
    return by_person(action, row["person_id"], chosen, row["id"])


def _plain(membership: Membership) -> dict[str, Any]:
    return {
        "organisation": membership.organisation_id,
        "name": membership.organisation_name,
        "roles": sorted(membership.roles),
        "zones": sorted(membership.zones),
    }


def _memberships(held: Mapping[str, Any]) -> tuple[Membership, ...]:
    return tuple(
        Membership(each["organisation"] and UUID(each["organisation"]), each["name"], frozenset(each["roles"]), frozenset(each["zones"]))
        for each in held["memberships"]
    )


def _actor(row: asyncpg.Record) -> Actor:
    held = orjson.loads(row["held"])
    memberships = _memberships(held)
    who = Person(row["person_id"], held["name"], row["language"] or held["language"], memberships)
    return who.actor(None if row["chosen"] is None else memberships[row["chosen"]], session_id=row["id"])
