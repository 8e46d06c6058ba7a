"""Leave through the front door, without JavaScript: days in, cover proposed per case, one confirmation, and back by itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.access.personas import PERSONAS
from shared.clock import now
from shared.working_time import BRUSSELS
from tests.builders import a_frail_elder
from tests.eventually import eventually
from tests.house import own_house
from tests.journeys.browser import Browser
from tests.journeys.test_main_job import offer_of, send, status, worker
from tests.stack import Stack

TEAM = ("coordinator", "coordinator-2")  # of Oost-Meetjesland; who else works there is no persona and not trained for this


house = own_house


async def two_held_cases(house: Stack) -> tuple[str, list[tuple[str, str, str]]]:
    """Two cases that one persona holds: referral, case, family name. Whoever is offered one takes it, until somebody has two."""
    held: dict[str, list[tuple[str, str, str]]] = {}
    while True:
        body = a_frail_elder()
        body["person"]["family_name"] = f"Verlof-{uuid4().hex[:8]}"
        sent = await send(house, body)
        offer, coordinator = await offer_of(house, sent["id"])
        async with worker(house, coordinator) as client:
            assert (await client.post(f"/coordination/api/offers/{offer}/accept")).is_success
        await status(house, sent["id"], "assigned")
        ((case,),) = await house.query("coordination", "select case_id from case_referrals where referral_id = $1", UUID(sent["id"]))
        mine = held.setdefault(coordinator, [])
        mine.append((sent["id"], str(case), body["person"]["family_name"]))
        if len(mine) == 2:
            return next(key for key in TEAM if str(PERSONAS[key].id) == coordinator), mine


async def told(house: Stack, recipient: UUID, *kinds: str) -> list[Any]:
    return await house.query(
        "notifications", "select kind from messages where recipient_id = $1 and kind = any($2::text[])", recipient, list(kinds)
    )


@pytest.mark.timeout(300)  # several cases on their whole way before it begins
async def test_a_coordinator_goes_on_leave_and_a_colleague_covers_what_was_confirmed_and_nothing_else(house: Stack) -> None:
    going, ((first, covered, name), (_, left, other_name)) = await two_held_cases(house)
    staying = next(key for key in TEAM if key != going)
    away, cover = PERSONAS[going].id, PERSONAS[staying].id
    page_of_leave = f"/coordination/workers/{away}/leave"
    today = now().astimezone(BRUSSELS).date()
    days: dict[str, Any] = {"starts_on": f"{today:%d/%m/%Y}", "ends_on": f"{today + timedelta(days=3):%d/%m/%Y}"}
    before = len(await told(house, cover, "covering"))
    to_sender = await house.query("notifications", "select count(*) from messages where referral_id = $1", UUID(first))
    async with Browser(house) as browser, Browser(house) as colleague:
        await browser.sign_in(going)
        page = await browser.get("/coordination/leave")
        assert "Mijn verlof" in page.text
        form = next(form for form in page.forms if form.action == page_of_leave and "leave_id" not in form.fields)
        page = await browser.send(page, form, status=422, starts_on=days["ends_on"], ends_on=days["starts_on"])
        assert "De laatste dag ligt op of na de eerste." in page.text
        form = next(form for form in page.forms if form.action == page_of_leave and "leave_id" not in form.fields)
        page = await browser.send(page, form, **days)
        assert page.url.path == f"{page_of_leave}/proposal"
        assert f"{PERSONAS[staying].name}: dan" in page.text
        form = page.form("/leave/proposal")
        named: dict[str, Any] = {name.replace(".", "__"): "nobody" for name in form.fields if name.startswith("cover.")}
        assert f"cover__{left}" in named
        page = await browser.send(page, form, **named | {f"cover__{covered}": str(cover)}, _action="confirm")
        assert f"{PERSONAS[staying].name}: 1 dossier" in page.text
        assert (page.url.path, page.url.query.startswith(b"verlof=")) == (page_of_leave, True)

        await colleague.sign_in(staying)

        async def seen_by_cover() -> str:
            return (await colleague.get(f"/coordination/cases/{covered}")).text

        assert name in await eventually(seen_by_cover, lambda text: name in text)
        await colleague.get(f"/coordination/cases/{left}", status=404)
        day = await colleague.get("/coordination/day")
        assert "Voor collega's met verlof" in day.text
        assert other_name not in day.text
        messages = await eventually(lambda: told(house, cover, "covering"), lambda rows: len(rows) > before)
        assert len(messages) == before + 1
        assert await house.query("notifications", "select count(*) from messages where referral_id = $1", UUID(first)) == to_sender

        async with Browser(house) as lead:
            await lead.sign_in("zone-lead")
            board = await lead.get("/coordination/zones/meetjesland-oost")
            assert "niemand vervangt" in board.text
            chosen = await lead.send(board, next(form for form in board.forms if form.action == "/coordination/leave"), wie=str(away))
            assert f"Verlof van {PERSONAS[going].name}" in chosen.text

        back = next(form for form in page.forms if form.action.endswith("/back"))
        page = await browser.send(page, back)
        await colleague.get(f"/coordination/cases/{covered}", status=404)
        assert await eventually(lambda: told(house, cover, "cover_ended"))
