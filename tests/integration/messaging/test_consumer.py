"""What reaches a handler, how often, and what happens when it fails. Real Kafka, real PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg
import pytest

from shared.messaging import parking
from tests.eventually import eventually
from tests.integration.messaging import toy
from tests.integration.messaging.toy import Echoed, Noted, Rig, Withdrawn


async def test_a_committed_event_reaches_its_handler_and_what_that_causes_is_published(rig: Rig) -> None:
    person = uuid4()
    async with rig.started() as kernel:
        decision = await kernel.submit(toy.note, toy.Note(person, 7))
        assert decision.answer == {"n": 7}
        await eventually(lambda: rig.effects(person), lambda seen: seen == [7])
        await eventually(lambda: rig.query("select type from event_log order by id"), lambda seen: seen == [(Noted.type,), (Echoed.type,)])
    assert await rig.query("select count(*) from outbox") == [(0,)]


async def test_an_effect_keeps_the_conversation_and_names_its_cause(rig: Rig) -> None:
    conversation = uuid4()
    async with rig.started() as kernel:
        await kernel.submit(toy.note, toy.Note(uuid4(), 1), correlation_id=conversation)
        rows = await eventually(
            lambda: rig.query("select event_id, correlation_id, causation_id from event_log order by id"), lambda seen: len(seen) == 2
        )
    assert [row[1] for row in rows] == [conversation, conversation]
    assert rows[1][2] == rows[0][0]


async def test_a_record_delivered_twice_has_one_effect(rig: Rig) -> None:
    person, id = uuid4(), uuid4()
    async with rig.started():
        await rig.publish(Noted(person_id=person, n=1), ids=[id])
        await eventually(lambda: rig.effects(person), lambda seen: seen == [1])
        await rig.publish(Noted(person_id=person, n=1), Noted(person_id=person, n=2), ids=[id, uuid4()])
        await eventually(lambda: rig.effects(person), lambda seen: 2 in seen)
    assert await rig.effects(person) == [1, 2]


async def test_a_record_twice_in_one_batch_has_one_effect(rig: Rig) -> None:
    person, id = uuid4(), uuid4()
    event = Noted(person_id=person, n=1)
    await rig.publish(event, event, Noted(person_id=person, n=2), ids=[id, id, uuid4()])
    async with rig.started():
        await eventually(lambda: rig.effects(person), lambda seen: 2 in seen)
    assert await rig.effects(person) == [1, 2]


@pytest.mark.parametrize(
    "broken",
    [
        (b"{", [("ce_type", b"toy.noted.v1"), ("ce_id", b"not an id")], "unreadable headers: ValueError"),
        (b"", [], "unreadable headers: KeyError"),
        (b"\xff\xfe", [("ce_type", b"\xff\xfe")], "unreadable headers: UnicodeDecodeError"),
        (b"{}", [("ce_type", b"toy.noted.v\x002"), ("ce_id", b"0" * 32)], "unreadable headers: ValueError"),
        (b"{}", [("x\x00", b"\x00"), ("ce_type", b"toy.noted.v1")], "unreadable headers: KeyError"),
    ],
)
async def test_a_record_that_cannot_be_read_is_parked_and_its_batch_goes_on(
    rig: Rig, broken: tuple[bytes, list[tuple[str, bytes]], str]
) -> None:
    value, headers, reason = broken
    await rig.publish(Noted(person_id=uuid4(), n=1))
    await rig.publish_raw((None, value, headers))
    await rig.publish(Noted(person_id=uuid4(), n=2))
    async with rig.started():
        await eventually(rig.effects, lambda seen: sorted(seen) == [1, 2])
        parked = await eventually(lambda: rig.query("select state, reason, value from parked"))
    assert parked == [("stopped", reason, value)]


@pytest.mark.parametrize("time", [b"0001-01-01T00:00:00+14:00", b"9999-12-31T23:59:59-14:00", b"2026-11-24T09:00:00"])
async def test_a_time_from_nowhere_is_parked(rig: Rig, time: bytes) -> None:
    person = uuid4()
    headers = dict(
        toy.envelope.headers(
            event_id=uuid4(), type_=Noted.type, key=person, recorded_at=datetime.now(UTC), correlation_id=uuid4(), causation_id=None
        )
    )
    await rig.publish_raw(
        (str(person).encode(), b'{"person_id": "%s", "n": 1}' % str(person).encode(), list((headers | {"ce_time": time}).items()))
    )
    await rig.publish(Noted(person_id=uuid4(), n=2))
    async with rig.started():
        await eventually(rig.effects, lambda seen: seen == [2])
        assert await eventually(lambda: rig.query("select reason from parked")) == [("ce_time has no time zone, or is of another century",)]


async def test_a_record_that_cannot_even_be_parked_as_it_is_holds_up_nobody(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig.behaviour.always.add(99)
    real = parking.park

    async def choke(tx, arrivals, now):
        if any(arrival.event_id != toy.envelope.position_id(arrival.record) for arrival, _, _ in arrivals):
            raise ValueError("not to be kept")
        await real(tx, arrivals, now)

    monkeypatch.setattr(parking, "park", choke)
    await rig.publish(Noted(person_id=uuid4(), n=99), *[Noted(person_id=uuid4(), n=n) for n in range(9)])
    async with rig.started():
        await eventually(rig.effects, lambda seen: sorted(seen) == list(range(9)))
        assert await eventually(lambda: rig.query("select state, type from parked")) == [("stopped", "unreadable")]


async def test_partitions_are_made_whatever_the_default_one_took_meanwhile(rig: Rig) -> None:
    await rig.query("insert into inbox select gen_random_uuid(), current_date + days from generate_series(-50, 6) as days")
    for day in (0, 1, 5, 12):
        await rig.query("select keep_partitions(current_date + $1::int, 45)", day)
    assert await rig.query("select count(*) from inbox_default where day >= current_date - 1 or day < current_date + 12 - 45") == [(0,)]
    assert await rig.query("select count(*) from inbox where day > current_date") == [(6,)]


async def test_fields_that_do_not_fit_are_parked_by_name_and_never_by_content(rig: Rig) -> None:
    person = uuid4()
    headers = toy.envelope.headers(
        event_id=uuid4(), type_=Noted.type, key=person, recorded_at=datetime.now(UTC), correlation_id=uuid4(), causation_id=None
    )
    await rig.publish_raw((str(person).encode(), b'{"person_id": "%s", "n": "Amina Lahsaini"}' % str(person).encode(), headers))
    async with rig.started() as kernel:
        rows = await eventually(lambda: rig.query("select reason from parked"))
        async with kernel.read() as connection:
            listed = await parking.listing(connection)
    assert rows == [("fields do not fit toy.noted.v1: n",)]
    assert "Amina" not in str(listed)


@pytest.mark.parametrize(
    ("type_", "parked"), [("toy.noted.v2", ["unknown version of toy.noted"]), ("toy.unheard_of.v1", []), ("toy.echoed.v1", [])]
)
async def test_a_newer_version_is_parked_and_an_unknown_fact_is_skipped(rig: Rig, type_: str, parked: list[str]) -> None:
    person = uuid4()
    headers = toy.envelope.headers(
        event_id=uuid4(), type_=type_, key=person, recorded_at=datetime.now(UTC), correlation_id=uuid4(), causation_id=None
    )
    await rig.publish_raw((str(person).encode(), b"{}", headers))
    await rig.publish(Noted(person_id=uuid4(), n=5))
    async with rig.started():
        await eventually(rig.effects, lambda seen: seen == [5])
    assert [row[0] for row in await rig.query("select reason from parked")] == parked


async def test_a_handler_that_fails_once_is_tried_again_by_itself(rig: Rig) -> None:
    person = uuid4()
    rig.behaviour.fail[1] = [toy.Broken("once"), toy.Broken("and alone")]
    await rig.publish(Noted(person_id=person, n=1), Noted(person_id=uuid4(), n=2))
    async with rig.started():
        await eventually(rig.effects, lambda seen: sorted(seen) == [1, 2])
    assert await rig.query("select count(*) from parked") == [(0,)]


async def test_a_handler_that_always_fails_parks_the_offender_and_everybody_else_goes_on(rig: Rig) -> None:
    rig.behaviour.always.add(99)
    people = [uuid4() for _ in range(20)]
    await rig.publish(*[Noted(person_id=person, n=99 if place == 7 else place) for place, person in enumerate(people)])
    async with rig.started():
        await eventually(rig.effects, lambda seen: len(seen) == 19)
        rows = await eventually(lambda: rig.query("select key, state, reason, tries from parked"))
    assert rows[0][0] == people[7]
    assert rows[0][2].startswith("Broken in ")
    assert await rig.effects(people[7]) == []


async def test_after_five_tries_a_person_has_to_look_and_a_replay_brings_it_into_effect(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parking, "RETRY_AFTER", (timedelta(0),) * 4)
    rig.behaviour.always.add(13)
    person = uuid4()
    async with rig.started() as kernel:
        await rig.publish(Noted(person_id=person, n=13), Noted(person_id=person, n=14))
        rows = await eventually(
            lambda: rig.query("select id, state, tries from parked order by id"), lambda seen: "stopped" in str(seen) and len(seen) == 2
        )
        assert [row[1:] for row in rows] == [("stopped", 5), ("behind", 0)]
        async with kernel.read() as connection:
            listed = await parking.listing(connection)
        assert [(item["tries"], item["behind"]) for item in listed] == [(5, 1)]
        rig.behaviour.always.clear()
        async with kernel.transaction() as tx:
            assert await parking.replay(tx, rows[0][0], kernel.now())
        await eventually(lambda: rig.effects(person), lambda seen: seen == [13, 14])


async def test_discarding_a_parked_event_lets_what_queued_behind_it_go_on_and_keeps_it_on_record(rig: Rig) -> None:
    rig.behaviour.always.add(13)
    person = uuid4()
    async with rig.started() as kernel:
        await rig.publish(Noted(person_id=person, n=13), Noted(person_id=person, n=14))
        rows = await eventually(lambda: rig.query("select id from parked order by id"), lambda seen: len(seen) == 2)
        async with kernel.transaction() as tx:
            assert await parking.discard(tx, rows[0][0], kernel.now())
        await eventually(lambda: rig.effects(person), lambda seen: seen == [14])
    assert await rig.query("select state from parked") == [("discarded",)]


async def test_what_may_overtake_is_not_held_back_by_a_parked_event(rig: Rig) -> None:
    rig.behaviour.always.add(13)
    person = uuid4()
    async with rig.started():
        await rig.publish(Noted(person_id=person, n=13))
        await eventually(lambda: rig.query("select id from parked"))
        await rig.publish(Noted(person_id=person, n=14), Withdrawn(person_id=person))
        await eventually(lambda: rig.effects(person), lambda seen: seen == [-1])


async def test_while_the_database_is_short_of_something_the_batch_waits_and_nothing_is_parked(rig: Rig) -> None:
    person = uuid4()
    rig.behaviour.fail[1] = [asyncpg.TooManyConnectionsError("short"), asyncpg.DeadlockDetectedError("again"), OSError("and again")]
    await rig.publish(Noted(person_id=person, n=1), Noted(person_id=person, n=2))
    async with rig.started():
        await eventually(lambda: rig.effects(person), lambda seen: seen == [1, 2])
    assert await rig.query("select count(*) from parked") == [(0,)]
