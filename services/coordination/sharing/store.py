"""SQL of consent on cases, and of taking a person out of them. The rows of the zones are locked before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from shared.db import Connection, Transaction
from shared.ids import pseudonym


async def mark_withdrawn(tx: Transaction, persons: Sequence[UUID], now: datetime) -> None:
    """Consent is withdrawn on these persons' open cases."""
    await tx.execute(
        """update cases set consent_withdrawn_at = $2
           where person_id = any($1::uuid[]) and status <> 'closed' and consent_withdrawn_at is null""",
        persons,
        now,
    )


async def mark_given(tx: Transaction, persons: Sequence[UUID]) -> None:
    """There is consent again."""
    await tx.execute("update cases set consent_withdrawn_at = null where person_id = any($1::uuid[]) and status <> 'closed'", persons)


async def subjects(tx: Transaction, persons: Sequence[UUID]) -> tuple[list[UUID], dict[UUID, list[UUID]]]:
    """The ids that timers can be about, and by person the referrals that are here, also of who was erased before."""
    rows = await tx.fetch(
        """select cases.id, asked.person_id, array(select referral_id from case_referrals where case_id = cases.id) as referrals,
                  array(select id from offers where case_id = cases.id) as offers
           from unnest($1::uuid[], $2::uuid[]) as asked(person_id, pseudonym)
           join cases on cases.person_id in (asked.person_id, asked.pseudonym) order by cases.id""",
        persons,
        [pseudonym(person) for person in persons],
    )
    referrals: dict[UUID, list[UUID]] = {}
    for row in rows:
        referrals.setdefault(row["person_id"], []).extend(row["referrals"])
    return [id for row in rows for id in (row["id"], *row["offers"])], referrals


async def remember(tx: Transaction, persons: Sequence[UUID], now: datetime) -> None:
    """These persons are erased, for ever."""
    await tx.execute(
        "insert into erased (person, erased_at) select person, $2 from unnest($1::uuid[]) as new(person) on conflict do nothing",
        [pseudonym(person) for person in persons],
        now,
    )


async def erased(tx: Transaction, persons: Sequence[UUID]) -> set[UUID]:
    """Those of the persons who are erased."""
    asked = {pseudonym(person): person for person in persons}
    return {asked[row["person"]] for row in await tx.fetch("select person from erased where person = any($1::uuid[])", list(asked))}


async def discard(tx: Transaction, persons: Sequence[UUID]) -> None:
    """Count what came late about erased persons: a person for each."""
    await tx.execute(
        """update erased set discarded = discarded + late.count
           from (select person, count(*) as count from unnest($1::uuid[]) as late(person) group by person) as late
           where late.person = erased.person""",
        [pseudonym(person) for person in persons],
    )


async def returned(connection: Connection, persons: Sequence[UUID]) -> list[UUID]:
    """Those of the persons who have a case here, under their own id."""
    return [
        row["person_id"]
        for row in await connection.fetch("select distinct person_id from cases where person_id = any($1::uuid[])", persons)
    ]


async def erase(tx: Transaction, persons: Sequence[UUID], now: datetime) -> None:
    """Cases stay as codes and times under a pseudonym: what they weighed and how they were decided still counts. The rest goes."""
    await tx.execute("""delete from case_additions using cases where cases.id = case_id and person_id = any($1::uuid[])""", persons)
    await tx.execute("delete from case_tasks using cases where cases.id = case_id and person_id = any($1::uuid[])", persons)
    await tx.execute(
        "update case_referrals set reference = '' from cases where cases.id = case_id and person_id = any($1::uuid[])", persons
    )
    await tx.execute(
        """update cases set person_id = erased.pseudonym, household_id = null, nis = '', languages = '{}', needs = '{}',
                  caring_organisations = '{}', erased_at = $3
           from unnest($1::uuid[], $2::uuid[]) as erased(person_id, pseudonym) where cases.person_id = erased.person_id""",
        persons,
        [pseudonym(person) for person in persons],
        now,
    )
