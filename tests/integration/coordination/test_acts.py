"""What zone leads and coordinators do with a case, over HTTP and on a real database."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

from services.coordination.offers import handlers as offers
from services.coordination.offers.answers import AcceptOffer
from services.coordination.workforce.domain import Worker
from shared import clock
from shared.working_time import add_working_days
from tests.integration.coordination.rig import Office
from tests.unit.coordination.builders import LEAD, a_lead, a_worker, as_coordinator

CASES, TASKS = "/coordination/api/cases", "/coordination/api/tasks"
REST: dict[str, Any] = {"until": "2026-12-08", "reason": "admitted"}


async def the_case(office: Office) -> dict[str, Any]:
    (row,) = await office.rows("select * from cases")
    return dict(row)


async def posted(office: Office, worker: Worker, role: str, path: str, status: int = 200, **body: Any) -> dict[str, Any]:
    async with office.asking(worker, role) as client:
        answer = await client.post(path, json=body) if body else await client.post(path)
    assert answer.status_code == status, answer.text
    return dict(answer.json())


async def an_assigned_case(office: Office, worker: Worker, **changes: Any) -> UUID:
    await office.receive(1, **changes)
    (offer,) = await office.offers_to(worker)
    assert (await office.kernel.submit(offers.accept, AcceptOffer(clock.new_id(), offer, as_coordinator(worker.id)))).refusal is None
    return UUID(str((await the_case(office))["id"]))


async def test_an_interpreter_brings_a_waiting_case_to_who_fits_and_none_brings_it_back(office: Office) -> None:
    worker, lead = a_worker(), a_lead()
    await office.hire(worker, lead)
    await office.receive(1, languages=("ps",))
    case = await the_case(office)
    assert (case["status"], case["reason"]) == ("waiting", "language")
    path = f"{CASES}/{case['id']}/interpreter"
    assert (await posted(office, worker, "coordinator", path, 403))["code"] == "forbidden"
    assert (await posted(office, lead, "zone_intake", path, 403))["code"] == "forbidden"
    assert (await posted(office, lead, "zone_lead", path))["status"] == "offered"
    assert len(await office.offers_to(worker)) == 1
    assert (await posted(office, lead, "zone_lead", f"{path}/cancel"))["status"] == "waiting"
    case = await the_case(office)
    assert (case["interpreter"], case["reason"], await office.offers_to(worker)) == (False, "language", [])
    types = await office.rows("select type from outbox order by id")
    assert [row["type"].split(".")[1] for row in types] == ["case_waiting", "case_offered", "offer_ended", "case_waiting"]
    assert await office.miscounted() == []


async def test_a_case_rests_and_goes_on_with_the_time_that_was_left(office: Office) -> None:
    worker = a_worker()
    await office.hire(worker, a_lead())
    case = await an_assigned_case(office, worker)
    office.clock.at = add_working_days(office.clock(), 2)
    assert (await posted(office, worker, "coordinator", f"{CASES}/{case}/pause", **REST))["status"] == "paused"
    row = await the_case(office)
    assert (row["paused_at"], row["pause_reason"]) == (office.clock(), "admitted")
    office.clock.pass_by(weeks=3)
    assert (await posted(office, worker, "coordinator", f"{CASES}/{case}/resume"))["status"] == "assigned"
    row = await the_case(office)
    assert (row["first_contact_due"], row["paused_at"], row["paused_from"]) == (add_working_days(office.clock(), 3), None, None)
    types = [row["type"].split(".")[1] for row in await office.rows("select type from outbox order by id")]
    assert types[-2:] == ["case_paused", "case_resumed"]


async def test_a_paused_case_is_counted_as_paused(office: Office) -> None:
    worker = a_worker()
    await office.hire(worker, a_lead())
    case = await an_assigned_case(office, worker)
    await posted(office, worker, "coordinator", f"{CASES}/{case}/pause", **REST)
    async with office.asking(a_lead(), "ops") as ops:
        counted = (await ops.get("/coordination/api/counts", params={"states": "paused"})).json()
    assert (list(counted["states"]), list(counted["ids"])) == (["paused"], ["paused"])


async def test_a_task_is_listed_and_marked_done_once_with_who_and_when(office: Office) -> None:
    worker, lead, other = a_worker(programmes=frozenset({"frail"})), a_lead(), a_lead(id=uuid4())
    await office.hire(worker, lead, other)
    person = uuid4()
    await an_assigned_case(office, worker, person_id=person)
    await office.receive(1, person_id=person, programme="obesity")
    async with office.asking(lead, "zone_lead") as client:
        (task,) = (await client.get(TASKS)).json()["tasks"]
        assert (task["kind"], task["owner_id"], task["done_at"]) == ("training", str(LEAD), None)
        assert (await client.get(TASKS, params={"zone": "brussel-noord"})).status_code == 403
    path = f"{TASKS}/{task['id']}/done"
    assert (await posted(office, worker, "coordinator", path, 403))["code"] == "forbidden"
    foreign = a_lead(id=uuid4(), zones=frozenset({"brussel-noord"}))
    assert (await posted(office, foreign, "zone_lead", path, 404))["code"] == "task_not_found"
    at_once = await asyncio.gather(*[posted(office, who, "zone_lead", path) for who in (lead, other)])
    assert at_once[0] == at_once[1]
    office.clock.pass_by(hours=1)
    assert await posted(office, lead, "zone_lead", path) == at_once[0]
    async with office.asking(lead, "zone_lead") as client:
        assert (await client.get(TASKS)).json()["tasks"] == []
        (done,) = (await client.get(TASKS, params={"done": "true"})).json()["tasks"]
    assert (done["done_by"], done["done_at"]) == (at_once[0]["done_by"], at_once[0]["done_at"])
