"""Count-in = count-out says yes exactly when every referral is where it belongs, or the very event that will bring it there is on its way."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.intake.operations import counting
from tests.eventually import eventually
from tests.integration.operations.rig import Town
from tests.servers import Servers

ELSEWHERE = "9900"  # Eeklo, in the zone that coordination is made to stumble over
ITS_ZONE = "meetjesland-oost"


def lost(seen: dict[str, Any]) -> dict[UUID, dict[str, Any]]:
    return {UUID(each["referral_id"]): each for each in seen["differences"] if each["explained_by"] is None}


def explained(seen: dict[str, Any]) -> dict[UUID, tuple[str, str]]:
    found = [(each["referral_id"], each["explained_by"]) for each in seen["differences"] if each["explained_by"]]
    return {UUID(id): (by["where"], by["service"]) for id, by in found}


async def forget(town: Town, service: str, table: str, referral: UUID) -> None:
    column = "id" if table == "referrals" else "referral_id"
    async with town.kernels[service].transaction() as tx:
        assert await tx.execute(f"delete from {table} where {column} = $1", referral) != "DELETE 0"


async def withdraw(town: Town, referral: UUID) -> None:
    async with town.client("sender") as client:
        answer = await client.post(f"/intake/api/referrals/{referral}/withdraw", json={"reason": "solved"})
        assert answer.status_code == 200, answer.text


async def test_what_is_where_it_belongs_agrees_and_nobody_is_asked_for_ids(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    *_, taken_back = await town.arrive(4)
    await withdraw(town, taken_back)
    await withdraw(town, await town.refer(human_check=True))  # coordination never hears of it
    await town.refer(facts={})
    gone = "select from case_referrals where withdrawn_at is not null"
    await eventually(lambda: town.rows("coordination", gone))

    async def not_to_be_asked(*_: Any) -> None:
        raise AssertionError("asked for ids though all hashes are the same")

    monkeypatch.setattr(counting, "asked", not_to_be_asked)
    seen = await town.count()
    assert (seen["agree"], seen["differences"], seen["unexplained"], seen["explained"]) == (True, [], 0, 0)
    assert {state: row["intake"] for state, row in seen["states"].items() if row["intake"]} == {
        "waiting": 3,
        "withdrawn": 2,
        "information_needed": 1,
    }
    assert "In = uit. Verschil 0." in await town.page()


@pytest.mark.parametrize(
    ("service", "table", "kind"),
    [("coordination", "case_referrals", "state"), ("intake", "referrals", "state"), ("notifications", "messages", "unacknowledged")],
)
async def test_a_row_that_is_lost_is_named_with_what_to_do(town: Town, service: str, table: str, kind: str) -> None:
    gone, _ = await town.arrive(2)
    assert (await town.count())["agree"] is True
    await forget(town, service, table, gone)
    seen = await town.count()
    assert seen["agree"] is False
    assert [(each["referral_id"], each["kind"]) for each in seen["differences"]] == [(str(gone), kind)]
    assert seen["differences"][0]["to_do"]
    page = await town.page()
    assert "niet verklaard" in page
    assert str(gone) in page


async def test_two_opposite_errors_do_not_cancel_out(town: Town) -> None:
    first, _ = await town.arrive(2)
    stranger = uuid4()
    async with town.kernels["coordination"].transaction() as tx:
        await tx.execute("update case_referrals set referral_id = $2 where referral_id = $1", first, stranger)
    seen = await town.count()
    assert seen["states"]["waiting"] == {"intake": 2, "coordination": 2}
    assert seen["agree"] is False
    assert lost(seen).keys() == {first, stranger}


async def test_what_waits_in_an_outbox_is_explained_and_explains_nobody_else(town: Town) -> None:
    gone, _ = await town.arrive(2)
    town.gates.relays.add("intake")
    held = {await town.refer() for _ in range(3)}
    seen = await town.count()
    assert seen["agree"] is True
    assert explained(seen) == dict.fromkeys(held, ("outbox", "intake"))
    assert "3 onderweg" in await town.page()
    await forget(town, "coordination", "case_referrals", gone)
    seen = await town.count()
    assert seen["agree"] is False
    assert lost(seen).keys() == {gone}
    assert explained(seen).keys() == held
    town.gates.relays.clear()
    await town.arrived(*held)
    assert lost(await town.count()).keys() == {gone}


async def test_what_is_parked_is_explained_by_its_reason_and_explains_nobody_else(town: Town) -> None:
    gone, _ = await town.arrive(2)
    town.gates.broken_zones.add(ITS_ZONE)
    stuck = await town.refer(ELSEWHERE)
    (parked,) = await town.parked("coordination")
    seen = await town.count()
    assert seen["agree"] is True
    assert explained(seen) == {stuck: ("parked", "coordination")}
    assert "Broken" in str(seen["differences"])
    await forget(town, "coordination", "case_referrals", gone)
    seen = await town.count()
    assert (seen["agree"], seen["unexplained"], seen["explained"]) == (False, 1, 1)
    assert lost(seen).keys() == {gone}
    async with town.client("ops") as client:
        done = await client.post(f"/operations/coordination/parked/{parked}/discard", data={"_once": ""})
        again = await client.post(f"/operations/coordination/parked/{parked}/discard", data={"_once": ""})
    assert (done.status_code, again.status_code) == (303, 404)
    assert "niet meer geparkeerd" in again.text
    seen = await town.count()
    assert lost(seen).keys() == {gone, stuck}
    assert "discarded" in lost(seen)[stuck]["to_do"]


async def test_what_lies_on_the_topic_is_explained_until_it_can_no_longer_come(town: Town) -> None:
    await town.arrive()
    town.gates.consumers.add("coordination")
    unread = await town.refer()
    await eventually(lambda: town.rows("intake", "select from event_log where payload like $1", b"%" + str(unread).encode() + b"%"))
    seen = await town.count()
    assert seen["agree"] is True
    assert explained(seen) == {unread: ("topic", "coordination")}
    town.gates.dropping.add("coordination")  # it is acknowledged without being handled
    town.gates.consumers.clear()
    lag = town.kernels["coordination"].lag
    await eventually(lag, lambda seen: seen is not None and not any(seen.values()))
    seen = await town.count()
    assert seen["agree"] is False
    assert lost(seen).keys() == {unread}
    town.gates.relays.add("intake")
    held = {await town.refer() for _ in range(2)}
    seen = await town.count()
    assert seen["agree"] is False, "what is on its way for others explains nothing"
    assert lost(seen).keys() == {unread}
    assert explained(seen).keys() == held


async def test_news_on_its_way_back_to_intake_is_explained(town: Town) -> None:
    town.gates.relays.add("coordination")
    waiting = await town.refer()
    await eventually(lambda: town.rows("coordination", "select from outbox"))
    await eventually(lambda: town.rows("notifications", "select from messages"))
    assert explained(await town.count()) == {waiting: ("outbox", "coordination")}


@pytest.mark.parametrize("id", ["99999999999999999999999999", "9223372036854775808", "0", "9" * 5_000])
async def test_nothing_is_parked_under_a_number_that_is_none(town: Town, id: str) -> None:
    async with town.client("ops") as client:
        for path in ("/coordination/api/parked/{}/replay", "/intake/api/parked/{}/discard", "/operations/intake/parked/{}/replay"):
            answer = await client.post(path.format(id), data={"_once": ""})
            assert answer.status_code == 404, (path, answer.text)
        assert (await client.get(f"/operations/intake/parked/{id}/discard")).status_code in {200, 404, 405}


async def test_lag_is_unknown_while_kafka_is_away(town: Town, infrastructure: Servers) -> None:
    async def lags() -> list[Any]:
        async with town.client("ops") as client:
            return [(await client.get(f"/{service}/api/flow")).json()["lag"] for service in town.kernels]

    assert all(lag and not any(lag.values()) for lag in await lags())
    assert "onbekend" not in await town.page()
    await asyncio.to_thread(infrastructure.kafka.stop)
    try:
        await eventually(lags, lambda seen: seen == [None] * 3, seconds=40)
        page = await town.page()
        assert page.count("onbekend") == 3
        assert "Kafka is weg" in page
    finally:
        await asyncio.to_thread(infrastructure.kafka.start)
