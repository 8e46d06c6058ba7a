"""The care team of a case: who comes in, what a member sees and how long, on a real database."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import orjson
import pytest

from services.coordination import directory
from services.coordination.sharing import handlers as sharing
from services.coordination.workforce.domain import Worker
from shared.events.intake import ConsentGiven, ConsentWithdrawn, PersonErased
from shared.items import PersonEvent, Received
from tests.integration.coordination.rig import Office
from tests.integration.coordination.test_acts import CASES, an_assigned_case, posted
from tests.unit.coordination.builders import a_lead, a_worker

TEAMS = "/coordination/api/teams"
NURSE, DOCTOR, GONE = a_worker(name="Inge Lootens"), a_worker(name="dr. Filip Standaert"), a_worker(name="Weg", active=False)
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Origin": "http://127.0.0.1:8080"}


class Listed:
    """The provider directory as coordination hears it; `away`: it does not answer."""

    def __init__(self) -> None:
        self.away = False
        self.asked: list[str] = []

    async def ask(self, call: Any, service: str, method: str, path: str, json: Any = None, *, timeout: float = 0.3) -> Any:  # noqa: ASYNC109
        self.asked.append(path)
        if self.away or service != "notifications":
            return None
        query = parse_qs(urlsplit(path).query)
        if "ids" in query:
            ids = query["ids"][0].split(",")
            return {"contacts": [contact(each) for each in (NURSE, DOCTOR, GONE) if str(each.id) in ids]}
        words = json["words"].lower()
        return {"contacts": [contact(each) for each in (NURSE, DOCTOR) if words in each.name.lower()]}


def contact(who: Worker) -> dict[str, Any]:
    told = {"phone": "09 000 313 10", "email": "x@zorg.example", "municipality": "Eeklo"}
    organisation = {"organisation_id": str(who.organisation_id), "organisation": "Thuiszorg De Brug"}
    return told | organisation | {"id": str(who.id), "name": who.name, "kind": "provider", "active": who.active}


@pytest.fixture(autouse=True)
def listed(monkeypatch: pytest.MonkeyPatch) -> Listed:
    told = Listed()
    monkeypatch.setattr(directory, "ask", told.ask)
    return told


async def a_case(office: Office, **changes: Any) -> tuple[Worker, UUID]:
    holder = a_worker()
    await office.hire(holder, a_lead())
    return holder, await an_assigned_case(office, holder, **changes)


async def join(office: Office, holder: Worker, case: UUID, who: Worker, role: str = "home_nursing", status: int = 200) -> dict[str, Any]:
    return await posted(office, holder, "coordinator", f"{CASES}/{case}/team", status, member_id=str(who.id), care_role=role)


async def teams_of(office: Office, who: Worker) -> list[str]:
    async with office.asking(who, "care_team") as client:
        return [each["id"] for each in (await client.get(TEAMS)).json()["teams"]]


async def page(office: Office, who: Worker, case: UUID) -> int:
    async with office.asking(who, "care_team") as client:
        return (await client.get(f"/coordination/teams/{case}")).status_code


async def hear(office: Office, handler: Any, event: PersonEvent) -> None:
    await office.kernel.transact(handler, [Received(uuid4(), office.clock(), uuid4(), event)])


async def test_a_member_sees_the_case_from_joining_to_leaving_and_nobody_else_does(office: Office) -> None:
    person = uuid4()
    holder, case = await a_case(office, person_id=person)
    assert (await teams_of(office, NURSE), await page(office, NURSE, case)) == ([], 404)
    await join(office, holder, case, NURSE)
    assert (await teams_of(office, NURSE), await page(office, NURSE, case)) == ([str(case)], 200)
    assert (await teams_of(office, DOCTOR), await page(office, DOCTOR, case)) == ([], 404)
    async with office.asking(NURSE, "care_team") as client:
        assert [(await client.get(f"{CASES}/{case}")).status_code, (await client.get(f"/coordination/cases/{case}")).status_code] == [
            403,
            403,
        ]
    async with office.asking(NURSE, "coordinator") as client:  # in another role they are nobody to this case
        assert (await client.get(f"{CASES}/{case}")).status_code == 404
        assert (await client.get(TEAMS)).status_code == 403
    await posted(office, holder, "coordinator", f"{CASES}/{case}/team/remove", member_id=str(NURSE.id))
    assert (await teams_of(office, NURSE), await page(office, NURSE, case)) == ([], 404)
    joined, left = await office.rows("select type, key, payload from outbox where type like 'coordination.care_team%' order by id")
    told = orjson.loads(joined["payload"])
    assert (joined["key"], told["member_id"], told["care_role"], told["sees"]) == (
        person,
        str(NURSE.id),
        "home_nursing",
        ["contact", "need"],
    )
    assert (left["key"], orjson.loads(left["payload"])["member_id"]) == (person, str(NURSE.id))
    acts = await office.rows(
        "select action, relation, outcome, person_id from audit where action like 'team.%' and relation is not null order by id"
    )
    assert [tuple(row.values()) for row in acts] == [
        ("team.add_member", "holds", "done", person),
        ("team.list_teams", "team", "seen", person),
        ("team.team", "team", "seen", person),
        ("team.remove_member", "holds", "done", person),
    ]


async def test_a_closed_case_and_one_without_consent_show_nothing(office: Office) -> None:
    person = uuid4()
    holder, case = await a_case(office, person_id=person)
    await join(office, holder, case, NURSE)
    await hear(office, sharing.on_consent_withdrawn, ConsentWithdrawn(person_id=person, referral_ids=(), case_ids=()))
    assert (await teams_of(office, NURSE), await page(office, NURSE, case)) == ([], 404)
    assert (await join(office, holder, case, DOCTOR, status=409))["code"] == "no_consent"
    await hear(office, sharing.on_consent_given, ConsentGiven(person_id=person))
    assert await teams_of(office, NURSE) == [str(case)]
    await posted(office, holder, "coordinator", f"{CASES}/{case}/close", outcome="goals_reached")
    assert (await teams_of(office, NURSE), await page(office, NURSE, case)) == ([], 404)


async def test_who_was_around_an_erased_person_is_forgotten(office: Office) -> None:
    person = uuid4()
    holder, case = await a_case(office, person_id=person)
    await join(office, holder, case, NURSE)
    await hear(office, sharing.on_person_erased, PersonErased(person_id=person, referral_ids=()))
    assert await office.rows("select * from care_team") == []


async def test_only_who_coordinates_arranges_the_team(office: Office, listed: Listed) -> None:
    holder, case = await a_case(office)
    other = a_worker()
    await office.hire(other)
    body = {"member_id": str(NURSE.id), "care_role": "midwife"}
    for act in ("team", "team/remove"):
        assert await posted(
            office, other, "coordinator", f"{CASES}/{case}/{act}", 404, **(body if act == "team" else {"member_id": body["member_id"]})
        )
        assert (await posted(office, a_lead(), "zone_lead", f"{CASES}/{case}/{act}", 403, **body))["code"] == "forbidden"
    assert await office.rows("select * from care_team") == []
    for nobody in (GONE, other):
        answer = await join(office, holder, case, nobody, status=422)
        assert answer["errors"][0]["code"] == "not_in_directory"
    assert (await join(office, holder, case, NURSE, "astrologer", 422))["errors"][0]["field"] == "care_role"
    listed.away = True
    assert (await join(office, holder, case, NURSE, status=503))["code"] == "unavailable"
    await posted(office, a_lead(), "zone_lead", f"/coordination/api/workforce/{holder.id}/absences", starts_on="2026-11-24", ends_on="2026-11-24",
                 substitute_id=str(other.id))  # fmt: skip
    listed.away = False
    assert (await join(office, other, case, NURSE))["member_id"] == str(NURSE.id)


async def test_of_two_who_add_the_same_at_once_one_counts(office: Office) -> None:
    holder, case = await a_case(office)
    await join(office, holder, case, NURSE)
    assert (await join(office, holder, case, NURSE, status=422))["errors"][0]["code"] == "already_in_team"
    assert await office.value("select count(*) from care_team") == 1


async def test_the_pages_find_add_and_take_out_without_a_name_in_an_address(office: Office, listed: Listed) -> None:
    holder, case = await a_case(office)
    here = f"/coordination/cases/{case}"
    async with office.asking(holder, "coordinator") as client:
        client.headers.update(FORM)
        everybody = await client.get(f"{here}/team")
        assert "Inge Lootens" in everybody.text
        assert "dr. Filip Standaert" in everybody.text
        found = await client.post(f"{here}/team/search", content="words=lootens")
        assert (found.status_code, "Inge Lootens" in found.text, "Filip Standaert" in found.text) == (200, True, False)
        wrong = await client.post(f"{here}/team", content=f"member_id={NURSE.id}&_words=lootens")
        assert (wrong.status_code, f'value="{NURSE.id}" checked' in wrong.text) == (422, True)
        nobody = await client.post(f"{here}/team", content=f"member_id={uuid4()}&care_role=midwife")
        assert (nobody.status_code, "staat niet of niet meer in de wegwijzer" in nobody.text) == (422, True)
        added = await client.post(f"{here}/team", content=f"member_id={NURSE.id}&care_role=home_nursing")
        assert (added.status_code, added.headers["location"]) == (303, f"{here}#gelukt")
        shown = (await client.get(here)).text
        assert "Inge Lootens" in shown
        assert "Thuisverpleging" in shown
        assert "In het zorgteam: Inge Lootens" in shown
        gone = await client.post(f"{here}/team/remove", content=f"member_id={NURSE.id}")
        assert gone.headers["location"] == f"{here}#gelukt"
        assert "Uit het zorgteam: Inge Lootens" in (await client.get(here)).text
        listed.away = True
        assert "De wegwijzer antwoordt nu niet" in (await client.get(f"{here}/team")).text
        assert "Naam nu niet te zien" in (await client.get(here)).text
    assert "/notifications/api/directory/search" in listed.asked
    assert not any("lootens" in path for path in listed.asked)


async def test_a_members_page_shows_who_coordinates_and_the_team_but_no_decision(office: Office) -> None:
    holder, case = await a_case(office)
    await join(office, holder, case, NURSE, "pharmacist")
    await join(office, holder, case, DOCTOR, "specialist")
    async with office.asking(NURSE, "care_team") as client:
        shown = (await client.get(f"/coordination/teams/{case}")).text
        assert "Mijn zorgteams" in (await client.get("/coordination/teams")).text
    assert "Apotheker" in shown
    assert "dr. Filip Standaert" in shown
    assert "Wie coördineert" in shown
    assert "Kwetsbare oudere" not in shown, "a pharmacist is not told the need"
    for hidden in ("Waarom deze coördinator", "Aangeboden aan", "Uit het zorgteam halen", "punten"):
        assert hidden not in shown
    async with office.asking(DOCTOR, "care_team") as client:
        assert "Kwetsbare oudere" in (await client.get(f"/coordination/teams/{case}")).text
