"""One simulation on a running stack: referrals sent, offers answered for some rounds, and what became of all of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import httpx

from deploy.demo.people import WORKFORCE, workers
from deploy.simulation import coordinators, table
from deploy.simulation.coordinators import Coordinator, Done
from deploy.simulation.referrals import Referral
from deploy.simulation.senders import NotAnswered, Say, Senders, Sent
from shared import clock
from shared.access.personas import PERSONAS
from shared.settings import SERVICES

HOURS = 4.0  # that the tokens are valid
SECONDS = 30.0  # for one request
PAGE = 500
STILL = 3  # counts in a row that must find nothing on its way
LOOK_EVERY = 0.3
LONGEST_WAIT = 300.0  # for events to be handled everywhere
STATES = [name for name in table.SHOWN if name not in {"received", "joined", "unowned"}]


@dataclass(frozen=True, slots=True)
class Plan:
    """How to run. `patience`: seconds per round to wait until answers can no longer be undone."""

    rounds: int = 4
    connections: int = 8
    seed: int = 1
    patience: float = 60.0


@dataclass(frozen=True, slots=True)
class Report:
    """What became of it. `lost`: accepted referrals that their senders cannot find; `seconds` by part."""

    sent: Sent
    done: Done
    rows: list[table.Row]
    lost: int
    loads: list[table.Load]
    reconciliation: Mapping[str, Any]
    seconds: Mapping[str, float]

    def as_json(self) -> dict[str, Any]:
        return {
            "accepted": len(self.sent.accepted),
            "refused": dict(self.sent.refused),
            "sent_twice": self.sent.twice,
            "sent_twice_answered_differently": self.sent.twice_differing,
            "tried_again": self.sent.tried_again,
            "lost": self.lost,
            "table": [row.as_json() for row in self.rows],
            "total": table.totals(self.rows).as_json(),
            "acts": dict(self.done.acts),
            "acts_refused": dict(self.done.refused),
            "loads": [
                {
                    "name": load.name,
                    "zones": load.zones,
                    "fte": load.fte,
                    "used": load.used,
                    "capacity": load.capacity,
                    "share": round(load.share, 3),
                }
                for load in self.loads
            ],
            "load_spread": table.spread([load.share for load in self.loads]),
            "reconciliation": self.reconciliation,
            "milliseconds": self.millis(),
            "seconds": {part: round(took, 1) for part, took in self.seconds.items()},
        }

    def millis(self) -> dict[str, dict[str, float]]:
        """Milliseconds that requests took, by kind."""
        return {kind: table.spread(took, 0) for kind, took in {"referral": self.sent.millis, **self.done.millis}.items()}


class Simulation:
    """A client of one stack, with a token for everybody it plays: `tokens` by persona, and by id for workers."""

    def __init__(self, address: str, tokens: Mapping[str, str], plan: Plan, say: Say) -> None:
        self._address = address
        self._plan = plan
        self._say = say
        self._tokens = {name: tokens[name] for name in PERSONAS}
        self._workers = {worker: tokens[str(worker.id)] for worker in workers(WORKFORCE)}

    async def run(self, referrals: Sequence[Referral]) -> Report:
        """Send, answer, count. Raises NotAnswered, or what httpx raises when a service refuses or stays away."""
        began = time.monotonic()
        limits = httpx.Limits(max_connections=self._plan.connections + len(self._workers))
        async with httpx.AsyncClient(base_url=self._address, timeout=SECONDS, trust_env=False, limits=limits) as client:
            sent = await Senders(client, self._tokens, self._plan.connections, self._say).send(referrals)
            seconds = {"sending": sent.seconds, "until all was placed": await self._settled(client)}
            done, started = Done(), time.monotonic()
            await self._rounds(client, done)
            seconds["rounds of coordinators"] = time.monotonic() - started
            shown = await self._seen_by_senders(client, sent)
            workforce = await self._get(client, "zone-lead", "/coordination/api/workforce")
            reconciliation = await self._get(client, "ops", "/operations/api/reconciliation")
        seconds["all"] = time.monotonic() - began
        return Report(
            sent,
            done,
            table.table(shown),
            len(sent.accepted) - len(shown),
            table.loads(workforce["workers"], [str(worker.id) for worker in self._workers]),
            reconciliation,
            seconds,
        )

    async def _rounds(self, client: httpx.AsyncClient, done: Done) -> None:
        dice = Random(self._plan.seed)  # noqa: S311 - invented answers
        team = [Coordinator(client, worker, token, dice, done) for worker, token in self._workers.items()]
        for number in range(1, self._plan.rounds + 1):
            before = done.acts.copy()
            await coordinators.all_at_once(team)
            await self._until_final(done)
            await self._settled(client)
            acts = ", ".join(f"{act} {count}" for act, count in sorted((done.acts - before).items()))
            self._say(f"  round {number}: {acts or 'nothing to do'}")

    async def _until_final(self, done: Done) -> None:
        """Wait until the answers act, unless that takes longer than the patience."""
        if done.undo_until is None:
            return
        left = (done.undo_until - clock.now()).total_seconds()
        if left > self._plan.patience:
            self._say(
                f"  answers can be undone for {left:.0f} s more and act after that; ZORGSPOOR_UNDO_MINUTES=0 with `up` makes them act at once"
            )
        else:
            await asyncio.sleep(max(0.0, left + 1))

    async def _settled(self, client: httpx.AsyncClient) -> float:
        """Wait until no service has anything on its way; how many seconds that took. Raises NotAnswered when it never is."""
        began, still = time.monotonic(), 0
        while still < STILL:
            flows = [await self._get(client, "ops", f"/{service}/api/flow") for service in SERVICES]
            moving = sum(flow["outbox_rows"] + sum((flow["lag"] or {}).values()) for flow in flows)
            still = 0 if moving or any(flow["lag"] is None for flow in flows) else still + 1
            if time.monotonic() - began > LONGEST_WAIT:
                raise NotAnswered(f"{moving} events were still on their way after {LONGEST_WAIT:.0f} s")
            await asyncio.sleep(LOOK_EVERY)
        return time.monotonic() - began

    async def _seen_by_senders(self, client: httpx.AsyncClient, sent: Sent) -> list[dict[str, Any]]:
        """The referrals of this run, as their senders see them now."""
        found: dict[str, dict[str, Any]] = {}
        for persona in sorted({referral.sender for referral in sent.accepted.values()}):
            query: dict[str, str] = {"limit": str(PAGE)}
            while page := (await self._get(client, persona, "/intake/api/referrals", **query))["referrals"]:
                found |= {referral["id"]: referral for referral in page if referral["id"] in sent.accepted}
                query["before"] = page[-1]["id"]
        return list(found.values())

    async def _get(self, client: httpx.AsyncClient, persona: str, path: str, **query: str) -> dict[str, Any]:
        answer = await client.get(path, params=query, headers={"Authorization": f"Bearer {self._tokens[persona]}"})
        answer.raise_for_status()
        said: dict[str, Any] = answer.json()
        return said


def lines(report: Report) -> list[str]:
    """The report as people read it."""
    total = table.totals(report.rows)
    spread = table.spread([load.share for load in report.loads])
    counted = sum(getattr(total, name) for name in STATES)
    return [
        *table.lines(report.rows),
        "",
        f"accepted {len(report.sent.accepted)}, counted in one state {counted}, lost {report.lost}; "
        f"refused at the door: {_counts(report.sent.refused)}",
        f"sent twice under one key: {report.sent.twice}, answered differently: {report.sent.twice_differing}; tried again: {report.sent.tried_again}",
        f"coordinators: {_counts(report.done.acts)}; refused: {_counts(report.done.refused)}",
        "",
        "load ÷ capacity: " + ", ".join(f"{name} {value:.3f}" for name, value in spread.items()),
        *[
            f"  {load.name:<26} {load.share:6.1%}  {load.used:6.1f} of {load.capacity:5.1f} points  {load.fte:.1f} FTE  {', '.join(load.zones)}"
            for load in sorted(report.loads, key=lambda load: load.zones)
        ],
        "",
        f"counts of the three services agree: {'yes' if report.reconciliation['agree'] else 'NO'} (on its way: {report.reconciliation['explained']})",
        "milliseconds: "
        + "; ".join(f"{kind} p50 {took['p50']:.0f} p90 {took['p90']:.0f}" for kind, took in report.millis().items() if took),
        "seconds: " + ", ".join(f"{part} {took:.1f}" for part, took in report.seconds.items()),
    ]


def _counts(counted: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counted.items())) or "none"
