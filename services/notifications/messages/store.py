"""SQL of messages: recording them in sets, and reading them for people and for the count."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

import asyncpg

from services.notifications.messages.domain import Book, Message, Reach
from shared.access.rules import Bounds
from shared.db import Connection, Transaction


async def load(tx: Transaction, ids: Collection[UUID], zones: Collection[str]) -> Book:
    """What the directory knows of these recipients, and of those who look after these zones, in one statement."""
    if zones:
        rows = await tx.fetch(
            """select id, language, email is not null, 'email' = any(channels), active, roles, zones from contacts where id = any($1::uuid[])
               union
               select id, language, email is not null, 'email' = any(channels), active, roles, zones from contacts
               where active and zones && $2::text[] and roles && '{zone_intake,zone_lead}'
               union
               select id, language, email is not null, 'email' = any(channels), active, roles, zones from contacts
               where active and 'privacy_officer' = any (roles)
               order by id""",
            list(ids),
            list(zones),
        )
    else:
        rows = await tx.fetch(
            "select id, language, email is not null, 'email' = any(channels), active from contacts where id = any($1::uuid[])", list(ids)
        )
    book = Book({row[0]: Reach(row[1], row[2], row[3], row[4]) for row in rows})
    if zones:
        book.intake_of = _by_zone(rows, "zone_intake")
        book.leads_of = _by_zone(rows, "zone_lead")
        book.privacy_officers = [row["id"] for row in rows if row["active"] and "privacy_officer" in row["roles"]]
    return book


def _by_zone(rows: Sequence[asyncpg.Record], role: str) -> dict[str, list[UUID]]:
    found: dict[str, list[UUID]] = defaultdict(list)
    for row in rows:
        if row["active"] and role in row["roles"]:
            for zone in row["zones"]:
                found[zone].append(row["id"])
    return found


async def add(tx: Transaction, messages: Sequence[Message], now: datetime) -> None:
    """Record messages; one that is recorded already stays as it is."""
    if messages:
        await tx.execute(
            """insert into messages (id, event_id, recipient_id, channel, role, kind, language, reference, referral_id, case_id, zone,
                                     state, reason, fact_at, person, due_at, trying_since, recorded_at, ended_at)
               select id, event_id, recipient_id, channel, role, kind, language, reference, referral_id, case_id, zone,
                      state, reason, fact_at, person, $16::timestamptz, $16, $16, case when state <> 'waiting' then $16 end
               from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::uuid[],
                           $10::uuid[], $11::text[], $12::text[], $13::text[], $14::timestamptz[], $15::uuid[])
                    as new(id, event_id, recipient_id, channel, role, kind, language, reference, referral_id, case_id, zone,
                           state, reason, fact_at, person)
               on conflict do nothing""",
            *zip(*messages, strict=True),
            now,
        )


async def listed(
    connection: Connection, bounds: Bounds, *, referral_id: UUID | None, reference: str | None, recipient_id: UUID | None, limit: int
) -> list[asyncpg.Record]:
    """Messages about a referral and its case, or to a recipient, newest first, with the recipient's name from the directory."""
    rows: list[asyncpg.Record] = await connection.fetch(
        """select messages.*, contacts.name as recipient from messages left join contacts on contacts.id = messages.recipient_id
           where ($1::uuid is null and $2::text is null or messages.id = any (messages_about($1, $2)))
             and ($3::uuid is null or recipient_id = $3)
             and ($4 or recipient_id = $5 or zone = any($6::text[]))
           order by recorded_at desc, messages.id limit $7""",
        referral_id,
        reference,
        recipient_id,
        bounds.everything,
        bounds.subject_id,
        bounds.zones,
        limit,
    )
    return rows


async def states(connection: Connection, until: datetime) -> dict[str, int]:
    """How many messages are in each state, of facts recorded until a moment."""
    rows = await connection.fetch("select state, count(*) from messages where fact_at <= $1 group by state", until)
    return {row["state"]: row["count"] for row in rows}


async def subjects(connection: Connection, until: datetime) -> list[asyncpg.Record]:
    """Per kind: of how many referrals (for facts of intake) or cases somebody was told, and a hash of their ids in which order is nothing."""
    rows: list[asyncpg.Record] = await connection.fetch(
        """select kind, count(*), bit_xor(hashtextextended(subject::text, 0)) as hash
           from (select distinct kind, coalesce(case_id, referral_id) as subject from messages
                 where fact_at <= $1 and coalesce(case_id, referral_id) is not null) as told
           group by kind order by kind""",
        until,
    )
    return rows


async def acknowledged(connection: Connection, until: datetime) -> list[asyncpg.Record]:
    """By day (UTC) of the last acceptance that its sender was told of: how many referrals, and a hash of their ids in which order is nothing."""
    rows: list[asyncpg.Record] = await connection.fetch(
        """select day, count(*), bit_xor(hashtextextended(referral_id::text, 0)) as hash
           from (select referral_id, (max(fact_at) at time zone 'UTC')::date as day from messages
                 where kind = 'received' and fact_at <= $1 and referral_id is not null group by referral_id) as told
           group by day""",
        until,
    )
    return rows


async def acknowledged_on(connection: Connection, until: datetime, days: Sequence[date]) -> list[UUID]:
    """The referrals whose last acceptance that their sender was told of was on these days."""
    rows = await connection.fetch(
        """select referral_id from messages
           where kind = 'received' and fact_at <= $1 and referral_id is not null group by referral_id
           having (max(fact_at) at time zone 'UTC')::date = any($2::date[])""",
        until,
        days,
    )
    return [row["referral_id"] for row in rows]
