"""Whom a change is noted for: who covers a case and who is in its care team hear of it like who holds it, and of no other."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from services.coordination import directory
from services.coordination.sharing import handlers as sharing
from services.coordination.workforce.domain import Worker
from shared.events.intake import ConsentGiven, ConsentWithdrawn, PersonErased
from tests.integration.coordination.rig import Office
from tests.integration.coordination.test_acts import CASES, REST, posted
from tests.integration.coordination.test_care_team import DOCTOR, NURSE, Listed, a_case, hear, join
from tests.integration.coordination.test_covers import DAYS, a_team, planned


@pytest.fixture(autouse=True)
def listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "ask", Listed().ask)


async def told(office: Office, kind: str) -> set[UUID]:
    """Who of a kind has something to hear since the last time this was asked."""
    noted = [each for row in await office.rows("delete from changes returning audience") for each in row["audience"]]
    return {UUID(who) for heard, _, who in (each.partition(" ") for each in noted) if heard == kind}


async def members_told(office: Office) -> set[Worker]:
    ids = await told(office, "member")
    return {who for who in (NURSE, DOCTOR) if who.id in ids}


async def test_a_care_team_hears_of_its_case_as_long_as_it_is_in_it(office: Office) -> None:
    person = uuid4()
    holder, case = await a_case(office, person_id=person)
    assert await members_told(office) == set()
    await join(office, holder, case, NURSE)
    assert await members_told(office) == {NURSE}
    await join(office, holder, case, DOCTOR)
    assert await members_told(office) == {NURSE, DOCTOR}
    await posted(office, holder, "coordinator", f"{CASES}/{case}/pause", **REST)
    assert await members_told(office) == {NURSE, DOCTOR}
    await posted(office, holder, "coordinator", f"{CASES}/{case}/team/remove", member_id=str(NURSE.id))
    assert await members_told(office) == {NURSE, DOCTOR}
    await hear(office, sharing.on_consent_withdrawn, ConsentWithdrawn(person_id=person, referral_ids=(), case_ids=()))
    assert await members_told(office) == {DOCTOR}
    await hear(office, sharing.on_consent_given, ConsentGiven(person_id=person))
    assert await members_told(office) == {DOCTOR}
    await hear(office, sharing.on_person_erased, PersonErased(person_id=person, referral_ids=()))
    assert DOCTOR in await members_told(office)


async def test_who_covers_a_case_hears_of_that_case(office: Office) -> None:
    away, (first, second), (one, other, third) = await a_team(office)
    await planned(office, away, DAYS, {first: one.id, second: other.id})
    assert {one.id, other.id} <= await told(office, "worker")
    await posted(office, away, "coordinator", f"{CASES}/{first}/pause", **REST)
    assert await told(office, "worker") & {one.id, other.id, third.id} == {one.id}
    await join(office, away, second, NURSE)
    assert await told(office, "worker") & {one.id, other.id, third.id} == {other.id}
    await office.rows("update absences set starts_on = current_date - 9, ends_on = current_date - 2 returning id")
    await told(office, "worker")
    await posted(office, away, "coordinator", f"{CASES}/{first}/resume")
    assert await told(office, "worker") & {one.id, other.id, third.id} == set(), "the leave is over"
