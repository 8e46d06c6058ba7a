"""A service that does next to nothing, so that only the kernel can be at fault: it notes numbers, and hears of them again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from shared import clock
from shared.db import Transaction
from shared.items import Decision, Due, PersonEvent, Received, Refusal, Timer
from shared.messaging import envelope
from shared.messaging.kernel import Kernel
from shared.messaging.outbox import LARGEST
from shared.messaging.runtime import running
from shared.messaging.service import Service
from shared.settings import Settings

MIGRATIONS = Path(__file__).with_name("migrations")


class Noted(PersonEvent):
    type = "toy.noted.v1"
    n: int


class Withdrawn(PersonEvent):
    type = "toy.withdrawn.v1"
    overtakes = True


class Echoed(PersonEvent):
    type = "toy.echoed.v1"
    n: int
    text: str = ""


TOO_LONG = "x" * (LARGEST + 1)


@dataclass(frozen=True)
class Note:
    person_id: UUID
    n: int


class Broken(Exception):
    """What a handler of the toy raises when told to."""


@dataclass
class Behaviour:
    """What the toy's handlers are told to do."""

    fail: dict[int, list[Exception]] = field(default_factory=dict)  # by number: raised one after the other
    always: set[int] = field(default_factory=set)  # by number: raised every time
    slow: float = 0.0
    slow_each: dict[int, float] = field(default_factory=dict)  # by number: seconds that the statement over a batch with it takes longer
    gate: asyncio.Event = field(default_factory=asyncio.Event)  # what comes due waits while this is not set
    verbose: set[int] = field(default_factory=set)  # by number: causes an event that Kafka would not take
    started: asyncio.Event = field(default_factory=asyncio.Event)
    calls: list[list[int]] = field(default_factory=list)
    due: list[list[UUID]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.gate.set()


class ToySettings(Settings):
    """Settings whose one database is the toy's."""

    def dsn(self, service: str) -> str:
        return self.intake_dsn.get_secret_value()


def toy_service(behaviour: Behaviour) -> Service:
    async def on_noted(tx: Transaction, items: Sequence[Received[Noted]], now: datetime) -> list[Decision]:
        behaviour.calls.append([item.event.n for item in items])
        seconds = behaviour.slow + sum(behaviour.slow_each.get(item.event.n, 0) for item in items)  # as told when the batch began
        behaviour.started.set()
        await tx.execute(
            "insert into effects (person_id, n) select * from unnest($1::uuid[], $2::int[])",
            [item.event.person_id for item in items],
            [item.event.n for item in items],
        )
        if seconds:
            await tx.execute("select pg_sleep($1)", seconds)
        for item in items:
            if errors := behaviour.fail.get(item.event.n):
                raise errors.pop(0)
            if item.event.n in behaviour.always:
                raise Broken("told to")
        return [Decision(events=(Echoed(person_id=item.event.person_id, n=item.event.n, text=_text(item.event.n)),)) for item in items]

    def _text(n: int) -> str:
        return TOO_LONG if n in behaviour.verbose else ""

    async def on_withdrawn(tx: Transaction, items: Sequence[Received[Withdrawn]], now: datetime) -> list[Decision]:
        await tx.execute("insert into effects (person_id, n) select unnest($1::uuid[]), -1", [item.event.person_id for item in items])
        return [Decision() for _ in items]

    async def on_due(tx: Transaction, items: Sequence[Due], now: datetime) -> list[Decision]:
        behaviour.due.append([item.subject for item in items])
        await behaviour.gate.wait()
        if seconds := sum(behaviour.slow_each.get(item.subject.int, 0) for item in items):
            await tx.execute("select pg_sleep($1)", seconds)
        for item in items:
            if item.subject.int in behaviour.always:
                raise Broken("told to")
        await tx.execute("insert into effects (person_id, n) select unnest($1::uuid[]), 0", [item.subject for item in items])
        return [Decision() for _ in items]

    return Service("toy", MIGRATIONS, {Noted: on_noted, Withdrawn: on_withdrawn}, {"look_again": on_due})


DEADLOCKED: list[datetime] = []


async def note(tx: Transaction, items: Sequence[Note], now: datetime) -> list[Decision]:
    """A command: publish a number about a person. Negative numbers are refused, 13 is a bug, 40 meets a deadlock the first time."""
    if any(item.n == 13 for item in items):
        raise Broken("thirteen")
    if any(item.n == 40 for item in items) and not DEADLOCKED:
        DEADLOCKED.append(now)
        raise asyncpg.DeadlockDetectedError("another transaction goes first")
    return [
        Decision(refusal=Refusal("negative", status=422))
        if item.n < 0
        else Decision(answer={"n": item.n}, events=(Noted(person_id=item.person_id, n=item.n),))
        for item in items
    ]


async def note_and_tell(tx: Transaction, items: Sequence[Note], now: datetime) -> list[Decision]:
    """A command that writes a row and publishes two events; the second is too large for Kafka when the number is 500."""
    await tx.execute(
        "insert into effects (person_id, n) select * from unnest($1::uuid[], $2::int[])",
        [item.person_id for item in items],
        [item.n for item in items],
    )
    return [
        Decision(
            answer={"n": item.n},
            events=(
                Echoed(person_id=item.person_id, n=item.n),
                Echoed(person_id=item.person_id, n=item.n, text=TOO_LONG if item.n == 500 else ""),
            ),
            timers=(Timer("later", item.person_id, now),),
        )
        for item in items
    ]


async def remind(tx: Transaction, items: Sequence[Timer], now: datetime) -> list[Decision]:
    """A command: set a timer."""
    return [Decision(timers=(item,)) for item in items]


async def take_seat(tx: Transaction, items: Sequence[int], now: datetime) -> list[Decision]:
    """A command on something limited: what is left is read under its lock."""
    free = await tx.fetchval("select free from seats where id = 1 for update")
    decisions = []
    for wanted in items:
        if wanted <= free:
            free -= wanted
            decisions.append(Decision(answer={"taken": wanted}))
        else:
            decisions.append(Decision(refusal=Refusal("full")))
    await tx.execute("update seats set free = $1 where id = 1", free)
    return decisions


@dataclass
class Rig:
    """One toy with a database and a topic of its own."""

    settings: ToySettings
    behaviour: Behaviour = field(default_factory=Behaviour)

    @property
    def topic(self) -> str:
        return f"{self.settings.kafka_prefix}toy.events"

    @asynccontextmanager
    async def started(self, instance: str = "1", **changes: Any) -> AsyncIterator[Kernel]:
        settings = self.settings.model_copy(update={"instance": instance})
        async with running(Kernel(toy_service(self.behaviour), settings, **changes)) as kernel:
            yield kernel

    async def query(self, sql: str, *args: Any) -> list[Any]:
        connection = await asyncpg.connect(self.settings.dsn("toy"))
        try:
            return [tuple(row) for row in await connection.fetch(sql, *args)]
        finally:
            await connection.close()

    async def effects(self, person_id: UUID | None = None) -> list[int]:
        rows = await self.query("select n from effects where person_id = $1 or $1 is null order by place", person_id)
        return [row[0] for row in rows]

    async def publish(self, *events: PersonEvent, ids: Sequence[UUID] | None = None) -> None:
        """Put events on the topic by hand, all in one go."""
        await self.publish_raw(
            *[
                (
                    str(event.key).encode(),
                    event.model_dump_json().encode(),
                    envelope.headers(
                        event_id=id, type_=event.type, key=event.key, recorded_at=clock.now(), correlation_id=uuid4(), causation_id=None
                    ),
                )
                for event, id in zip(events, ids or [uuid4() for _ in events], strict=True)
            ]
        )

    async def publish_raw(self, *records: tuple[bytes | None, bytes | None, list[tuple[str, bytes]]]) -> None:
        producer = AIOKafkaProducer(bootstrap_servers=self.settings.kafka, linger_ms=20)
        await producer.start()
        try:
            sends = [await producer.send(self.topic, value, key=key, headers=headers) for key, value, headers in records]
            await asyncio.gather(*sends)
        finally:
            await producer.stop()

    async def on_topic(self) -> list[tuple[UUID, int]]:
        """Every noted number on the topic, per partition in order."""
        consumer = AIOKafkaConsumer(
            self.topic, bootstrap_servers=self.settings.kafka, auto_offset_reset="earliest", enable_auto_commit=False
        )
        await consumer.start()
        try:
            ends = await consumer.end_offsets(list(consumer.assignment()))
            found = []
            while any([await consumer.position(partition) < end for partition, end in ends.items()]):
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    found += [
                        Noted.model_validate_json(r.value, extra="ignore") for r in records if dict(r.headers)["ce_type"] == b"toy.noted.v1"
                    ]
            return [(event.person_id, event.n) for event in found]
        finally:
            await consumer.stop()


async def make_topics(bootstrap: str, *names: str, partitions: int = 3) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(name, partitions, 1) for name in names])
    finally:
        await admin.close()
