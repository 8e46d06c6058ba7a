"""The workforce on a real database: its file, and leave that somebody named with a decline."""

from __future__ import annotations

from datetime import date

from services.coordination.leave import handlers as leave
from services.coordination.offers import answers, handlers
from services.coordination.offers.domain import DeclineReason
from shared import clock
from shared.items import Due
from tests.integration.coordination.rig import Office
from tests.unit.coordination.builders import LEAD, a_lead, a_worker, as_coordinator

IMPORT = "/coordination/api/workforce/import"


async def test_a_file_larger_than_allowed_is_refused_as_everywhere(office: Office) -> None:
    async with office.asking(a_lead(), "zone_lead") as lead:
        answer = await lead.post(IMPORT, content=b"x" * 6_000_000, headers={"Content-Type": "text/csv"})
        assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
        assert (await lead.post(IMPORT, data={"x": "y"})).status_code == 415


async def test_days_given_with_a_decline_become_an_absence_once(office: Office) -> None:
    worker = a_worker()
    await office.hire(worker, a_lead(id=LEAD))
    await office.receive(1)
    (offer,) = await office.offers_to(worker)
    first, last = date(2026, 12, 21), date(2027, 1, 2)
    declined = answers.DeclineOffer(clock.new_id(), offer, as_coordinator(worker.id), DeclineReason.AWAY_SOON, first, last)
    assert (await office.kernel.submit(handlers.decline, declined)).refusal is None
    asked = [Due(clock.new_id(), subject, office.clock(), clock.new_id()) for subject in (offer, clock.new_id(), offer)]
    await office.kernel.transact(leave.on_absence_asked, asked)
    assert [tuple(row) for row in await office.rows("select coordinator_id, starts_on, ends_on from absences")] == [
        (worker.id, first, last)
    ]


async def test_a_coordinator_sees_what_colleagues_carry_but_not_what_it_is(office: Office) -> None:
    busy, idle = a_worker(), a_worker()
    await office.hire(busy, a_lead())
    await office.receive(3)
    await office.hire(idle)
    async with office.asking(idle, "coordinator") as client:
        workers = (await client.get("/coordination/api/workforce")).json()["workers"]
        day = await client.get("/coordination/day")
    points = await office.value("select sum(points)::int from offers where coordinator_id = $1", busy.id)
    assert points
    assert {worker["id"]: worker["used"] for worker in workers if worker["capacity"]} == {
        str(busy.id): busy.fixed + points,
        str(idle.id): idle.fixed,
    }
    average = round((busy.fixed + idle.fixed + points) / 2 / 100)
    assert f"zone gemiddeld {average}" in " ".join(day.text.split())
