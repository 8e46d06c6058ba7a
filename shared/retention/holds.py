"""Legal holds as every service knows them: intake sets and lifts them, the others hear of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from shared.db import Connection, Transaction
from shared.events.intake import HoldLifted, HoldSet
from shared.ids import pseudonym
from shared.items import Decision, Received


async def hold(tx: Transaction, persons: Sequence[UUID], now: datetime) -> None:
    """Nothing about these persons is erased or let go of from now on."""
    await tx.execute(
        """insert into holds (person_id, pseudonym, since) select person_id, pseudonym, $3
           from unnest($1::uuid[], $2::uuid[]) as new(person_id, pseudonym) on conflict do nothing""",
        persons,
        [pseudonym(person) for person in persons],
        now,
    )


async def release(tx: Transaction, persons: Sequence[UUID]) -> None:
    """The periods of the table hold for these persons again."""
    await tx.execute("delete from holds where person_id = any($1::uuid[])", persons)


async def outlive(tx: Transaction, persons: Sequence[UUID], moment: datetime) -> list[UUID]:
    """Holds from before a moment at which nothing held these persons any more are an older dump's; whose they were."""
    rows = await tx.fetch("delete from holds where person_id = any($1::uuid[]) and since < $2 returning person_id", persons, moment)
    return [row["person_id"] for row in rows]


async def held(connection: Connection, persons: Sequence[UUID]) -> set[UUID]:
    """Those of the persons who are under a legal hold."""
    return {row["person_id"] for row in await connection.fetch("select person_id from holds where person_id = any($1::uuid[])", persons)}


async def on_hold_set(tx: Transaction, items: Sequence[Received[HoldSet]], now: datetime) -> list[Decision]:
    """Keep what there is about these persons until the hold is lifted."""
    await hold(tx, [item.event.person_id for item in items], now)
    return [Decision()] * len(items)


async def on_hold_lifted(tx: Transaction, items: Sequence[Received[HoldLifted]], now: datetime) -> list[Decision]:
    """Let go of these persons at the usual time again."""
    await release(tx, [item.event.person_id for item in items])
    return [Decision()] * len(items)
