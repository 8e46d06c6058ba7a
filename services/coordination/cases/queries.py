"""SQL of what people see of cases. Reads only; who may see what is part of the question."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from services.coordination.offers.choice import chosen_again, question_from
from services.coordination.rule import RULE
from services.coordination.workforce import store as workforce_rows
from services.coordination.workforce.domain import Team, a_team
from shared.access.rules import Bounds
from shared.db import Connection
from shared.working_time import BRUSSELS


@dataclass(frozen=True, slots=True)
class Wanted:
    """A filter on a list of cases, its order (high urgency first and then the oldest, unless another), and which part of it."""

    status: str | None = None
    zone: str | None = None
    coordinator: UUID | None = None
    limit: int | None = 200
    programme: str | None = None
    reason: str | None = None
    order: str = ""
    offset: int = 0


async def cases_counted(connection: Connection, bounds: Bounds, wanted: Wanted) -> int:
    """How many cases `cases_seen` would give without a limit."""
    found: int = await connection.fetchval(
        """select count(*) from cases left join offers active on active.case_id = cases.id and active.status in ('offered', 'accepted')
           where (cases.zone = any($1::text[]) or cases.coordinator_id = $2 or active.coordinator_id = $3
                  or $4::uuid is not null and cases.id = any ((select covered())::uuid[]))
             and ($5::text is null or cases.status = $5) and ($6::text is null or cases.zone = $6)
             and ($7::uuid is null or active.coordinator_id = $7) and ($8::text is null or $8 = any (cases.programmes))
             and ($9::text is null or cases.reason = $9)""",
        bounds.zones,
        bounds.holder_id,
        bounds.offered_to,
        bounds.covers,
        wanted.status,
        wanted.zone,
        wanted.coordinator,
        wanted.programme,
        wanted.reason,
    )
    return found


async def cases_seen(connection: Connection, bounds: Bounds, wanted: Wanted) -> list[asyncpg.Record]:
    """Cases with the name of who holds, is offered or owns them, what ties who asks to them, and `due`: by when the next step is to be done."""
    rows: list[asyncpg.Record] = await connection.fetch(
        """select cases.*, holder.id as holder_id, holder.name as holder, owner.name as owner,
               active.id as offer_id, active.status as offer_status, active.deadline, active.final_at, due,
               active.coordinator_id as offered_to, cases.id = any ((select covered())::uuid[]) as covered,
               (select count(*) from case_referrals where case_id = cases.id and withdrawn_at is null) as referrals
           from cases
           left join offers active on active.case_id = cases.id and active.status in ('offered', 'accepted')
           left join coordinators holder on holder.id = active.coordinator_id
           left join coordinators owner on owner.id = cases.owner_id
           cross join lateral (select case cases.status when 'assigned' then first_contact_due when 'waiting' then late_at
                                                        when 'offered' then active.deadline when 'paused' then paused_until end as due) as next
           where (cases.zone = any($1::text[]) or cases.coordinator_id = $2 or active.coordinator_id = $3
                  or $4::uuid is not null and cases.id = any ((select covered())::uuid[]))
             and ($5::text is null or cases.status = $5) and ($6::text is null or cases.zone = $6)
             and ($7::uuid is null or active.coordinator_id = $7) and ($8::text is null or $8 = any (cases.programmes))
             and ($9::text is null or cases.reason = $9)
           order by case $10 when 'due' then due when 'since' then waiting_since when 'received' then cases.received_at end,
               case $10 when '-due' then due when '-since' then waiting_since when '-received' then cases.received_at end desc nulls last,
               case $10 when 'holder' then coalesce(holder.name, owner.name) when 'reason' then cases.reason end,
               case $10 when '-holder' then coalesce(holder.name, owner.name) when '-reason' then cases.reason end desc nulls last,
               case $10 when 'points' then cases.points end, case $10 when '-points' then cases.points end desc,
               cases.urgency, cases.received_at, cases.id limit $11 offset $12""",
        bounds.zones,
        bounds.holder_id,
        bounds.offered_to,
        bounds.covers,
        wanted.status,
        wanted.zone,
        wanted.coordinator,
        wanted.programme,
        wanted.reason,
        wanted.order,
        wanted.limit,
        wanted.offset,
    )
    return rows


async def case_seen(connection: Connection, case_id: UUID) -> asyncpg.Record | None:
    """One case, and whether who asks covers it today."""
    return await connection.fetchrow(
        """select cases.*, holder.id as holder_id, holder.name as holder, owner.name as owner,
               active.id as offer_id, active.status as offer_status, active.deadline, active.final_at,
               active.coordinator_id as offered_to, cases.id = any (covered()) as covered
           from cases
           left join offers active on active.case_id = cases.id and active.status in ('offered', 'accepted')
           left join coordinators holder on holder.id = active.coordinator_id
           left join coordinators owner on owner.id = cases.owner_id
           where cases.id = $1""",
        case_id,
    )


async def referrals_of(connection: Connection, case_id: UUID) -> list[asyncpg.Record]:
    rows: list[asyncpg.Record] = await connection.fetch(
        "select referral_id, reference, sender_id, programme, received_at, withdrawn_at from case_referrals where case_id = $1 order by received_at",
        case_id,
    )
    return rows


async def offers_of(connection: Connection, case_id: UUID) -> list[asyncpg.Record]:
    """All offers of a case, the oldest first, with names."""
    rows: list[asyncpg.Record] = await connection.fetch(
        """select offers.*, coordinators.name from offers left join coordinators on coordinators.id = offers.coordinator_id
           where case_id = $1 order by offered_at, offers.id""",
        case_id,
    )
    return rows


async def oldest_waiting(connection: Connection) -> asyncpg.Record | None:
    return await connection.fetchrow(
        "select reference, zone, reason, waiting_since, received_at from cases where status = 'waiting' order by waiting_since limit 1"
    )


async def latest_cards(connection: Connection, cases: Sequence[UUID]) -> dict[UUID, asyncpg.Record]:
    """The last decision card of each case."""
    rows = await connection.fetch(
        "select distinct on (case_id) * from decision_cards where case_id = any($1::uuid[]) order by case_id, id desc", cases
    )
    return {row["case_id"]: row for row in rows}


async def explained(connection: Connection, cards: Collection[asyncpg.Record]) -> dict[UUID, dict[str, Any]]:
    """Decision cards with every candidate by name, by case. `repeatable`: the rule run again on what was kept gives the same choice."""
    workers = await workforce_rows.team_workers(connection, {card["team_version"] for card in cards})
    ids = {worker.id for team in workers.values() for worker in team}
    names = await workforce_rows.names(connection, ids)
    found = {}
    for card in cards:
        day = card["decided_at"].astimezone(BRUSSELS).date()
        team = a_team("", card["team_version"], day, workers.get(card["team_version"], ()))
        found[card["case_id"]] = explain(card, team, names)
    return found


def explain(card: Mapping[str, Any], team: Team, names: Mapping[UUID, str]) -> dict[str, Any]:
    """One decision card as people read it: who fitted in rank order, who did not and why."""
    inputs = orjson.loads(card["inputs"])
    again = chosen_again(inputs, team, card["draw"]) if card["rule_version"] == RULE.version else None
    chosen = team.members[again.chosen].id if again and again.chosen is not None else None
    question = question_from(inputs["question"])
    fitting = [
        {
            **_candidate(team, names, place),
            "rank": rank,
            "used": used,
            "points": question.points,
            "after": after,
            "recent": recent,
            "chosen": team.members[place].id == card["chosen"],
        }
        for rank, (after, place, used, recent) in enumerate(inputs["ranked"], 1)
    ]
    unfit = [{**_candidate(team, names, place), "failing": failing, "used": used} for place, failing, used in inputs["unfit"]]
    out = [{**_candidate(team, names, place), "failing": failing, "used": None} for place, failing in inputs["out"]]
    return {
        "decided_at": card["decided_at"],
        "rule_version": card["rule_version"],
        "draw": card["draw"],
        "chosen": card["chosen"],
        "reason": card["reason"],
        "familiar": inputs["familiar"],
        "question": inputs["question"],
        "candidates": fitting + unfit + out,
        "repeatable": None if again is None else chosen == card["chosen"],
    }


def _candidate(team: Team, names: Mapping[UUID, str], place: int) -> dict[str, Any]:
    worker = team.members[place]
    return {
        "coordinator_id": worker.id,
        "name": names.get(worker.id, ""),
        "capacity": worker.capacity(team.day),
        "fte": worker.fte,
        "first_year": bool(worker.first_year_ends and team.day < worker.first_year_ends),
    }


async def counted(connection: Connection, until: datetime) -> list[asyncpg.Record]:
    """Referrals received until a moment, by the state everyone is told: how many, and an order-free hash of their ids."""
    rows: list[asyncpg.Record] = await connection.fetch(
        """select case when erased_at is not null then 'erased' when withdrawn_at is not null then 'withdrawn' else status end as state,
               count(*) as count, bit_xor(hashtextextended(referral_id::text, 0)) as hash
           from case_referrals join cases on cases.id = case_referrals.case_id
           where case_referrals.received_at <= $1 group by 1 order by 1""",
        until,
    )
    return rows


async def ids_by_state(connection: Connection, until: datetime, states: Sequence[str]) -> list[asyncpg.Record]:
    """The referrals in these states, each with its person."""
    rows: list[asyncpg.Record] = await connection.fetch(
        """select * from (
               select case when erased_at is not null then 'erased' when withdrawn_at is not null then 'withdrawn' else status end as state,
                      referral_id, person_id
               from case_referrals join cases on cases.id = case_referrals.case_id
               where case_referrals.received_at <= $1) as told
           where state = any($2::text[])""",
        until,
        states,
    )
    return rows
