"""People who refer and people who answer offers: when they get no answer they try again, as a good client does."""

from __future__ import annotations

import asyncio
import random
from typing import Any
from uuid import UUID, uuid4

import httpx

from shared.access.actors import Actor
from tests.builders import a_frail_elder, a_referral
from tests.stack import Stack

POSTCODES = ("9900", "9060", "9960", "9880", "9990", "1090", "1030", "1160", "1190", "1070")


class Sender:
    """Sends referrals and remembers which were accepted."""

    def __init__(self, stack: Stack, seed: int = 1) -> None:
        self.stack = stack
        self.accepted: list[str] = []
        self.unavailable = 0
        self.dice = random.Random(seed)

    async def send(self, count: int, *, at_once: int = 8) -> None:
        """Send so many, a few at a time; returns when all are accepted."""
        turns = asyncio.Semaphore(at_once)
        async with self.stack.client("sender") as client:
            await asyncio.gather(*[self._one(client, turns) for _ in range(count)])

    async def _one(self, client: httpx.AsyncClient, turns: asyncio.Semaphore) -> None:
        make = self.dice.choice((a_referral, a_frail_elder))
        body, key = make(self.dice.choice(POSTCODES)), str(uuid4())
        async with turns:
            while True:
                answer = await self._try(client, body, key)
                if answer is not None and answer.status_code == 201:
                    self.accepted.append(answer.json()["id"])
                    return
                assert answer is None or answer.status_code == 503, answer.text
                self.unavailable += 1
                await asyncio.sleep(0.2)

    async def _try(self, client: httpx.AsyncClient, body: dict[str, Any], key: str) -> httpx.Response | None:
        try:
            return await client.post("/intake/api/referrals", json=body, headers={"Idempotency-Key": key})
        except httpx.TransportError:
            return None


async def accept_offers(stack: Stack) -> set[UUID]:
    """Every coordinator accepts every open offer; returns the cases, when all are accepted."""
    offers = await stack.query("coordination", "select id, case_id, coordinator_id from offers where status = 'offered'")
    await asyncio.gather(*[_accept(stack, offer, coordinator) for offer, _, coordinator in offers])
    return {case for _, case, _ in offers}


async def _accept(stack: Stack, offer: UUID, coordinator: UUID) -> None:
    actor = Actor(coordinator, "", frozenset({"coordinator"}), None, "", frozenset(), "nl")
    async with stack.client(actor, "coordination") as client:
        while True:
            try:
                answer = await client.post(f"/coordination/api/offers/{offer}/accept")
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code in {200, 409}:  # 409: the first try counted, its answer got lost
                return
            assert answer is None or answer.status_code == 503, answer.text
            await asyncio.sleep(0.2)
