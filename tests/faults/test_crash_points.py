"""A process dies, as by kill -9, at each named place, is started again, and nothing is lost or done twice."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest

from tests.eventually import eventually
from tests.faults import checks
from tests.faults.load import Sender
from tests.stack import Stack

ROUNDS = [
    {"intake": "relay-after-select", "coordination": "consumer-after-fetch", "notifications": "consumer-mid-transaction"},
    {
        "intake": "relay-after-send-before-mark",
        "coordination": "consumer-mid-transaction",
        "notifications": "consumer-after-commit-before-ack",
    },
    {"coordination": "consumer-after-commit-before-ack", "intake": "consumer-after-commit-before-ack"},
    {"coordination": "relay-after-send-before-mark"},
]


async def _died(stack: Stack, name: str) -> int | None:
    return stack.processes[name].poll()


@pytest.mark.timeout(240)
async def test_a_process_that_dies_anywhere_loses_nothing_and_repeats_nothing(stack: Stack) -> None:
    stack.start()
    await stack.ready()
    await stack.load_demonstration()
    sender = Sender(stack)
    for places in ROUNDS:
        for name, place in places.items():
            stack.kill(name)
            stack.start(name, crashpoint=f"{place}:1")
        sending = asyncio.create_task(sender.send(15))
        for name in places:  # in the order in which a referral and what comes of it pass
            assert await eventually(partial(_died, stack, name), lambda code: code is not None, seconds=40) == 137
            stack.start(name)
        await sending
        await checks.quiet(stack, sender.accepted)
    assert sorted(stack.crashes()) == sorted(place for places in ROUNDS for place in places.values())
    assert await checks.wrong(stack, sender.accepted) == []
    await checks.agree(stack)
