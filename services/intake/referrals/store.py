"""SQL of referrals: what a batch needs, in sets, locked in id order; and back, only what changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from services.intake.referrals.book import Book, Judgement, Referral, Step
from services.intake.referrals.progress import Progress
from services.intake.referrals.states import Status
from shared.access.rules import Bounds
from shared.db import Connection, Transaction
from shared.items import Shelf


async def next_numbers(tx: Transaction, count: int) -> list[int]:
    """So many numbers for references. Numbers of what was rolled back are never used again."""
    return [row[0] for row in await tx.fetch("select nextval('referral_numbers') from generate_series(1, $1)", count)]


async def add(tx: Transaction, book: Book, now: datetime) -> None:
    """Write the new referrals of a book and their history."""
    await tx.copy_records_to_table("referrals", records=[_row(new, now) for new in book.referrals.changed()], columns=COLUMNS)
    await add_steps(tx, book.steps)


def _row(new: Referral, now: datetime) -> tuple[object, ...]:
    judged = new.judgement
    return (
        new.id,
        new.reference,
        new.person_id,
        new.sender_id,
        new.sender_organisation_id,
        new.programme,
        new.zone,
        new.nis,
        new.status,
        new.urgency,
        new.needs,
        new.received_at,
        now,
        judged.outcome,
        judged.missing,
        judged.rule_version,
        judged.role,
        judged.level,
        judged.judged_at,
        new.check_due_at,
        new.information_due_at,
        new.unsure,
    )


COLUMNS = (
    "id",
    "reference",
    "person_id",
    "sender_id",
    "sender_organisation_id",
    "programme",
    "zone",
    "nis",
    "status",
    "urgency",
    "needs",
    "received_at",
    "updated_at",
    "outcome",
    "missing",
    "rule_version",
    "role",
    "level",
    "judged_at",
    "check_due_at",
    "information_due_at",
    "unsure",
)


async def add_steps(tx: Transaction, steps: Sequence[Step]) -> None:
    """Write lines of history."""
    if steps:
        await tx.copy_records_to_table("referral_steps", records=steps, columns=Step._fields)


async def load(tx: Transaction, ids: Iterable[UUID], now: datetime, check_due_at: datetime) -> Book:
    """Lock referrals in id order."""
    rows = await tx.fetch("select * from referrals where id = any($1::uuid[]) order by id for update", sorted(set(ids)))
    return Book(now, check_due_at, Shelf.of(map(referral_from, rows)))


async def save(tx: Transaction, book: Book, now: datetime) -> None:
    """Write back the referrals that a person decided on, and their history."""
    if changed := book.referrals.changed():
        rows = [
            (
                each.id,
                each.programme,
                each.status,
                each.urgency,
                each.check_due_at,
                each.information_due_at,
                judged.outcome,
                ",".join(judged.missing),
                judged.rule_version,
                judged.role,
                judged.level,
                judged.judged_at,
                judged.decided_by,
            )
            for each in changed
            for judged in (each.judgement,)
        ]
        await tx.execute(
            """update referrals set programme = new.programme, status = new.status, urgency = new.urgency, check_due_at = new.check_due_at,
                      information_due_at = new.information_due_at, outcome = new.outcome, missing = string_to_array(new.missing, ','),
                      rule_version = new.rule_version, role = new.role, level = new.level,
                      judged_at = new.judged_at, decided_by = new.decided_by, updated_at = $14
               from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::text[], $8::text[],
                           $9::text[], $10::text[], $11::text[], $12::timestamptz[], $13::uuid[])
                    as new(id, programme, status, urgency, check_due_at, information_due_at, outcome, missing, rule_version, role, level, judged_at, decided_by)
               where referrals.id = new.id""",
            *_by_column(rows),
            now,
        )
    await add_steps(tx, book.steps)


def _by_column(rows: Sequence[tuple[object, ...]]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)]


def referral_from(row: asyncpg.Record) -> Referral:
    judgement = Judgement(
        row["outcome"], tuple(row["missing"]), row["rule_version"], row["role"], row["level"], row["judged_at"], row["decided_by"]
    )
    return Referral(
        row["id"],
        row["reference"],
        row["person_id"],
        row["sender_id"],
        row["sender_organisation_id"],
        row["programme"],
        row["zone"],
        row["nis"],
        Status(row["status"]),
        row["urgency"],
        tuple(row["needs"]),
        row["received_at"],
        judgement,
        row["check_due_at"],
        row["information_due_at"],
        row["unsure"],
    )


async def load_progress(tx: Transaction, ids: Iterable[UUID]) -> Shelf[Progress]:
    """Lock referrals in id order and give what coordination told of them last."""
    rows = await tx.fetch(
        """select id, status, told_at, case_id, case_reference, offered_to, coordinator_id, case_role, reason, owner_id, deadline, check_due_at,
                  person_id
           from referrals where id = any($1::uuid[]) order by id for update""",
        sorted(set(ids)),
    )
    return Shelf.of([Progress(row[0], STATUSES[row[1]], *row[2:]) for row in (tuple(row) for row in rows)])


STATUSES = {status.value: status for status in Status}


async def save_progress(tx: Transaction, referrals: Shelf[Progress], steps: Sequence[Step], now: datetime) -> None:
    """Write back what coordination told, in one statement, and the history."""
    if changed := referrals.changed():
        await tx.execute(
            """update referrals set status = new.status, told_at = new.told_at, case_id = new.case_id, case_reference = new.case_reference,
                      offered_to = new.offered_to, coordinator_id = new.coordinator_id, case_role = new.case_role, reason = new.reason,
                      owner_id = new.owner_id, deadline = new.deadline, check_due_at = new.check_due_at, updated_at = $13
               from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::uuid[], $5::text[], $6::uuid[], $7::uuid[], $8::text[], $9::text[],
                           $10::uuid[], $11::timestamptz[], $12::timestamptz[])
                    as new(id, status, told_at, case_id, case_reference, offered_to, coordinator_id, case_role, reason, owner_id, deadline,
                           check_due_at)
               where referrals.id = new.id""",
            *_by_column(changed)[:-1],  # whose it is does not change here
            now,
        )
    await add_steps(tx, steps)


async def entities(connection: Connection, zone_codes: Iterable[str]) -> dict[str, str]:
    """Whose rules hold in these zones: flanders or brussels."""
    rows = await connection.fetch("select code, entity from zones where code = any($1::text[])", list(set(zone_codes)))
    return {row["code"]: row["entity"] for row in rows}


async def read(connection: Connection, id: UUID) -> asyncpg.Record | None:
    """One referral, every column, and what ties who asks to it today besides."""
    return await connection.fetchrow("select * from referrals cross join lateral ties(referrals) where id = $1", id)


async def listed(connection: Connection, bounds: Bounds, status: str | None, before: UUID | None, limit: int) -> list[asyncpg.Record]:
    """Referrals of an organisation, newest first: ids are in the order of time."""
    rows: list[asyncpg.Record] = await connection.fetch(
        """select * from referrals cross join lateral ties(referrals)
           where sender_organisation_id = $1 and ($2::text is null or status = $2) and ($3::uuid is null or id < $3)
           order by id desc limit $4""",
        bounds.organisation_id,
        status,
        before,
        limit,
    )
    return rows


async def of_persons(connection: Connection, persons: Sequence[UUID]) -> list[UUID]:
    """The referrals of these persons."""
    return [row["id"] for row in await connection.fetch("select id from referrals where person_id = any($1::uuid[])", persons)]


async def cases_of(connection: Connection, persons: Sequence[UUID]) -> list[UUID]:
    """The cases of these persons, as far as coordination told of them."""
    rows = await connection.fetch(
        "select distinct case_id from referrals where person_id = any($1::uuid[]) and case_id is not null", persons
    )
    return [row["case_id"] for row in rows]


async def steps(connection: Connection, id: UUID) -> list[Step]:
    """The history of a referral, oldest first."""
    rows = await connection.fetch("select referral_id, at, what, by, reason from referral_steps where referral_id = $1 order by at, id", id)
    return [Step(*row) for row in rows]


async def known_to(connection: Connection, person_ids: Sequence[UUID], bounds: Bounds) -> dict[UUID, asyncpg.Record]:
    """Per person, the newest referral that gives who asks a ground to know the person."""
    rows = await connection.fetch(
        """select distinct on (person_id) * from referrals cross join lateral ties(referrals)
           where person_id = any($1::uuid[]) and (
               live and (coordinator_id = $2 and goes_on or consent and (offered_to = $3 or $4::uuid is not null and covered))
               or consent and zone = any($5::text[])
               or $6::uuid is not null and opened
               or consent and $7::uuid is not null and sees is not null)
           order by person_id, id desc""",
        person_ids,
        bounds.holder_id,
        bounds.offered_to,
        bounds.covers,
        bounds.zones,
        bounds.glass,
        bounds.team,
    )
    return {row["person_id"]: row for row in rows}
