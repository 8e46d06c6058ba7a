"""An event that Kafka would not take is refused where it is caused, with all else of its transaction; the relay never meets it."""

from __future__ import annotations

import asyncio
from uuid import uuid4

from shared.messaging.outbox import LARGEST, EventTooLarge
from tests.eventually import eventually
from tests.integration.messaging import toy
from tests.integration.messaging.toy import Note, Noted, Rig

HUGE = 500


async def test_a_command_that_causes_too_large_an_event_fails_alone_and_leaves_nothing(rig: Rig) -> None:
    people = {n: uuid4() for n in (1, HUGE, 3)}
    async with rig.started() as kernel:
        results = await asyncio.gather(
            *[kernel.submit(toy.note_and_tell, Note(person, n)) for n, person in people.items()], return_exceptions=True
        )
        assert [type(result).__name__ for result in results] == ["Decision", "EventTooLarge", "Decision"]
        assert isinstance(results[1], EventTooLarge)
        assert sorted(await rig.effects()) == [1, 3]
        rows = await eventually(
            lambda: rig.query("select key, count(*), max(length(payload)) from event_log group by key"), lambda seen: len(seen) == 2
        )
        assert {(key, count) for key, count, _ in rows} == {(people[1], 2), (people[3], 2)}
        assert max(longest for _, _, longest in rows) <= LARGEST
        assert await rig.query("select count(*) from timers where subject = $1", people[HUGE]) == [(0,)]
        assert await rig.query("select count(*) from outbox") == [(0,)]


async def test_an_event_whose_handling_causes_too_large_a_one_is_parked_and_its_batch_goes_on(rig: Rig) -> None:
    people = [uuid4() for _ in range(5)]
    rig.behaviour.verbose.add(2)
    await rig.publish(*[Noted(person_id=person, n=n) for n, person in enumerate(people)])
    async with rig.started():
        await eventually(rig.effects, lambda seen: sorted(seen) == [0, 1, 3, 4])
        rows = await eventually(lambda: rig.query("select key, state, reason from parked"))
        assert [(key, state) for key, state, _ in rows] == [(people[2], "retrying")]
        assert rows[0][2].startswith("EventTooLarge in ")
        published = await eventually(lambda: rig.query("select key from event_log"), lambda seen: len(seen) == 4)
    assert people[2] not in {row[0] for row in published}
