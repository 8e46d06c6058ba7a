"""Letting go at night, with a clock that moves: nothing early, nothing held, everything that is past."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.intake import app
from services.intake.retention.handlers import RULES, STATUSES
from shared.ids import pseudonym
from shared.items import Due
from shared.retention import holds, nights, rounds
from shared.retention.table import is_night, next_night, period
from tests.builders import a_referral
from tests.integration.intake.rig import House, an_actor

SENDER, OFFICER = an_actor("sender"), an_actor("privacy_officer")
STATES = [(status, name) for name, statuses in STATUSES.items() for status in statuses]


async def ended(house: House, status: str, at: datetime, **person: Any) -> UUID:
    """A person with a referral that came to this state then; the person's id."""
    body = a_referral()
    body["person"] |= person
    id = UUID((await house.post(SENDER, "/referrals", body)).json()["id"])
    async with house.kernel.transaction() as tx:
        await tx.execute("update referrals set status = $2, updated_at = $3 where id = $1", id, status, at)
    return UUID(str(await house.value("select person_id from referrals where id = $1", id)))


async def night(house: House) -> datetime | None:
    """What the timer does when it falls due, round after round; when it is set next. None where the last round said it had more to do."""
    handler = app.service().timers[nights.KIND]
    for _ in range(50):
        due = Due(uuid4(), uuid4(), house.clock(), uuid4())
        (decision,) = await house.kernel.transact(handler, [due])
        (timer,) = decision.timers
        if timer.due_at - house.clock() > nights.PAUSE:
            return timer.due_at
    return None


async def persons(house: House) -> set[UUID]:
    return {row["id"] for row in await house.rows("select id from persons")}


async def test_with_a_moving_clock_each_goes_the_night_after_its_period_and_the_held_stay(house: House) -> None:
    chance = random.Random(7)
    start = house.clock()
    known: dict[UUID, tuple[str, datetime]] = {}
    for _ in range(40):
        status, name = chance.choice([*STATES, ("assigned", "")])
        at = start - timedelta(days=chance.randint(0, 600), minutes=chance.randint(0, 1_439))
        known[await ended(house, status, at)] = (name, at)
    held = set(chance.sample(sorted(known), 6))
    for person in held:
        assert (await house.post(OFFICER, "/holds", {"person": str(person)})).status_code == 200
    for step in (1, 30, 200, 365, 400, 700, 900):
        house.clock.at = next_night(house.clock() + timedelta(days=step))
        now = house.clock()
        assert await night(house) == next_night(now)
        stays = {id for id, (name, at) in known.items() if id in held or not name or at >= period(name).before(now)}
        assert await persons(house) == stays
    assert held | {id for id, (name, _) in known.items() if not name} == await persons(house)
    assert await house.value("select count(*) from erasures where why = 'period_over' and asked_by is null") == len(known) - len(stays)
    erased = {row["key"] for row in await house.rows("select key from outbox where type = 'intake.person_erased.v1'")}
    assert erased == known.keys() - stays
    written = await house.rows("select person_id from audit where action = 'retention.on_night' and actor_id is null")
    assert sorted(row["person_id"] for row in written) == sorted(map(pseudonym, erased))


async def test_a_person_with_anything_in_its_period_stays_whole(house: House) -> None:
    number = {"national_number": "93051822361", "birth_date": "1993-05-18", "sex": "male", "given_name": "Amina"}
    long_ago = house.clock() - timedelta(days=3_000)
    person = await ended(house, "not_eligible", long_ago, **number)
    assert await ended(house, "closed", house.clock() - timedelta(days=1_000), **number) == person
    house.clock.at = next_night(house.clock())
    await night(house)
    assert await persons(house) == {person}
    house.clock.at = next_night(house.clock() + timedelta(days=900))
    await night(house)
    assert await persons(house) == set()


async def test_who_was_referred_again_since_they_were_found_stays(house: House) -> None:
    long_ago = house.clock() - timedelta(days=3_000)
    past, again, held = [await ended(house, "closed", long_ago) for _ in range(3)]
    rule = next(rule for rule in RULES if rule.name == "closed_cases")
    async with house.kernel.transaction() as tx:
        found = await rule.due(tx, period(rule.name).before(house.clock()), 10)
        assert set(found) == {past, again, held}
        await tx.execute("update referrals set status = 'received', updated_at = $2 where person_id = $1", again, house.clock())
        await holds.hold(tx, [held], house.clock())
        decision = await rule.remove(tx, found, house.clock())
    assert await persons(house) == {again, held}
    assert [entry.person for entry in decision.entries] == [pseudonym(past)]


async def test_by_day_the_timer_only_waits_for_the_night(house: House) -> None:
    await ended(house, "closed", house.clock() - timedelta(days=3_000))
    assert not is_night(house.clock())
    assert await night(house) == next_night(house.clock())
    assert len(await persons(house)) == 1


async def test_more_than_a_round_holds_goes_in_several(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "MOST_AT_ONCE", 2)
    for _ in range(5):
        await ended(house, "withdrawn", house.clock() - timedelta(days=400))
    house.clock.at = next_night(house.clock())
    handler = app.service().timers[nights.KIND]
    (decision,) = await house.kernel.transact(handler, [Due(uuid4(), uuid4(), house.clock(), uuid4())])
    assert (len(await persons(house)), decision.timers[0].due_at) == (3, house.clock() + nights.PAUSE)
    await night(house)
    assert await persons(house) == set()


async def test_the_dry_run_counts_and_changes_nothing(house: House) -> None:
    await ended(house, "closed", house.clock() - timedelta(days=3_000))
    held = await ended(house, "closed", house.clock() - timedelta(days=3_000))
    await house.post(OFFICER, "/holds", {"person": str(held)})
    told = (await house.get(OFFICER, "/retention")).json()
    assert {row["name"]: row["past"] for row in told["classes"]} == {
        "drafts": 0,
        "refused_referrals": 0,
        "withdrawn_referrals": 0,
        "closed_cases": 1,
        "event_log": 0,
        "idempotency": 0,
        "inbox": 0,
    }
    assert len(await persons(house)) == 2
    gone = (await house.post(OFFICER, "/retention", {})).json()
    assert (gone["gone"]["closed_cases"], gone["more"]) == (1, True)
    assert (await house.post(OFFICER, "/retention", {})).json()["more"] is False
    assert await persons(house) == {held}
    assert (await house.post(an_actor("ops"), "/retention", {})).status_code == 403


async def test_published_events_and_used_keys_go_but_for_those_of_the_held(house: House) -> None:
    old, held = uuid4(), uuid4()
    async with house.kernel.transaction() as tx:
        for place, key in enumerate((old, held)):
            await tx.execute(
                "insert into event_log values ($1, $2, 'intake.x.v1', $3, $2, null, $4, '{}')",
                place,
                uuid4(),
                key,
                house.clock() - timedelta(days=401),
            )
        await tx.execute("insert into idempotency values ('a', 'b', '', null, $1)", house.clock() - timedelta(days=31))
        await tx.execute("insert into holds values ($1, $2, now())", held, uuid4())
    house.clock.at = next_night(house.clock())
    await night(house)
    assert [row["key"] for row in await house.rows("select key from event_log")] == [held]
    assert await house.value("select count(*) from idempotency") == 0
