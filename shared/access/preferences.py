"""What people prefer in the interface, kept from one session to the next."""

from __future__ import annotations

from uuid import UUID

from shared import clock
from shared.access.database import connected


async def keep_language(person_id: UUID, language: str) -> None:
    """The language that a worker or provider chose for the pages; it counts in sessions that are looked up from now on."""
    async with connected() as connection:
        await connection.execute(
            """insert into preferences (person_id, language, changed_at) values ($1, $2, $3)
               on conflict (person_id) do update set language = excluded.language, changed_at = excluded.changed_at""",
            person_id,
            language,
            clock.now(),
        )
