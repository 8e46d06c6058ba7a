"""What stands in the audit of database `access`: people who signed in and out, machines that got tokens, and who was refused."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import asyncpg

from shared.access.audit.entries import DONE, OPERATIONS
from shared.access.roles import Actor, Membership
from shared.access.rules import OPS, SENDER
from shared.db import Connection
from shared.items import Entry

SIGNED_IN, CHOSE, SIGNED_OUT = "sessions.start", "sessions.choose", "sessions.end"
SHOWED_AGAIN = "sessions.renew"
SIGNED_OUT_EVERYWHERE, EVERYBODY_SIGNED_OUT = "sessions.end_all", "sessions.end_everybodys"
REFUSED = "sign_ins.finish"
GRANTED, ADDED, REVOKED = "machines.grant", "machines.add", "machines.revoke"

NOBODY, WITHOUT_ROLE = "nobody", "somebody"  # who did not get in; who has still to choose an organisation
MOST_FOUND = 1_000


def by_person(action: str, person: UUID, membership: Membership | Actor | None, session: UUID | None = None) -> Entry:
    """What somebody did with a session of theirs."""
    role = " ".join(sorted(membership.roles)) if membership and membership.roles else WITHOUT_ROLE
    return _entry(action, DONE, person, role, membership.organisation_id if membership else None, session)


def by_command(action: str, about: UUID | None = None, organisation: UUID | None = None) -> Entry:
    """What was done on the server itself: by operations, about a worker or a machine."""
    return _entry(action, DONE, None, OPS, organisation, about)


def by_machine(action: str, client: UUID, organisation: UUID) -> Entry:
    """What the machine of an organisation got, having shown who it is."""
    return _entry(action, DONE, client, SENDER, organisation)


def refused(action: str, outcome: str, who: UUID | None = None, about: UUID | None = None) -> Entry:
    """Who did not get in, as far as that is known. `about`: the machine that it said to be, or the session that did not go on."""
    return _entry(action, outcome, who, NOBODY, None, about)


def _entry(action: str, outcome: str, who: UUID | None, role: str, organisation: UUID | None, subject: UUID | None = None) -> Entry:
    return Entry(subject=subject, action=action, outcome=outcome, purpose=OPERATIONS, who=who, role=role, organisation=organisation)


async def found(connection: Connection, worker: UUID | None, since: datetime) -> list[asyncpg.Record]:
    """What was recorded since then, of one worker or machine or of all; the newest first, no more than a thousand."""
    rows: list[asyncpg.Record] = await connection.fetch(
        """select id, at, actor_id, role, organisation_id, zone, person_id, case_id, subject_id, action, purpose, relation, outcome, request_id
           from audit where at >= $2 and ($1::uuid is null or actor_id = $1 or subject_id = $1) order by at desc, id desc limit $3""",
        worker,
        since,
        MOST_FOUND,
    )
    return rows
