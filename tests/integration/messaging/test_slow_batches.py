"""Statements that take too long: a batch is cut up until only what is too slow alone is parked; waiting for a lock is another thing."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

import asyncpg
import pytest

from shared import clock
from shared.items import Timer
from shared.messaging import parking, timers
from tests.eventually import eventually, stays
from tests.integration.messaging import toy
from tests.integration.messaging.toy import Note, Noted, Rig

SECONDS = 0.5
TOO_SLOW = 60.0


@pytest.fixture
def hasty(rig: Rig) -> Rig:
    """A toy whose statements may take half a second."""
    rig.settings = rig.settings.model_copy(update={"statement_seconds": SECONDS})
    return rig


async def test_one_slow_item_is_parked_and_the_others_flow(hasty: Rig) -> None:
    people = [uuid4() for _ in range(9)]
    hasty.behaviour.slow_each[99] = TOO_SLOW
    await hasty.publish(*[Noted(person_id=person, n=99 if place == 4 else place) for place, person in enumerate(people)])
    async with hasty.started():
        await eventually(hasty.effects, lambda seen: sorted(seen) == [0, 1, 2, 3, 5, 6, 7, 8])
        rows = await eventually(lambda: hasty.query("select key, state, reason from parked"), lambda seen: len(seen) == 1)
        assert rows[0][:2] == (people[4], "retrying")
        assert rows[0][2].startswith("QueryCanceledError in ")
        hasty.behaviour.slow_each.clear()
        await eventually(lambda: hasty.effects(people[4]), lambda seen: seen == [99])
    sizes = [len(call) for call in hasty.behaviour.calls if 99 in call]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] == 1


async def test_a_batch_that_is_too_slow_only_together_is_cut_and_nothing_is_parked(hasty: Rig) -> None:
    hasty.behaviour.slow_each = dict.fromkeys(range(16), SECONDS / 5)
    await hasty.publish(*[Noted(person_id=uuid4(), n=n) for n in range(16)])
    async with hasty.started():
        await eventually(hasty.effects, lambda seen: sorted(seen) == list(range(16)))
        assert await hasty.query("select count(*) from parked") == [(0,)]
    assert max(len(call) for call in hasty.behaviour.calls) > 5
    assert min(len(call) for call in hasty.behaviour.calls) > 1


async def test_a_parked_item_that_stays_too_slow_ends_with_a_person_and_holds_up_nobody(
    hasty: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parking, "RETRY_AFTER", (timedelta(0),) * 4)
    slow, other = uuid4(), uuid4()
    hasty.behaviour.slow_each[99] = TOO_SLOW
    hasty.behaviour.fail[1] = [toy.Broken("once"), toy.Broken("and alone"), toy.Broken("and again")]
    await hasty.publish(Noted(person_id=slow, n=99), Noted(person_id=other, n=1))
    async with hasty.started():
        await eventually(lambda: hasty.effects(other), lambda seen: seen == [1])
        rows = await eventually(lambda: hasty.query("select key, tries from parked where state = 'stopped'"))
    assert rows == [(slow, 5)]


async def test_a_slow_deadline_holds_up_no_other(hasty: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timers, "RETRY_AFTER", (timedelta(0),) * 4)
    slow, good = uuid4(), uuid4()
    hasty.behaviour.slow_each[slow.int] = TOO_SLOW
    async with hasty.started() as kernel:
        await asyncio.gather(*[kernel.submit(toy.remind, Timer("look_again", subject, clock.now())) for subject in (slow, good)])
        await eventually(lambda: hasty.effects(good), lambda seen: seen == [0])
        rows = await eventually(lambda: hasty.query("select subject, tries from timers where stopped_because is not null"))
    assert rows == [(slow, 5)]


async def test_waiting_for_a_lock_longer_than_a_statement_may_take_parks_nothing(hasty: Rig) -> None:
    person = uuid4()
    connection = await asyncpg.connect(hasty.settings.dsn("toy"))
    try:
        async with hasty.started() as kernel:
            async with connection.transaction():
                await connection.execute("lock table effects in exclusive mode")
                await kernel.submit(toy.note, Note(person, 1))
                await eventually(lambda: _times(hasty), lambda times: times > 3)
                await stays(lambda: hasty.query("select reason from parked"), lambda seen: seen == [], seconds=0.2)
            await eventually(lambda: hasty.effects(person), lambda seen: seen == [1])
    finally:
        await connection.close()


async def _times(rig: Rig) -> int:
    return len(rig.behaviour.calls)
