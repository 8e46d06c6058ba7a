"""The figures of a zone out of what really happened there."""

from __future__ import annotations

from services.coordination.cases import handlers as cases
from services.coordination.cases import steps
from services.coordination.cases.domain import Outcome
from services.coordination.figures import queries
from services.coordination.figures.domain import begins, first_monday, weeks
from services.coordination.offers import answers, handlers
from shared import clock
from tests.integration.coordination.rig import Office
from tests.integration.coordination.test_offers import EAST, WEST
from tests.unit.coordination.builders import a_lead, a_worker, as_coordinator


async def test_what_came_was_assigned_and_closed_stands_in_its_week_and_zone(office: Office) -> None:
    worker = a_worker(zones=frozenset({EAST, WEST}))
    await office.hire(worker, a_lead())
    await office.receive(2, zone=EAST)
    await office.receive(1, zone=WEST)
    office.clock.pass_by(hours=4)
    offer, _, _ = await office.offers_to(worker)
    case = await office.value("select case_id from offers where id = $1", offer)
    await office.kernel.submit(handlers.accept, answers.AcceptOffer(clock.new_id(), offer, as_coordinator(worker.id)))
    office.clock.pass_by(days=7)
    await office.kernel.submit(cases.close, steps.CloseCase(clock.new_id(), case, as_coordinator(worker.id), Outcome.MOVED))

    async with office.kernel.transaction() as connection:
        found = await queries.courses(connection, EAST, begins(first_monday(office.clock())))
        later = await queries.courses(connection, EAST, office.clock())
    before, now = weeks(found, office.clock())[-2:]
    assert (before.opened, before.assigned, before.closed, before.without) == (2, 1, 0, 1)
    assert (now.opened, now.assigned, now.closed, now.without) == (0, 0, 1, 1)
    assert before.days_most == 0.5
    assert len(later) == 2, "what is closed at that very moment is still there"


async def test_the_board_shows_them_with_a_table_behind(office: Office) -> None:
    lead = a_lead()
    await office.hire(a_worker(), lead)
    async with office.asking(lead, "zone_lead") as client:
        assert "De voorbije twaalf weken" not in (await client.get(f"/coordination/zones/{EAST}")).text
        await office.receive(3, zone=EAST)
        page = (await client.get(f"/coordination/zones/{EAST}")).text
    assert "Nieuwe dossiers: <b>3</b>" in page
    assert page.count('<figure class="figure weeks">') == 3
    assert page.count('<th scope="row">') >= 12
