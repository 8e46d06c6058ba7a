"""SQL of who is in the care team of which case. Who asks is matched with it by the database (see the migration `care_team`)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from shared.db import Transaction
from shared.events.coordination import CareTeamJoined, CareTeamLeft


async def add(tx: Transaction, joined: Sequence[CareTeamJoined]) -> None:
    """These are members now, of cases of persons who are still known."""
    await tx.executemany(
        """insert into care_team (case_id, member_id, person_id, sees)
           select $1, $2, $3, $4 where exists (select from referrals where person_id = $3)
           on conflict (case_id, member_id) do update set sees = excluded.sees""",
        [(each.case_id, each.member_id, each.person_id, each.sees) for each in joined],
    )


async def remove(tx: Transaction, left: Sequence[CareTeamLeft]) -> None:
    """These are members no more."""
    await tx.execute(
        """delete from care_team using unnest($1::uuid[], $2::uuid[]) as gone(case_id, member_id)
           where care_team.case_id = gone.case_id and care_team.member_id = gone.member_id""",
        [each.case_id for each in left],
        [each.member_id for each in left],
    )


async def erase(tx: Transaction, persons: Sequence[UUID]) -> None:
    """Forget who was around these persons."""
    await tx.execute("delete from care_team where person_id = any($1::uuid[])", persons)
