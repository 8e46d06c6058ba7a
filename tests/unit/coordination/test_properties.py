"""Whatever happens, in whatever order: no placement passes a capacity, no case has two active offers, nothing waits without reason and owner."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.coordination.cases import joining, steps
from services.coordination.cases.domain import Case, Outcome, Rest
from services.coordination.cases.steps import AgreeInterpreter, CloseCase, NoteFirstContact, PauseCase, ResumeCase
from services.coordination.offers import answers
from services.coordination.offers.answers import AcceptOffer, DeclineOffer, UndoAnswer
from services.coordination.offers.choice import choose
from services.coordination.offers.domain import ACTIVE, DeclineReason, Effects, Offer, OfferStatus, question_of
from services.coordination.workforce.domain import Filter
from tests.unit.coordination.builders import LEAD, ZONE, a_book, a_worker, as_coordinator, as_lead, receive

WEST = "meetjesland-west"


class Coordination(RuleBasedStateMachine):
    """Three coordinators, one of them in two zones, so little room that waiting is common."""

    def __init__(self) -> None:
        super().__init__()
        workers = [a_worker(fte=25), a_worker(fte=20, zones=frozenset({ZONE, WEST})), a_worker(fte=15, zones=frozenset({WEST}))]
        self.workers = {worker.id: worker for worker in workers}
        self.book = a_book(*workers, zones=(ZONE, WEST))
        self.grown = dict.fromkeys(self.workers, 0)

    def offers(self, *states: OfferStatus) -> list[Offer]:
        return [offer for offer in self.book.offers if offer.status in states]

    def held(self) -> list[Case]:
        return [case for case in self.book.cases if case.status in ("assigned", "first_contact")]

    def watching_growth(self, change: Callable[[], None]) -> None:
        """A held case may come to weigh more: that much, and no more, a load may then pass its capacity."""
        before = {offer.id: offer.points for offer in self.book.offers}
        change()
        for offer in self.book.offers:
            if offer.id in before and offer.status in ACTIVE:
                self.grown[offer.coordinator_id] += max(0, offer.points - before[offer.id])

    @precondition(lambda self: self.book.references)
    @rule(
        programme=st.sampled_from(["perinatal", "frail", "obesity"]),
        urgency=st.sampled_from(["normal", "high"]),
        zone=st.sampled_from([ZONE, WEST]),
        role=st.sampled_from(["care_coordinator", "case_manager"]),
        language=st.sampled_from(["nl", "ps"]),
        interpreter=st.booleans(),
    )
    def refer(self, language: str, **changes: Any) -> None:
        receive(self.book, languages=(language,), received_at=self.book.now, **changes)

    @precondition(lambda self: self.book.open_cases)
    @rule(pick=st.integers(0, 99), programme=st.sampled_from(["perinatal", "frail", "obesity"]))
    def refer_again(self, pick: int, programme: str) -> None:
        persons = list(self.book.open_cases)
        person = persons[pick % len(persons)]
        self.watching_growth(lambda: void(receive(self.book, person_id=person, programme=programme)))

    @precondition(lambda self: self.offers(OfferStatus.OFFERED))
    @rule(pick=st.integers(0, 99), window=st.sampled_from([0, 10]))
    def accept(self, pick: int, window: int) -> None:
        offer = self.offers(OfferStatus.OFFERED)[pick % len(self.offers(OfferStatus.OFFERED))]
        answers.accept(self.book, AcceptOffer(uuid4(), offer.id, as_coordinator(offer.coordinator_id), timedelta(minutes=window)))

    @precondition(lambda self: self.offers(OfferStatus.OFFERED))
    @rule(pick=st.integers(0, 99), reason=st.sampled_from(DeclineReason), window=st.sampled_from([0, 10]))
    def decline(self, pick: int, reason: DeclineReason, window: int) -> None:
        offer = self.offers(OfferStatus.OFFERED)[pick % len(self.offers(OfferStatus.OFFERED))]
        answers.decline(
            self.book, DeclineOffer(uuid4(), offer.id, as_coordinator(offer.coordinator_id), reason, undo=timedelta(minutes=window))
        )

    @precondition(lambda self: self.offers(OfferStatus.ACCEPTED, OfferStatus.DECLINED))
    @rule(pick=st.integers(0, 99))
    def undo(self, pick: int) -> None:
        answered = self.offers(OfferStatus.ACCEPTED, OfferStatus.DECLINED)
        offer = answered[pick % len(answered)]
        answers.undo(self.book, UndoAnswer(uuid4(), offer.id, as_coordinator(offer.coordinator_id)))

    @precondition(lambda self: self.held())
    @rule(pick=st.integers(0, 99), intensity=st.sampled_from(["light", "normal", "intense"]))
    def make_contact(self, pick: int, intensity: str) -> None:
        case = self.held()[pick % len(self.held())]
        self.watching_growth(
            lambda: void(
                steps.note_first_contact(
                    self.book,
                    NoteFirstContact(uuid4(), case.id, as_lead(LEAD, frozenset({ZONE, WEST})), self.book.now, "complex", intensity),
                )
            )
        )

    @precondition(lambda self: self.book.open_cases)
    @rule(pick=st.integers(0, 99))
    def pause_or_resume(self, pick: int) -> None:
        cases = list(self.book.open_cases.values())
        case, by = cases[pick % len(cases)], as_lead(LEAD, frozenset({ZONE, WEST}))
        if case.status == "paused":
            steps.resume(self.book, ResumeCase(uuid4(), case.id, by))
        else:
            steps.pause(self.book, PauseCase(uuid4(), case.id, by, self.book.now.date() + timedelta(days=7), Rest.AWAY))

    @precondition(lambda self: self.book.open_cases)
    @rule(pick=st.integers(0, 99), agreed=st.booleans())
    def agree_interpreter(self, pick: int, agreed: bool) -> None:
        cases = list(self.book.open_cases.values())
        by = as_lead(LEAD, frozenset({ZONE, WEST}))
        steps.agree_interpreter(self.book, AgreeInterpreter(uuid4(), cases[pick % len(cases)].id, by, agreed))

    @precondition(lambda self: self.book.open_cases)
    @rule(pick=st.integers(0, 99))
    def close(self, pick: int) -> None:
        cases = list(self.book.open_cases.values())
        steps.close(self.book, CloseCase(uuid4(), cases[pick % len(cases)].id, as_lead(LEAD, frozenset({ZONE, WEST})), Outcome.MOVED))

    @precondition(lambda self: self.book.open_cases)
    @rule(pick=st.integers(0, 99))
    def withdraw(self, pick: int) -> None:
        cases = list(self.book.open_cases.values())
        joining.withdraw(self.book, cases[pick % len(cases)].referrals[0].id, Effects(uuid4()))

    @rule(hours=st.sampled_from([1, 24, 24 * 14, 24 * 43]))
    def time_passes(self, hours: int) -> None:
        self.book.now += timedelta(hours=hours)
        for offer in list(self.book.offers):
            answers.settle_due(self.book, offer.id, Effects(uuid4()))
            answers.expire_due(self.book, offer.id, Effects(uuid4()))
        for case in list(self.book.cases):
            steps.first_weeks_over(self.book, case.id, Effects(uuid4()))
            steps.become_late(self.book, case.id, Effects(uuid4()))
            steps.try_again(self.book, case.id, Effects(uuid4()))

    @invariant()
    def no_placement_passes_a_capacity(self) -> None:
        for id, worker in self.workers.items():
            assert self.book.loads[id].used <= worker.capacity(self.book.now.date()) + self.grown[id]

    @invariant()
    def what_is_carried_is_what_the_offers_say(self) -> None:
        for id, worker in self.workers.items():
            active = sum(offer.points for offer in self.book.offers if offer.coordinator_id == id and offer.status in ACTIVE)
            assert self.book.loads[id].used == worker.fixed + active

    @invariant()
    def a_case_has_at_most_one_active_offer_and_an_offered_or_held_one_exactly_one(self) -> None:
        for case in self.book.cases:
            active = [offer for offer in self.book.offers_of.get(case.id, ()) if offer.status in ACTIVE]
            unsettled = [
                offer for offer in self.book.offers_of.get(case.id, ()) if offer.status == OfferStatus.DECLINED and not offer.settled
            ]
            assert len(active) + len(unsettled) == (1 if case.status in ("offered", "assigned", "first_contact", "paused") else 0)

    @invariant()
    def who_waits_has_a_reason_and_an_owner_and_stands_on_the_list(self) -> None:
        waiting = {case.id for case in self.book.cases if case.status == "waiting"}
        assert set(self.book.waiting) == waiting
        for case in self.book.waiting.values():
            assert case.reason in set(Filter)
            assert (case.owner_id, case.late_at is None) == (LEAD, False)

    @invariant()
    def nobody_waits_while_a_coordinator_has_room(self) -> None:
        for case in self.book.waiting.values():
            assert choose(question_of(self.book, case), self.book.teams[case.zone], self.book.bench(case.zone), 0.0).chosen is None


def void(_: object) -> None:
    """A value that a step gives and the machine does not need."""


TestCoordination = Coordination.TestCase
TestCoordination.settings = settings(max_examples=40, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck))
