"""Use cases of leave. Each: load, decide, save, all under the rows of the zones that the worker can reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from services.coordination.leave import domain, proposing, store
from services.coordination.leave.domain import AskCovers, EndLeave, Leave, PlanLeave
from services.coordination.leave.proposing import Known, Proposal
from services.coordination.offers import store as offer_rows
from services.coordination.offers.domain import Book, Effects, refused
from services.coordination.workforce import store as workforce_rows
from services.coordination.workforce.changes import changed_workers, midnight, timers_of
from services.coordination.workforce.domain import Absence, Worker
from shared.access.rules import COORDINATOR, Asking, Somebody
from shared.db import Transaction
from shared.ids import derived_id
from shared.items import Decision, Due, Entry, Refusal, Timer
from shared.working_time import BRUSSELS


async def ask_covers(tx: Transaction, items: Sequence[AskCovers], now: datetime) -> list[Decision]:
    """Who could cover the cases of a worker: the answer is a proposal, nothing changes."""
    return [await _ask(tx, item, now) for item in items]


async def plan(tx: Transaction, items: Sequence[PlanLeave], now: datetime) -> list[Decision]:
    """Note that workers are away and who covers their cases; a leave that has begun takes the unanswered offers away at once."""
    return [await _plan(tx, item, now) for item in items]


async def end(tx: Transaction, items: Sequence[EndLeave], now: datetime) -> list[Decision]:
    """Workers are not away after all, or back earlier."""
    return [await _end(tx, item, now) for item in items]


async def on_leave_begins(tx: Transaction, items: Sequence[Due], now: datetime) -> list[Decision]:
    """Cases that came since the leave was planned, and those for which nothing was planned, are the zone's to look after."""
    return [await _begin(tx, item, now) for item in items]


async def on_absence_asked(tx: Transaction, items: Sequence[Due], now: datetime) -> list[Decision]:
    """Somebody declined for being away soon and gave the days: those that are not known yet become leave."""
    return [await _note_asked(tx, item, now) for item in items]


@dataclass(slots=True)
class Desk:
    """What deciding about the leave of one worker looks at, all locked."""

    worker: Worker
    zones: list[str]
    leaves: list[Leave]
    book: Book

    def leave(self, id: UUID | None = None, days: Absence | None = None) -> Leave | None:
        """One leave, by id; without one by its days."""
        return next((leave for leave in self.leaves if (leave.id == id if id else leave.days == days)), None)

    def cases(self) -> list[UUID]:
        return [case.id for case in proposing.held_by(self.book, self.worker.id)]

    def entries(self, by: Asking) -> list[Entry]:
        """Whose cases these are, as the audit names them."""
        relation = domain.may_plan(by, self.worker).relation
        return [
            Entry(case.person_id, case.id, self.worker.id, case.zone, relation) for case in proposing.held_by(self.book, self.worker.id)
        ]


async def _desk(tx: Transaction, worker_id: UUID, by: Asking, now: datetime) -> Desk | None:
    """None when there is no such worker, or nobody whose leave somebody may plan."""
    zones = sorted(await workforce_rows.zones_of_workers(tx, [worker_id]))
    book = await offer_rows.load_for_workers(tx, [worker_id], zones, now)
    worker = next(iter(await workforce_rows.workers(tx, [worker_id])), None)
    if worker is None or not domain.may_plan(by, worker):
        return None
    return Desk(worker, zones, await store.leaves_of(tx, [worker_id]), book)


async def _ask(tx: Transaction, item: AskCovers, now: datetime) -> Decision:
    desk = await _desk(tx, item.worker_id, item.by, now)
    if desk is None:
        return refused(domain.NOT_FOUND)
    if refusal := _refused(desk, item.days, item.leave_id, now):
        return refused(refusal)
    leave = desk.leave(item.leave_id, item.days)
    proposal = proposing.propose(desk.book, item.worker_id, item.days, await _known(tx, desk, item.days, leave, now), item.named)
    return Decision(proposal).about(*desk.entries(item.by))


async def _plan(tx: Transaction, item: PlanLeave, now: datetime) -> Decision:
    desk = await _desk(tx, item.worker_id, item.by, now)
    if desk is None:
        return refused(domain.NOT_FOUND)
    before = desk.leave(item.leave_id, item.days)
    if refusal := _refused(desk, item.days, item.leave_id, now):
        return refused(refusal)
    known = await _known(tx, desk, item.days, before, now)
    named = item.covers
    if item.substitute_id:
        substitute = next(iter(await workforce_rows.workers(tx, [item.substitute_id])), None)
        if refusal := domain.refused_substitute(desk.worker, substitute):
            return refused(refusal)
        named = dict.fromkeys(desk.cases(), item.substitute_id)
    effects = Effects(item.id)
    after = Leave(before.id if before else item.id, item.worker_id, item.days, before.covers if before else {})
    proposal = None
    if named is not None:
        proposal = proposing.propose(desk.book, item.worker_id, item.days, known, named)
        if refusal := _refused_covers(proposal, item):
            return refused(refusal)
        after = replace(after, covers=proposal.covers)
        await store.close_tasks(tx, list(after.covers), item.by.id, now)
    await store.save(tx, after)
    await _told(tx, before, after, effects)
    left = [part.case.id for part in proposal.left] if proposal else _left_now(desk, after, now)
    await _follow(tx, desk, after, left, known.tasks, now, effects)
    answer = {
        "worker_id": str(item.worker_id),
        "leave_id": str(after.id),
        "away_today": after.days.covers(_today(now)),
        "covered": len(after.covers),
        "left": len(left),
    }
    return effects.decision(answer).about(*desk.entries(item.by))


async def _end(tx: Transaction, item: EndLeave, now: datetime) -> Decision:
    worker_id = item.worker_id or await store.worker_of(tx, item.leave_id)
    desk = await _desk(tx, worker_id, item.by, now) if worker_id else None
    if desk is None:
        return refused(domain.NOT_FOUND)
    before = desk.leave(item.leave_id, item.days)
    if before is None:
        return refused(domain.NO_LEAVE)
    if before.state(_today(now)) == "over":
        return refused(domain.OVER)
    effects = Effects(item.id)
    after = domain.ended(before, _today(now))
    await (store.save(tx, after) if after else store.remove(tx, before))
    await store.close_tasks(tx, desk.cases(), item.by.id, now)
    await _told(tx, before, None, effects)
    await _follow(tx, desk, after, [], {}, now, effects)
    return effects.decision({"worker_id": str(worker_id), "leave_id": str(before.id), "away_today": False}).about(*desk.entries(item.by))


async def _begin(tx: Transaction, item: Due, now: datetime) -> Decision:
    worker_id = await store.worker_of(tx, item.subject)
    desk = await _desk(tx, worker_id, Somebody(worker_id, frozenset({COORDINATOR})), now) if worker_id else None
    leave = desk.leave(item.subject) if desk else None
    if desk is None or leave is None:
        return Decision()
    effects = Effects(item.id)
    left = _left_now(desk, leave, now)
    domain.ask_zone(desk.book, left, await store.open_tasks(tx, left), effects)
    await offer_rows.save(tx, desk.book)
    return effects.decision()


async def _note_asked(tx: Transaction, item: Due, now: datetime) -> Decision:
    asked = (await store.asked_days(tx, [item.subject])).get(item.subject)
    if asked is None:
        return Decision()
    worker_id, days = asked
    today = _today(now)
    by = Somebody(worker_id, frozenset({COORDINATOR}))
    effects = Effects(item.id)
    free = domain.besides(replace(days, starts_on=max(days.starts_on, today)), await store.leaves_of(tx, [worker_id]))
    for place, part in enumerate(free):
        decision = await _plan(tx, PlanLeave(derived_id(item.id, worker_id, f"leave {place}"), worker_id, by, part), now)
        effects.events.extend(decision.events)
        effects.timers.extend(decision.timers)
    return effects.decision()


async def _known(tx: Transaction, desk: Desk, days: Absence, leave: Leave | None, now: datetime) -> Known:
    return await store.known(tx, desk.worker.id, desk.cases(), days, leave, _today(now))


def _refused(desk: Desk, days: Absence, leave_id: UUID | None, now: datetime) -> Refusal | None:
    same = desk.leave(leave_id, days)
    if leave_id and same is None:
        return domain.NO_LEAVE
    return domain.refused_days(days, desk.leaves, _today(now), same.id if same else None)


def _refused_covers(proposal: Proposal, item: PlanLeave) -> Refusal | None:
    """Of what somebody chose case by case, all must still fit, and every case must have been there to choose for."""
    if item.covers is None:
        return None
    if not {part.case.id for part in proposal.parts} <= item.covers.keys():
        return domain.CASES_CHANGED
    return Refusal("cover_unfit", 422, field="covers") if proposal.unfit else None


def _left_now(desk: Desk, leave: Leave, now: datetime) -> list[UUID]:
    """The cases that nobody looks after today; none while the leave is still to come."""
    return [case for case in desk.cases() if case not in leave.covers] if leave.days.covers(_today(now)) else []


async def _told(tx: Transaction, before: Leave | None, after: Leave | None, effects: Effects) -> None:
    cases = {*(before.covers if before else ()), *(after.covers if after else ())}
    effects.events.extend(domain.told(before, after, await store.zones_of(tx, cases)))


async def _follow(
    tx: Transaction,
    desk: Desk,
    leave: Leave | None,
    left: Sequence[UUID],
    asked: Mapping[UUID, Sequence[str]],
    now: datetime,
    effects: Effects,
) -> None:
    """Decisions from now on know of the new days: the teams are taken down anew, offers go, who waits is served, timers look again."""
    await workforce_rows.renew_teams(tx, desk.zones, now)
    (worker,) = await workforce_rows.workers(tx, [desk.worker.id])
    book = await offer_rows.load_for_workers(tx, [worker.id], desk.zones, now)
    changed_workers(book, [worker], _today(now), effects)
    domain.ask_zone(book, left, asked, effects)
    await offer_rows.save(tx, book)
    effects.timers.extend(timers_of(worker, _today(now)))
    if leave and leave.state(_today(now)) == "coming":
        effects.timers.append(Timer("leave_begins", leave.id, midnight(leave.days.starts_on)))


def _today(now: datetime) -> date:
    return now.astimezone(BRUSSELS).date()
