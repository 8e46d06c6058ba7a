"""Who stands in for a colleague sees and moves what the colleague holds, as long as that lasts."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import orjson

from tests.integration.coordination.rig import Office
from tests.integration.coordination.test_acts import CASES, REST, an_assigned_case, posted
from tests.unit.coordination.builders import a_lead, a_worker

TODAY: dict[str, Any] = {"starts_on": "2026-11-24", "ends_on": "2026-11-25"}


async def told(office: Office) -> list[dict[str, Any]]:
    rows = await office.rows("select payload from outbox where type = 'coordination.worker_covered.v1' order by id")
    return [orjson.loads(row["payload"]) for row in rows]


async def test_a_substitute_sees_and_moves_what_is_held_until_the_absence_ends(office: Office) -> None:
    away, substitute, other, lead = a_worker(), a_worker(), a_worker(), a_lead()
    await office.hire(away, lead)
    case = await an_assigned_case(office, away)
    await office.hire(substitute, other)
    path = f"/coordination/api/workforce/{away.id}/absences"
    assert (await posted(office, substitute, "coordinator", f"{CASES}/{case}/pause", 404, **REST))["code"] == "case_not_found"
    await posted(office, lead, "zone_lead", path, **TODAY, substitute_id=str(substitute.id))
    async with office.asking(substitute, "coordinator") as client:
        assert [each["id"] for each in (await client.get(CASES)).json()["cases"]] == [str(case)]
        assert (await client.get(f"{CASES}/{case}")).status_code == 200
    async with office.asking(other, "coordinator") as client:
        assert (await client.get(CASES)).json() == {"cases": []}
        assert (await client.get(f"{CASES}/{case}")).status_code == 404
    assert (await posted(office, substitute, "coordinator", f"{CASES}/{case}/pause", **REST))["status"] == "paused"
    assert (await posted(office, other, "coordinator", f"{CASES}/{case}/resume", 404))["code"] == "case_not_found"
    office.clock.pass_by(days=2)
    assert (await posted(office, substitute, "coordinator", f"{CASES}/{case}/resume", 404))["code"] == "case_not_found"
    async with office.asking(substitute, "coordinator") as client:
        assert (await client.get(CASES)).json() == {"cases": []}
    (event,) = await told(office)
    assert event == {
        "coordinator_id": str(away.id),
        "starts_at": "2026-11-24T00:00:00+01:00",
        "ends_at": "2026-11-26T00:00:00+01:00",
        "substitute_id": str(substitute.id),
    }


async def test_taking_the_absence_back_ends_the_cover_and_saying_it_twice_tells_it_once(office: Office) -> None:
    away, substitute, lead = a_worker(), a_worker(), a_lead()
    await office.hire(away, substitute, lead)
    path = f"/coordination/api/workforce/{away.id}/absences"
    for _ in range(2):
        await posted(office, away, "coordinator", path, **TODAY, substitute_id=str(substitute.id))
    await posted(office, away, "coordinator", f"{path}/cancel", **TODAY)
    assert [event["substitute_id"] for event in await told(office)] == [str(substitute.id), None]


async def test_only_another_coordinator_of_the_zone_stands_in(office: Office) -> None:
    away, elsewhere, lead = a_worker(), a_worker(zones=frozenset({"brussel-noord"})), a_lead()
    await office.hire(away, elsewhere, lead)
    path = f"/coordination/api/workforce/{away.id}/absences"
    for id in (away.id, elsewhere.id, lead.id, uuid4()):
        answer = await posted(office, lead, "zone_lead", path, 422, **TODAY, substitute_id=str(id))
        assert answer["errors"][0]["field"] == "substitute_id"
    assert await office.rows("select * from absences") == []
