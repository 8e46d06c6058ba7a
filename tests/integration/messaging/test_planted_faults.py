"""Each mechanism of the kernel taken out on purpose: the scenario that guards it must then see the loss, the repeat or the disorder.

A scenario returns what is wrong. Without a planted fault that is nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from aiokafka import AIOKafkaProducer

from shared import clock
from shared.items import Timer
from shared.messaging import inbox, parking, timers
from shared.messaging.consumer import Consumer
from shared.messaging.relay import Relay
from tests.eventually import NeverTrue, eventually
from tests.integration.messaging import toy
from tests.integration.messaging.toy import Note, Noted, Rig

Plant = Callable[[pytest.MonkeyPatch], None]
Scenario = Callable[[Rig], Awaitable[str]]


class Died(BaseException):
    """Stands for kill -9 at a place inside one process: nothing of the kernel may catch it."""


async def repeated_delivery(rig: Rig) -> str:
    person, id = uuid4(), uuid4()
    async with rig.started():
        await rig.publish(Noted(person_id=person, n=1), ids=[id])
        await eventually(lambda: rig.effects(person))
        await rig.publish(Noted(person_id=person, n=1), Noted(person_id=person, n=2), ids=[id, uuid4()])
        seen = await eventually(lambda: rig.effects(person), lambda seen: 2 in seen)
    return "" if seen == [1, 2] else f"repeated: {seen}"


def no_inbox(patch: pytest.MonkeyPatch) -> None:
    async def claim_all(tx: Any, events: Sequence[tuple[UUID, Any]]) -> set[UUID]:
        return {id for id, _ in events}

    patch.setattr(inbox, "claim", claim_all)


async def failure_after_claim(rig: Rig) -> str:
    person = uuid4()
    rig.behaviour.fail[1] = [asyncpg.DeadlockDetectedError("after the claim")]
    await rig.publish(Noted(person_id=person, n=1))
    async with rig.started():
        await eventually(lambda: _no(rig.behaviour.fail[1]))
        await rig.publish(Noted(person_id=person, n=2))
        seen = await eventually(lambda: rig.effects(person), lambda seen: 2 in seen)
    return "" if seen == [1, 2] else f"lost: {seen}"


def claim_outside_the_transaction(patch: pytest.MonkeyPatch) -> None:
    real, real_claim = inbox.claim, Consumer._claim

    async def claim_apart(self: Consumer, tx: Any, arrivals: Any) -> Any:
        async with self.kernel.transaction() as other:
            return await real_claim(self, other, arrivals)

    patch.setattr(Consumer, "_claim", claim_apart)
    assert inbox.claim is real


async def death_in_the_handler(rig: Rig) -> str:
    person = uuid4()
    rig.behaviour.fail[1] = [Died()]  # type: ignore[list-item]
    await rig.publish(Noted(person_id=person, n=1))
    with suppress(Died):
        async with rig.started():
            await asyncio.wait_for(rig.behaviour.started.wait(), 20)
            await eventually(lambda: _no(rig.behaviour.fail[1]))
    async with rig.started():
        await rig.publish(Noted(person_id=person, n=2))
        seen = await eventually(lambda: rig.effects(person), lambda seen: 2 in seen)
    return "" if seen == [1, 2] else f"lost: {seen}"


async def _no(things: list[Any]) -> bool:
    return not things


def acknowledge_before_handling(patch: pytest.MonkeyPatch) -> None:
    real = Consumer.apply

    async def acknowledge_first(self: Consumer, records: Any) -> None:
        await self._acknowledge(records)
        await real(self, records)

    patch.setattr(Consumer, "apply", acknowledge_first)


async def death_before_acknowledgement(rig: Rig) -> str:
    """The relay dies after it read the outbox and before Kafka has the events."""
    person = uuid4()
    dead = asyncio.Event()
    real = Relay._send

    async def die(self: Relay, producer: AIOKafkaProducer, rows: Any) -> None:
        dead.set()
        raise Died

    with pytest.MonkeyPatch.context() as patch, suppress(Died):
        patch.setattr(Relay, "_send", die)
        async with rig.started() as kernel:
            await kernel.submit(toy.note, Note(person, 1))
            await asyncio.wait_for(dead.wait(), 20)
    assert Relay._send is real
    async with rig.started() as kernel:
        await kernel.submit(toy.note, Note(person, 2))
        seen = await eventually(lambda: rig.effects(person), lambda seen: 2 in seen)
    return "" if seen == [1, 2] else f"lost: {seen}"


def delete_before_acknowledgement(patch: pytest.MonkeyPatch) -> None:
    async def commit_first(self: Relay, connection: Any, producer: AIOKafkaProducer) -> int:
        async with connection.transaction():
            rows = await connection.fetch("select * from outbox order by id limit 500 for update skip locked")
            await self._log(connection, rows)
        if rows:
            await self._send(producer, rows)
        return len(rows)

    patch.setattr(Relay, "relay_some", commit_first)


async def second_relay_while_the_first_sends(rig: Rig) -> str:
    person = uuid4()
    holding, go_on = asyncio.Event(), asyncio.Event()
    real = Relay._send

    async def hold_first(self: Relay, producer: AIOKafkaProducer, rows: Any) -> None:
        if not holding.is_set():
            holding.set()
            await go_on.wait()
        await real(self, producer, rows)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Relay, "_send", hold_first)
        async with rig.started("1") as one:
            await one.submit(toy.note, Note(person, 1))
            await asyncio.wait_for(holding.wait(), 20)
            async with rig.started("2") as two:
                await two.submit(toy.note, Note(person, 2))
                with suppress(NeverTrue):  # the second relay stands by: nothing may come of this
                    await eventually(rig.on_topic, lambda seen: (person, 2) in seen, seconds=3)
                go_on.set()
                await eventually(lambda: rig.query("select count(*) from outbox"), lambda seen: seen == [(0,)])
                seen = await eventually(rig.on_topic, lambda seen: len(seen) == 2)
    return "" if seen == [(person, 1), (person, 2)] else f"out of order: {seen}"


def every_relay_leads(patch: pytest.MonkeyPatch) -> None:
    async def lead(connection: Any, lock: int) -> bool:
        return True

    patch.setattr("shared.messaging.leading.take_lead", lead)


async def later_events_of_a_parked_person(rig: Rig) -> str:
    person = uuid4()
    rig.behaviour.always.add(1)
    async with rig.started():
        await rig.publish(Noted(person_id=person, n=1))
        await eventually(lambda: rig.query("select id from parked"))
        await rig.publish(Noted(person_id=person, n=2), Noted(person_id=uuid4(), n=3))
        await eventually(rig.effects, lambda seen: 3 in seen)
        rig.behaviour.always.clear()
        seen = await eventually(lambda: rig.effects(person), lambda seen: len(seen) == 2)
    return "" if seen == [1, 2] else f"out of order: {seen}"


def nobody_queues_behind(patch: pytest.MonkeyPatch) -> None:
    async def nobody(tx: Any, keys: Any) -> set[UUID]:
        return set()

    patch.setattr(parking, "blocked_keys", nobody)


async def a_second_process_during_a_slow_batch(rig: Rig) -> str:
    """Partitions change hands only when the batch that holds their records is done and acknowledged."""
    handed: list[tuple[int, int]] = []
    real = Consumer.apply

    async def noting(self: Consumer, records: Any) -> None:
        handed.extend((record.partition, record.offset) for record in records)
        await real(self, records)

    people = [uuid4() for _ in range(30)]
    rig.behaviour.slow = 4.0
    await rig.publish(*[Noted(person_id=person, n=place) for place, person in enumerate(people)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Consumer, "apply", noting)
        async with rig.started("1"):
            await asyncio.wait_for(rig.behaviour.started.wait(), 20)
            rig.behaviour.slow = 0.0
            async with rig.started("2"):
                await eventually(rig.effects, lambda seen: len(seen) >= 30)
                await rig.publish(*[Noted(person_id=person, n=100 + place) for place, person in enumerate(people)])
                seen = await eventually(rig.effects, lambda seen: len(seen) >= 60)
    if sorted(seen) != [*range(30), *range(100, 130)]:
        return f"lost or repeated: {seen}"
    return "" if len(handed) == len(set(handed)) else f"handed to both: {len(handed) - len(set(handed))}"


def partitions_go_at_once(patch: pytest.MonkeyPatch) -> None:
    async def let_go(self: Consumer, revoked: Any) -> None:
        return

    patch.setattr(Consumer, "on_partitions_revoked", let_go)


async def two_processes_at_due_timers(rig: Rig) -> str:
    subjects = {uuid4() for _ in range(5)}
    rig.behaviour.gate.clear()

    async def taken_by_both() -> bool:
        taken = [subject for call in rig.behaviour.due for subject in call]
        return len(taken) != len(set(taken))

    async with rig.started("1") as kernel, rig.started("2"):
        await kernel.transact(toy.remind, [Timer("look_again", subject, clock.now()) for subject in subjects])
        await eventually(lambda: _held(rig), lambda held: held >= subjects)
        with suppress(NeverTrue):  # the other process passes over them: nothing may come of this
            await eventually(taken_by_both, seconds=2)
        rig.behaviour.gate.set()
        await eventually(lambda: rig.query("select count(*) from timers"), lambda seen: seen == [(0,)])
        with suppress(NeverTrue):  # nor of this
            await eventually(rig.effects, lambda seen: len(seen) > len(subjects), seconds=1)
    fired = [row[0] for row in await rig.query("select person_id from effects")]
    return "" if sorted(fired) == sorted(subjects) else f"fired {len(fired)} times"


async def _held(rig: Rig) -> set[UUID]:
    return {subject for call in rig.behaviour.due for subject in call}


def timers_are_not_claimed(patch: pytest.MonkeyPatch) -> None:
    async def only_look(tx: Any, kernel: Any, most: int) -> list[Any]:
        rows: list[Any] = await tx.fetch(
            "select * from timers where due_at <= $1 and stopped_because is null order by due_at, id limit $2", kernel.now(), most
        )
        return rows

    patch.setattr(timers, "_claim", only_look)


MECHANISMS: list[tuple[str, Scenario, Plant]] = [
    ("inbox", repeated_delivery, no_inbox),
    ("claim inside the transaction", failure_after_claim, claim_outside_the_transaction),
    ("commit after handler", death_in_the_handler, acknowledge_before_handling),
    ("acknowledgement before delete", death_before_acknowledgement, delete_before_acknowledgement),
    ("single relay", second_relay_while_the_first_sends, every_relay_leads),
    ("parking order", later_events_of_a_parked_person, nobody_queues_behind),
    ("wait before a rebalance", a_second_process_during_a_slow_batch, partitions_go_at_once),
    ("claim of timers", two_processes_at_due_timers, timers_are_not_claimed),
]


@pytest.mark.parametrize(("scenario", "_plant"), [(s, p) for _, s, p in MECHANISMS], ids=[name for name, _, _ in MECHANISMS])
async def test_the_kernel_holds(rig: Rig, scenario: Scenario, _plant: Plant) -> None:
    assert await scenario(rig) == ""


@pytest.mark.parametrize(("scenario", "plant"), [(s, p) for _, s, p in MECHANISMS], ids=[name for name, _, _ in MECHANISMS])
async def test_a_kernel_without_the_mechanism_is_caught(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, scenario: Scenario, plant: Plant
) -> None:
    plant(monkeypatch)
    assert await scenario(rig) != ""
