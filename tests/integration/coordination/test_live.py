"""Open pages hear of what changed, whichever process changed it; and of nothing that is not theirs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from pydantic import SecretStr

from services.coordination import app
from services.coordination.offers import answers, handlers
from services.coordination.workforce.domain import Worker
from shared import clock, db
from shared.access import sessions
from shared.access.actors import Actor, Membership
from shared.access.claims import Person
from shared.access.database import connected
from shared.messaging import changes as messaging_changes
from shared.messaging.changes import Changes, Listener
from shared.messaging.kernel import Kernel
from shared.settings import Settings, settings
from shared.web import live
from tests.databases import Databases
from tests.identity import issue_token
from tests.integration.access.rig import grow_older
from tests.integration.coordination.live import Process, a_process
from tests.integration.coordination.rig import Clock, Office
from tests.unit.coordination.builders import ZONE, a_lead, a_worker, as_coordinator


@pytest.fixture
async def other(office: Office) -> AsyncIterator[Kernel]:
    """Another process of coordination on the same database."""
    dsn = office.kernel.settings.dsn("coordination")
    kernel = Kernel(app.service(), Settings(coordination_dsn=SecretStr(dsn)), Clock())
    kernel.pool = await db.open_pool(dsn, size=5, application="coordination-other")
    yield kernel
    await kernel.pool.close()


@pytest.fixture
async def listened_to(other: Kernel) -> AsyncIterator[Process]:
    async with a_process(other) as process:
        yield process


def somebody(worker: Worker, *roles: str) -> dict[str, str]:
    actor = Actor(worker.id, worker.name, frozenset(roles), None, "", worker.zones, "nl")
    return {"Authorization": f"Bearer {issue_token(actor, 1)}"}


async def positioned(process: Process) -> int:
    """Where a page stands that is read now."""
    await process.kernel.changes.watch(process.kernel.pool)
    return process.kernel.changes.position


async def heard(kernel: Kernel, *audience: str) -> bool:
    """Whether somebody whom this concerns has something to hear, once what is there was looked at."""
    await kernel.changes.watch(kernel.pool)
    return kernel.changes.missed(Listener(uuid4(), frozenset(audience)), None)


async def test_what_one_process_changes_is_heard_from_another(office: Office, listened_to: Process) -> None:
    worker = a_worker()
    await office.hire(worker, a_lead())
    since = await positioned(listened_to)
    async with listened_to.listening(somebody(worker, "coordinator"), since) as stream:
        assert stream.answer.status_code == 200
        assert stream.answer.headers["content-type"].startswith("text/event-stream")
        assert stream.answer.headers["cache-control"] == "no-store"
        assert stream.answer.headers["x-accel-buffering"] == "no"
        await office.receive(1)
        await stream.hint()
        offered = stream.seen.copy()
        (offer,) = await office.offers_to(worker)
        await office.kernel.submit(handlers.accept, answers.AcceptOffer(clock.new_id(), offer, as_coordinator(worker.id)))
        await stream.hint()
    assert {line.partition(":")[0] for line in offered if line} <= {"retry", "id", "event", "data", ""}
    assert all(str(each) not in "\n".join(stream.seen) for each in (worker.id, offer, ZONE))


async def test_who_comes_back_is_told_at_once_what_was_missed_and_nothing_else(office: Office, listened_to: Process) -> None:
    worker = a_worker()
    await office.hire(worker, a_lead())
    since = await positioned(listened_to)
    asking = somebody(worker, "coordinator")
    await office.receive(1)
    async with listened_to.listening(asking | {"Last-Event-ID": str(since)}) as stream:
        now = await stream.hint()
    listener = Listener(worker.id, frozenset({f"worker {worker.id}"}))
    assert listened_to.kernel.changes.missed(listener, since)
    assert not listened_to.kernel.changes.missed(listener, int(now))


async def test_a_stream_tells_of_the_own_zone_only(office: Office, listened_to: Process) -> None:
    mine, theirs = a_worker(), a_worker(zones=frozenset({"meetjesland-west"}))
    await office.hire(mine, theirs, a_lead())
    since = await positioned(listened_to)
    lead_there = somebody(theirs, "zone_lead")
    async with listened_to.listening(lead_there, since) as stream:
        await office.receive(1)
        await positioned(listened_to)
        assert listened_to.kernel.changes.missed(Listener(mine.id, frozenset({f"zone {ZONE}"})), since)
        assert not listened_to.kernel.changes.missed(Listener(theirs.id, frozenset({"zone meetjesland-west"})), since)
        await office.receive(1, zone="meetjesland-west")
        await stream.hint()


async def test_what_commits_later_is_told_although_its_number_is_lower(office: Office) -> None:
    seen = Changes()
    noted = Listener(uuid4(), frozenset({"zone early"})), Listener(uuid4(), frozenset({"zone late"}))
    pool = office.kernel.pool
    async with pool.acquire() as first, pool.acquire() as second:
        await seen.watch(pool)
        since = seen.position
        opened = first.transaction()
        await opened.start()
        await first.execute("insert into changes (audience) values ('{zone late}')")
        await second.execute("insert into changes (audience) values ('{zone early}')")
        await seen.watch(pool)
        assert [seen.missed(listener, since) for listener in noted] == [True, False]
        await opened.commit()
        await seen.watch(pool)
    assert [seen.missed(listener, since) for listener in noted] == [True, True]
    assert len(seen._recent) == 2  # each once


async def test_a_process_that_could_not_look_asks_everybody_to(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = Changes()
    await seen.watch(office.kernel.pool)
    listener = seen.listen(uuid4(), frozenset({"zone x"}))
    closed = await db.open_pool("postgresql://nobody@127.0.0.1:1/none", size=1, application="test")
    with pytest.raises(ConnectionRefusedError):
        await seen.watch(closed)
    assert not listener.news.is_set()
    assert seen.missed(listener, seen.position)
    await seen.watch(office.kernel.pool)
    assert listener.news.is_set()


async def test_what_is_old_is_forgotten(office: Office) -> None:
    moment = 0.0
    seen = Changes(lambda: moment)
    pool = office.kernel.pool
    async with pool.acquire() as connection:
        await connection.execute("insert into changes (audience) values ('{zone x}')")
        await seen.watch(pool)
        for _ in range(3):
            moment += messaging_changes.KEEP_SECONDS + 1
            await seen.watch(pool)
        assert await connection.fetchval("select count(*) from changes") == 0


async def test_the_stream_ends_with_the_session(
    office: Office, listened_to: Process, databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZORGSPOOR_ACCESS_DSN", await databases.fresh("access"))
    settings.cache_clear()
    worker = a_worker()
    secret = await sessions.start(Person(worker.id, worker.name, "nl", (Membership(None, "", frozenset({"coordinator"}), worker.zones),)))
    since = await positioned(listened_to)
    async with listened_to.listening({"Cookie": f"zorgspoor_session={secret}"}, since) as stream:
        assert stream.answer.status_code == 200
        await sessions.end(secret)
        monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.01)
        for listener in listened_to.kernel.changes._listeners:
            listener.news.set()
        await stream.end()
        assert "data: changed" not in stream.seen
    async with listened_to.listening({"Cookie": f"zorgspoor_session={secret}"}) as stream:
        assert stream.answer.status_code == 401


async def test_a_stream_keeps_no_session_alive(
    office: Office, listened_to: Process, databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZORGSPOOR_ACCESS_DSN", await databases.fresh("access"))
    settings.cache_clear()
    membership = Membership(None, "", frozenset({"coordinator"}), frozenset({ZONE}))
    secret = await sessions.start(Person(uuid4(), "Hanne", "nl", (membership,)))

    async def used_at() -> Any:
        async with connected() as connection:
            return await connection.fetchval("select used_at from sessions")

    await grow_older(timedelta(minutes=10))
    before = await used_at()
    async with listened_to.listening({"Cookie": f"zorgspoor_session={secret}"}) as stream:
        await stream.hint()
    assert await used_at() == before
    sessions._looked_up.drop()
    await sessions.actor(secret)
    assert await used_at() > before


async def test_nobody_listens_without_a_session_and_one_account_not_for_ever(
    office: Office, listened_to: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with listened_to.listening({}) as stream:
        assert stream.answer.status_code == 401
    monkeypatch.setattr(messaging_changes, "MOST_OF_ONE", 1)
    asking = somebody(a_worker(), "coordinator")
    async with listened_to.listening(asking) as first:
        assert first.answer.status_code == 200
        async with listened_to.listening(asking) as second:
            assert second.answer.status_code == 429
            assert second.answer.headers["retry-after"] == "60"
        monkeypatch.setattr(messaging_changes, "MOST_LISTENERS", 1)
        async with listened_to.listening(somebody(a_worker(), "coordinator")) as third:
            assert third.answer.status_code == 503


async def test_who_left_makes_room_at_once(office: Office, listened_to: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    asking = somebody(a_worker(), "coordinator")
    async with listened_to.listening(asking) as stream:
        assert stream.answer.status_code == 200
        assert len(listened_to.kernel.changes) == 1
    async with asyncio.timeout(5):
        while len(listened_to.kernel.changes):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_when_the_process_stops_the_stream_ends_by_itself(office: Office, other: Kernel) -> None:
    async with a_process(other) as process, process.listening(somebody(a_worker(), "coordinator")) as stream:
        await stream.hint()
        process.kernel.changes.close()
        await stream.end()
        assert stream.seen  # read to its end, without an error
