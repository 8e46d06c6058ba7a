"""What follows when the workforce changes: a hire, another FTE, leave, the end of a first year. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from services.coordination.cases.domain import HELD
from services.coordination.offers.domain import Book, Effects, OfferStatus, end_offer, queue_again, serve
from services.coordination.tasks.domain import Task
from services.coordination.workforce.domain import Worker
from shared.ids import derived_id
from shared.items import Timer
from shared.working_time import BRUSSELS


@dataclass(frozen=True, slots=True)
class ImportWorkforce:
    """These workers are from now on as they stand here; others stay. `organisations` names the employer of each worker."""

    id: UUID
    workers: tuple[Worker, ...]
    organisations: Mapping[UUID, str] = field(default_factory=dict)


def keeping_absences(old: Mapping[UUID, Worker], new: Iterable[Worker]) -> list[Worker]:
    """Workers out of a file, with the absences known so far: a file says nothing about those."""
    return [replace(worker, absences=old[worker.id].absences) if worker.id in old else worker for worker in new]


def differing(old: Mapping[UUID, Worker], new: Iterable[Worker]) -> list[Worker]:
    """The workers that are new or not as they were."""
    return [worker for worker in new if old.get(worker.id) != worker]


def changed_workers(book: Book, workers: Collection[Worker], day: date, effects: Effects) -> int:
    """Take unanswered offers from who is away or gone, ask the zone lead about cases of who is gone, and serve who waits."""
    zones: set[str] = set()
    for worker in workers:
        zones |= worker.zones
        is_gone = not worker.active
        if is_gone or worker.on_leave(day):
            zones |= _take_offers(book, worker.id, "left" if is_gone else "on_leave", effects)
        if is_gone:
            _ask_reassign(book, worker.id, effects)
    return serve(book, zones, effects)


def _take_offers(book: Book, worker_id: UUID, reason: str, effects: Effects) -> set[str]:
    zones: set[str] = set()
    for offer in [offer for offer in book.offers if offer.coordinator_id == worker_id and offer.status == OfferStatus.OFFERED]:
        case = book.cases[offer.case_id]
        zones |= end_offer(book, case, offer, effects, end="withdrawn", reason=reason)
        queue_again(book, case)
    return zones


def _ask_reassign(book: Book, worker_id: UUID, effects: Effects) -> None:
    for case in book.cases:
        if case.coordinator_id == worker_id and case.status in HELD:
            owner = book.teams[case.zone].owner if case.zone in book.teams else None
            book.tasks.append(Task(derived_id(effects.cause, case.id, "reassign"), case.id, case.zone, "reassign", owner, book.now))


def turning_days(worker: Worker, today: date) -> list[date]:
    """The days to come on which this worker's capacity or presence changes by itself."""
    days = {absence.starts_on for absence in worker.absences} | {absence.ends_on + timedelta(days=1) for absence in worker.absences}
    if ends := worker.first_year_ends:
        days.add(ends)
    return sorted(day for day in days if day > today)


def timers_of(worker: Worker, today: date) -> list[Timer]:
    """A look at this worker at the start of each turning day."""
    return [Timer("worker_turns", worker.id, midnight(day)) for day in turning_days(worker, today)]


def midnight(day: date) -> datetime:
    """The beginning of a day in Belgium."""
    return datetime(day.year, day.month, day.day, tzinfo=BRUSSELS)
