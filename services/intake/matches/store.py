"""SQL of the questions whether a person is somebody known, and of what their answers move."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from services.intake.matches.domain import Match
from services.intake.referrals.book import Referral
from shared.access.rules import Bounds
from shared.db import Connection, Transaction


async def add(tx: Transaction, asked: Sequence[Match]) -> None:
    """Write new questions."""
    if asked:
        await tx.copy_records_to_table("matches", records=asked, columns=Match._fields)


async def one_at_a_time(tx: Transaction) -> None:
    """An answer can touch whatever another one touches: they are given one after the other."""
    await tx.execute("select pg_advisory_xact_lock(hashtextextended('matches', 27))")


async def read(connection: Connection, referral_id: UUID) -> Match | None:
    """The question about one referral."""
    row = await connection.fetchrow("select * from matches where referral_id = $1", referral_id)
    return row and Match(*row)


async def referrals_of_both(tx: Transaction, match: Match) -> list[UUID]:
    """The referrals of the known person and of the referral's own."""
    rows = await tx.fetch(
        "select id from referrals where person_id = $2 or person_id = (select person_id from referrals where id = $1)",
        match.referral_id,
        match.known_id,
    )
    return [row["id"] for row in rows]


async def count(connection: Connection, bounds: Bounds) -> int:
    """How many questions are open in the zones of who asks; not those whose referral or consent was taken back."""
    found: int = await connection.fetchval(
        """select count(*) from matches join referrals on referrals.id = matches.referral_id cross join lateral ties(referrals) as ties
           where matches.answered_at is null and matches.zone = any($1::text[]) and ties.live and ties.consent""",
        bounds.zones or bounds.check_zones,
    )
    return found


async def listed(connection: Connection, bounds: Bounds, limit: int | None = None, offset: int = 0) -> list[asyncpg.Record]:
    """The same questions with their referrals: the urgent first, then by deadline."""
    rows: list[asyncpg.Record] = await connection.fetch(
        """select referrals.*, ties.*, matches.known_id, matches.due_at
           from matches join referrals on referrals.id = matches.referral_id cross join lateral ties(referrals) as ties
           where matches.answered_at is null and matches.zone = any($1::text[]) and ties.live and ties.consent
           order by referrals.urgency, matches.due_at, referral_id limit $2 offset $3""",
        bounds.zones or bounds.check_zones,
        limit,
        offset,
    )
    return rows


async def save(tx: Transaction, match: Match) -> None:
    """Write the answer."""
    await tx.execute(
        "update matches set answered_at = $2, answered_by = $3, answer = $4 where referral_id = $1",
        match.referral_id,
        match.answered_at,
        match.answered_by,
        match.answer,
    )


async def rename(tx: Transaction, gone: Sequence[UUID], stays: UUID) -> None:
    """Open questions about a person who turned out to be another one are about that one, and so is what that person consented to, and who
    looks in an emergency looks at that one."""
    await tx.execute("update consents set person_id = $2 where person_id = any($1::uuid[])", gone, stays)
    await tx.execute("update glass set person_id = $2 where person_id = any($1::uuid[])", gone, stays)
    await tx.execute("update matches set known_id = $2 where known_id = any($1::uuid[]) and answered_at is null", gone, stays)


async def move(tx: Transaction, moved: Sequence[Referral], again: Collection[UUID], now: datetime) -> None:
    """Write whose these referrals are. Those in `again` are handed over again: what was told of the former case is gone."""
    if not moved:
        return
    await tx.execute(
        """update referrals set person_id = new.person_id, unsure = new.unsure, check_due_at = new.check_due_at, status = new.status,
                  told_at = case when again then null else told_at end, case_id = case when again then null else case_id end,
                  case_reference = case when again then null else case_reference end,
                  offered_to = case when again then null else offered_to end,
                  coordinator_id = case when again then null else coordinator_id end,
                  case_role = case when again then null else case_role end, reason = case when again then null else reason end,
                  owner_id = case when again then null else owner_id end, deadline = case when again then null else deadline end,
                  updated_at = $7
           from unnest($1::uuid[], $2::uuid[], $3::bool[], $4::timestamptz[], $5::text[], $6::bool[])
             as new(id, person_id, unsure, check_due_at, status, again)
           where referrals.id = new.id""",
        *zip(*[(each.id, each.person_id, each.unsure, each.check_due_at, each.status, each.id in again) for each in moved], strict=True),
        now,
    )
    await tx.execute(
        """update consents set person_id = new.person_id from unnest($1::uuid[], $2::uuid[]) as new(referral_id, person_id)
           where consents.referral_id = new.referral_id""",
        [each.id for each in moved],
        [each.person_id for each in moved],
    )
