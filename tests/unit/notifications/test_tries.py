"""What becomes of a message that is tried."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.notifications.delivery import domain
from services.notifications.delivery.domain import Outcome, Result, Sending
from services.notifications.messages.domain import State
from shared.items import Refusal
from tests.unit.notifications.builders import NOW

LEASE = NOW + timedelta(seconds=30)
HOUR = timedelta(hours=1)


def a_message(**changes: Any) -> Sending:
    return replace(Sending(uuid4(), uuid4(), uuid4(), "email", State.SENDING, None, 1, LEASE, NOW), **changes)


def an_outcome(message: Sending, result: Result, reason: str | None = None, draw: float = 0.0) -> Outcome:
    return Outcome(message.id, message.due_at, result, reason, draw)


def settled(message: Sending, result: Result, reason: str | None = None, now: datetime = NOW) -> Sending:
    after = domain.settle(message, an_outcome(message, result, reason), now)
    assert after is not None
    return after


@pytest.mark.parametrize(
    ("result", "reason", "state", "kept", "tries"),
    [
        (Result.DELIVERED, None, State.DELIVERED, None, 1),
        (Result.REFUSED, "smtp_550", State.FAILED, "smtp_550", 1),
        (Result.NOT_NOW, "smtp_451", State.WAITING, "smtp_451", 1),
        (Result.AWAY, "server_away", State.WAITING, "server_away", 0),
        (Result.UNTRIED, None, State.WAITING, None, 0),
    ],
)
def test_after_a_try(result: Result, reason: str | None, state: State, kept: str | None, tries: int) -> None:
    after = settled(a_message(), result, reason)
    assert (after.state, after.reason, after.tries) == (state, kept, tries)
    assert (after.ended_at is not None) == (state in {State.DELIVERED, State.FAILED})


def times_tried(draw: float, until: timedelta) -> list[timedelta]:
    """When a mail that is always put off is tried, counted from its record."""
    message, times = a_message(), [timedelta(0)]
    while times[-1] < until:
        now = NOW + times[-1]
        after = domain.settle(message, an_outcome(message, Result.NOT_NOW, "smtp_450", draw), now)
        assert after is not None
        if after.state is State.FAILED:
            break
        times.append(after.due_at - NOW)
        message = replace(after, state=State.SENDING, tries=after.tries + 1)
    return times


@pytest.mark.parametrize("draw", [0.0, 0.5, 0.999])
def test_a_mail_that_is_put_off_is_tried_six_times_in_its_first_hour_at_most(draw: float) -> None:
    times = times_tried(draw, timedelta(hours=12))
    assert max(sum(start <= time < start + HOUR for time in times) for start in times) <= 6
    assert [time for time in times if time < timedelta(minutes=3.5)] != [timedelta(0)]


@pytest.mark.parametrize("draw", [0.0, 0.5, 0.999])
def test_after_an_hour_of_refusing_a_mail_is_out_within_ten_minutes(draw: float) -> None:
    assert any(HOUR <= time <= HOUR + timedelta(minutes=10) for time in times_tried(draw, 2 * HOUR))


@pytest.mark.parametrize("result", [Result.NOT_NOW, Result.AWAY])
def test_after_three_days_it_is_given_up_and_seen_as_failed(result: Result) -> None:
    assert settled(a_message(), result, "x", NOW + domain.GIVE_UP - timedelta(seconds=1)).state is State.WAITING
    after = settled(a_message(), result, "x", NOW + domain.GIVE_UP)
    assert (after.state, after.reason) == (State.FAILED, "given_up")


def test_mails_put_off_together_do_not_come_back_together() -> None:
    assert domain.pause(1, 0.0) < domain.pause(1, 0.9) <= domain.BACK_OFF[0] * 1.1


def test_a_result_that_comes_after_the_message_was_taken_over_changes_nothing() -> None:
    message = a_message()
    taken_over = replace(message, due_at=LEASE + timedelta(seconds=30), tries=2)
    assert domain.settle(taken_over, an_outcome(message, Result.NOT_NOW, "timeout"), NOW) is None


def test_but_a_delivery_counts_whoever_holds_the_message() -> None:
    message = a_message()
    after = domain.settle(replace(message, state=State.WAITING, due_at=NOW + HOUR), an_outcome(message, Result.DELIVERED), NOW)
    assert after is not None
    assert after.state is State.DELIVERED


@pytest.mark.parametrize("result", list(Result))
def test_what_is_delivered_stays_so_and_is_announced_once(result: Result) -> None:
    message = a_message(state=State.DELIVERED)
    assert domain.settle(message, an_outcome(message, result), NOW) is None


def test_what_others_hear() -> None:
    delivered, failed, waiting = (
        domain.announcement(a_message(state=state, reason="smtp_550")) for state in (State.DELIVERED, State.FAILED, State.WAITING)
    )
    assert [event.type for event in delivered] == ["notifications.message_delivered.v1"]
    assert [(event.type, event.reason) for event in failed] == [("notifications.message_failed.v1", "smtp_550")]  # type: ignore[attr-defined]
    assert waiting == ()


@pytest.mark.parametrize("state", [State.FAILED, State.SKIPPED, State.WAITING])
def test_a_person_can_have_it_tried_again_from_the_start(state: State) -> None:
    later = NOW + timedelta(days=4)
    after = domain.again(a_message(state=state, tries=5, reason="given_up", ended_at=NOW), later)
    assert isinstance(after, Sending)
    assert (after.state, after.tries, after.due_at, after.trying_since, after.ended_at) == (State.WAITING, 0, later, later, None)


@pytest.mark.parametrize(("state", "code"), [(State.DELIVERED, "message_delivered"), (State.SENDING, "message_sending")])
def test_what_is_out_or_on_its_way_is_not_sent_again(state: State, code: str) -> None:
    refusal = domain.again(a_message(state=state), NOW)
    assert isinstance(refusal, Refusal)
    assert refusal.code == code
