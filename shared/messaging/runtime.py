"""A service at work: pool, relay, consumer, timers, retries and its own background work, started and stopped together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, timedelta
from typing import Any
from zlib import crc32

import structlog
from aiokafka import AIOKafkaProducer
from faststream.kafka import KafkaBroker

from shared import db
from shared.access.audit.sealing import Sealer
from shared.messaging import broker_access, inbox, timers
from shared.messaging.consumer import Consumer
from shared.messaging.kernel import Kernel
from shared.messaging.pacing import Backoff
from shared.messaging.relay import Relay
from shared.messaging.retrying import retry_ready

TICK_SECONDS = 0.5
PARTITIONS_EVERY = timedelta(hours=6)
STOP_SECONDS = 8.0
PING_SECONDS = 2.0
PING_EVERY = 2.0
REQUEST_TIMEOUT_MS = 15_000

log = structlog.get_logger()


@asynccontextmanager
async def running(kernel: Kernel) -> AsyncIterator[Kernel]:
    """Run a service until the context ends. It starts whether or not its database and Kafka are there, and takes them up when they are."""
    async with AsyncExitStack() as stack:
        settings = kernel.settings
        kernel.pool = await db.open_pool(
            settings.dsn(kernel.service), size=settings.pool_size, application=kernel.service, statement_seconds=settings.statement_seconds
        )
        stack.push_async_callback(_close_pool, kernel.pool)
        tasks = [asyncio.create_task(endless, name=f"{kernel.service}:{name}") for name, endless in _loops(kernel).items()]
        stack.push_async_callback(_stop, tasks)
        try:
            yield kernel
        finally:
            kernel.close()


def _loops(kernel: Kernel) -> dict[str, Coroutine[Any, Any, None]]:
    relay = Relay(kernel, lambda: _producer(kernel))
    loops: dict[str, Coroutine[Any, Any, None]] = {
        "relay": relay.run(),
        "sealer": Sealer(kernel).run(),
        "housekeeping": _housekeeping(kernel),
        "changes": _ticking(Backoff(kernel.service, "changes"), lambda: kernel.changes.watch(kernel.pool)),
    }
    if kernel.definition.subscriptions:
        consumer = Consumer(kernel)
        loops["consumer"] = _consume(kernel, consumer)
        loops["retries"] = _ticking(Backoff(kernel.service, "retries"), lambda: retry_ready(kernel, consumer))
    if kernel.definition.timers:
        loops["timers"] = _ticking(Backoff(kernel.service, "timers"), lambda: timers.fire_due(kernel))
    for endless in kernel.definition.background:
        loops[endless.__name__] = _supervised(kernel, endless)
    return loops


def _producer(kernel: Kernel) -> AIOKafkaProducer:
    return AIOKafkaProducer(
        bootstrap_servers=kernel.settings.kafka,
        client_id=f"{kernel.service}-relay",
        acks="all",
        enable_idempotence=True,
        max_batch_size=131_072,
        partitioner=_partition,
        request_timeout_ms=REQUEST_TIMEOUT_MS,
        **broker_access.arguments(kernel.settings),
    )


def _partition(key: bytes, partitions: Sequence[int], available: Sequence[int]) -> int:
    """Where a key lies: the same place for as long as the topic has as many partitions."""
    return sorted(partitions)[crc32(key) % len(partitions)]


async def _consume(kernel: Kernel, consumer: Consumer) -> None:
    """Connect, however long that takes, and stay connected until cancelled."""
    backoff = Backoff(kernel.service, "consumer")
    await kernel.prepared.wait()
    while True:
        broker = KafkaBroker(
            kernel.settings.kafka,
            client_id=f"{kernel.service}-consumer",
            allow_auto_create_topics=False,
            apply_types=False,
            logger=None,
            graceful_timeout=STOP_SECONDS,
            request_timeout_ms=REQUEST_TIMEOUT_MS,
            acks="all",
            enable_idempotence=True,
            security=broker_access.security(kernel.settings),
        )
        consumer.subscribe(broker)
        try:
            await broker.start()
            kernel.lag = consumer.lag
            log.info("consuming", service=kernel.service, topics=kernel.definition.topics)
            while True:  # the client reconnects by itself; whether it can is looked at here
                answers = await broker.ping(timeout=PING_SECONDS)
                kernel.consumer_problem = None if answers else "does not answer"
                await asyncio.sleep(PING_EVERY)
        except Exception as error:
            kernel.consumer_problem = type(error).__name__
            log.warning("kafka_away", service=kernel.service, error=type(error).__name__)
        finally:
            with suppress(Exception):
                await broker.stop()
        await backoff.wait()


async def _ticking(backoff: Backoff, step: Callable[[], Awaitable[int]]) -> None:
    """Do a step again and again: at once while there is something, else at the next tick."""
    while True:
        try:
            if not await step():
                await asyncio.sleep(TICK_SECONDS)
            backoff.reset()
        except Exception as error:
            await backoff.after(error)


async def _supervised(kernel: Kernel, endless: Callable[[Kernel], Awaitable[None]]) -> None:
    backoff = Backoff(kernel.service, endless.__name__)
    while True:
        try:
            await endless(kernel)
        except Exception as error:
            await backoff.after(error)
        else:
            await backoff.wait()


async def _housekeeping(kernel: Kernel) -> None:
    """Partitions for the days to come, and an end to what is kept too long; once before anything is consumed, then every few hours."""
    backoff = Backoff(kernel.service, "housekeeping")
    while True:
        try:
            async with kernel.transaction() as tx:
                await inbox.keep_partitions(tx, kernel.now().astimezone(UTC).date())
        except Exception as error:
            if not db.is_transient(error):
                kernel.prepared.set()  # a default partition takes what comes: better served late than not at all
            await backoff.after(error)
            continue
        backoff.reset()
        kernel.prepared.set()
        await asyncio.sleep(PARTITIONS_EVERY.total_seconds())


async def _stop(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks, timeout=STOP_SECONDS)


async def _close_pool(pool: db.Pool) -> None:
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await pool.close()
    except (TimeoutError, OSError):
        pool.terminate()
