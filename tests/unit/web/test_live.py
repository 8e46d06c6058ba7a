"""The stream of hints: who hears what, what a reader can lose, who is let go."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from starlette.requests import Request

from shared.access.actors import Actor
from shared.access.personas import PERSONAS
from shared.access.rules import Action, admits
from shared.messaging.changes import Changes, Listener, Snapshot, TooMany, snapshot_of
from shared.web import live


def actor(*roles: str, zones: tuple[str, ...] = ("meetjesland-oost",), organisation: Any = None) -> Actor:
    return Actor(uuid4(), "Hanne", frozenset(roles), organisation, "", frozenset(zones), "nl")


def looked(*recent: tuple[int, str], lowest: int = 1, position: int = 100) -> Changes:
    """A process that has seen these changes."""
    changes = Changes()
    changes._seen, changes._complete_from, changes.position = Snapshot(position, position), lowest, position
    changes._note((tx, frozenset([audience])) for tx, audience in recent)
    return changes


async def going_on() -> bool:
    return True


def test_a_snapshot_is_read_as_postgresql_writes_it() -> None:
    assert snapshot_of("10:20:10,14,15") == Snapshot(10, 20, (10, 14, 15))
    assert snapshot_of("10:10:") == Snapshot(10, 10, ())


def test_who_hears_what() -> None:
    organisation = uuid4()
    coordinator, sender = actor("coordinator"), actor("sender", organisation=organisation)
    assert live.concerns(coordinator) == {f"worker {coordinator.id}"}
    assert live.concerns(sender) == {f"organisation {organisation}"}
    assert live.concerns(actor("zone_lead", zones=("a", "b"))) == {"zone a", "zone b"}
    assert live.concerns(actor("ops")) is None
    member = actor("care_team", "coordinator")
    assert live.concerns(member) == {f"worker {member.id}", f"member {member.id}"}
    assert live.concerns(actor("privacy_officer")) == frozenset()


@pytest.mark.parametrize(
    ("since", "missed"),
    [(51, False), (50, True), (100, False), (None, True), (9, True), (100 + 100_001, True)],
    ids=["after it", "from it on", "now", "never", "longer ago than is known", "numbered elsewhere"],
)
def test_what_was_missed(since: int | None, missed: bool) -> None:
    changes = looked((50, "zone a"), (60, "zone b"), lowest=10)
    assert changes.missed(Listener(uuid4(), frozenset({"zone a"})), since) is missed


def test_what_was_dropped_from_memory_may_have_been_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.messaging.changes.MOST_REMEMBERED", 1)
    changes = looked((50, "zone a"), (60, "zone b"))
    listener = Listener(uuid4(), frozenset({"zone a"}))
    assert changes.missed(listener, 50)
    assert not changes.missed(listener, 51)


def test_the_room_of_an_account_and_of_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.messaging.changes.MOST_OF_ONE", 1)
    changes, account = Changes(), uuid4()
    first = changes.listen(account, None)
    with pytest.raises(TooMany) as refused:
        changes.listen(account, None)
    assert refused.value.own
    changes.leave(first)
    assert changes.listen(account, None)
    changes.close()
    with pytest.raises(TooMany):
        changes.listen(uuid4(), None)


async def test_hints_are_gathered_and_no_closer_than_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "SPREAD_SECONDS", 0)
    monkeypatch.setattr(live, "PAUSE_SECONDS", 0.2)
    changes = looked()
    listener = changes.listen(uuid4(), frozenset({"zone a"}))
    told = live.lines(changes, listener, 100, going_on)
    assert (await anext(told)).startswith("retry: ")
    for tx in range(101, 111):
        changes._note([(tx, frozenset({"zone a"}))])
    assert await anext(told) == "id: 100\nevent: changed\ndata: changed\n\n"
    changes._note([(111, frozenset({"zone a"}))])
    next_ = asyncio.create_task(anext(told))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    assert not next_.done()
    assert "data: changed" in await next_
    await told.aclose()


async def test_a_position_is_told_only_when_nothing_before_it_is_left_to_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.01)
    changes = looked((60, "zone a"))
    listener = changes.listen(uuid4(), frozenset({"zone a"}))
    told = live.lines(changes, listener, 55, going_on)
    assert "id:" not in await anext(told)
    assert "data: changed" in await anext(told)
    quiet = live.lines(changes, changes.listen(uuid4(), frozenset({"zone b"})), 55, going_on)
    await anext(quiet)
    assert await anext(quiet) == ": still here\nid: 100\n\n"


async def test_the_stream_ends_with_the_session_or_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.01)

    async def ended() -> bool:
        return False

    changes = looked()
    told = live.lines(changes, changes.listen(uuid4(), None), 100, ended)
    assert len([each async for each in told]) == 1
    waiting = live.lines(changes, changes.listen(uuid4(), None), 100, going_on)
    await anext(waiting)
    changes.close()
    assert [each async for each in waiting] == []


async def test_who_does_not_read_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "SLOW_SECONDS", 0.01)
    changes = looked()
    listener = changes.listen(uuid4(), None)

    async def never_read(message: Any) -> None:
        if message["type"] == "http.response.body":
            await asyncio.Event().wait()

    async def nothing() -> Any:
        await asyncio.Event().wait()

    await asyncio.wait_for(live._stream(live.lines(changes, listener, 100, going_on), listener, nothing, never_read), 2)


@pytest.mark.parametrize(
    ("headers", "query", "since"),
    [({}, "", None), ({}, "since=12", 12), ({"last-event-id": "34"}, "since=12", 34), ({"last-event-id": "x' or 1"}, "", None)],
)
def test_where_a_reader_was(headers: dict[str, str], query: str, since: int | None) -> None:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    request = Request({"type": "http", "method": "GET", "headers": raw, "query_string": query.encode(), "path": "/intake/live"})
    assert live.since_of(request) == since


def test_every_role_that_has_live_pages_may_listen() -> None:
    hear = {role for who in PERSONAS.values() for role in who.roles if admits(who, Action.HEAR_CHANGES)}
    assert hear == {role for who in PERSONAS.values() for role in who.roles} - {"privacy_officer"}
