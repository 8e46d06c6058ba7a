"""A day in the house: something of every kind that a page can show. Made once; returns the ids that stand in addresses."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from shared.access.personas import PERSONAS
from tests.browser import cases
from tests.builders import a_frail_elder, a_referral
from tests.eventually import eventually
from tests.journeys.browser import Browser
from tests.journeys.test_main_job import send, status
from tests.journeys.test_pages import a_name, screen_1, screen_2
from tests.past import a_past
from tests.stack import Stack

NEVER_KEPT = "0190a3c2-7a53-7c1e-9f7b-3f1f2f6fffff"
PROGRAMMES = ("perinatal", "frail", "obesity", "unknown")


async def fill(house: Stack) -> dict[str, str]:
    """By the name of what was made: ids, and the persona that holds it under `<name>_by`."""
    return {
        "nowhere": NEVER_KEPT,
        **await _cases(house),
        **await _with_the_sender(house),
        **await _with_the_zone(house),
        **await _past(house),
        **await _drafts(house),
        **await _operations(house),
    }


def _ids(name: str, made: cases.Case) -> dict[str, str]:
    return {name: made.referral, f"{name}_case": made.case, f"{name}_by": made.persona, f"{name}_reference": made.reference}


async def _cases(house: Stack) -> dict[str, str]:
    """In coordination: with an answer that can still be taken back too."""
    assigned = await cases.assigned(house, a_referral())
    met, paused, closed, late = await cases.met(house), await cases.assigned(house), await cases.met(house), await cases.assigned(house)
    await cases.act(house, paused, f"/coordination/api/cases/{paused.case}/pause", cases.a_rest())
    await cases.act(house, closed, f"/coordination/api/cases/{closed.case}/close", {"outcome": "goals_reached"})
    await house.query("coordination", "update cases set first_contact_due = now() - interval '2 days' where id = $1", UUID(late.case))
    await status(house, paused.referral, "paused")
    await status(house, closed.referral, "closed")
    await cases.joined(house, met)
    again = await cases.assigned(house)
    await house.query(
        "coordination", "update offers set settled = false, final_at = now() + interval '8 hours' where id = $1", UUID(again.offer)
    )
    high = a_referral(urgency={"level": "high", "reason": "Bevalt over drie weken"})
    offered = await cases.offered(house, high)
    await house.query(
        "coordination",
        "insert into case_tasks (id, case_id, zone, kind, owner_id, asked_at) values ($1, $2, 'meetjesland-oost', 'training', $3, now())",
        uuid4(),
        UUID(met.case),
        PERSONAS["zone-lead"].id,
    )
    danger = a_referral(facts={**a_referral()["facts"], "needs": ["violence"]})
    danger["person"]["voicemail"] = True
    named = {
        "danger": await cases.assigned(house, danger),
        "assigned": assigned,
        "met": met,
        "paused": paused,
        "closed": closed,
        "late": late,
        "again": again,
        "offered": offered,
    }
    return {key: value for name, made in named.items() for key, value in _ids(name, made).items()} | await _leave(house, met)


async def _leave(house: Stack, held: cases.Case) -> dict[str, str]:
    """Days in a spring far away, on which a colleague covers."""
    away = PERSONAS[held.persona].id
    other = next(key for key in ("coordinator", "coordinator-2") if key != held.persona)
    async with house.client(held.persona) as client:
        body = {"starts_on": "2098-03-01", "ends_on": "2098-03-05", "substitute_id": str(PERSONAS[other].id)}
        answer = await client.post(f"/coordination/api/workforce/{away}/absences", json=body)
    assert answer.is_success, answer.text
    return {"away": str(away), "leave": answer.json()["leave_id"]}


async def _with_the_sender(house: Stack) -> dict[str, str]:
    """What the rules answered at once."""
    child = a_frail_elder(programme="obesity", facts={"bmi": 31.0, "eossp": 1, "coordination_now": "none"})
    child["person"] |= {"birth_date": "2015-02-03"}
    refused, needed = await send(house, child), await send(house, a_frail_elder(facts={}))
    violence = a_referral(facts={**a_referral()["facts"], "needs": ["violence"]})
    violence["person"]["voicemail"] = True
    told, withdrawn = await send(house, violence), await send(house, a_referral())
    async with house.client("sender") as client:
        answer = await client.post(f"/intake/api/referrals/{withdrawn['id']}/withdraw", json={"reason": "solved"})
    assert answer.is_success, answer.text
    emergency = {"reference": told["reference"], "reason": "danger", "text": "Opgenomen op de spoed, kent de buurt niet."}
    async with house.client("coordinator-brussels") as client:
        answer = await client.post("/intake/api/glass", json=emergency)
    assert answer.is_success, answer.text
    return {"refused": refused["id"], "needed": needed["id"], "violence": told["id"], "withdrawn": withdrawn["id"]}


async def _with_the_zone(house: Stack) -> dict[str, str]:
    """What a human looks at, and who waits."""
    checked = await send(house, a_referral(programme="unknown", facts={}))
    foreign = a_referral()
    foreign["person"]["language"] = "ps"
    waiting = await send(house, foreign)
    await status(house, waiting["id"], "waiting")
    body = a_frail_elder()
    body["person"] |= {"national_number": "41050900341", "phone": "0470 11 11 22"}
    await send(house, body)
    other = await send(house, {**body, "person": {**body["person"], "phone": "0499 66 66 77"}}, "sender-brussels")

    async def asked() -> list[Any]:
        return await house.query("intake", "select from matches where referral_id = $1", UUID(other["id"]))

    await eventually(asked)
    return {
        "checked": checked["id"],
        "waiting": waiting["id"],
        "waiting_case": await cases.case_of(house, waiting["id"]),
        "matched": other["id"],
    }


async def _past(house: Stack) -> dict[str, str]:
    """Weeks in which cases came and went."""
    worker = PERSONAS["coordinator"].id

    async def run(statement: str, *values: Any) -> Any:
        return await house.query("coordination", statement, *values)

    await a_past(run, "meetjesland-oost", worker, datetime.now(UTC))
    return {"what_if_worker": str(worker)}


async def _drafts(house: Stack) -> dict[str, str]:
    """Kept on the way: on screen 2 with the questions of each programme, and whole."""
    made = {}
    async with Browser(house) as browser:
        page = await screen_1(browser, a_name())
        made["draft"] = _last(page.url)
        for programme in PROGRAMMES:
            page = await screen_1(browser, a_name())
            page = await browser.send(page, page.form("/intake/refer/2/"), programme=programme, _action="propose")
            made[f"draft_{programme}"] = _last(page.url)
        page = await screen_2(browser, await screen_1(browser, a_name()))
        made["draft_whole"] = _last(page.url)
    return made


def _last(url: Any) -> str:
    return urlsplit(str(url)).path.rpartition("/")[2]


async def _operations(house: Stack) -> dict[str, str]:
    """An event that could not be handled."""
    ((id,),) = await house.query(
        "coordination",
        """insert into parked (event_id, type, key, topic, partition, log_offset, headers, value, state, reason, tries, parked_at, changed_at)
           values ($1, 'intake.referral_accepted.v1', $1, 'intake.events', 0, 1, '{}', ''::bytea, 'stopped', 'ValidationError: zone', 5, now(), now())
           returning id""",
        uuid4(),
    )
    return {"parked": str(id)}
