"""Several senders at once: each referral posted under its own Idempotency-Key, tried again while the service is away, some sent twice."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

from deploy.simulation.referrals import Referral

PATH = "/intake/api/referrals"
TRIES = 20
TWICE_EVERY = 40  # one in so many is sent twice, as with a double click
SHOWN_EVERY = 200
Say = Callable[[str], None]


class NotAnswered(Exception):
    """A service gave no usable answer."""


@dataclass(slots=True)
class Sent:
    """What came of sending. `accepted`: referrals by the id they got; `refused`: how often, by field and code; `millis` per answer."""

    accepted: dict[str, Referral] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)
    tried_again: int = 0
    twice: int = 0
    twice_differing: int = 0
    seconds: float = 0.0
    millis: list[float] = field(default_factory=list)


class Senders:
    """Posts referrals over some connections. `tokens` by persona."""

    def __init__(self, client: httpx.AsyncClient, tokens: Mapping[str, str], connections: int, say: Say) -> None:
        self._client = client
        self._tokens = tokens
        self._connections = connections
        self._say = say
        self._run = uuid4().hex[:12]
        self._sent = Sent()
        self._done = 0

    async def send(self, referrals: Sequence[Referral]) -> Sent:
        """Send all, in order of the list as far as several connections keep it. Raises NotAnswered when a service stays away."""
        began = time.monotonic()
        numbered = iter(enumerate(referrals))
        await asyncio.gather(*[self._one_connection(numbered, len(referrals)) for _ in range(self._connections)])
        self._sent.seconds = time.monotonic() - began
        return self._sent

    async def _one_connection(self, numbered: Any, total: int) -> None:
        for number, referral in numbered:
            answer = await self._post(number, referral)
            self._keep(referral, answer)
            if number % TWICE_EVERY == 0 and answer.status_code == 201:
                again = await self._post(number, referral)
                self._sent.twice += 1
                self._sent.twice_differing += (again.status_code, again.json().get("id")) != (201, answer.json()["id"])
            self._done += 1
            if self._done % SHOWN_EVERY == 0 or self._done == total:
                self._say(f"  {self._done} of {total} referrals sent")

    async def _post(self, number: int, referral: Referral) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._tokens[referral.sender]}", "Idempotency-Key": f"simulation-{self._run}-{number}"}
        for attempt in range(TRIES):
            began = time.monotonic()
            try:
                answer = await self._client.post(PATH, json=referral.body, headers=headers)
            except httpx.TransportError:
                await asyncio.sleep(min(5.0, 0.2 * 2**attempt))
            else:
                if answer.status_code < 500:
                    self._sent.millis.append((time.monotonic() - began) * 1000)
                    return answer
                await asyncio.sleep(float(answer.headers.get("Retry-After", "1")))
            self._sent.tried_again += 1
        raise NotAnswered(f"{PATH} gave no answer in {TRIES} tries")

    def _keep(self, referral: Referral, answer: httpx.Response) -> None:
        said = answer.json()
        if answer.status_code == 201:
            self._sent.accepted[said["id"]] = referral
        else:
            codes = sorted(f"{error['field']}: {error['code']}" for error in said.get("errors", [])) or [
                str(said.get("code", answer.status_code))
            ]
            self._sent.refused.update(codes)
