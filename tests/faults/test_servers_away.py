"""Kafka and PostgreSQL away: at the start, in the middle, and what people are told meanwhile."""

from __future__ import annotations

import asyncio

import pytest

from tests.builders import a_referral
from tests.eventually import eventually
from tests.faults import checks
from tests.faults.load import Sender
from tests.stack import Stack


@pytest.mark.timeout(300)
async def test_intake_accepts_while_kafka_is_away_and_nothing_is_lost(stack: Stack) -> None:
    kafka = stack.servers.kafka
    await asyncio.to_thread(kafka.stop)
    try:
        stack.start()
        await stack.ready(kafka=False)
        await stack.load_demonstration()
        sender = Sender(stack)
        await sender.send(20)  # away at the start
        assert await stack.query("coordination", "select count(*) from cases") == [(0,)]
    finally:
        await asyncio.to_thread(kafka.start)
    await checks.quiet(stack, sender.accepted)
    await asyncio.to_thread(kafka.kill)  # away in the middle
    try:
        await sender.send(20)
        assert sender.unavailable == 0
    finally:
        await asyncio.to_thread(kafka.start)
    await checks.quiet(stack, sender.accepted)
    assert await checks.wrong(stack, sender.accepted) == []
    await checks.agree(stack)


async def test_while_the_database_is_away_people_are_told_to_try_again_and_nothing_is_accepted_without_a_row(stack: Stack) -> None:
    stack.start()
    await stack.ready()
    await stack.load_demonstration()
    sender = Sender(stack)
    await sender.send(10)
    await asyncio.to_thread(stack.servers.postgres.stop, "immediate")
    try:
        async with stack.client("sender") as client:
            answer = await client.post("/intake/api/referrals", json=a_referral())
            ready = await client.get("/intake/readyz")
    finally:
        await asyncio.to_thread(stack.servers.postgres.start)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) >= 1
    assert ready.status_code == 503
    sending = asyncio.create_task(sender.send(60))
    await eventually(lambda: _accepted(sender), lambda count: count > 20)
    await asyncio.to_thread(stack.servers.postgres.stop, "immediate")
    await asyncio.to_thread(stack.servers.postgres.start)
    await sending
    await checks.quiet(stack, sender.accepted)
    assert await checks.wrong(stack, sender.accepted) == []
    await checks.agree(stack)


async def _accepted(sender: Sender) -> int:
    return len(sender.accepted)
