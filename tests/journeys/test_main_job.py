"""A referral becomes a coordinator, the whole way, through the front door."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import httpx

from tests.builders import a_frail_elder, a_referral
from tests.eventually import eventually
from tests.journeys.browser import Browser
from tests.journeys.sink import Sink
from tests.stack import Stack

REFERRALS = "/intake/api/referrals"


async def send(stack: Stack, body: dict[str, Any], persona: str = "sender") -> dict[str, Any]:
    """Send a referral; returns the answer."""
    async with stack.client(persona) as client:
        answer = await client.post(REFERRALS, json=body, headers={"Idempotency-Key": str(uuid4())})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def status(stack: Stack, id: str, *wanted: str, persona: str = "sender") -> dict[str, Any]:
    """The referral as its sender sees it, once it has come to one of these states."""
    async with stack.client(persona) as client:

        async def look() -> dict[str, Any]:
            return dict((await client.get(f"{REFERRALS}/{id}")).json())

        return await eventually(look, lambda seen: not wanted or seen["status"] in wanted)


async def offer_of(stack: Stack, referral_id: str) -> tuple[str, str]:
    """The open offer of a referral's case: (offer, coordinator)."""

    async def look() -> list[Any]:
        return await stack.query(
            "coordination",
            """select o.id, o.coordinator_id from offers o join case_referrals r on r.case_id = o.case_id
               where r.referral_id = $1 and o.status = 'offered'""",
            referral_id,
        )

    rows = await eventually(look)
    return str(rows[0][0]), str(rows[0][1])


def worker(stack: Stack, coordinator_id: str) -> httpx.AsyncClient:
    """A client that is this coordinator."""
    from shared.access.actors import Actor

    actor = Actor(
        id=UUID(coordinator_id),
        name="",
        roles=frozenset({"coordinator"}),
        organisation_id=None,
        organisation_name="",
        zones=frozenset({"meetjesland-oost"}),
        language="nl",
    )
    return httpx.AsyncClient(
        base_url=stack.urls["coordination"], headers={"Authorization": f"Bearer {stack.token(actor)}"}, trust_env=False
    )


async def test_a_referral_becomes_a_named_coordinator_and_everyone_concerned_is_told(house: Stack, sink: Sink) -> None:
    sent = await send(house, a_referral())
    assert sent["eligibility"]["outcome"] == "eligible"
    assert sent["eligibility"]["rule_version"]
    assert [reason["text"] for reason in sent["eligibility"]["reasons"]]
    assert sent["zone"]["code"] == "meetjesland-oost" if isinstance(sent["zone"], dict) else sent["zone"] == "meetjesland-oost"
    await status(house, sent["id"], "offered")
    offer, coordinator = await offer_of(house, sent["id"])
    async with worker(house, coordinator) as client:
        listed = (await client.get("/coordination/api/offers", params={"coordinator": coordinator})).json()
        assert offer in str(listed)
        assert "Lahsaini" not in str(listed)
        accepted = await client.post(f"/coordination/api/offers/{offer}/accept")
        assert accepted.status_code == 200, accepted.text
    seen = await status(house, sent["id"], "assigned")
    assert seen["coordinator"]["name"]
    assert seen["coordinator"]["phone"]

    async def told() -> list[tuple[str, str]]:
        async with house.client("sender") as client:
            answer = (await client.get("/notifications/api/messages", params={"referral": sent["id"]})).json()
        return [(message["kind"], message["state"]) for message in answer["messages"]]

    seen_messages = await eventually(told, lambda seen: ("assigned", "delivered") in seen and ("received", "delivered") in seen)
    assert len(seen_messages) <= 3
    mails = await eventually(lambda: _mails(sink, sent["reference"]), lambda mails: len(mails) >= 2)
    for mail in mails:
        text = f"{mail['subject']}\n{mail.get_content()}"
        assert "Lahsaini" not in text
        assert not any(word in text.lower() for word in ("perinat", "zwanger", "obes", "kwetsbare", "enceinte"))
        assert house.urls["intake"] in text


async def _mails(sink: Sink, reference: str) -> list[Any]:
    return [mail for mail in sink.mails if reference in str(mail["subject"]) + mail.get_content()]


async def test_a_decline_goes_to_the_next_and_the_card_says_why_not_the_first(house: Stack) -> None:
    sent = await send(house, a_frail_elder())
    offer, first = await offer_of(house, sent["id"])
    async with worker(house, first) as client:
        declined = await client.post(f"/coordination/api/offers/{offer}/decline", json={"reason": "no_room"})
        assert declined.status_code == 200, declined.text
        again = await client.post(f"/coordination/api/offers/{offer}/accept")
        assert again.status_code == 409
    (case,) = await house.query("coordination", "select case_id from case_referrals where referral_id = $1", sent["id"])

    async def card() -> dict[str, Any]:
        async with house.client("zone-lead", "coordination") as client:
            return dict((await client.get(f"/coordination/api/cases/{case[0]}")).json())

    seen = await eventually(card, lambda seen: (seen["decision_card"].get("chosen") or {}) not in ({}, first))
    assert first in str(seen["decision_card"])
    assert "declined" in str(seen["decision_card"])


async def test_what_does_not_fit_is_told_with_reasons_and_where_else(house: Stack) -> None:
    body = a_frail_elder(programme="obesity", facts={"bmi": 31.0, "eossp": 1, "coordination_now": "none"})
    body["person"] |= {"birth_date": "2015-02-03"}
    sent = await send(house, body)
    assert sent["status"] == "not_eligible"
    assert sent["eligibility"]["reasons"]
    assert "where_else" in sent["eligibility"]


async def test_facts_that_are_missing_are_named(house: Stack) -> None:
    sent = await send(house, a_frail_elder(facts={}))
    assert sent["status"] == "information_needed"
    assert sent["eligibility"]["missing"]


async def test_the_same_key_gives_the_same_referral_and_another_body_under_it_is_refused(house: Stack) -> None:
    body, headers = a_referral(), {"Idempotency-Key": str(uuid4())}
    async with house.client("sender") as client:
        first = await client.post(REFERRALS, json=body, headers=headers)
        again = await client.post(REFERRALS, json=body, headers=headers)
        other = await client.post(REFERRALS, json=a_referral(), headers=headers)
    assert first.status_code == again.status_code == 201
    assert first.json()["id"] == again.json()["id"]
    assert other.status_code == 422
    assert other.headers["content-type"] == "application/problem+json"


async def test_a_second_referral_for_the_same_national_number_joins_the_open_case(house: Stack) -> None:
    body = a_frail_elder()
    body["person"]["national_number"] = "41050900143"
    first, second = await send(house, body), await send(house, body, "sender-brussels")

    async def cases() -> list[Any]:
        return await house.query(
            "coordination", "select case_id from case_referrals where referral_id = any($1::uuid[])", [first["id"], second["id"]]
        )

    rows = await eventually(cases, lambda seen: len(seen) == 2)
    assert rows[0] == rows[1]
    async with house.client("sender") as client:
        assert (await client.get(f"{REFERRALS}/{second['id']}")).status_code == 404


async def test_the_counts_agree(house: Stack) -> None:
    await send(house, a_referral())
    seen = await eventually(house.reconciliation, lambda seen: seen.get("agree") is True)
    assert seen["states"]


async def test_a_wrong_national_number_gives_two_people_two_cases_and_no_sender_learns_of_the_other(house: Stack) -> None:
    body = a_frail_elder()
    body["person"] |= {"national_number": "41050900242", "phone": "0470 11 11 11"}
    other = {**body, "person": {**body["person"], "phone": "0499 66 66 66"}}
    first, second = await send(house, body), await send(house, other, "sender-brussels")
    ids = [UUID(first["id"]), UUID(second["id"])]

    async def cases() -> dict[UUID, UUID]:
        rows = await house.query("coordination", "select referral_id, case_id from case_referrals where referral_id = any($1::uuid[])", ids)
        return dict(rows)

    joined = await eventually(cases, lambda seen: len(seen) == 2)
    assert joined[ids[0]] == joined[ids[1]], "a phone alone is asked afterwards"
    async with Browser(house) as browser:
        checks = await browser.sign_in("zone-intake")
        assert "Is dit dezelfde persoon?" in checks.text
        page = await browser.get(f"/intake/referrals/{second['id']}/match")
        assert "0499 66 66 66" in page.text
        await browser.send(page, page.form("/match-answer"), answer="not_same")
        assert f"{second['id']}/match" not in (await browser.get("/intake/checks")).answer.text
        await browser.follow_all()
    apart = await eventually(cases, lambda seen: len(seen) == 2 and seen[ids[0]] != seen[ids[1]])
    assert apart[ids[0]] == joined[ids[0]], "who was known keeps the case"
    seen = await status(house, second["id"], "offered", "waiting", persona="sender-brussels")
    assert seen["case_id"] == str(apart[ids[1]])
    assert first["reference"] not in str(seen)
    assert (await eventually(house.reconciliation, lambda seen: seen.get("agree") is True))["states"]
