"""SQL of the ids that were given up when two persons became one. Joining, erasing and holding wait for each other before they come here."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from shared.db import Connection, Transaction
from shared.ids import pseudonym


async def add(tx: Transaction, gone: Sequence[UUID], stays: UUID) -> None:
    """These ids are given up for one person, and so are those that were given up for them before."""
    await tx.execute("update joined set stays = $2 where stays = any($1::uuid[])", gone, stays)
    await tx.execute("insert into joined (gone, stays) select gone, $2 from unnest($1::uuid[]) as given_up(gone)", gone, stays)


async def former(connection: Connection, persons: Sequence[UUID]) -> list[UUID]:
    """The ids that these persons had besides, also of who was erased."""
    rows = await connection.fetch(
        "select gone from joined where stays = any($1::uuid[]) order by gone", [*persons, *(pseudonym(person) for person in persons)]
    )
    return [row["gone"] for row in rows]


async def erased(tx: Transaction, gone: Sequence[UUID], person_id: UUID) -> None:
    """These ids were given up for a person who is erased, whatever an older dump says of them."""
    await tx.execute(
        """insert into joined (gone, stays) select gone, $2 from unnest($1::uuid[]) as given_up(gone)
           on conflict (gone) do update set stays = excluded.stays""",
        gone,
        pseudonym(person_id),
    )


async def erase(tx: Transaction, person_id: UUID) -> None:
    """Nothing leads from the person's own id to the former ones any more, but for who knows that id."""
    await tx.execute("update joined set stays = $2 where stays = $1", person_id, pseudonym(person_id))
