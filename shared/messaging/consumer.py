"""Consuming: one poll is one transaction. Claim in the inbox, handle, append, commit; then tell Kafka how far we are.

Where a batch fails by itself it is run again item by item and only the offender is parked; where it takes too long it is cut into
halves until what is too slow stands alone; where the database is away the batch waits and is read again. Nothing is acknowledged
before it is committed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import structlog
from aiokafka import ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.message import KafkaAckableMessage, KafkaMessage

from shared import db
from shared.db import Transaction
from shared.events import fact
from shared.messaging import envelope, inbox, parking
from shared.messaging.crashpoints import crashpoint
from shared.messaging.envelope import Arrival
from shared.messaging.kernel import Kernel
from shared.messaging.outbox import Cause
from shared.messaging.pacing import Backoff, Pace
from shared.messaging.waves import waves

MOST_RECORDS = 500
POLL_MS = 50
FETCH_WAIT_MS = 500
PACE_SECONDS = 0.025, 0.1
FINISH_SECONDS = 20.0
LAG_SECONDS = 2.0
UNTIMED = datetime(2000, 1, 1, tzinfo=UTC)

log = structlog.get_logger()


class Consumer(ConsumerRebalanceListener):  # type: ignore[misc]
    """The one subscription of a service, over the topics of all producers it listens to."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self.subscribed = {event.type: event for event in kernel.definition.subscriptions}
        self.facts = frozenset(fact(type_) for type_ in self.subscribed)
        self.handlers = {event.type: handler for event, handler in kernel.definition.subscriptions.items()}
        self.overtaking = frozenset(event.type for event in kernel.definition.subscriptions if event.overtakes)
        self.busy = asyncio.Lock()
        self.backoff = Backoff(kernel.service, "consumer")
        self.pace = Pace(*PACE_SECONDS)

    def subscribe(self, broker: KafkaBroker) -> None:
        """Declare the subscription on a broker that is not started yet."""
        settings = self.kernel.settings
        self.topics = [settings.kafka_prefix + topic for topic in self.kernel.definition.topics]
        self.subscriber = broker.subscriber(
            *self.topics,
            group_id=settings.kafka_prefix + self.kernel.service,
            group_instance_id=f"{self.kernel.service}-{settings.instance}",
            batch=True,
            max_records=MOST_RECORDS,
            batch_timeout_ms=POLL_MS,
            fetch_max_wait_ms=FETCH_WAIT_MS,
            auto_offset_reset="earliest",
            session_timeout_ms=settings.kafka_session_timeout_ms,
            heartbeat_interval_ms=settings.kafka_session_timeout_ms // 4,
            ack_policy=AckPolicy.MANUAL,
            parser=_unparsed,
            decoder=_undecoded,
            listener=self,
            no_reply=True,
            include_in_schema=False,
        )
        self.subscriber(self.handle)

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """Let the running batch finish before its partitions go to somebody else."""
        try:
            await asyncio.wait_for(self.busy.acquire(), FINISH_SECONDS)
            self.busy.release()
        except TimeoutError:
            log.warning("revoked_while_busy", service=self.kernel.service)

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Nothing is kept in memory that a new partition would need."""

    async def handle(self, message: KafkaMessage) -> None:
        """Handle one poll. Never raises: what cannot be handled is parked, what cannot be reached is waited for."""
        self.pace.begin()
        records: Sequence[ConsumerRecord[Any, Any]] = message.raw_message
        with self._fetching_held():
            await self._handle(records)
            await self.pace.wait(len(records))

    async def _handle(self, records: Sequence[ConsumerRecord[Any, Any]]) -> None:
        async with self.busy:
            try:
                await self.apply(records)
                self.backoff.reset()
            except Exception as error:
                await self.backoff.after(error)
                self._read_again(records)
                return
            crashpoint("consumer-after-commit-before-ack")
            await self._acknowledge(records)

    @contextmanager
    def _fetching_held(self) -> Iterator[None]:
        """Fetch nothing while a batch runs: the next fetch then brings all that came meanwhile, instead of the first that came."""
        consumer = self.subscriber.consumer
        held: set[TopicPartition] = consumer.assignment() if consumer else set()
        if consumer:
            consumer.pause(*held)
        try:
            yield
        finally:
            consumer = self.subscriber.consumer
            if consumer:
                consumer.resume(*held & consumer.assignment())

    async def apply(self, records: Sequence[ConsumerRecord[Any, Any]]) -> None:
        """Bring records into effect, all together or else one by one; each once, whatever is delivered how often."""
        crashpoint("consumer-after-fetch")
        arrivals = [envelope.read(record, self.subscribed, self.facts) for record in records]
        ours = [arrival for arrival in arrivals if arrival.received or arrival.problem]
        self.kernel.skipped += len(arrivals) - len(ours)
        if not ours:
            return
        started = asyncio.get_running_loop().time()
        await self._together(ours)
        log.info("batch", service=self.kernel.service, items=len(ours), ms=round((asyncio.get_running_loop().time() - started) * 1e3, 1))

    async def _together(self, arrivals: Sequence[Arrival]) -> None:
        try:
            await self._transact(arrivals)
        except Exception as error:
            if db.will_pass(error):
                raise
            half = len(arrivals) // 2
            if db.is_transient(error) and half:  # it took too long: less of it may not
                log.warning("batch_too_slow", service=self.kernel.service, items=len(arrivals))
                await self._together(arrivals[:half])
                await self._together(arrivals[half:])
                return
            for arrival in arrivals:
                await self._alone(arrival)

    async def _alone(self, arrival: Arrival) -> None:
        try:
            await self._transact([arrival])
        except Exception as error:
            if db.will_pass(error):
                raise
            reason = parking.reason_of(error)
            log.warning("parked", service=self.kernel.service, type=arrival.type, event_id=str(arrival.event_id), reason=reason)
            await self._park(arrival, reason)

    async def _park(self, arrival: Arrival, reason: str) -> None:
        """Park one arrival; should even that fail, then without anything it said of itself: a record must never hold up a partition."""
        try:
            async with self.kernel.transaction() as tx:
                if await self._claim(tx, [arrival]):
                    await parking.park(tx, [(arrival, "retrying", reason)], self.kernel.now())
        except Exception as error:
            if db.is_transient(error):
                raise
            bare = envelope.stripped(arrival.record)
            async with self.kernel.transaction() as tx:
                if await self._claim(tx, [bare]):
                    await parking.park(tx, [(bare, "stopped", parking.reason_of(error))], self.kernel.now())

    async def _transact(self, arrivals: Sequence[Arrival]) -> None:
        async with self.kernel.transaction() as tx:
            fresh = await self._claim(tx, arrivals)
            if fresh:
                ready = await self._set_aside(tx, fresh)
                for wave in waves(ready):
                    await self.decide(tx, wave)
            crashpoint("consumer-mid-transaction")
        self.kernel.wake()

    async def _claim(self, tx: Transaction, arrivals: Sequence[Arrival]) -> list[Arrival]:
        claimed = await inbox.claim(tx, list({(a.event_id, a.received.at if a.received else _stamped(a)) for a in arrivals}))
        fresh = []
        for arrival in arrivals:
            if arrival.event_id in claimed:
                claimed.discard(arrival.event_id)  # a repeat inside the batch counts once
                fresh.append(arrival)
        return fresh

    async def _set_aside(self, tx: Transaction, arrivals: Sequence[Arrival]) -> list[Arrival]:
        """Park what cannot be read, and what must queue behind something parked; returns the rest."""
        blocked = await parking.blocked_keys(tx, {a.key for a in arrivals if a.key})
        ready: list[Arrival] = []
        aside: list[tuple[Arrival, str, str]] = []
        for arrival in arrivals:
            if arrival.problem:
                aside.append((arrival, "stopped", arrival.problem))
                if arrival.key:
                    blocked.add(arrival.key)
            elif arrival.key in blocked and arrival.type not in self.overtaking:
                aside.append((arrival, "behind", "an earlier event of the same person is parked"))
            else:
                ready.append(arrival)
        if aside:
            await parking.park(tx, aside, self.kernel.now())
        return ready

    async def decide(self, tx: Transaction, wave: Sequence[Arrival]) -> None:
        """Run the handler of one type over arrivals of that type, in the kernel's transaction."""
        received = [arrival.received for arrival in wave if arrival.received]
        await self.kernel.decide(tx, self.handlers[wave[0].type], received, [Cause(item.correlation_id, item.id) for item in received])

    async def _acknowledge(self, records: Sequence[ConsumerRecord[Any, Any]]) -> None:
        consumer = self.subscriber.consumer
        if consumer is None:
            return
        offsets = {TopicPartition(record.topic, record.partition): record.offset + 1 for record in records}
        try:
            await consumer.commit(offsets)
        except KafkaError as error:
            # another member has the partition by now, or Kafka is away: the inbox absorbs the repeat
            log.warning("not_acknowledged", service=self.kernel.service, error=type(error).__name__)

    async def lag(self) -> dict[str, int] | None:
        """Events on the topics that this service's group has not acknowledged, by topic; None when that cannot be known, as while Kafka is away."""
        consumer = self.subscriber.consumer
        if consumer is None or self.kernel.consumer_problem is not None:
            return None
        behind: dict[str, int] = dict.fromkeys(self.topics, 0)
        known = {topic: consumer.partitions_for_topic(topic) for topic in self.topics}
        if not all(known.values()):
            return None
        partitions = [TopicPartition(topic, number) for topic, numbers in known.items() for number in numbers]
        try:
            async with asyncio.timeout(LAG_SECONDS):
                ends = await consumer.end_offsets(partitions)
                for partition in partitions:
                    behind[partition.topic] += max(0, ends[partition] - (await consumer.committed(partition) or 0))
        except (KafkaError, TimeoutError):
            return None
        return behind

    def _read_again(self, records: Sequence[ConsumerRecord[Any, Any]]) -> None:
        first: dict[TopicPartition, int] = {}
        for record in records:
            first.setdefault(TopicPartition(record.topic, record.partition), record.offset)
        for partition, offset in first.items():
            try:
                if self.subscriber.consumer is not None:
                    self.subscriber.consumer.seek(partition, offset)
            except IllegalStateError:
                continue  # no longer ours: its new owner reads from the last commit


async def _unparsed(records: tuple[ConsumerRecord[Any, Any], ...]) -> KafkaMessage:
    """The records as they are: FastStream's own parser would drop a whole batch for one header that is not UTF-8."""
    return KafkaAckableMessage(body=b"", raw_message=records, consumer=None)


async def _undecoded(message: KafkaMessage) -> KafkaMessage:
    return message


def _stamped(arrival: Arrival) -> datetime:
    """An unreadable record's own time stamp, or a fixed one: the same in every delivery, as its inbox day must be."""
    try:
        at = datetime.fromtimestamp(getattr(arrival.record, "timestamp", 0) / 1000, UTC)
    except (ValueError, OverflowError, OSError, TypeError):
        return UNTIMED
    return at if at.year in envelope.CENTURY else UNTIMED
