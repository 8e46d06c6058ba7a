"""The way out of the outbox, and deadlines."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from shared import clock
from shared.items import Timer
from shared.messaging import timers
from tests.eventually import eventually
from tests.integration.messaging import toy
from tests.integration.messaging.toy import Note, Rig


async def test_two_relays_of_one_outbox_keep_the_order_of_every_person(rig: Rig) -> None:
    people = [uuid4() for _ in range(5)]
    async with rig.started("1") as one, rig.started("2") as two:
        for n in range(40):
            for person in people:
                await (one if n % 2 else two).submit(toy.note, Note(person, 100 + n))
        await eventually(lambda: rig.query("select count(*) from event_log where type = 'toy.noted.v1'"), lambda seen: seen == [(200,)])
    per_person: dict[UUID, list[int]] = defaultdict(list)
    for person, n in await rig.on_topic():
        per_person[person].append(n)
    # on a slow machine a send may be repeated, which the inbox absorbs; the order of what is new is the promise
    assert all(list(dict.fromkeys(numbers)) == list(range(100, 140)) for numbers in per_person.values())


async def test_a_timer_fires_when_it_is_due_and_once(rig: Rig) -> None:
    subject, later = uuid4(), uuid4()
    async with rig.started("1") as kernel, rig.started("2"):
        await kernel.submit(toy.remind, Timer("look_again", later, clock.now() + timedelta(hours=1)))
        await kernel.submit(toy.remind, Timer("look_again", subject, clock.now()))
        await eventually(lambda: rig.effects(subject))
    assert await rig.effects() == [0]
    assert await rig.query("select subject from timers") == [(later,)]


async def test_a_timer_that_always_fails_waits_for_a_person_and_does_not_hold_up_others(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timers, "RETRY_AFTER", (timedelta(0),) * 4)
    bad, good = uuid4(), uuid4()
    rig.behaviour.always.add(bad.int)
    async with rig.started() as kernel:
        for subject in (bad, good):
            await kernel.submit(toy.remind, Timer("look_again", subject, clock.now()))
        await eventually(lambda: rig.effects(good))
        rows = await eventually(lambda: rig.query("select id, tries, stopped_because from timers where stopped_because is not null"))
        assert rows[0][1] == 5
        rig.behaviour.always.clear()
        async with kernel.transaction() as tx:
            assert await timers.replay(tx, rows[0][0], kernel.now())
        await eventually(lambda: rig.effects(bad))
