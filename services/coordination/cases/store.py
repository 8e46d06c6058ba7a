"""SQL of cases and their referrals: what a batch needs, in sets; and back, only what changed. The zone's row is locked before."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from services.coordination.cases.domain import Case, Referral
from shared.db import Transaction
from shared.ids import pseudonym
from shared.working_time import BRUSSELS

# The columns of the table are the fields of a case; its referrals have a table of their own.
COLUMNS = tuple(field.name for field in fields(Case) if field.name != "referrals")


async def known_before(
    tx: Transaction, persons: Sequence[UUID], households: Sequence[UUID]
) -> tuple[dict[UUID, str], dict[UUID, UUID], set[UUID]]:
    """Read before anything is locked: the zone of each person's open case, by person or household the coordinator known from the latest
    case, and which of the persons are erased."""
    pseudonyms = {pseudonym(person): person for person in persons}
    rows = await tx.fetch(
        """select person as subject, null as zone, null::uuid as coordinator_id, erased_at as opened_at from erased
           where person = any($3::uuid[])
           union all
           select person_id, zone, null, opened_at from cases
           where person_id = any($1::uuid[]) and status <> 'closed'
           union all
           select person_id, null, coordinator_id, opened_at from cases
           where person_id = any($1::uuid[]) and coordinator_id is not null
           union all
           select household_id, null, coordinator_id, opened_at from cases
           where household_id = any($2::uuid[]) and household_id is not null and coordinator_id is not null
           order by opened_at""",
        persons,
        households,
        list(pseudonyms),
    )
    erased = {pseudonyms[row["subject"]] for row in rows if row["subject"] in pseudonyms}
    zones = {row["subject"]: row["zone"] for row in rows if row["zone"] is not None}
    return zones, {row["subject"]: row["coordinator_id"] for row in rows if row["coordinator_id"] is not None}, erased


async def zones_of_cases(tx: Transaction, cases: Sequence[UUID]) -> list[str]:
    """The zones that a change of these cases can reach: their own and those of who holds or is offered them."""
    rows = await tx.fetch(
        """select distinct unnest(array_append(coalesce(coordinators.zones, '{}'), cases.zone)) as zone
           from cases
           left join offers on offers.case_id = cases.id and offers.status in ('offered', 'accepted')
           left join coordinators on coordinators.id = offers.coordinator_id
           where cases.id = any($1::uuid[])""",
        cases,
    )
    return [row["zone"] for row in rows]


async def cases_of_referrals(tx: Transaction, referrals: Sequence[UUID]) -> list[UUID]:
    rows = await tx.fetch("select distinct case_id from case_referrals where referral_id = any($1::uuid[])", referrals)
    return [row["case_id"] for row in rows]


async def open_cases_of(tx: Transaction, persons: Sequence[UUID]) -> list[Case]:
    rows = await tx.fetch("select * from cases where person_id = any($1::uuid[]) and status <> 'closed'", persons)
    return [case_from(row) for row in rows]


async def cases(tx: Transaction, ids: Sequence[UUID]) -> list[Case]:
    return [case_from(row) for row in await tx.fetch("select * from cases where id = any($1::uuid[])", ids)]


async def cases_with(tx: Transaction, workers: Collection[UUID]) -> list[Case]:
    """What these workers hold or are offered."""
    return [
        case_from(row)
        for row in await tx.fetch(
            """select * from cases where id in (
               select case_id from offers where coordinator_id = any($1::uuid[]) and status in ('offered', 'accepted'))""",
            list(workers),
        )
    ]


async def waiting_in(tx: Transaction, zones: Sequence[str]) -> list[Case]:
    return [case_from(row) for row in await tx.fetch("select * from cases where zone = any($1::text[]) and status = 'waiting'", zones)]


async def referrals_of(tx: Transaction, cases: Sequence[UUID]) -> list[Referral]:
    rows = await tx.fetch("select * from case_referrals where case_id = any($1::uuid[]) order by received_at, referral_id", cases)
    return [
        Referral(
            row["referral_id"],
            row["case_id"],
            row["reference"],
            row["sender_id"],
            row["programme"],
            row["received_at"],
            row["withdrawn_at"],
        )
        for row in rows
    ]


async def free_references(tx: Transaction, count: int, now: datetime) -> list[str]:
    """Unused case references of this year, the lowest last. Numbers of a transaction that fails are not used again."""
    if not count:
        return []
    year = now.astimezone(BRUSSELS).year
    numbers = await _numbers(tx, count, year)
    if not numbers:
        await tx.execute(
            """insert into case_years select $1, case when is_called then last_value else last_value - 1 end from case_numbers
               on conflict do nothing""",
            year,
        )
        numbers = await _numbers(tx, count, year)
    return [f"{year}-{number:04d}" for number in reversed(numbers)]


async def _numbers(tx: Transaction, count: int, year: int) -> list[int]:
    rows = await tx.fetch(
        "select nextval('case_numbers') - before_first as number from case_years, generate_series(1, $1) where year = $2", count, year
    )
    return [row["number"] for row in rows]


async def insert_cases(tx: Transaction, opened: Sequence[Case]) -> None:
    """Add new cases as they stand after the first decision."""
    if opened:
        await tx.execute("insert into cases select * from json_populate_recordset(null::cases, $1)", rows_json(opened))


async def update_cases(tx: Transaction, changed: Sequence[Case]) -> None:
    """Write back what may change of a case."""
    if not changed:
        return
    await tx.execute(
        """update cases set programmes = new.programmes, role = new.role, level = new.level, languages = new.languages,
               interpreter = new.interpreter, urgency = new.urgency, needs = new.needs, caring_organisations = new.caring_organisations,
               household_id = new.household_id, points = new.points, status = new.status, reason = new.reason, owner_id = new.owner_id,
               waiting_since = new.waiting_since, late_at = new.late_at, is_late = new.is_late, intensity = new.intensity,
               first_weeks = new.first_weeks, first_weeks_end = new.first_weeks_end, coordinator_id = new.coordinator_id,
               assigned_at = new.assigned_at, first_contact_due = new.first_contact_due, first_contact_at = new.first_contact_at,
               paused_from = new.paused_from, paused_at = new.paused_at, paused_until = new.paused_until,
               pause_reason = new.pause_reason, closed_at = new.closed_at, outcome = new.outcome
           from json_populate_recordset(null::cases, $1) as new where cases.id = new.id""",
        rows_json(changed),
    )


async def save_referrals(tx: Transaction, changed: Sequence[Referral]) -> None:
    if not changed:
        return
    await tx.execute(
        """insert into case_referrals (referral_id, case_id, reference, sender_id, programme, received_at, withdrawn_at)
           select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::text[], $6::timestamptz[], $7::timestamptz[])
           on conflict (referral_id) do update set case_id = excluded.case_id, programme = excluded.programme,
               withdrawn_at = excluded.withdrawn_at""",
        *zip(
            *[
                (
                    referral.id,
                    referral.case_id,
                    referral.reference,
                    referral.sender_id,
                    referral.programme,
                    referral.received_at,
                    referral.withdrawn_at,
                )
                for referral in changed
            ],
            strict=True,
        ),
    )


def rows_json(cases: Sequence[Case]) -> str:
    """Cases as rows of their table."""
    # asyncpg gives a subclass of UUID, which orjson refuses without `default`
    return orjson.dumps([{name: getattr(case, name) for name in COLUMNS} for case in cases], default=str).decode()


async def unlink(tx: Transaction, left: Sequence[tuple[UUID, UUID]]) -> None:
    """Take referrals out of the open case of a person. One that is already in the case of the right person stays there."""
    await tx.execute(
        """delete from case_referrals using cases, unnest($1::uuid[], $2::uuid[]) as gone(referral_id, person_id)
           where cases.person_id = gone.person_id and cases.status <> 'closed' and case_id = cases.id
             and case_referrals.referral_id = gone.referral_id""",
        *zip(*left, strict=True),
    )


def case_from(row: asyncpg.Record) -> Case:
    """A working copy of a row; its referrals are brought apart."""
    values: list[Any] = [tuple(value) if type(value) is list else value for value in map(row.__getitem__, COLUMNS)]
    return Case(*values)
