"""From events to records."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import orjson

from services.notifications.messages import domain
from shared.events import coordination
from tests.integration.notifications.rig import House, ids
from tests.unit.notifications import builders
from tests.unit.notifications.builders import NOW, ZONE, of_a_case, received


async def test_a_batch_of_events_becomes_one_record_each_with_all_that_is_needed_to_tell(house: House) -> None:
    senders = sorted([await house.contact(language="fr"), await house.contact(language="nl")])
    items = [received(builders.referral_accepted(sender_id=sender, reference=f"ZS-{at}")) for at, sender in enumerate(senders)]
    await house.record(*items)
    rows = await house.rows()
    assert [(row["event_id"], row["recipient_id"], row["reference"], row["referral_id"]) for row in rows] == [
        (item.id, item.event.sender_id, item.event.reference, item.event.referral_id) for item in items
    ]
    assert {(row["kind"], row["role"], row["channel"], row["state"], row["tries"], row["due_at"], row["fact_at"]) for row in rows} == {
        ("received", "sender", "email", "waiting", 0, NOW, NOW)
    }
    assert {row["language"] for row in rows} == {"fr", "nl"}


async def test_an_event_handled_twice_is_told_once(house: House) -> None:
    item = received(builders.referral_accepted(sender_id=await house.contact()))
    await house.record(item)
    await house.record(item)
    assert len(await house.rows()) == 1


async def test_twice_in_one_batch_too(house: House) -> None:
    item = received(builders.referral_accepted(sender_id=await house.contact()))
    await house.record(item, item)
    assert len(await house.rows()) == 1


async def test_the_same_person_hears_of_every_event(house: House) -> None:
    sender = await house.contact()
    await house.record(*(received(builders.referral_accepted(sender_id=sender)) for _ in range(3)))
    assert len(await house.rows()) == 3


async def test_who_is_not_in_the_directory_leaves_a_failed_record_that_others_hear_of(house: House) -> None:
    known, unknown = await house.contact(), uuid4()
    items = [received(builders.referral_accepted(sender_id=sender)) for sender in (unknown, known)]
    decisions = await house.record(*items)
    assert [[event.model_dump(exclude={"message_id"}) for event in decision.events] for decision in decisions] == [
        [{"caused_by": items[0].id, "recipient_id": unknown, "channel": "email", "reason": "unreachable"}],
        [],
    ]
    states = {row["recipient_id"]: (row["state"], row["reason"], row["ended_at"]) for row in await house.rows()}
    assert states == {unknown: ("failed", "unreachable", NOW), known: ("waiting", None, None)}
    assert await house.announced() == ["notifications.message_failed.v1"]


async def test_intake_workers_of_the_zone_are_found_and_the_lead_only_in_their_absence(house: House) -> None:
    workers = sorted([await house.contact(roles=("zone_intake",)), await house.contact(roles=("zone_intake", "care_coordinator"))])
    lead = await house.contact(roles=("zone_lead",), zones=("elsewhere", ZONE))
    await house.contact(roles=("zone_intake",), active=False)
    await house.contact(roles=("zone_intake",), zones=("brussel-noord",))
    await house.record(received(builders.check_requested()))
    assert ids(await house.rows()) == workers
    await house.record(received(builders.check_requested(zone="elsewhere")))
    assert ids(await house.rows("select * from messages where zone = 'elsewhere'")) == [lead]


async def test_a_zone_with_nobody_is_seen(house: House) -> None:
    await house.record(received(builders.check_requested()))
    row = await house.only()
    assert (row["recipient_id"], row["state"], row["reason"], row["zone"]) == (domain.nobody(ZONE), "failed", "unreachable", ZONE)


async def test_events_of_a_case_reach_senders_and_coordinator(house: House) -> None:
    sender, coordinator = await house.contact(), await house.contact()
    closed = of_a_case(coordination.CaseClosed, referrals=(builders.a_link(sender),), coordinator_id=coordinator)
    await house.record(received(closed))
    assert {(row["recipient_id"], row["role"], row["case_id"]) for row in await house.rows()} == {
        (sender, "sender", closed.case_id),
        (coordinator, "coordinator", closed.case_id),
    }


async def test_neither_programme_nor_need_is_kept(house: House) -> None:
    secret = builders.referral_accepted(programme="canary-programme", needs=("canary-need",), sender_id=uuid4())
    refused = builders.referral_refused(programme="canary-programme")
    await house.record(received(secret))
    await house.record(received(refused))
    kept = orjson.dumps([list(row.values()) for row in await house.rows()], default=str)
    sent = b"".join([row["payload"] for row in await house.rows("select payload from outbox")])
    assert b"canary" not in kept + sent


async def test_an_event_recorded_earlier_keeps_its_own_time(house: House) -> None:
    earlier = NOW.replace(hour=1)
    await house.record(replace(received(builders.referral_accepted(sender_id=await house.contact())), at=earlier))
    row = await house.only()
    assert (row["fact_at"], row["recorded_at"]) == (earlier, NOW)
