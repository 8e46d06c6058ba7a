"""How long the pages that people open most take, asked for at a steady rate by all people of the demonstration."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from shared.access.actors import Actor

START = {"sender": "/intake/referrals", "coordinator": "/coordination/day"}


@dataclass(frozen=True, slots=True)
class Times:
    """Of one page: how often it was asked for, how often it did not come, and how long it took, in milliseconds."""

    page: str
    asked: int
    failed: int
    p50: float
    p95: float
    most: float


async def measure(address: str, people: Mapping[str, Actor], tokens: Mapping[str, str], rate: float, seconds: float) -> list[Times]:
    """Ask in an open loop: the next page is asked for when its moment comes, whether or not the one before has come."""
    visits = [(START[role], key) for key, actor in people.items() for role in START if role in actor.roles]
    took: dict[str, list[float]] = {page: [] for page in START.values()}
    failed = dict.fromkeys(START.values(), 0)
    limits = httpx.Limits(max_connections=100, max_keepalive_connections=100)
    async with httpx.AsyncClient(base_url=address, trust_env=False, timeout=30, limits=limits) as client:

        async def ask(page: str, who: str) -> None:
            began = time.perf_counter()
            try:
                answer = await client.get(page, headers={"Authorization": f"Bearer {tokens[who]}"})
                failed[page] += not answer.is_success
            except httpx.HTTPError:
                failed[page] += 1
            took[page].append((time.perf_counter() - began) * 1_000)

        await asyncio.gather(*(ask(page, who) for page, who in visits))  # each once, not counted: connections and caches
        for page, times in took.items():
            times.clear()
            failed[page] = 0
        began = time.perf_counter()
        asked = []
        for number, (page, who) in zip(range(int(rate * seconds)), itertools.cycle(_alternating(visits)), strict=False):
            await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
            asked.append(asyncio.create_task(ask(page, who)))
        await asyncio.gather(*asked)
    return [_times(page, sorted(all_), failed[page]) for page, all_ in took.items()]


def _alternating(visits: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The pages in turn, each with all its people."""
    of_page = [[visit for visit in visits if visit[0] == page] for page in START.values()]
    longest = max(map(len, of_page))
    return [visit for row in zip(*(itertools.islice(itertools.cycle(each), longest) for each in of_page), strict=True) for visit in row]


def _times(page: str, took: list[float], failed: int) -> Times:
    return Times(page, len(took), failed, took[len(took) // 2], took[int(len(took) * 0.95)], took[-1])
