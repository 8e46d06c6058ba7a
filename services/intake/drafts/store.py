"""SQL of drafts: whose they are and when they were saved. What was typed stands in records."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from shared.access.rules import Bounds, Facts
from shared.db import Connection, Transaction

Owned: TypeAlias = tuple[UUID, UUID]  # the id of a draft, and of the sender's organisation


@dataclass(frozen=True, slots=True)
class Draft:
    """A referral that is not sent yet; it belongs to the sender's organisation."""

    id: UUID
    sender_id: UUID
    sender_organisation_id: UUID
    saved_at: datetime

    @property
    def facts(self) -> Facts:
        """What it says of who may do what with it."""
        return Facts(organisation_id=self.sender_organisation_id)


async def load(tx: Transaction, ids: Sequence[UUID]) -> dict[UUID, Draft]:
    """Lock drafts in id order."""
    rows = await tx.fetch(
        "select id, sender_id, sender_organisation_id, saved_at from drafts where id = any($1::uuid[]) order by id for update",
        sorted(set(ids)),
    )
    return {row["id"]: Draft(*row) for row in rows}


async def save(tx: Transaction, drafts: Sequence[Draft]) -> None:
    """Write drafts, new or known. A draft never changes hands."""
    await tx.execute(
        """insert into drafts (id, sender_id, sender_organisation_id, saved_at)
           select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::timestamptz[])
           on conflict (id) do update set saved_at = excluded.saved_at""",
        [draft.id for draft in drafts],
        [draft.sender_id for draft in drafts],
        [draft.sender_organisation_id for draft in drafts],
        [draft.saved_at for draft in drafts],
    )


async def remove(tx: Transaction, ids: Sequence[UUID]) -> None:
    """Remove drafts. A second transaction waits for the first and then finds nothing."""
    await tx.execute(
        """delete from drafts using (select id from drafts where id = any($1::uuid[]) order by id for update) as locked
           where drafts.id = locked.id""",
        ids,
    )


async def take(tx: Transaction, whose: Set[Owned]) -> set[Owned]:
    """Remove drafts, each of this organisation only; returns those that were there. A second transaction waits for the first and then finds nothing."""
    rows = await tx.fetch(
        """delete from drafts using (
               select drafts.id from drafts
               join unnest($1::uuid[], $2::uuid[]) as asked(id, organisation_id)
                    on asked.id = drafts.id and asked.organisation_id = drafts.sender_organisation_id
               order by drafts.id for update of drafts) as locked
           where drafts.id = locked.id returning drafts.id, drafts.sender_organisation_id""",
        [id for id, _ in whose],
        [organisation_id for _, organisation_id in whose],
    )
    return {(row["id"], row["sender_organisation_id"]) for row in rows}


async def sent(tx: Transaction, ids: Sequence[UUID]) -> dict[UUID, Draft]:
    """Those that were sent: a referral keeps the id of its draft."""
    rows = await tx.fetch("select id, sender_id, sender_organisation_id, received_at from referrals where id = any($1::uuid[])", ids)
    return {row["id"]: Draft(*row) for row in rows}


async def count(connection: Connection, bounds: Bounds) -> int:
    """How many drafts an organisation has."""
    found: int = await connection.fetchval("select count(*) from drafts where sender_organisation_id = $1", bounds.organisation_id)
    return found


async def listed(connection: Connection, bounds: Bounds, limit: int | None = None, offset: int = 0) -> list[Draft]:
    """The drafts of an organisation, last saved first."""
    rows = await connection.fetch(
        """select id, sender_id, sender_organisation_id, saved_at from drafts where sender_organisation_id = $1
           order by saved_at desc, id limit $2 offset $3""",
        bounds.organisation_id,
        limit,
        offset,
    )
    return [Draft(*row) for row in rows]


async def read(connection: Connection, id: UUID) -> Draft | None:
    """One draft."""
    row = await connection.fetchrow("select id, sender_id, sender_organisation_id, saved_at from drafts where id = $1", id)
    return Draft(*row) if row else None
