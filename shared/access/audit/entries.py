"""Writing and finding entries of the audit: sets of rows, in the transaction of what they tell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Protocol
from uuid import UUID

import asyncpg

from shared.access.glass import EMERGENCY
from shared.access.roles import Actor
from shared.access.rules import Relation
from shared.db import Connection
from shared.ids import pseudonym
from shared.items import Decision, Entry

BATCH = "batch"  # the role of handlers that nobody asked
DONE, SEEN = "done", "seen"
CARE, OPERATIONS, OVERSIGHT = "care", "operations", "oversight"
MOST_FOUND = 20_000


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks for something, as the audit names them. `subject` is the id in the address that was asked for."""

    who: UUID | None
    role: str
    organisation: UUID | None
    purpose: str
    subject: UUID | None = None


class Caused(Protocol):
    """Why an item was handled."""

    @property
    def correlation_id(self) -> UUID: ...
    @property
    def asker(self) -> Asker | None: ...


NOBODY = Asker(None, BATCH, None, CARE)


def asker_of(actor: Actor, subject: UUID | None = None) -> Asker:
    """An actor as the audit names them, with all their roles."""
    roles = actor.roles
    purpose = OVERSIGHT if "privacy_officer" in roles else OPERATIONS if roles == {"ops"} else CARE
    return Asker(actor.id, " ".join(sorted(roles)), actor.organisation_id, purpose, subject)


@cache
def action_of(does: Callable[..., Any]) -> str:
    """What a use case or a route is called: its noun and its name, as `offers.accept`."""
    return f"{does.__module__.rpartition('.')[0].rpartition('.')[2]}.{does.__name__}"


def of_decisions(handler: Callable[..., Any], decisions: Sequence[Decision], causes: Sequence[Caused]) -> Iterator[Entry]:
    """The entries of decided items: one for every act of somebody, and those that the handler of an event or a timer gave."""
    for decision, cause in zip(decisions, causes, strict=True):
        if decision.entries or cause.asker is not None:
            outcome = decision.refusal.code if decision.refusal else DONE
            for about in decision.entries or (_about(decision),):
                yield whole(about, cause.asker or NOBODY, action_of(handler), outcome, cause.correlation_id)


def _about(decision: Decision) -> Entry:
    """Whom a decision is about as far as what it caused tells it."""
    event = decision.events[0] if decision.events else None
    return Entry(getattr(event, "person_id", None), getattr(event, "case_id", None), getattr(event, "referral_id", None))


def whole(about: Entry, asker: Asker, action: str, outcome: str, request_id: UUID) -> Entry:
    """An entry with who asked, what for and what came of it; one that names nobody names what the address did."""
    named = about.person or about.case or about.subject
    return Entry(
        about.person,
        about.case,
        about.subject if named else asker.subject,
        about.zone,
        about.relation,
        about.action or action,
        about.outcome or outcome,
        about.purpose or (EMERGENCY if about.relation == Relation.GLASS else asker.purpose),
        asker.who,
        asker.role,
        asker.organisation,
        request_id,
    )


async def append(tx: Connection, entries: Iterable[Entry], now: datetime) -> None:
    """Write entries in one statement."""
    rows = list(entries)
    if rows:
        await tx.execute(
            """insert into audit (at, person_id, case_id, subject_id, zone, relation, action, outcome, purpose, actor_id, role,
                                  organisation_id, request_id)
               select $1, * from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
                                        $10::uuid[], $11::text[], $12::uuid[], $13::uuid[])""",
            now,
            [entry.person for entry in rows],
            [entry.case for entry in rows],
            [entry.subject for entry in rows],
            [entry.zone for entry in rows],
            [entry.relation for entry in rows],
            [entry.action for entry in rows],
            [entry.outcome for entry in rows],
            [entry.purpose for entry in rows],
            [entry.who for entry in rows],
            [entry.role for entry in rows],
            [entry.organisation for entry in rows],
            [entry.request_id for entry in rows],
        )


async def about(connection: Connection, persons: Sequence[UUID], subjects: Sequence[UUID]) -> list[asyncpg.Record]:
    """What was recorded about these persons, also under their pseudonyms, and about what is theirs without naming them (drafts, cases); the
    newest first.

    Without persons: everything about these referrals, drafts and cases.
    """
    rows: list[asyncpg.Record] = await connection.fetch(
        """select id, at, actor_id, role, organisation_id, zone, person_id, case_id, subject_id, action, purpose, relation, outcome, request_id
           from audit where person_id = any($1::uuid[])
              or ((person_id is null or cardinality($1::uuid[]) = 0) and (subject_id = any($2::uuid[]) or case_id = any($2::uuid[])))
           order by at desc, id desc limit $3""",
        [*persons, *map(pseudonym, persons)],
        subjects,
        MOST_FOUND,
    )
    return rows
