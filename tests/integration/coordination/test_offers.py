"""What many do at once: no capacity is exceeded, one answer counts, and what was decided can be decided again."""

from __future__ import annotations

import asyncio
from collections import Counter

import asyncpg
import pytest

from services.coordination.cases import handlers as cases
from services.coordination.cases import queries, steps
from services.coordination.cases.domain import Outcome
from services.coordination.offers import answers, handlers
from services.coordination.offers.domain import DeclineReason
from shared import clock
from tests.integration.coordination.rig import Office
from tests.unit.coordination.builders import a_lead, a_worker, as_coordinator

EAST, WEST = "meetjesland-oost", "meetjesland-west"


async def test_two_hundred_placements_on_the_last_ten_points_give_exactly_what_fits(office: Office) -> None:
    worker = a_worker(fte=12)  # 12 points, 1.8 of them fixed: 10.2 are left, and a case weighs 3
    await office.hire(worker, a_lead())
    await office.receive(200)
    assert Counter(row["status"] for row in await office.rows("select status from cases")) == {"offered": 3, "waiting": 197}
    assert await office.miscounted() == []
    waiting = await office.rows("select distinct reason, owner_id is not null as owned from cases where status = 'waiting'")
    assert [tuple(row) for row in waiting] == [("capacity", True)]


async def test_of_answers_at_the_same_time_one_counts(office: Office) -> None:
    worker = a_worker()
    await office.hire(worker, a_lead())
    await office.receive(1)
    (offer,) = await office.offers_to(worker)
    decisions = await asyncio.gather(
        office.kernel.submit(handlers.accept, answers.AcceptOffer(clock.new_id(), offer, as_coordinator(worker.id))),
        office.kernel.submit(
            handlers.decline, answers.DeclineOffer(clock.new_id(), offer, as_coordinator(worker.id), DeclineReason.NO_ROOM)
        ),
        office.kernel.submit(handlers.accept, answers.AcceptOffer(clock.new_id(), offer, as_coordinator(worker.id))),
    )
    assert sorted(decision.refusal.code if decision.refusal else "counted" for decision in decisions) == [
        "counted",
        "offer_answered",
        "offer_answered",
    ]
    assert await office.miscounted() == []


async def test_a_coordinator_of_two_zones_carries_one_load_whatever_happens_in_both_at_once(office: Office) -> None:
    both, other = a_worker(fte=50, zones=frozenset({EAST, WEST})), a_worker(fte=60, zones=frozenset({EAST, WEST}))
    await office.hire(both, other, a_lead())
    await asyncio.gather(office.receive(30, zone=EAST), office.receive(30, zone=WEST))

    async def accept_and_close(offer: object, worker_id: object) -> None:
        case = await office.value("select case_id from offers where id = $1", offer)
        await office.kernel.submit(handlers.accept, answers.AcceptOffer(clock.new_id(), offer, as_coordinator(worker_id)))  # type: ignore[arg-type]
        await office.kernel.submit(cases.close, steps.CloseCase(clock.new_id(), case, as_coordinator(worker_id), Outcome.MOVED))  # type: ignore[arg-type]

    acts = [accept_and_close(offer, worker.id) for worker in (both, other) for offer in await office.offers_to(worker)]
    await asyncio.gather(*acts, office.receive(20, zone=EAST), office.receive(20, zone=WEST))
    assert await office.miscounted() == []


async def test_the_database_itself_refuses_more_than_the_ceiling(office: Office) -> None:
    await office.hire(a_worker(fte=12), a_lead())
    with pytest.raises(asyncpg.CheckViolationError):
        await office.rows("update coordinators set used = ceiling + 1")


async def test_every_stored_card_gives_the_same_choice_again(office: Office) -> None:
    team = [a_worker(fte=fte) for fte in (20, 30, 50)]
    await office.hire(*team, a_lead())
    await office.receive(40)
    for worker in team:
        for offer in await office.offers_to(worker):
            await office.kernel.submit(
                handlers.decline, answers.DeclineOffer(clock.new_id(), offer, as_coordinator(worker.id), DeclineReason.LANGUAGE)
            )
    cards = await office.rows("select * from decision_cards")
    assert len(cards) > 40
    async with office.kernel.transaction() as connection:
        for card in cards:
            explained = await queries.explained(connection, [card])
            assert explained[card["case_id"]]["repeatable"]


async def test_what_comes_free_goes_to_who_waits_longest(office: Office) -> None:
    worker = a_worker(fte=12)
    await office.hire(worker, a_lead())
    for _ in range(6):
        await office.receive(1)
        office.clock.pass_by(minutes=1)
    oldest = await office.value("select id from cases where status = 'waiting' order by received_at limit 1")
    (first, *_) = await office.offers_to(worker)
    held = await office.value("select case_id from offers where id = $1", first)
    await office.kernel.submit(handlers.accept, answers.AcceptOffer(clock.new_id(), first, as_coordinator(worker.id)))
    await office.kernel.submit(cases.close, steps.CloseCase(clock.new_id(), held, as_coordinator(worker.id), Outcome.MOVED))
    assert await office.value("select status from cases where id = $1", oldest) == "offered"
