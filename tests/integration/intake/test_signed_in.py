"""The privacy officer sees who signed in and who was refused; nobody else does, and having looked is noted."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from fhir.resources.R4B.auditevent import AuditEvent

from shared.access import database, machines, sessions
from shared.access.actors import Membership
from shared.access.claims import Person
from shared.access.personas import DOCTORS_AALTER, PERSONAS
from shared.clock import new_id, now
from shared.settings import settings
from tests.databases import Databases
from tests.integration.intake.rig import House, an_actor

OFFICER = PERSONAS["privacy-officer"]
PAGE = "/intake/audit/sign-ins"


@pytest.fixture
async def worker(house: House, databases: Databases, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Person]:
    """Somebody who signed in and out, and a machine that was let in; in a database of their own."""
    monkeypatch.setenv("ZORGSPOOR_ACCESS_DSN", await databases.fresh("access"))
    settings.cache_clear()
    who = Person(new_id(), "Hanne", "nl", (Membership(DOCTORS_AALTER, "Artsen", frozenset({"sender"}), frozenset()),))
    await sessions.end(await sessions.start(who))
    await machines.add(machines.Client(new_id(), "Medisch pakket", DOCTORS_AALTER, "Artsen", frozenset(), {"keys": []}, now()))
    yield who
    await database.close()
    monkeypatch.undo()
    settings.cache_clear()


async def test_the_privacy_officer_sees_who_signed_in_and_out(house: House, worker: Person) -> None:
    page = (await house.page(OFFICER, PAGE)).text
    assert [page.count(f"<td>{what}") for what in ("logde in", "logde uit", "liet een systeem toe")] == [1, 1, 1]
    assert "Medisch pakket" in page
    assert f'href="{PAGE}?worker={worker.id}"' in page
    of_one = (await house.page(OFFICER, f"{PAGE}?worker={worker.id}")).text
    assert ("logde in" in of_one, "Medisch pakket" in of_one) == (True, False)
    assert "Niemand" in (await house.page(OFFICER, f"{PAGE}?worker={new_id()}")).text
    assert (await house.page(OFFICER, f"{PAGE}?worker=hanne")).status_code == 404


async def test_it_comes_as_fhir_events_too(house: House, worker: Person) -> None:
    answer = await house.get(OFFICER, f"/audit/sign-ins?worker={worker.id}")
    events = [AuditEvent.model_validate(entry["resource"]) for entry in answer.json()["entry"]]
    assert [[coding.display for coding in event.subtype or () if coding.display] for event in events] == [["Logout"], ["Login"]]


async def test_having_looked_is_noted_and_nobody_else_may(house: House, worker: Person) -> None:
    await house.page(OFFICER, f"{PAGE}?worker={worker.id}")
    await house.get(OFFICER, "/audit/sign-ins")
    for role in ("sender", "coordinator", "zone_lead", "zone_intake", "care_team", "ops"):
        other = an_actor(role)
        assert (await house.page(other, PAGE)).status_code == 403
        assert (await house.get(other, "/audit/sign-ins")).status_code == 403
    written = await house.rows("select action, outcome, subject_id from audit where actor_id = $1 order by id", OFFICER.id)
    assert [tuple(row.values()) for row in written] == [("audit.signed_in", "seen", worker.id), ("audit.sign_ins", "seen", None)]
