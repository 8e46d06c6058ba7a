"""What explains a difference between the counts, and what does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.intake.operations import advice, domain
from services.intake.operations.domain import Difference, InFlight, Tally
from shared.events.coordination import CaseAssigned
from shared.events.intake import CheckRequested, ReferralAccepted, ReferralWithdrawn

REFERRAL, PERSON = uuid4(), uuid4()
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


def an_event(consumer: str, type_: str = ReferralAccepted.type, **changes: Any) -> InFlight:
    producer = type_.partition(".")[0]
    return replace(InFlight("outbox", producer, consumer, type_, PERSON, frozenset({REFERRAL, PERSON}), NOW), **changes)


def stands(intake: str | None, coordination: str | None) -> Difference:
    return Difference(REFERRAL, PERSON, "state", intake, coordination)


ACCEPTED, WITHDRAWN = an_event("coordination"), an_event("coordination", ReferralWithdrawn.type)
NEWS = an_event("intake", CaseAssigned.type)
TO_TELL = an_event("notifications")


@pytest.mark.parametrize(
    ("difference", "item", "is_explained"),
    [
        (stands("handed_over", None), ACCEPTED, True),
        (stands("handed_over", None), WITHDRAWN, False),
        (stands("handed_over", None), NEWS, False),
        (stands("handed_over", None), TO_TELL, False),
        (stands("handed_over", "offered"), NEWS, True),
        (stands("handed_over", "offered"), ACCEPTED, False),
        (stands("handed_over", "returned"), ACCEPTED, True),
        (stands("handed_over", "returned"), NEWS, True),
        (stands("offered", "assigned"), NEWS, True),
        (stands("offered", "assigned"), ACCEPTED, False),
        (stands("offered", None), ACCEPTED, False),  # coordination had it already: nothing that is on its way to it brings it back
        (stands("offered", None), NEWS, False),
        (stands("withdrawn", "offered"), WITHDRAWN, True),
        (stands("withdrawn", "offered"), NEWS, False),
        (stands("withdrawn", None), ACCEPTED, True),
        (stands(None, "offered"), ACCEPTED, False),
        (stands(None, "offered"), NEWS, False),
        (Difference(REFERRAL, PERSON, "unacknowledged"), TO_TELL, True),
        (Difference(REFERRAL, PERSON, "unacknowledged"), ACCEPTED, False),
        (Difference(REFERRAL, PERSON, "unacknowledged"), an_event("notifications", CheckRequested.type), False),
        (Difference(REFERRAL, None, "unknown"), TO_TELL, False),
    ],
)
def test_only_what_goes_to_the_one_that_lags_behind_explains(difference: Difference, item: InFlight, is_explained: bool) -> None:
    (found,) = domain.explain([difference], [item])
    assert (found.explained is not None) is is_explained


def test_an_event_about_another_referral_of_the_same_person_explains_nothing() -> None:
    (found,) = domain.explain([stands("handed_over", None)], [an_event("coordination", names=frozenset({uuid4(), PERSON}))])
    assert found.explained is None


def test_a_parked_event_that_cannot_be_read_explains_what_its_person_lacks() -> None:
    unreadable = an_event("coordination", "unreadable", where="parked", names=frozenset(), reason="fields do not fit")
    (found,) = domain.explain([stands("handed_over", None)], [unreadable])
    assert found.explained == unreadable
    (other,) = domain.explain([stands("handed_over", None)], [replace(unreadable, key=uuid4())])
    assert other.explained is None


def test_what_somebody_discarded_is_on_its_way_no_more() -> None:
    thrown = replace(ACCEPTED, where="parked", discarded=True)
    (found,) = domain.explain([stands("handed_over", None)], [thrown])
    assert (found.explained, found.discarded, advice.of(found)) == (None, True, "discarded")
    (found,) = domain.explain([stands("handed_over", None)], [thrown, ACCEPTED])
    assert (found.explained, found.discarded) == (ACCEPTED, False)


def test_places_are_compared_one_by_one_so_that_errors_do_not_cancel_out() -> None:
    ours = {"offered": Tally(2, 5), "waiting": Tally(3, 9), "closed": Tally(1, 7)}
    assert domain.differing(ours, dict(ours)) == []
    assert domain.differing(ours, {**ours, "offered": Tally(3, 4), "waiting": Tally(2, 8)}) == ["offered", "waiting"]
    assert domain.differing(ours, {**ours, "offered": Tally(2, 6)}) == ["offered"]
    assert domain.differing({}, {"offered": Tally(1, 1)}) == ["offered"]


def test_what_moved_while_it_was_counted_is_not_called_lost() -> None:
    lost, moving = stands("offered", None), stands("offered", "assigned")
    moved = Difference(uuid4(), PERSON, "state", "handed_over", None)
    again = [lost, replace(moving, intake="assigned", coordination="first_contact"), replace(moved, explained=ACCEPTED)]
    assert domain.settled([lost, moving, moved], again) == [lost, again[2]]


def test_a_referral_is_listed_once_and_what_nothing_explains_comes_first() -> None:
    on_its_way = replace(stands("handed_over", None), explained=ACCEPTED)
    untold = Difference(REFERRAL, PERSON, "unacknowledged")
    other = Difference(UUID(int=1), PERSON, "state", "handed_over", None, explained=ACCEPTED)
    assert domain.one_each([other, on_its_way, untold]) == [untold, other]
    verdict = domain.Verdict({}, domain.one_each([other, on_its_way, untold]))
    assert (verdict.agree, len(verdict.disagreements), len(verdict.explained)) == (False, 1, 1)
