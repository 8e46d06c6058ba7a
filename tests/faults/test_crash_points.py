"""A process dies, as by kill -9, at each named place, is started again, and nothing is lost or done twice."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest

from services.notifications.delivery.rounds import AT_ONCE
from tests.eventually import eventually
from tests.faults import checks
from tests.faults.load import Sender, accept_offers
from tests.journeys.sink import Sink
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

AMONG_MAILS = [
    "notifications-after-claim:1",
    "notifications-after-smtp-250-before-mark:1",
    "notifications-after-claim:2",
    "notifications-after-smtp-250-before-mark:9",
]


async def _died(stack: Stack, name: str) -> int | None:
    return stack.processes[name].poll()


@pytest.mark.timeout(400)
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
            assert await eventually(partial(_died, stack, name), lambda code: code is not None, seconds=80) == 137
            stack.start(name)
        await sending
        await checks.quiet(stack, sender.accepted)
    assert sorted(stack.crashes()) == sorted(place for places in ROUNDS for place in places.values())
    assert await checks.wrong(stack, sender.accepted) == []
    await checks.agree(stack)


@pytest.mark.timeout(400)
async def test_a_process_that_dies_among_mails_leaves_none_out_and_repeats_only_those_in_hand(mailing: Stack, sink: Sink) -> None:
    mailing.start("intake", "coordination")
    mailing.start("notifications", crashpoint=AMONG_MAILS[0])
    await mailing.ready()
    await mailing.load_demonstration()
    sender = Sender(mailing)
    for following in [*AMONG_MAILS[1:], ""]:
        await sender.send(10)
        assert await eventually(lambda: _died(mailing, "notifications"), lambda code: code is not None, seconds=80) == 137
        mailing.start("notifications", crashpoint=following)
    await checks.quiet(mailing, sender.accepted)
    await checks.sent(mailing)
    assert mailing.crashes() == [place.partition(":")[0] for place in AMONG_MAILS]
    assert await checks.wrong(mailing, sender.accepted) == []
    assert await checks.wrong_mails(mailing, sink) == []
    in_the_window = sum("smtp" in place for place in mailing.crashes())
    assert in_the_window <= len(sink.mails) - len(set(sink.message_ids)) <= in_the_window * AT_ONCE
    await checks.agree(mailing)


@pytest.mark.timeout(400)
async def test_a_process_that_dies_while_deadlines_fire_fires_each_once(mailing: Stack, sink: Sink) -> None:
    mailing.start()
    await mailing.ready()
    await mailing.load_demonstration()
    sender = Sender(mailing)
    await sender.send(15)
    await checks.quiet(mailing, sender.accepted)
    mailing.kill("coordination")
    mailing.start("coordination", crashpoint="timers-mid-transaction:1")
    await mailing.ready("coordination")
    accepting = asyncio.create_task(accept_offers(mailing))
    assert await eventually(lambda: _died(mailing, "coordination"), lambda code: code is not None, seconds=80) == 137
    assert await mailing.query("coordination", "select from timers where kind = 'offer_final' and due_at <= now()")
    mailing.start("coordination")
    accepted = await accepting
    assert len(accepted) > 5
    await eventually(lambda: checks.wrong_assignments(mailing, accepted), lambda found: found == [], seconds=40)
    await checks.quiet(mailing, sender.accepted)
    assert mailing.crashes() == ["timers-mid-transaction"]
    assert await checks.wrong_assignments(mailing, accepted) == []
    assert await checks.wrong(mailing, sender.accepted) == []
    await checks.sent(mailing)
    assert await checks.wrong_mails(mailing, sink) == []
    await checks.agree(mailing)
