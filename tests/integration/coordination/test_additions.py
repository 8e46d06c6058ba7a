"""What a sender adds comes to the case, whatever happens to the case at the same moment."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

from services.coordination.additions.handlers import on_information_added
from services.coordination.additions.store import of_case
from services.coordination.cases import handlers as cases
from services.coordination.cases import steps
from services.coordination.cases.domain import Outcome
from services.coordination.offers import answers, handlers
from shared import clock
from shared.events.intake import InformationAdded
from shared.items import Received
from tests.integration.coordination.rig import Office
from tests.unit.coordination.builders import a_lead, a_worker, as_coordinator


async def held(office: Office, count: int) -> tuple[UUID, list[dict[str, UUID]]]:
    """So many cases that one coordinator holds: the coordinator, and per case the ids of case, referral and person."""
    worker = a_worker()
    await office.hire(worker, a_lead())
    await office.receive(count)
    for offer in await office.offers_to(worker):
        await office.kernel.submit(handlers.accept, answers.AcceptOffer(clock.new_id(), offer, as_coordinator(worker.id)))
    rows = await office.rows("select c.id, r.referral_id, c.person_id from cases c join case_referrals r on r.case_id = c.id")
    assert len(rows) == count
    return worker.id, [dict(row) for row in rows]


async def add(office: Office, row: dict[str, UUID]) -> None:
    event = InformationAdded(person_id=row["person_id"], referral_id=row["referral_id"], record_id=uuid4())
    await office.kernel.transact(on_information_added, [Received(clock.new_id(), office.clock(), clock.new_id(), event)])


async def told(office: Office) -> list[str]:
    return [row["type"].split(".")[1] for row in await office.rows("select type from outbox order by id")]


async def test_it_is_noted_and_told_once_and_changes_nothing_else(office: Office) -> None:
    worker, (row,) = await held(office, 1)
    before = await office.rows("select * from cases")
    await add(office, row)
    assert (await told(office))[-1] == "information_noted"
    assert str(worker) in str((await office.rows("select * from outbox order by id desc limit 1"))[0])
    assert await office.rows("select * from cases") == before
    async with office.kernel.transaction() as connection:
        assert [(each.referral_id, each.missed) for each in await of_case(connection, row["id"])] == [(row["referral_id"], False)]


async def test_an_addition_and_a_closing_at_the_same_moment_agree_on_which_came_first(office: Office) -> None:
    worker, rows = await held(office, 12)

    async def close(row: dict[str, UUID]) -> None:
        await office.kernel.submit(cases.close, steps.CloseCase(clock.new_id(), row["id"], as_coordinator(worker), Outcome.MOVED))

    await asyncio.gather(*[act for row in rows for act in (add(office, row), close(row))])
    await add(office, rows[0])  # certainly after the closing
    events = await office.rows(
        """select key, type from outbox where type in ('coordination.information_noted.v1', 'coordination.information_missed.v1',
                                                       'coordination.case_closed.v1') order by id"""
    )
    for row in rows:
        order = [event["type"].split(".")[1] for event in events if event["key"] == row["person_id"]]
        wanted = (["information_noted", "case_closed"], ["case_closed", "information_missed"])
        assert order[:2] in wanted, order
        assert order[2:] == (["information_missed"] if row is rows[0] else [])
    missed = await office.value("select count(*) from case_additions where missed")
    assert missed == sum(event["type"].endswith("information_missed.v1") for event in events)
