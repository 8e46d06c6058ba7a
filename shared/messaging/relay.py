"""The relay: takes events out of the outbox, in order, to the topic; and only when Kafka has acknowledged them, out of the outbox.

One relay per outbox is at work at a time. Its lock belongs to the connection that also holds the transaction.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

import asyncpg
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from shared.events import topic
from shared.messaging import envelope
from shared.messaging.crashpoints import crashpoint
from shared.messaging.kernel import Kernel
from shared.messaging.leading import leading
from shared.messaging.pacing import Backoff, Pace

MOST_ROWS = 500
POLL_SECONDS = 0.1
PACE_SECONDS = 0.02, 0.05
LOCK = 7_301_905_226_108_843_002  # any constant; databases are separate, so one serves all services


class Relay:
    """One service's relay. Started in every process; the one with the lock works, the others stand by."""

    def __init__(self, kernel: Kernel, make_producer: Callable[[], AIOKafkaProducer]) -> None:
        self.kernel = kernel
        self.topic = kernel.settings.kafka_prefix + topic(kernel.service)
        self.make_producer = make_producer
        self.producer: AIOKafkaProducer | None = None

    async def run(self) -> None:
        """Relay for ever: whatever fails, back off, take a new connection and a new producer, and go on."""
        backoff = Backoff(self.kernel.service, "relay")
        try:
            while True:
                try:
                    await self._lead(backoff)
                except Exception as error:  # whatever it is: the outbox must not stand still behind a green light
                    self.kernel.relay_problem = type(error).__name__
                    await self._drop_producer()  # a producer that failed once may be stuck for good (aiokafka#1017)
                    await backoff.after(error, passing=(KafkaError,))
        finally:
            await self._drop_producer()

    async def _lead(self, backoff: Backoff) -> None:
        async with leading(self.kernel, "relay", LOCK) as connection:
            producer = await self._connected()
            backoff.reset()
            self.kernel.relay_problem = None
            pace = Pace(*PACE_SECONDS)
            while True:
                with suppress(TimeoutError):
                    async with asyncio.timeout(POLL_SECONDS):
                        await self.kernel.outbox_filled.wait()
                self.kernel.outbox_filled.clear()
                pace.begin()
                while (count := await self.relay_some(connection, producer)) == MOST_ROWS:
                    pass
                await pace.wait(count)

    async def relay_some(self, connection: asyncpg.Connection[asyncpg.Record], producer: AIOKafkaProducer) -> int:
        """Send the oldest rows, wait for every acknowledgement, move them to the event log, commit; returns how many."""
        async with connection.transaction():
            rows = await connection.fetch("select * from outbox order by id limit $1 for update skip locked", MOST_ROWS)
            if rows:
                crashpoint("relay-after-select")
                await self.settle(rows, lambda: self._send(producer, rows), lambda: self._log(connection, rows))
        return len(rows)

    async def settle(
        self, rows: Sequence[asyncpg.Record], send: Callable[[], Awaitable[None]], log_them: Callable[[], Awaitable[None]]
    ) -> None:
        """First Kafka has them, then we let go of them; never the other way round."""
        await send()
        crashpoint("relay-after-send-before-mark")
        await log_them()

    async def _send(self, producer: AIOKafkaProducer, rows: Sequence[asyncpg.Record]) -> None:
        sends = [
            await producer.send(
                self.topic,
                row["payload"],
                key=str(row["key"]).encode(),
                headers=envelope.headers(
                    event_id=row["event_id"],
                    type_=row["type"],
                    key=row["key"],
                    recorded_at=row["recorded_at"],
                    correlation_id=row["correlation_id"],
                    causation_id=row["causation_id"],
                ),
            )
            for row in rows
        ]
        await asyncio.gather(*sends)

    async def _log(self, connection: asyncpg.Connection[asyncpg.Record], rows: Sequence[asyncpg.Record]) -> None:
        await connection.execute(
            """with gone as (delete from outbox where id = any($1::bigint[]) returning *)
               insert into event_log (id, event_id, type, key, correlation_id, causation_id, recorded_at, payload)
               select id, event_id, type, key, correlation_id, causation_id, recorded_at, payload from gone order by id""",
            [row["id"] for row in rows],
        )

    async def _connected(self) -> AIOKafkaProducer:
        if self.producer is None:
            producer = self.make_producer()
            try:
                await producer.start()
            except BaseException:
                await producer.stop()
                raise
            self.producer = producer
        return self.producer

    async def _drop_producer(self) -> None:
        producer, self.producer = self.producer, None
        if producer is not None:
            with suppress(Exception):
                async with asyncio.timeout(5):
                    await producer.stop()
