"""Referrals on their way, made through the API, for pages to show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from shared import clock
from shared.access.personas import PERSONAS
from tests.builders import a_frail_elder
from tests.eventually import eventually
from tests.journeys.test_main_job import offer_of, send, status, worker
from tests.stack import Stack


@dataclass(frozen=True)
class Case:
    """A referral with the case it became, and the offer of it that is open to one of the personas."""

    name: str
    referral: str
    reference: str
    case: str
    offer: str
    persona: str


def a_name() -> str:
    """A family name that nothing else here has."""
    return f"Proefveld-{uuid4().hex[:8]}"


def somebody(**changes: Any) -> dict[str, Any]:
    """The body of a referral that only the two coordinators of Oost-Meetjesland among the personas can take, under a name of its own."""
    body = a_frail_elder(**changes)
    body["person"]["family_name"] = a_name()
    return body


def name_of(body: dict[str, Any]) -> str:
    return f"{body['person']['given_name']} {body['person']['family_name']}"


async def offered(house: Stack, body: dict[str, Any] | None = None) -> Case:
    """A case that is offered."""
    body = body or somebody()
    sent = await send(house, body)
    await status(house, sent["id"], "offered")
    offer, coordinator = await offer_of(house, sent["id"])
    return Case(name_of(body), sent["id"], sent["reference"], await case_of(house, sent["id"]), offer, persona_of(coordinator))


def persona_of(coordinator: str) -> str:
    """The persona with the id of a coordinator."""
    return next(key for key, actor in PERSONAS.items() if str(actor.id) == coordinator)


async def assigned(house: Stack, body: dict[str, Any] | None = None) -> Case:
    """A case that was accepted; its name can be read."""
    made = await offered(house, body)
    await accept(house, made)
    return made


async def accept(house: Stack, case: Case) -> None:
    await act(house, case, f"/coordination/api/offers/{case.offer}/accept")
    await status(house, case.referral, "assigned")


async def met(house: Stack) -> Case:
    """A case with its first contact."""
    made = await assigned(house)
    ((at,),) = await house.query("coordination", "select assigned_at from cases where id = $1", UUID(made.case))
    contact = {"contact_at": at.isoformat(), "level": "complex", "intensity": "normal"}
    await act(house, made, f"/coordination/api/cases/{made.case}/first-contact", contact)
    await status(house, made.referral, "first_contact")
    return made


def a_rest() -> dict[str, str]:
    """Two weeks of it."""
    return {"until": (clock.now().date() + timedelta(weeks=2)).isoformat(), "reason": "admitted"}


async def joined(house: Stack, case: Case, *personas: str) -> None:
    """The persona of the care team, and whoever else, comes into that of a case."""
    for persona in ("care-team", *personas):
        await act(
            house, case, f"/coordination/api/cases/{case.case}/team", {"member_id": str(PERSONAS[persona].id), "care_role": "home_nursing"}
        )


async def act(house: Stack, case: Case, path: str, body: dict[str, Any] | None = None) -> None:
    """Something that who holds the case does."""
    async with worker(house, str(PERSONAS[case.persona].id)) as client:
        answer = await client.post(path, json=body)
    assert answer.is_success, answer.text


async def case_of(house: Stack, referral: str) -> str:
    async def look() -> list[Any]:
        return await house.query("coordination", "select case_id from case_referrals where referral_id = $1", UUID(referral))

    return str((await eventually(look))[0][0])
