"""What a sender adds after the case got its coordinator, through the front door."""

from __future__ import annotations

from typing import Any

from shared.access.personas import PERSONAS
from tests.builders import a_referral
from tests.eventually import eventually, stays
from tests.journeys.browser import Browser, Page
from tests.journeys.sink import Sink
from tests.journeys.test_main_job import offer_of, send, status, worker
from tests.stack import Stack

ADDED = "Ze verblijft nu bij haar zus in Eeklo."


async def assigned(house: Stack) -> tuple[dict[str, Any], str, str, str]:
    """A referral whose case has a coordinator: what was answered, the case, its reference, and the coordinator's persona."""
    sent = await send(house, a_referral())
    await status(house, sent["id"], "offered")
    offer, coordinator = await offer_of(house, sent["id"])
    async with worker(house, coordinator) as client:
        assert (await client.post(f"/coordination/api/offers/{offer}/accept")).status_code == 200
    await status(house, sent["id"], "assigned")
    ((case, reference),) = await house.query(
        "coordination",
        "select c.id, c.reference from cases c join case_referrals r on r.case_id = c.id where r.referral_id = $1",
        sent["id"],
    )
    return sent, str(case), reference, next(key for key, actor in PERSONAS.items() if str(actor.id) == coordinator)


async def _add(house: Stack, referral_id: str, text: str) -> None:
    async with Browser(house) as browser:
        await browser.sign_in("sender")
        page = await browser.get(f"/intake/referrals/{referral_id}")
        assert "Wie coördineert, krijgt een bericht en leest dit." in page.text
        page = await browser.send(page, page.form("/information"), text=text)
        assert text in page.text
        await browser.follow_all()


async def test_what_a_sender_adds_after_acceptance_reaches_the_coordinator_by_one_mail_and_on_the_case_page(
    house: Stack, sink: Sink
) -> None:
    sent, case, reference, persona = await assigned(house)
    async with worker(house, str(PERSONAS[persona].id)) as client:
        ((at,),) = await house.query("coordination", "select assigned_at from cases where id = $1", case)
        contact = {"contact_at": at.isoformat(), "level": "complex", "intensity": "normal"}
        answer = await client.post(f"/coordination/api/cases/{case}/first-contact", json=contact)
        assert answer.status_code == 200, answer.text
    await status(house, sent["id"], "first_contact")
    await _add(house, sent["id"], ADDED)

    async with Browser(house) as browser:
        await browser.sign_in(persona)

        async def case_page() -> Page:
            return await browser.get(f"/coordination/cases/{case}")

        page = await eventually(case_page, lambda page: "Aangevuld door de aanmelder" in page.text)
        assert f"Aangevuld door de aanmelder, {sent['reference']}" in page.text
        assert ADDED in page.text

    async def mails() -> list[Any]:
        return [mail for mail in sink.mails if mail["subject"] == f"Nieuwe informatie: dossier {reference}"]

    await eventually(mails)
    (mail,) = await stays(mails, lambda seen: len(seen) == 1)
    assert f"/coordination/cases/{case}" in mail.get_content()
    assert "Eeklo" not in str(mail)
    assert "Lahsaini" not in str(mail)
