"""What becomes of a message that is tried: delivered, tried again later, or failed. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.notifications.messages.domain import STOPPED, State
from shared.events.notifications import MessageDelivered, MessageFailed
from shared.items import Event, Refusal

GIVEN_UP = "given_up"
SERVER_AWAY = "server_away"

# Waiting after the first try, the second, …: six tries in the first hour at most, and one within ten minutes after an hour's outage.
BACK_OFF = tuple(timedelta(seconds=s) for s in (30, 120, 600, 1_200, 1_800, 3_600, 7_200, 14_400))
JITTER = 0.1  # up to this share longer, so that mails refused together do not come back together
GIVE_UP = timedelta(days=3)


class Result(StrEnum):
    """How one try ended."""

    DELIVERED = "delivered"
    NOT_NOW = "not_now"  # the mail was refused for now, or nobody knows whether it was taken
    REFUSED = "refused"  # refused for good
    AWAY = "away"  # the server could not be reached: no fault of the mail, not counted as a try
    UNTRIED = "untried"  # its turn did not come


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a sender reports of a claimed message. `lease` is the one it was claimed with; `draw` (0 ≤ draw < 1) spreads the next try."""

    message_id: UUID
    lease: datetime
    result: Result
    reason: str | None
    draw: float


@dataclass(frozen=True, slots=True)
class Sending:
    """A message as far as its trying goes. While it is being sent, `due_at` is when the lease runs out."""

    id: UUID
    event_id: UUID
    recipient_id: UUID
    channel: str
    state: State
    reason: str | None
    tries: int
    due_at: datetime
    trying_since: datetime
    ended_at: datetime | None = None


def settle(message: Sending, outcome: Outcome, now: datetime) -> Sending | None:
    """The message after a try, or None when the try no longer counts because somebody else took the message over.

    A delivery always counts: the mail is out, whoever holds the lease.
    """
    if message.state is State.DELIVERED or (outcome.result is not Result.DELIVERED and not _holds(message, outcome)):
        return None
    if outcome.result in {Result.AWAY, Result.NOT_NOW} and now - message.trying_since >= GIVE_UP:
        return _ended(message, State.FAILED, GIVEN_UP, now)
    return AFTER[outcome.result](message, outcome, now)


def _ended(message: Sending, state: State, reason: str | None, now: datetime) -> Sending:
    return replace(message, state=state, reason=reason, due_at=now, ended_at=now)


def _later(message: Sending, outcome: Outcome, now: datetime) -> Sending:
    return replace(message, state=State.WAITING, reason=outcome.reason, due_at=now + pause(message.tries, outcome.draw))


def _uncounted(message: Sending, outcome: Outcome, now: datetime) -> Sending:
    return replace(message, state=State.WAITING, reason=outcome.reason, tries=message.tries - 1, due_at=now)


AFTER: Mapping[Result, Callable[[Sending, Outcome, datetime], Sending]] = {
    Result.DELIVERED: lambda message, _, now: _ended(message, State.DELIVERED, None, now),
    Result.REFUSED: lambda message, outcome, now: _ended(message, State.FAILED, outcome.reason, now),
    Result.NOT_NOW: _later,
    Result.AWAY: _uncounted,
    Result.UNTRIED: _uncounted,
}


def _holds(message: Sending, outcome: Outcome) -> bool:
    return message.state is State.SENDING and message.due_at == outcome.lease


def pause(tries: int, draw: float) -> timedelta:
    """How long to wait after so many tries."""
    return BACK_OFF[min(tries, len(BACK_OFF)) - 1] * (1 + JITTER * draw)


def again(message: Sending, now: datetime) -> Sending | Refusal:
    """A person wants a message that is not out to be tried now, with all its tries before it."""
    if message.state in {State.DELIVERED, State.SENDING}:
        return Refusal(f"message_{message.state}")
    if message.reason in STOPPED:
        return Refusal("message_stopped")
    return replace(message, state=State.WAITING, reason=None, tries=0, due_at=now, trying_since=now, ended_at=None)


def announcement(message: Sending) -> tuple[Event, ...]:
    """The event that others hear when a message is out, or will not go out by itself."""
    what: dict[str, Any] = {
        "message_id": message.id,
        "caused_by": message.event_id,
        "recipient_id": message.recipient_id,
        "channel": message.channel,
    }
    if message.state is State.DELIVERED:
        return (MessageDelivered(**what),)
    if message.state is State.FAILED:
        return (MessageFailed(**what, reason=message.reason or GIVEN_UP),)
    return ()
