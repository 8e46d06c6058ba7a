"""Sending over real SMTP: what is out is out once, what is not is tried again or seen."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest

from services.notifications.delivery import handlers, post, rounds, store
from services.notifications.delivery.domain import Outcome, Result
from services.notifications.delivery.rounds import LEASE_SECONDS
from services.notifications.messages import letters
from shared.events import coordination
from tests.databases import Databases
from tests.eventually import eventually, stays
from tests.integration.notifications.rig import House, a_house
from tests.integration.notifications.sink import Sink
from tests.unit.notifications import builders
from tests.unit.notifications.builders import NOW, of_a_case, received


async def a_referral(house: House, **changes: Any) -> UUID:
    """Records one message to a sender; returns the event's id."""
    item = received(builders.referral_accepted(sender_id=await house.contact(**changes)))
    await house.record(item)
    return item.id


async def test_a_mail_goes_out_once(house: House, sink: Sink) -> None:
    event_id = await a_referral(house, language="fr")
    assert await house.round() == {Result.DELIVERED: 1}
    assert await house.round() == {}
    row = await house.only()
    (mail,) = sink.mails
    assert sink.envelopes == [("geen-antwoord@zorgspoor.example", ["an@praktijk.be"])]
    assert mail["Message-ID"] == f"<{event_id}.{row['recipient_id']}.email@zorgspoor.example>"
    assert "Votre demande" in mail["Subject"]
    assert f"https://zorg.example/intake/referrals/{row['referral_id']}" in mail.get_content().splitlines()
    assert (row["state"], row["tries"], row["ended_at"]) == ("delivered", 1, NOW)
    assert [(attempt["result"], attempt["reason"]) for attempt in orjson.loads(row["attempts"])] == [("delivered", None)]
    assert await house.announced() == ["notifications.message_delivered.v1"]


async def test_a_worker_gets_the_own_page(house: House, sink: Sink) -> None:
    coordinator = await house.contact()
    await house.record(received(of_a_case(coordination.CaseOffered, coordinator_id=coordinator)))
    await house.round()
    assert "https://zorg.example/coordination/day" in sink.mails[0].get_content().splitlines()


@pytest.mark.parametrize(("where", "answer"), [("to_recipient", "450 busy"), ("to_recipient", "421 closing"), ("to_data", "451 later")])
async def test_a_mail_refused_for_now_is_tried_again_later_under_the_same_message_id(
    house: House, sink: Sink, where: str, answer: str
) -> None:
    event_id = await a_referral(house)
    getattr(sink, where).append(answer)
    assert await house.round() == {Result.NOT_NOW: 1}
    row = await house.only()
    assert (row["state"], row["reason"], row["tries"]) == ("waiting", f"smtp_{answer[:3]}", 1)
    house.clock.forward(seconds=29)
    assert await house.round() == {}
    house.clock.forward(seconds=5)
    assert await house.round() == {Result.DELIVERED: 1}
    assert sink.message_ids == [f"<{event_id}.{row['recipient_id']}.email@zorgspoor.example>"]
    assert [attempt["reason"] for attempt in orjson.loads((await house.only())["attempts"])] == [f"smtp_{answer[:3]}", None]


async def test_a_mail_refused_for_good_fails_at_once_and_keeps_the_number_only(house: House, sink: Sink) -> None:
    await a_referral(house)
    sink.to_recipient.append("550 no mailbox an@praktijk.be here")
    assert await house.round() == {Result.REFUSED: 1}
    row = await house.only()
    assert (row["state"], row["reason"], row["ended_at"]) == ("failed", "smtp_550", NOW)
    assert "an@praktijk.be" not in row["attempts"]
    assert await house.announced() == ["notifications.message_failed.v1"]
    house.clock.forward(days=1)
    assert await house.round() == {}


async def test_one_refused_mail_does_not_hold_up_the_others(house: House, sink: Sink) -> None:
    for _ in range(5):
        await a_referral(house)
    sink.to_recipient.append("550 no")
    assert await house.round() == {Result.REFUSED: 1, Result.DELIVERED: 4}


async def test_a_server_that_is_away_counts_as_no_try_and_all_goes_out_when_it_is_back(house: House, sink: Sink) -> None:
    for _ in range(3):
        await a_referral(house)
    await sink.stop()
    away = await house.round()
    assert away[Result.AWAY] >= 1
    assert away[Result.DELIVERED] == 0
    assert {(row["state"], row["tries"]) for row in await house.rows()} == {("waiting", 0)}
    await sink.start()
    assert await house.round() == {Result.DELIVERED: 3}


@pytest.mark.parametrize("greeting", [b"421 too busy\r\n", b"554 go away\r\n", b""])
async def test_a_server_that_turns_everyone_away_counts_as_away(house: House, sink: Sink, greeting: bytes) -> None:
    await a_referral(house)
    sink.greeting = greeting or b"x"
    assert await house.round() == {Result.AWAY: 1}
    assert (await house.only())["reason"] == "server_away"


async def test_a_server_that_says_nothing_is_left_in_time(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(post, "SECONDS_PER_MAIL", 0.2)
    await a_referral(house)

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    silent = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    house.kernel.settings = house.kernel.settings.model_copy(update={"smtp_port": silent.sockets[0].getsockname()[1]})
    try:
        assert await house.round() == {Result.AWAY: 1}
    finally:
        silent.close()


async def test_a_server_that_hangs_over_a_mail_is_left_in_time(house: House, sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(post, "SECONDS_PER_MAIL", 0.2)
    await a_referral(house)
    sink.go_on.clear()
    assert await house.round() == {Result.NOT_NOW: 1}
    assert (await house.only())["reason"] == "timeout"
    sink.go_on.set()


async def test_accepted_and_dropped_before_the_answer_is_sent_again_under_the_same_message_id(house: House, sink: Sink) -> None:
    await a_referral(house)
    sink.drop_after_data = True
    assert await house.round() == {Result.NOT_NOW: 1}
    assert (await house.only())["reason"] == "disconnected"
    sink.drop_after_data = False
    house.clock.forward(seconds=40)
    assert await house.round() == {Result.DELIVERED: 1}
    assert len(sink.mails) == 2
    assert len(set(sink.message_ids)) == 1


async def test_a_sender_that_died_is_taken_over_when_its_lease_ran_out(house: House, sink: Sink) -> None:
    await a_referral(house)
    async with house.kernel.transaction() as tx:
        (claimed,) = await store.claim(tx, NOW, NOW + timedelta(seconds=LEASE_SECONDS), 10)
    house.clock.forward(seconds=LEASE_SECONDS - 1)
    assert await house.round() == {}
    house.clock.forward(seconds=2)
    assert await house.round() == {Result.DELIVERED: 1}
    late = Outcome(claimed.id, claimed.lease, Result.NOT_NOW, "timeout", 0.0)
    await house.kernel.transact(handlers.record_results, [late])
    assert (await house.only())["state"] == "delivered"
    assert await house.announced() == ["notifications.message_delivered.v1"]


@pytest.mark.parametrize("nth", [1, 12])
async def test_a_sender_that_dies_repeats_no_more_than_it_had_in_hand(
    house: House, sink: Sink, monkeypatch: pytest.MonkeyPatch, nth: int
) -> None:
    for _ in range(20):
        await a_referral(house)
    passes, dead = itertools.count(1), asyncio.Event()

    async def stopped(*what: Any, **how: Any) -> Any:
        await asyncio.Event().wait()

    def die(name: str) -> None:
        if name == "notifications-after-smtp-250-before-mark" and next(passes) == nth:
            monkeypatch.setattr(house.kernel, "transact", stopped)  # from here on nothing is recorded
            dead.set()

    with monkeypatch.context() as patch:
        patch.setattr(rounds, "crashpoint", die)
        dying = rounds.Round(house.kernel, rounds.MOST_IN_ONE)
        work = asyncio.create_task(dying.run())
        await dead.wait()
        await eventually(lambda: _taken(sink), lambda taken: taken >= nth)
        dying.waiting.clear()  # Python 3.11 loses a cancellation that meets an answer: a connection would go on as nobody dead does
        await end(work)
    monkeypatch.undo()
    house.clock.forward(seconds=LEASE_SECONDS + 1)
    await house.round()
    copies = Counter(sink.message_ids)
    assert len(copies) == 20
    assert 1 <= len(sink.mails) - 20 <= rounds.AT_ONCE
    assert {row["state"] for row in await house.rows()} == {"delivered"}


async def _taken(sink: Sink) -> int:
    return len(sink.mails)


async def test_two_senders_never_hold_the_same_message(house: House, sink: Sink) -> None:
    for _ in range(20):
        await a_referral(house)
    async with house.kernel.transaction() as one, house.kernel.transaction() as other:
        lease = NOW + timedelta(seconds=LEASE_SECONDS)
        held = [message.id for tx in (one, other) for message in await store.claim(tx, NOW, lease, 15)]
    assert len(held) == len(set(held)) == 20


async def test_many_mails_share_few_connections(house: House, sink: Sink) -> None:
    for _ in range(30):
        await a_referral(house)
    assert await house.round() == {Result.DELIVERED: 30}
    assert sink.connections <= rounds.AT_ONCE
    assert len(set(sink.message_ids)) == 30


async def test_the_address_is_the_one_the_directory_has_now(house: House, sink: Sink) -> None:
    sender = await house.contact(email="old@praktijk.be")
    await house.record(received(builders.referral_accepted(sender_id=sender)))
    await house.contact(id=sender, email="new@praktijk.be")
    await house.round()
    assert sink.envelopes[0][1] == ["new@praktijk.be"]


@pytest.mark.parametrize("change", [{"email": None}, {"active": False}])
async def test_who_lost_the_address_meanwhile_is_unreachable(house: House, sink: Sink, change: dict[str, Any]) -> None:
    sender = await house.contact()
    await house.record(received(builders.referral_accepted(sender_id=sender)))
    await house.contact(id=sender, **change)
    assert await house.round() == {Result.REFUSED: 1}
    row = await house.only()
    assert (row["state"], row["reason"], sink.mails) == ("failed", "unreachable", [])


async def test_a_failed_message_is_sent_when_a_person_asks_for_it(house: House, sink: Sink) -> None:
    sender = await house.contact(email=None)
    await house.record(received(builders.referral_accepted(sender_id=sender)))
    assert await house.round() == {}
    await house.contact(id=sender)
    (decision,) = await house.kernel.transact(handlers.send_again, [handlers.SendAgain((await house.only())["id"])])
    assert decision.refusal is None
    assert await house.round() == {Result.DELIVERED: 1}


async def test_the_endless_work_sends_what_is_recorded_promptly_and_waits_out_a_server_that_is_away(house: House, sink: Sink) -> None:
    await sink.stop()
    work = asyncio.create_task(rounds.deliver(house.kernel))
    try:
        await a_referral(house)
        await eventually(house.only, lambda row: row["reason"] == "server_away")
        await sink.start()
        await eventually(house.only, lambda row: row["state"] == "delivered", seconds=5)
        await a_referral(house)
        await eventually(house.rows, lambda rows: [row["state"] for row in rows] == ["delivered"] * 2, seconds=rounds.POLL_SECONDS * 0.8)
    finally:
        await end(work)
    assert len(sink.mails) == 2


async def test_stopping_lets_the_mail_in_hand_go_and_remembers_it(house: House, sink: Sink) -> None:
    await a_referral(house)
    sink.go_on.clear()
    work = asyncio.create_task(rounds.deliver(house.kernel))
    await sink.taking.wait()
    work.cancel()
    asyncio.get_running_loop().call_soon(sink.go_on.set)
    await end(work)
    row = await house.only()
    assert (row["state"], len(sink.mails)) == ("delivered", 1)


async def test_a_fault_of_ours_in_one_mail_does_not_lose_the_others(house: House, sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = await a_referral(house)
    whole = await a_referral(house)
    compose = letters.compose

    def breaking(**what: Any) -> Any:
        if what["event_id"] == broken:
            raise KeyError("missing")
        return compose(**what)

    monkeypatch.setattr(letters, "compose", breaking)
    assert await house.round() == {Result.NOT_NOW: 1, Result.DELIVERED: 1}
    assert {row["event_id"]: (row["state"], row["reason"]) for row in await house.rows()} == {
        broken: ("waiting", "fault"),
        whole: ("delivered", None),
    }


async def test_results_wait_for_a_database_that_is_away(house: House, sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    await a_referral(house)
    transact, away = house.kernel.transact, [ConnectionResetError(), TimeoutError()]

    async def sometimes(*what: Any, **how: Any) -> Any:
        if away:
            raise away.pop()
        return await transact(*what, **how)

    monkeypatch.setattr(house.kernel, "transact", sometimes)
    assert await house.round() == {Result.DELIVERED: 1}
    assert ((await house.only())["state"], len(sink.mails)) == ("delivered", 1)


async def test_paused_delivery_records_and_sends_nothing(databases: Databases, sink: Sink) -> None:
    async with a_house(await databases.fresh("notifications"), sink, deliver=False) as house:
        work = asyncio.create_task(rounds.deliver(house.kernel))
        try:
            await a_referral(house)
            await stays(house.only, lambda row: row["state"] == "waiting", seconds=0.3)
        finally:
            await end(work)


async def end(work: asyncio.Task[Any]) -> None:
    work.cancel()
    with suppress(asyncio.CancelledError):
        await work
