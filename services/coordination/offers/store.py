"""SQL of offers, decision cards and loads: what a batch needs, in sets, under the rows of its zones; and back, only what changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
import orjson

from services.coordination.cases import store as case_rows
from services.coordination.cases.domain import Case
from services.coordination.offers import loads as load_rows
from services.coordination.offers.choice import Card, inputs_of
from services.coordination.offers.domain import Book, Offer
from services.coordination.rule import RULE
from services.coordination.tasks.domain import Task
from services.coordination.workforce import store as workforce_rows
from shared.db import Transaction
from shared.working_time import BRUSSELS


async def zones_of_offers(tx: Transaction, offers: Sequence[UUID]) -> list[str]:
    """The zones that an answer to these offers can reach: those of the case and those of the coordinator."""
    rows = await tx.fetch(
        """select distinct unnest(array_append(coalesce(coordinators.zones, '{}'), cases.zone)) as zone
           from offers join cases on cases.id = offers.case_id left join coordinators on coordinators.id = offers.coordinator_id
           where offers.id = any($1::uuid[])""",
        offers,
    )
    return [row["zone"] for row in rows]


async def cases_of_offers(tx: Transaction, offers: Sequence[UUID]) -> list[UUID]:
    rows = await tx.fetch("select distinct case_id from offers where id = any($1::uuid[])", offers)
    return [row["case_id"] for row in rows]


async def open_book(tx: Transaction, zones: Iterable[str], now: datetime, also: Iterable[UUID] = ()) -> Book:
    """Lock the zones, then, in id order, their coordinators who also work elsewhere and whoever is named; an empty book with their teams."""
    teams, load_versions = await workforce_rows.lock_teams(tx, sorted(set(zones)), now.astimezone(BRUSSELS).date())
    shared = {member.id for team in teams.values() for member in team.members if len(member.zones) > 1} | set(also)
    if shared:
        await tx.fetch("select id from coordinators where id = any($1::uuid[]) order by id for update", sorted(shared))
    return Book(now, teams, load_versions=load_versions)


async def bring_cases(tx: Transaction, book: Book, cases: Sequence[Case]) -> None:
    """Put cases in the book, with their referrals and offers."""
    new = [case for case in cases if case.id not in book.cases.rows]
    if not new:
        return
    for case in new:
        book.cases.rows[case.id] = case
        if case.is_open:
            book.open_cases[case.person_id] = case
        if case.status == "waiting":
            book.waiting[case.id] = case
    ids = [case.id for case in new]
    for referral in await case_rows.referrals_of(tx, ids):
        book.referrals.rows[referral.id] = referral
        book.cases[referral.case_id].referrals.append(referral)
    for row in await tx.fetch("select * from offers where case_id = any($1::uuid[]) order by offered_at, id", ids):
        offer = offer_from(row)
        book.offers.rows[offer.id] = offer
        book.offers_of.setdefault(offer.case_id, []).append(offer)


async def bring_waiting(tx: Transaction, book: Book) -> None:
    """Put all that waits in the locked zones in the book, since points may come free."""
    await bring_cases(tx, book, await case_rows.waiting_in(tx, list(book.teams)))


async def save(tx: Transaction, book: Book) -> None:
    """Write back what changed: new rows first, so that nothing points at what is not there."""
    await case_rows.insert_cases(tx, book.opened)
    fresh = {case.id for case in book.opened} | {offer.id for offer in book.offered}
    # offers that end come first: one active offer per case and role holds at every statement
    await update_offers(tx, [offer for offer in book.offers.changed() if offer.id not in fresh])
    await case_rows.update_cases(tx, [case for case in book.cases.changed() if case.id not in fresh])
    await case_rows.save_referrals(tx, book.referrals.changed())
    await insert_offers(tx, book.offered, book.now)
    await update_offers(tx, [offer for offer in book.offers.changed() if offer.id in fresh])
    await insert_cards(tx, book.cards)
    await load_rows.save(tx, book)
    await insert_tasks(tx, book.tasks)


async def insert_offers(tx: Transaction, offered: Sequence[Offer], now: datetime) -> None:
    if not offered:
        return
    await tx.execute(
        """insert into offers (id, case_id, role, coordinator_id, points, offered_at, deadline, familiar, status)
           select id, case_id, role, coordinator_id, points, $1, deadline, familiar, status
           from unnest($2::uuid[], $3::uuid[], $4::text[], $5::uuid[], $6::int[], $7::timestamptz[], $8::bool[], $9::text[])
             as new(id, case_id, role, coordinator_id, points, deadline, familiar, status)""",
        now,
        *zip(
            *[
                (offer.id, offer.case_id, offer.role, offer.coordinator_id, offer.points, offer.deadline, offer.familiar, offer.status)
                for offer in offered
            ],
            strict=True,
        ),
    )


async def update_offers(tx: Transaction, changed: Sequence[Offer]) -> None:
    if not changed:
        return
    await tx.execute(
        """update offers set points = new.points, deadline = new.deadline, status = new.status, reason = new.reason,
               answered_at = new.answered_at, final_at = new.final_at, settled = new.settled, excludes_until = new.excludes_until,
               ended_at = new.ended_at, away_from = new.away_from, away_to = new.away_to
           from unnest($1::uuid[], $2::int[], $3::timestamptz[], $4::text[], $5::text[], $6::timestamptz[], $7::timestamptz[],
               $8::bool[], $9::timestamptz[], $10::timestamptz[], $11::timestamptz[], $12::timestamptz[])
             as new(id, points, deadline, status, reason, answered_at, final_at, settled, excludes_until, ended_at, away_from, away_to)
           where offers.id = new.id""",
        *zip(
            *[
                (
                    offer.id,
                    offer.points,
                    offer.deadline,
                    offer.status,
                    offer.reason,
                    offer.answered_at,
                    offer.final_at,
                    offer.settled,
                    offer.excludes_until,
                    offer.ended_at,
                    offer.away_from,
                    offer.away_to,
                )
                for offer in changed
            ],
            strict=True,
        ),
    )


async def insert_cards(tx: Transaction, cards: Sequence[Card]) -> None:
    if not cards:
        return
    await tx.execute(
        """insert into decision_cards (case_id, decided_at, rule_version, team_version, chosen, reason, draw, inputs)
           select case_id, $2, $1, team_version, chosen, reason, draw, inputs
           from unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::float8[], $8::json[])
             as new(case_id, team_version, chosen, reason, draw, inputs)""",
        RULE.version,
        cards[0].decided_at,
        *zip(
            *[(card.case_id, card.team.version, card.chosen_id, card.reason, card.draw, inputs_json(card)) for card in cards], strict=True
        ),
    )


async def insert_tasks(tx: Transaction, tasks: Iterable[Task]) -> None:
    rows = [(task.id, task.case_id, task.zone, task.kind, task.owner_id, task.asked_at) for task in tasks]
    if rows:
        await tx.execute(
            """insert into case_tasks (id, case_id, zone, kind, owner_id, asked_at)
               select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::timestamptz[])
               on conflict do nothing""",
            *zip(*rows, strict=True),
        )


def inputs_json(card: Card) -> str:
    # asyncpg gives a subclass of UUID, which orjson refuses without `default`
    return orjson.dumps(inputs_of(card), default=str).decode()


def offer_from(row: asyncpg.Record) -> Offer:
    return Offer(
        row["id"],
        row["case_id"],
        row["role"],
        row["coordinator_id"],
        row["points"],
        row["offered_at"],
        row["deadline"],
        row["familiar"],
        row["status"],
        row["reason"],
        row["answered_at"],
        row["final_at"],
        row["settled"],
        row["excludes_until"],
        row["ended_at"],
        row["away_from"],
        row["away_to"],
    )


async def load_for_offers(tx: Transaction, offers: Sequence[UUID], now: datetime) -> Book:
    """Everything that answers to these offers can touch."""
    book = await open_book(tx, await zones_of_offers(tx, offers), now)
    await bring_cases(tx, book, await case_rows.cases(tx, await cases_of_offers(tx, offers)))
    await bring_waiting(tx, book)
    await load_rows.bring(tx, book)
    return book


async def load_for_cases(tx: Transaction, cases: Sequence[UUID], now: datetime) -> Book:
    """Everything that a change of these cases can touch."""
    book = await open_book(tx, await case_rows.zones_of_cases(tx, cases), now)
    await bring_cases(tx, book, await case_rows.cases(tx, cases))
    await bring_waiting(tx, book)
    await load_rows.bring(tx, book)
    return book


async def load_for_workers(tx: Transaction, workers: Collection[UUID], zones: Iterable[str], now: datetime) -> Book:
    """The zones with all that waits, and all that these workers hold or are offered, also elsewhere."""
    book = await open_book(tx, zones, now, workers)
    await bring_cases(tx, book, await case_rows.cases_with(tx, workers))
    await bring_waiting(tx, book)
    await load_rows.bring(tx, book)
    return book
