"""Use cases of the question whether a person is somebody known. Each: load, decide, save."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.intake.keys import handlers as keys
from services.intake.matches import answering, store
from services.intake.matches.answering import Desk
from services.intake.matches.domain import Match, MatchAnswer, facts_of
from services.intake.persons import joined
from services.intake.persons import store as persons
from services.intake.records import store as records
from services.intake.referrals import store as referrals
from services.intake.referrals.handlers import request_from
from shared.access.rules import Action, Asking, Ground, may
from shared.db import Transaction
from shared.items import Decision, Entry, Refusal

NOT_FOUND = Decision(refusal=Refusal("not_found", status=404))
ALREADY_ANSWERED = Decision(refusal=Refusal("already_answered"))


@dataclass(frozen=True, slots=True)
class AnswerMatch:
    """A worker of the zone's intake says whether the person of a referral is somebody known. `person_id` is for when they are not."""

    referral_id: UUID
    by: Asking
    given: MatchAnswer
    person_id: UUID


async def answer_match(tx: Transaction, items: Sequence[AnswerMatch], now: datetime) -> list[Decision]:
    """One after the other: what the first joins, the second finds joined."""
    await store.one_at_a_time(tx)
    return [await _answer(tx, item, now) for item in items]


async def _answer(tx: Transaction, item: AnswerMatch, now: datetime) -> Decision:
    match = await store.read(tx, item.referral_id)
    if match is None:
        return NOT_FOUND
    ground = may(item.by, Action.ANSWER_MATCH, facts_of(match))
    if not ground:
        return NOT_FOUND.about(*_both([match.known_id], match, ground))
    if match.answered_at is not None:
        return ALREADY_ANSWERED.about(*_both([match.known_id], match, ground))
    desk = await _load(tx, match, now)
    decision = answering.answer(desk, item.given, item.by.id, item.person_id)
    if decision.refusal is None:
        await _save(tx, desk, now)
    return decision.about(*_both(desk.persons, match, ground))


def _both(persons: Iterable[UUID], match: Match, ground: Ground) -> list[Entry]:
    return [Entry(person, None, match.referral_id, match.zone, ground.relation) for person in persons]


async def _load(tx: Transaction, match: Match, now: datetime) -> Desk:
    own = await referrals.read(tx, match.referral_id)
    people = await persons.lock(tx, [match.known_id, *([own["person_id"]] if own else [])])
    book = await referrals.load(tx, await store.referrals_of_both(tx, match), now, match.due_at)
    sent = await records.bodies(tx, [referral.id for referral in book.referrals])
    requests = {referral.id: request_from(sent[referral.id], referral.received_at) for referral in book.referrals}
    household_id = persons.household_id(requests[match.referral_id].person.address)
    return Desk(book, match, people, requests, household_id)


async def _save(tx: Transaction, desk: Desk, now: datetime) -> None:
    moved = await records.of_referrals(tx, [each.id for each in desk.moved])  # before the data keys of who is gone are destroyed
    await keys.destroy(tx, desk.gone)  # first: a national number is somebody's once
    await persons.remove(tx, desk.gone)
    await persons.replace(tx, desk.changed)
    await persons.add(tx, desk.added)
    await store.move(tx, desk.moved, desk.again, now)
    whose = {each.id: each.person_id for each in desk.moved}
    await records.save(tx, [record._replace(person_id=whose[record.about]) for record in moved])
    await referrals.add_steps(tx, desk.book.steps)
    await store.save(tx, desk.match)
    if desk.gone:
        await store.rename(tx, desk.gone, desk.changed[0].id)
        await joined.add(tx, desk.gone, desk.changed[0].id)
