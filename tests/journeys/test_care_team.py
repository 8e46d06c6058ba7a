"""The coordinator takes a colleague into the care team: one mail without a name, the case as far as the role needs it, and an end to it."""

from __future__ import annotations

from typing import Any

from shared.access.personas import PERSONAS
from tests.eventually import eventually
from tests.house import own_house
from tests.journeys.browser import Browser, Page
from tests.journeys.sink import Sink
from tests.journeys.test_after_sending import assigned
from tests.journeys.test_main_job import worker
from tests.stack import Stack

MEMBER = PERSONAS["care-team"]


house = own_house


async def test_a_colleague_joins_the_care_team_sees_what_the_role_needs_and_leaves(house: Stack, sink: Sink) -> None:
    sent, case, reference, persona = await assigned(house)
    async with Browser(house) as coordinator, Browser(house) as member:
        await coordinator.sign_in(persona)
        start = await member.sign_in("care-team")
        assert start.url.path == "/coordination/teams"
        await member.get(f"/coordination/teams/{case}", status=404)

        await shows(coordinator, f"/coordination/cases/{case}", "dr. Tine Vlaeminckx")  # who referred stands in the care team
        page = await coordinator.get(f"/coordination/cases/{case}/team")
        page = await coordinator.send(page, page.form("/team/search"), words="lootens")
        assert page.url.path.endswith("/team/search")
        assert not page.url.query
        assert "dr. Filip Standaert" not in page.text
        assert "lootens" not in "".join(house.log(name) for name in house.names).casefold(), "what is typed stands in no address"
        adding = next(form for form in page.forms if form.action.endswith("/team"))
        page = await coordinator.send(page, adding, member_id=str(MEMBER.id), care_role="home_nursing")
        assert page.url.path == f"/coordination/cases/{case}"
        await shows(coordinator, page.url.path, "In het zorgteam: Inge Lootens")

        ((mail,),) = [await eventually(lambda: _mails(sink, reference))]
        text = f"{mail['subject']} {mail.get_content()}"
        assert mail["to"] == "inge.lootens@zorg.example"
        assert f"/coordination/teams/{case}" in text
        for personal in ("Amina", "Lahsaini", "wanger", "erinat", "Kastanjelaan"):
            assert personal not in text

        page = await shows(member, f"/coordination/teams/{case}", "Lahsaini")
        assert "Kastanjelaan" in page.text
        assert PERSONAS[persona].name in page.text
        assert "Verhuist tussen" not in page.text, "a nurse is not told what the sender worries about"
        assert "Waarom deze coördinator" not in page.text
        await shows(member, "/coordination/teams", "Lahsaini")
        await member.get(f"/coordination/cases/{case}", status=403)
        await member.get(f"/intake/referrals/{sent['id']}", status=403)

        page = await coordinator.get(f"/coordination/cases/{case}")
        page = await coordinator.send(page, page.form("/team/remove"))
        await shows(coordinator, page.url.path, "Uit het zorgteam: Inge Lootens")
        await member.get(f"/coordination/teams/{case}", status=404)
        assert reference not in (await member.get("/coordination/teams")).text

        async def known() -> list[Any]:
            person = (await house.query("coordination", "select person_id from cases where id = $1", case))[0][0]
            async with house.client("care-team") as client:
                return list((await client.post("/intake/api/fragments", json={"person_ids": [str(person)]})).json()["fragments"])

        await eventually(known, lambda found: found == [])


async def test_withdrawn_consent_ends_it_for_the_whole_team(house: Stack) -> None:
    sent, case, _, persona = await assigned(house)
    async with worker(house, str(PERSONAS[persona].id)) as client:
        body = {"member_id": str(MEMBER.id), "care_role": "social_work"}
        assert (await client.post(f"/coordination/api/cases/{case}/team", json=body)).is_success
    async with Browser(house) as member:
        await member.sign_in("care-team")
        await member.get(f"/coordination/teams/{case}")
        async with house.client("sender") as client:
            withdrawn = {"by": "person", "how": "oral"}
            answer = await client.post(f"/intake/api/referrals/{sent['id']}/consent/withdraw", json=withdrawn)
        assert answer.is_success, answer.text

        async def gone() -> int:
            return (await member.client.get(f"/coordination/teams/{case}")).status_code

        await eventually(gone, lambda status: status == 404)


async def shows(browser: Browser, path: str, text: str) -> Page:
    """The page, once it shows this: what another service says comes in time or at the next look."""
    return await eventually(lambda: browser.get(path), lambda page: text in page.text)


async def _mails(sink: Sink, reference: str) -> list[Any]:
    return [mail for mail in sink.mails if mail["subject"] == f"Nieuw zorgteam: dossier {reference}"]
