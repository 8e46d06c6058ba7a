"""Use cases of erasing a person. Each: load, decide, save."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.intake.consents import store as consents
from services.intake.drafts import store as drafts
from services.intake.erasures import domain, store
from services.intake.erasures.domain import Erasure, Why
from services.intake.erasures.ledger import Line
from services.intake.glass import store as glass
from services.intake.keys import handlers as keys
from services.intake.matches import handlers as matches
from services.intake.matches import store as questions
from services.intake.matches.domain import MatchAnswer
from services.intake.persons import joined
from services.intake.persons import store as persons
from services.intake.persons.domain import Person
from services.intake.records import store as records
from services.intake.searches import store as searches
from services.intake.teams import store as teams
from shared.access.rules import ZONE_LEAD, Somebody
from shared.clock import new_id
from shared.db import Transaction
from shared.events import coordination, notifications
from shared.events.intake import HoldLifted, PersonErased
from shared.ids import pseudonym
from shared.items import Decision, Entry, Received, Refusal
from shared.messaging import forgetting
from shared.retention import holds

NOT_FOUND = Decision(refusal=Refusal("person_not_found", status=404))
SEVERAL = Decision(refusal=Refusal("several_persons"))
HELD = Decision(refusal=Refusal("person_held"))
NOBODY = UUID(int=0)  # answers open questions when nobody asked for the erasure


@dataclass(frozen=True, slots=True)
class ErasePerson:
    """The person wants to be forgotten. `named` is the person's id, a referral's id or reference, or a case's reference."""

    named: str
    by: UUID


async def erase(tx: Transaction, items: Sequence[ErasePerson], now: datetime) -> list[Decision]:
    """Erase persons here and announce it. Asked again, it says how far it is, and announces once more where somebody did not confirm."""
    await questions.one_at_a_time(tx)
    return [await _erase(tx, item, now) for item in items]


async def _erase(tx: Transaction, item: ErasePerson, now: datetime) -> Decision:
    named = await store.persons_named(tx, item.named)
    if not named:
        return await _again(tx, pseudonym(item.named), now)
    if len(named) > 1:
        return SEVERAL
    (person_id,) = named
    if await holds.held(tx, [person_id, *await joined.former(tx, [person_id])]):
        return HELD.about(Entry(person_id))
    asked = Erasure(pseudonym(person_id), person_id, pseudonym(item.named), "asked", item.by, now, now)
    return replace(await erase_person(tx, asked, now), answer=domain.answer(asked))


async def _again(tx: Transaction, named: UUID, now: datetime) -> Decision:
    known = await store.asked_as(tx, named)
    if known is None:
        return NOT_FOUND
    told = Decision(answer=domain.answer(known)).about(Entry(known.pseudonym))
    if not domain.is_stuck(known, now) or known.person_id is None:
        return told
    await store.save(tx, known._replace(announced_at=now))
    former = await joined.former(tx, [known.person_id])
    return replace(told, events=(await announced(tx, [known.person_id, *former]),))


@dataclass(frozen=True, slots=True)
class RepeatErasure:
    """Older tables were restored: erase again who is named by this line of the ledger."""

    line: Line
    by: UUID


async def repeat(tx: Transaction, items: Sequence[RepeatErasure], now: datetime) -> list[Decision]:
    """Erase persons again under every id they had, whether or not there is something here, and announce it."""
    await questions.one_at_a_time(tx)
    return [await _repeat(tx, item.line, item.by, now) for item in items]


async def _repeat(tx: Transaction, line: Line, by: UUID, now: datetime) -> Decision:
    today, *former = line.person_ids
    lifted = await holds.outlive(tx, line.person_ids, line.at)
    if await holds.held(tx, line.person_ids):
        return HELD.about(Entry(today))
    again = Erasure(pseudonym(today), today, line.asked_as, line.why, by, line.at, now)
    await store.save(tx, again)
    removed = [await remove(tx, id, again, now) for id in await store.returned(tx, line.person_ids)]
    await joined.erased(tx, former, today)
    await store.written(tx, {today: line.place})
    followed = [event for each in removed for event in each.events]
    events = (*followed, *(HoldLifted(person_id=id) for id in lifted), await announced(tx, line.person_ids))
    entries = (entry for each in removed for entry in each.entries)
    return Decision(domain.answer(again), events).about(*entries, Entry(again.pseudonym))


async def lock(tx: Transaction, person_ids: Sequence[UUID]) -> None:
    """Nobody else can erase, hold, join, refer or change these persons until this transaction ends."""
    await questions.one_at_a_time(tx)
    await persons.lock(tx, person_ids)


async def erase_over(tx: Transaction, person_ids: Sequence[UUID], now: datetime) -> Decision:
    """Erase persons, locked before, of whom every period of retention is over; nobody asked for it."""
    why: Why = "period_over"
    done = [await erase_person(tx, Erasure(pseudonym(id), id, pseudonym(id), why, None, now, now), now) for id in person_ids]
    return Decision(
        events=tuple(event for each in done for event in each.events), entries=tuple(entry for each in done for entry in each.entries)
    )


async def erase_person(tx: Transaction, erasure: Erasure, now: datetime) -> Decision:
    """Everything intake holds about one person goes, in this transaction; the events tell the others, the ledger keeps who it was."""
    person_id = erasure.person_id or NOBODY
    former = await joined.former(tx, [person_id])
    answered = await remove(tx, person_id, erasure, now)
    await store.to_write(tx, erasure.pseudonym, [person_id, *former])
    return replace(answered, events=(*answered.events, await announced(tx, [person_id, *former]))).about(Entry(erasure.pseudonym))


async def announced(tx: Transaction, ids: Sequence[UUID]) -> PersonErased:
    """What the others are told of who had these ids, today's first: whatever they hold of them goes."""
    referrals, cases = await store.erased_referrals(tx, pseudonym(ids[0]))
    return PersonErased(person_id=ids[0], referral_ids=tuple(referrals), case_ids=tuple(cases), former_ids=tuple(ids[1:]))


async def remove(tx: Transaction, person_id: UUID, erasure: Erasure, now: datetime) -> Decision:
    """Take out what stands under one id of the person, only this person's own rows: a mother's child, or whoever lives at the same address,
    is somebody else. What follows for others is decided here too."""
    asked = await store.open_questions(tx, person_id)
    known = await persons.lock(tx, [person_id, *(row["person_id"] for row in asked)])  # at once, so that two never wait for each other
    answered = await _answer_questions(tx, person_id, erasure.asked_by or NOBODY, now)
    former = await joined.former(tx, [person_id])
    referrals = await store.referrals_of(tx, person_id)
    ids = [row["id"] for row in referrals]
    if person_id in known:  # or a restore brought back less than the whole person
        await _drop_drafts(tx, known[person_id], sorted({row["sender_organisation_id"] for row in referrals}))
    await records.erase(tx, ids)
    await consents.erase(tx, [person_id])
    broken = await glass.erase(tx, [person_id, *former])
    await teams.erase(tx, [person_id, *former])
    await searches.forget(tx, ids)
    await store.drop_referrals(tx, erasure.pseudonym, referrals)
    await store.drop_as_known(tx, [person_id, *former])
    await keys.destroy(tx, [person_id])
    await persons.remove(tx, [person_id])
    await forgetting.drop_timers(tx, ids)
    await forgetting.drop_answers(tx, [person_id, *former, *ids, *broken], min((row["received_at"] for row in referrals), default=now))
    await forgetting.forget(tx, [person_id, *former], now)
    await joined.erase(tx, person_id)
    await store.save(tx, erasure)
    return answered


async def _answer_questions(tx: Transaction, person_id: UUID, by: UUID, now: datetime) -> Decision:
    """Whoever was asked whether somebody else is this person need not look any more: they are not, and what waited for it goes on."""
    asked = await store.open_questions(tx, person_id)
    no = MatchAnswer(answer="not_same")
    whoever = [Somebody(by, frozenset({ZONE_LEAD}), zones=frozenset({row["zone"]})) for row in asked]
    answers = [matches.AnswerMatch(row["referral_id"], who, no, new_id()) for who, row in zip(whoever, asked, strict=True)]
    events = [event for decision in await matches.answer_match(tx, answers, now) for event in decision.events]
    others = [Entry(row["person_id"], None, row["referral_id"], row["zone"], action="matches.answer_match") for row in asked]
    return Decision(events=tuple(events), entries=tuple(others))


async def _drop_drafts(tx: Transaction, person: Person, organisations: Sequence[UUID]) -> None:
    """What the organisations that referred the person began about the same one and did not send."""
    ids = await store.drafts_of(tx, organisations)
    typed = await records.bodies(tx, ids)
    gone = [id for id in ids if domain.is_about(typed.get(id, {}), person.details)]
    await drafts.remove(tx, gone)
    await records.discard(tx, gone)


async def on_coordination_erased(tx: Transaction, items: Sequence[Received[coordination.PersonErased]], now: datetime) -> list[Decision]:
    """Note in the ledger that coordination erased these persons; what was still to be published about them is by now, and is emptied."""
    await store.confirmed_by_coordination(tx, {item.event.person_id: item.event.referral_ids for item in items}, now)
    confirmed = [item.event.person_id for item in items]
    await forgetting.forget(tx, [*confirmed, *await joined.former(tx, confirmed)], now)
    return [Decision()] * len(items)


async def on_notifications_erased(tx: Transaction, items: Sequence[Received[notifications.PersonErased]], now: datetime) -> list[Decision]:
    """Note in the ledger that notifications erased these persons."""
    confirmed = [item.event.person_id for item in items]
    await store.confirmed_by_notifications(tx, confirmed, now)
    await forgetting.forget(tx, [*confirmed, *await joined.former(tx, confirmed)], now)
    return [Decision()] * len(items)
