"""Use cases of referrals. Each: load, decide, save."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from pydantic import ValidationError

from services.intake.consents import store as consents
from services.intake.drafts import store as drafts
from services.intake.matches import store as matches
from services.intake.persons import domain as persons_domain
from services.intake.persons import register as entering
from services.intake.persons import store as persons
from services.intake.persons.domain import Person
from services.intake.programmes import domain as programmes
from services.intake.programmes.definitions import load_programmes
from services.intake.programmes.facts import Belrai, Facts
from services.intake.records import store as records
from services.intake.records.domain import Kind, Record
from services.intake.referrals import domain, progress, store
from services.intake.referrals.book import Book, Referral, Step
from services.intake.referrals.domain import SubmitReferral
from services.intake.referrals.references import reference
from services.intake.referrals.relations import facts_of_referral
from services.intake.referrals.requests import Addition, CheckAnswer, Request, Withdrawal, day, kept, known_facts
from services.intake.searches import store as searches
from shared.access.rules import Action, Asking, Ground, Relation, may
from shared.db import Transaction
from shared.events import coordination
from shared.events.intake import ConsentGiven
from shared.items import Decision, Due, Entry, Received, Refusal
from shared.working_time import add_working_days

NOT_FOUND = Decision(refusal=Refusal("not_found", status=404))
ALREADY_SENT = Decision(refusal=Refusal("already_sent"))
DISAGREES = Decision(refusal=Refusal("facts_disagree", status=422, field="facts"))
OF_THE_PERSON: Mapping[str, object] = {"birth_date": None, "due_date": None, "sex": "unknown"}  # facts, and how a person has them unknown


@dataclass(frozen=True, slots=True)
class CompleteReferral:
    """The sender adds something. `note_id` is for the record of what was added."""

    id: UUID
    by: Asking
    addition: Addition
    note_id: UUID


@dataclass(frozen=True, slots=True)
class AnswerCheck:
    """A worker of the zone's intake decides on a referral that a human has to look at."""

    id: UUID
    by: Asking
    given: CheckAnswer
    note_id: UUID


@dataclass(frozen=True, slots=True)
class WithdrawReferral:
    """The sender takes a referral back."""

    id: UUID
    by: Asking
    withdrawal: Withdrawal


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent, and the entity whose rules decide on it. `taught`: whether it now tells more of the person."""

    request: Request
    entity: str
    taught: bool = False


async def submit(tx: Transaction, items: Sequence[SubmitReferral], now: datetime) -> list[Decision]:
    """Send referrals. A draft is sent once: the second time it is gone."""
    unsent = await _take_drafts(tx, items)
    told = [_told(item) for item in items]
    register = await persons.load(tx, told)
    numbers = await store.next_numbers(tx, len(items))
    year, book = day(now).year, Book(now, _check_due(now))
    decisions = []
    for item, number, newcomer in zip(items, numbers, told, strict=True):
        if item.from_draft and (item.id, item.sender_organisation_id) not in unsent:
            decisions.append(ALREADY_SENT)
            continue
        unsent.discard((item.id, item.sender_organisation_id))
        person, doubt = entering.enter(register, newcomer)
        decision = domain.receive(book, item, person, reference(item.reference_prefix, year, number), doubt)
        decisions.append(decision.about(Entry(person.id, None, item.id, item.zone, Relation.OWN_ORGANISATION)))
    await persons.save(tx, register)
    await records.add(tx, book.records, register.ring)
    await store.add(tx, book, now)
    await matches.add(tx, book.matches)
    again = await consents.add(tx, book.consents)
    return [_consenting_again(decision, again) for decision in decisions] if again else decisions


def _consenting_again(decision: Decision, again: Collection[UUID]) -> Decision:
    """Before anything else about somebody who had withdrawn consent, others hear that there is consent again."""
    persons = dict.fromkeys(event.key for event in decision.events if event.key in again)
    return replace(decision, events=(*(ConsentGiven(person_id=id) for id in persons), *decision.events))


def _told(item: SubmitReferral) -> Person:
    details = item.request.person
    return entering.newcomer(item.person_id, details, item.nis, persons.household_id(details.address))


def _check_due(now: datetime) -> datetime:
    return add_working_days(now, domain.CHECK_DAYS)


async def _take_drafts(tx: Transaction, items: Sequence[SubmitReferral]) -> set[drafts.Owned]:
    whose = {(item.id, item.sender_organisation_id) for item in items if item.from_draft}
    if not whose:
        return set()
    taken = await drafts.take(tx, whose)
    await records.discard(tx, [id for id, _ in taken])
    return taken


async def complete(tx: Transaction, items: Sequence[CompleteReferral], now: datetime) -> list[Decision]:
    """Add what senders tell later; where the rule still waits for it, judge again."""
    book = await store.load(tx, [item.id for item in items], now, _check_due(now))
    sent = await _load_sent(tx, book)
    decisions = []
    for item in items:
        referral = book.referrals.get(item.id)
        if referral is None or not (ground := may(item.by, Action.CHANGE_REFERRAL, facts_of_referral(referral))):
            decisions.append(_of(NOT_FOUND, referral))
            continue
        decision = _add(book, referral, item, sent)
        decisions.append(_of(decision, referral, ground))
        if decision.refusal is None:
            book.records.append(_note(item.note_id, referral, "information", item.addition.model_dump(mode="json", exclude_none=True), now))
    await persons.learn(tx, {book.referrals[id].person_id: told.request.person for id, told in sent.items() if told.taught})
    await searches.forget(tx, [id for id, told in sent.items() if told.taught])  # found by what is told now
    await records.save(tx, book.records)
    await store.save(tx, book, now)
    return decisions


def _add(book: Book, referral: Referral, item: CompleteReferral, sent: dict[UUID, Sent]) -> Decision:
    if not domain.reconsidered(referral):
        return domain.keep_addition(book, referral, item.by.id, item.note_id)
    before, today = sent[referral.id], day(book.now)
    try:
        request = with_facts(before.request, item.addition.facts, day(referral.received_at))
    except ValidationError:
        return DISAGREES
    request = request.model_copy(update={"person": persons_domain.as_unborn(request.person, today)})
    sent[referral.id] = Sent(request, before.entity, before.taught or request.person != before.request.person)
    facts = known_facts(request.person, request.facts)
    eligibility = programmes.decide(load_programmes(today), referral.programme, facts, entity=before.entity, today=today)
    book.records.append(domain.kept_request(referral.id, referral.person_id, request, book.now))
    return domain.complete(book, referral, eligibility, item.by.id, human_check=item.addition.human_check)


def with_facts(request: Request, added: Facts | None, received_on: date) -> Request:
    """The request with newer facts over the older ones; what was not known of the person stands with the person.

    Raises ValidationError where old and new facts together are impossible.
    """
    if added is None:
        return request
    newer = {name: getattr(added, name) for name in added.model_fields_set}
    told = {name: value for name in OF_THE_PERSON if (value := newer.pop(name, None)) is not None}
    learned = {name: value for name, value in told.items() if getattr(request.person, name) == OF_THE_PERSON[name]}
    if added.belrai and request.facts.belrai:
        newer["belrai"] = Belrai.model_validate(request.facts.belrai.model_dump() | added.belrai.model_dump(exclude_none=True))
    facts = Facts.model_validate(request.facts.model_dump() | newer, context={"today": received_on})
    return request.model_copy(update={"facts": facts, "person": request.person.model_copy(update=learned)})


async def answer_check(tx: Transaction, items: Sequence[AnswerCheck], now: datetime) -> list[Decision]:
    """Decide on referrals that a human has to look at. Only workers of the referral's zone may."""
    book = await store.load(tx, [item.id for item in items], now, _check_due(now))
    await _load_sent(tx, book)
    decisions = []
    for item in items:
        referral = book.referrals.get(item.id)
        if referral is None or not (ground := may(item.by, Action.ANSWER_CHECK, facts_of_referral(referral))):
            decisions.append(_of(NOT_FOUND, referral))
            continue
        decision = domain.answer_check(book, referral, item.given, item.by.id)
        decisions.append(_of(decision, referral, ground))
        if decision.refusal is None and item.given.text is not None:
            book.records.append(_note(item.note_id, referral, "check", {"text": item.given.text}, now))
    await records.save(tx, book.records)
    await store.save(tx, book, now)
    return decisions


async def withdraw(tx: Transaction, items: Sequence[WithdrawReferral], now: datetime) -> list[Decision]:
    """Take referrals back."""
    book = await store.load(tx, [item.id for item in items], now, _check_due(now))
    decisions = []
    for item in items:
        referral = book.referrals.get(item.id)
        if referral is None or not (ground := may(item.by, Action.CHANGE_REFERRAL, facts_of_referral(referral))):
            decisions.append(_of(NOT_FOUND, referral))
        else:
            decisions.append(_of(domain.withdraw(book, referral, item.withdrawal, item.by.id), referral, ground))
    await store.save(tx, book, now)
    return decisions


async def on_answer_due(tx: Transaction, items: Sequence[Due], now: datetime) -> list[Decision]:
    """What senders did not answer in time goes to the intake of the zone."""
    book = await store.load(tx, [item.subject for item in items], now, _check_due(now))
    decisions = []
    for item in items:
        referral = book.referrals.get(item.subject)
        decisions.append(_of(domain.stop_waiting(book, referral), referral) if referral else Decision())
    await store.save(tx, book, now)
    return decisions


async def follow_case(tx: Transaction, items: Sequence[Received[coordination.CaseEvent]], now: datetime) -> list[Decision]:
    """Let referrals follow what coordination tells of their case."""
    referrals = await store.load_progress(tx, [link.referral_id for item in items for link in item.event.referrals])
    check_due_at = _check_due(now)
    steps: list[Step] = []
    for item in items:
        for link in item.event.referrals:
            before = referrals.get(link.referral_id)
            after = before and progress.follow(before, item.event, item.at, check_due_at)
            if after:
                referrals.put(after)
                if what := progress.STEP_OF.get(type(item.event)):
                    steps.append(Step(link.referral_id, item.at, what, after.coordinator_id, after.reason))
    await store.save_progress(tx, referrals, steps, now)
    return [Decision()] * len(items)


def _of(decision: Decision, referral: Referral | None, ground: Ground | None = None) -> Decision:
    if referral is None:
        return decision
    return decision.about(Entry(referral.person_id, None, referral.id, referral.zone, ground.relation if ground is not None else None))


async def _load_sent(tx: Transaction, book: Book) -> dict[UUID, Sent]:
    """What was sent with the referrals of a book, and with it what coordination has to know of their persons."""
    referrals = list(book.referrals)
    bodies = await records.bodies(tx, [referral.id for referral in referrals])
    people = await persons.read(tx, [referral.person_id for referral in referrals])
    entities = await store.entities(tx, [referral.zone for referral in referrals])
    sent = {referral.id: Sent(request_from(bodies[referral.id], referral.received_at), entities[referral.zone]) for referral in referrals}
    for referral in referrals:
        book.care[referral.id] = domain.care(sent[referral.id].request, people[referral.person_id], referral.sender_organisation_id)
    return sent


def request_from(body: Mapping[str, Any], received_at: datetime) -> Request:
    """A kept request, judged against the day on which it came."""
    return kept(body, day(received_at))


def _note(id: UUID, referral: Referral, kind: Kind, said: dict[str, Any], now: datetime) -> Record:
    return Record(id, referral.person_id, referral.id, kind, orjson.dumps(said).decode(), now)
