"""Telling the database who asks. It holds for one transaction only, so a connection that goes back to the pool carries nobody."""

from __future__ import annotations

from datetime import datetime

from shared.access.rules import Asking, organisation
from shared.db import Connection, Transaction


async def as_actor(connection: Connection, who: Asking, at: datetime) -> None:
    """Until the transaction ends, rows are shown as the policies of their tables allow this actor."""
    await connection.execute(
        """select set_config('zorgspoor.actor', $1, true), set_config('zorgspoor.organisation', $2, true),
                  set_config('zorgspoor.roles', $3::text[]::text, true), set_config('zorgspoor.zones', $4::text[]::text, true),
                  set_config('zorgspoor.at', $5, true)""",
        str(who.id),
        str(organisation(who)),
        sorted(who.roles),
        sorted(who.zones),
        at.isoformat(),
    )


async def as_batch(tx: Transaction, service: str) -> None:
    """Until the transaction ends, every row is there: what many asked is decided together, by `may` for each."""
    await tx.execute("select set_config('role', $1, true)", f"{service}_batch")
