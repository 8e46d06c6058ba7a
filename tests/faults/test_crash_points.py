"""A process dies, as by kill -9, at each named place, is started again, and nothing is lost or done twice."""

from __future__ import annotations

import asyncio

from tests.eventually import eventually
from tests.faults import checks
from tests.faults.load import Sender
from tests.stack import Stack

PLACES = [
    ("intake", "relay-after-select"),
    ("intake", "relay-after-send-before-mark"),
    ("intake", "consumer-after-commit-before-ack"),
    ("coordination", "consumer-after-fetch"),
    ("coordination", "consumer-mid-transaction"),
    ("coordination", "consumer-after-commit-before-ack"),
    ("coordination", "relay-after-send-before-mark"),
    ("notifications", "consumer-mid-transaction"),
    ("notifications", "consumer-after-commit-before-ack"),
]


async def _died(stack: Stack, name: str) -> int | None:
    return stack.processes[name].poll()


async def test_a_process_that_dies_anywhere_loses_nothing_and_repeats_nothing(stack: Stack) -> None:
    stack.start()
    await stack.ready()
    await stack.load_demonstration()
    sender = Sender(stack)
    for name, place in PLACES:
        stack.kill(name)
        stack.start(name, crashpoint=f"{place}:1")
        if name == "intake":
            await stack.ready("intake", kafka=False)
        sending = asyncio.create_task(sender.send(12))
        assert await eventually(lambda name=name: _died(stack, name), lambda code: code is not None, seconds=30) == 137
        stack.start(name)
        await sending
        await checks.quiet(stack, sender.accepted)
    assert stack.crashes() == [place for _, place in PLACES]
    assert await checks.wrong(stack, sender.accepted) == []
    await checks.agree(stack)


