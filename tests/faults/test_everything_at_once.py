"""1,500 referrals while every service is killed three times at random moments, PostgreSQL and Kafka once."""

from __future__ import annotations

import asyncio
import random
from functools import partial
from operator import le

import pytest

from shared.settings import SERVICES
from tests.eventually import eventually
from tests.faults import checks
from tests.faults.load import Sender
from tests.stack import Stack

REFERRALS = 1_500
SEED = 20_261_122


@pytest.mark.timeout(300)
async def test_every_accepted_referral_ends_in_exactly_one_case_with_its_messages(stack: Stack) -> None:
    stack.start()
    await stack.ready()
    await stack.load_demonstration()
    dice = random.Random(SEED)
    sender = Sender(stack, SEED)
    victims = [*SERVICES * 3, "postgres", "kafka"]
    dice.shuffle(victims)
    moments = sorted(dice.sample(range(50, REFERRALS - 50), len(victims)))
    sending = asyncio.create_task(sender.send(REFERRALS, at_once=6))
    for moment, victim in zip(moments, victims, strict=True):
        await eventually(lambda: _count(sender), partial(le, moment), seconds=120)
        await _strike(stack, victim)
    await sending
    assert len(set(sender.accepted)) == REFERRALS
    await checks.quiet(stack, sender.accepted, seconds=90)
    assert await checks.wrong(stack, sender.accepted) == []
    await checks.agree(stack)


async def _count(sender: Sender) -> int:
    return len(sender.accepted)


async def _strike(stack: Stack, victim: str) -> None:
    if victim in SERVICES:
        stack.kill(victim)
        stack.start(victim)
        return
    server = stack.servers.postgres if victim == "postgres" else stack.servers.kafka
    await asyncio.to_thread(server.kill)
    await asyncio.to_thread(server.start)
