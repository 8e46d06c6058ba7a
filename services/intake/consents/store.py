"""SQL of consents. Rows are only added; the last one of a person holds."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from services.intake.consents.domain import Consent
from shared.db import Connection, Transaction


async def add(tx: Transaction, consents: Sequence[Consent]) -> set[UUID]:
    """Write what was said on consent, in one statement; returns the persons who had withdrawn it until now."""
    if not consents:
        return set()
    rows = await tx.fetch(
        """with added as (
               insert into consents (person_id, referral_id, state, said_by, how, said_at, wording, language, recorded_by, recorded_at)
               select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::text[], $8::text[],
                                    $9::uuid[], $10::timestamptz[]))
           select person_id from unnest($1::uuid[]) as said(person_id),
               lateral (select state from consents where consents.person_id = said.person_id order by id desc limit 1) as last
           where last.state = 'withdrawn'""",
        *zip(*consents, strict=True),
    )
    return {row["person_id"] for row in rows}


async def withdrawn(connection: Connection, persons: Sequence[UUID]) -> set[UUID]:
    """Those of the persons who took their consent back."""
    rows = await connection.fetch("select person_id from unnest($1::uuid[]) as asked(person_id) where not has_consent(person_id)", persons)
    return {row["person_id"] for row in rows}


async def history(connection: Connection, person_id: UUID) -> list[Consent]:
    """All that was said on consent about a person, the oldest first."""
    rows = await connection.fetch(
        """select person_id, referral_id, state, said_by, how, said_at, wording, language, recorded_by, recorded_at
           from consents where person_id = $1 order by id""",
        person_id,
    )
    return [Consent(*row) for row in rows]


async def erase(tx: Transaction, persons: Sequence[UUID]) -> None:
    """Forget what these persons consented to."""
    await tx.execute("delete from consents where person_id = any($1::uuid[])", persons)
