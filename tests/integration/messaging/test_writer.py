"""Commands: one commit for many, one answer for each, and the same key answered the same."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from shared.messaging.idempotency import IdempotencyKey
from tests.integration.messaging import toy
from tests.integration.messaging.toy import Note, Rig


async def test_commands_that_come_together_share_transactions_and_each_gets_its_own_answer(rig: Rig) -> None:
    async with rig.started() as kernel:
        decisions = await asyncio.gather(*[kernel.submit(toy.note, Note(uuid4(), n)) for n in range(1, 151) if n != 13])
        assert [decision.answer["n"] for decision in decisions] == [n for n in range(1, 151) if n != 13]
        (commits,) = await rig.query(
            "select count(distinct xmin::text::bigint) from (select xmin from outbox union all select xmin from event_log) rows"
        )
    assert commits[0] < 100


async def test_only_the_command_that_breaks_the_handler_fails(rig: Rig) -> None:
    async with rig.started() as kernel:
        results = await asyncio.gather(*[kernel.submit(toy.note, Note(uuid4(), n)) for n in (1, 13, 2, -1)], return_exceptions=True)
    assert [type(result).__name__ for result in results] == ["Decision", "Broken", "Decision", "Decision"]
    assert results[3].refusal.code == "negative"  # type: ignore[union-attr]


async def test_the_same_key_gets_the_same_answer_and_is_done_once(rig: Rig) -> None:
    key = IdempotencyKey("practice", "k1", b"hash")
    async with rig.started() as kernel:
        together = await asyncio.gather(*[kernel.submit(toy.note, Note(uuid4(), 5), key=key) for _ in range(9)])
        later = await kernel.submit(toy.note, Note(uuid4(), 5), key=key)
    assert {decision.answer["n"] for decision in [*together, later]} == {5}
    assert await rig.query(
        "select count(*) from (select type from outbox union all select type from event_log) as events where type = 'toy.noted.v1'"
    ) == [(1,)]


async def test_the_same_key_for_another_request_is_refused_and_another_client_may_use_it(rig: Rig) -> None:
    async with rig.started() as kernel:
        await kernel.submit(toy.note, Note(uuid4(), 5), key=IdempotencyKey("a", "k", b"one"))
        other, together = await asyncio.gather(
            kernel.submit(toy.note, Note(uuid4(), 6), key=IdempotencyKey("a", "k", b"two")),
            kernel.submit(toy.note, Note(uuid4(), 7), key=IdempotencyKey("b", "k", b"two")),
        )
    assert other.refusal is not None
    assert other.refusal.code == "idempotency_key_reused"
    assert together.answer == {"n": 7}


async def test_a_refused_command_leaves_its_key_free(rig: Rig) -> None:
    async with rig.started() as kernel:
        refused = await kernel.submit(toy.note, Note(uuid4(), -1), key=IdempotencyKey("a", "k", b"one"))
        mended = await kernel.submit(toy.note, Note(uuid4(), 1), key=IdempotencyKey("a", "k", b"two"))
    assert refused.refusal is not None
    assert mended.answer == {"n": 1}


async def test_two_hundred_at_once_on_the_last_ten_places_give_exactly_ten(rig: Rig) -> None:
    await rig.query("insert into seats (id, free) values (1, 10)")
    async with rig.started("1") as one, rig.started("2") as two:
        decisions = await asyncio.gather(*[kernel.submit(toy.take_seat, 1) for _ in range(100) for kernel in (one, two)])
    assert sum(decision.refusal is None for decision in decisions) == 10
    assert await rig.query("select free from seats") == [(0,)]


async def test_a_full_queue_says_so_instead_of_growing(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    from shared.messaging import writer

    monkeypatch.setattr(writer, "MOST_WAITING", 3)
    async with rig.started() as kernel:
        results = await asyncio.gather(*[kernel.submit(toy.note, Note(uuid4(), 1)) for _ in range(10)], return_exceptions=True)
    refused = [result for result in results if isinstance(result, writer.Unavailable)]
    assert len(refused) == 7


async def test_a_deadlock_is_not_told_to_people_but_tried_again(rig: Rig) -> None:
    toy.DEADLOCKED.clear()
    async with rig.started() as kernel:
        decision = await kernel.submit(toy.note, Note(uuid4(), 40))
    assert toy.DEADLOCKED
    assert decision.answer == {"n": 40}
