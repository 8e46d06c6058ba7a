"""Coordinators for a while: each looks at the own offers, accepts or declines, meets people, closes. Several rounds, all at once."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import httpx

from shared import clock
from shared.access.actors import Actor

# Assumptions: how coordinators answer and how care goes. No figures were at hand.
ACCEPTS = 0.85
REASONS = {"no_room": 0.30, "language": 0.15, "cannot_get_there": 0.15, "away_soon": 0.15, "not_independent": 0.15, "wrong_programme": 0.10}
MEETS = 0.7  # of the assigned, per round
INTENSITIES = {"light": 0.3, "normal": 0.5, "intense": 0.2}
CLOSES = 0.15  # of those met, per round
OUTCOMES = {"goals_reached": 0.5, "handed_over": 0.2, "no_longer_wanted": 0.1, "not_reached": 0.05, "moved": 0.1, "deceased": 0.05}
AWAY_IN, AWAY_FOR = timedelta(days=7), timedelta(days=10)


@dataclass(slots=True)
class Done:
    """What coordinators did, how long each answer took, and until when the last of them can be taken back."""

    acts: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    millis: dict[str, list[float]] = field(default_factory=dict)
    undo_until: datetime | None = None


class Coordinator:
    """One coordinator at work, through the API and with nothing but the own token."""

    def __init__(self, client: httpx.AsyncClient, worker: Actor, token: str, dice: Random, done: Done) -> None:
        self._client = client
        self._worker = worker
        self._headers = {"Authorization": f"Bearer {token}"}
        self._dice = dice
        self._done = done

    async def a_round(self) -> None:
        """Answer every open offer, meet some of those who are assigned, close some of those who were met."""
        for offer in (await self._get("/coordination/api/offers", coordinator=str(self._worker.id)))["offers"]:
            if offer["status"] == "offered":
                await self._answer(offer)
        for case in await self._own("first_contact"):
            if self._dice.random() < CLOSES:
                await self._act("closed", f"/coordination/api/cases/{case}/close", {"outcome": self._one_of(OUTCOMES)})
        for case in await self._own("assigned"):
            if self._dice.random() < MEETS:
                contact = {"contact_at": clock.now().isoformat(), "level": "complex", "intensity": self._one_of(INTENSITIES)}
                await self._act("first contact", f"/coordination/api/cases/{case}/first-contact", contact)

    async def _answer(self, offer: dict[str, Any]) -> None:
        path = f"/coordination/api/offers/{offer['id']}"
        if self._dice.random() < ACCEPTS:
            await self._act("accepted", f"{path}/accept", None)
            return
        said = {"reason": self._one_of(REASONS)}
        if said["reason"] == "away_soon":
            first = clock.now().date() + AWAY_IN
            said |= {"away_from": first.isoformat(), "away_to": (first + AWAY_FOR).isoformat()}
        await self._act(f"declined: {said['reason']}", f"{path}/decline", said)

    async def _own(self, status: str) -> list[str]:
        cases = (await self._get("/coordination/api/cases", status=status, limit="1000"))["cases"]
        return [case["id"] for case in cases if case["coordinator"] and case["coordinator"]["id"] == str(self._worker.id)]

    async def _get(self, path: str, **query: str) -> dict[str, Any]:
        answer = await self._client.get(path, params=query, headers=self._headers)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    async def _act(self, act: str, path: str, body: dict[str, Any] | None) -> None:
        began = time.monotonic()
        answer = await self._client.post(path, json=body, headers=self._headers)
        self._done.millis.setdefault(act.partition(":")[0], []).append((time.monotonic() - began) * 1000)
        said = answer.json()
        if not answer.is_success:
            self._done.refused[f"{act}: {answer.status_code} {said.get('code', '')}".rstrip()] += 1
            return
        self._done.acts[act] += 1
        if until := said.get("undo_until"):
            self._done.undo_until = max(datetime.fromisoformat(until), self._done.undo_until or datetime.min.replace(tzinfo=UTC))

    def _one_of(self, weights: dict[str, float]) -> str:
        return self._dice.choices(list(weights), list(weights.values()))[0]


async def all_at_once(team: Sequence[Coordinator]) -> None:
    """One round of everybody."""
    await asyncio.gather(*[coordinator.a_round() for coordinator in team])
