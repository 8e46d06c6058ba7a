"""What a load came to: from the commit of each referral to the commit of its last message record, read from the databases themselves."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass
from typing import Any

import asyncpg
import psutil

from services.coordination.workforce import store as workforce
from shared import clock

DRAIN_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the table. `cpu_us`: CPU microseconds per accepted referral and process."""

    load: str
    accepted: int
    refused: int
    completed: int
    waiting: int
    completed_per_s: float
    p50_ms: float
    p99_ms: float
    cpu_us: dict[str, int]

    def as_json(self) -> dict[str, Any]:
        """As in the report."""
        return asdict(self)


class Ledger:
    """Reads the three databases as the superuser, who may see when a row was committed."""

    def __init__(self, intake: str, coordination: str, notifications: str) -> None:
        self.dsns = {"intake": intake, "coordination": coordination, "notifications": notifications}

    async def _fetch(self, service: str, sql: str, *args: Any) -> list[Any]:
        connection = await asyncpg.connect(self.dsns[service])
        try:
            return list(await connection.fetch(sql, *args))
        finally:
            await connection.close()

    async def drained(self, accepted: int) -> None:
        """Wait until every accepted referral has its messages, or no more come."""
        async with asyncio.timeout(DRAIN_SECONDS):
            while True:
                (row,) = await self._fetch(
                    "notifications", "select count(distinct referral_id) as done from messages where kind in ('offered', 'waiting')"
                )
                if row["done"] >= accepted:
                    return
                await asyncio.sleep(0.1)

    async def spans(self) -> tuple[list[tuple[float, float]], int]:
        """(commit of the referral, commit of its last message record) of all complete referrals, in seconds; and how many cases wait."""
        began = await self._fetch(
            "intake",
            "select about as id, extract(epoch from pg_xact_commit_timestamp(xmin))::float8 as at from records where kind = 'request'",
        )
        told = await self._fetch(
            "notifications",
            """select referral_id as id, max(extract(epoch from pg_xact_commit_timestamp(xmin)))::float8 as at from messages
               group by referral_id having count(*) filter (where kind = 'received') > 0 and count(*) filter (where kind in ('offered', 'waiting')) > 0""",
        )
        (waiting,) = await self._fetch("coordination", "select count(*) as count from cases where status = 'waiting'")
        ended = {row["id"]: row["at"] for row in told}
        return [(row["at"], ended[row["id"]]) for row in began if row["id"] in ended], waiting["count"]

    async def delivered(self) -> int:
        """How many messages went out."""
        (row,) = await self._fetch("notifications", "select count(*) as count from messages where state = 'delivered'")
        return int(row["count"])

    async def clear(self) -> None:
        """Forget the load."""
        await self._fetch("intake", "truncate persons, records, referrals, referral_steps, drafts, matches, event_log, inbox, idempotency")
        await self._fetch(
            "coordination", "truncate cases, case_referrals, case_tasks, case_additions, offers, decision_cards, event_log, inbox, timers"
        )
        await self._fetch("coordination", "update coordinators set used = fte * 15, ceiling = capacity")
        await self._fetch("notifications", "truncate messages, event_log, inbox")
        for service in self.dsns:
            await self._fetch(service, "analyze")

    async def scale_capacity(self, referrals: int, points: float, waiting: float) -> None:
        """Give all coordinators together as many points as leave this share of the referrals waiting. Points in hundredths."""
        (row,) = await self._fetch(
            "coordination", "select count(*) as count from coordinators where roles && '{care_coordinator,case_manager}'"
        )
        fte = max(1, round(referrals * (1 - waiting) * points / (85 * row["count"])))
        await self._fetch(
            "coordination",
            """update coordinators set fte = $1, capacity = $1 * 100, ceiling = $1 * 100, used = $1 * 15
               where roles && '{care_coordinator,case_manager}'""",
            fte,
        )
        connection = await asyncpg.connect(self.dsns["coordination"])
        zones = [row["code"] for row in await connection.fetch("select code from zones order by code")]
        await workforce.renew_teams(connection, zones, clock.now())
        await connection.close()


def cpu_seconds(pids: dict[str, int]) -> dict[str, float]:
    """User and system seconds so far of each process with its children, ended ones included."""
    used = {}
    for name, pid in pids.items():
        process = psutil.Process(pid)
        times = process.cpu_times()
        used[name] = times.user + times.system + times.children_user + times.children_system
        for child in process.children(recursive=True):
            times = child.cpu_times()
            used[name] += times.user + times.system
    return used


def quantile(ordered: list[float], share: float) -> float:
    """The value below which this share of an ordered list lies."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def summarise(load: str, accepted: int, refused: int, spans: list[tuple[float, float]], waiting: int, cpu: dict[str, float]) -> Result:
    """One line of the table."""
    took = sorted((end - start) * 1e3 for start, end in spans)
    seconds = max(end for _, end in spans) - min(start for start, _ in spans) if spans else float("nan")
    return Result(
        load,
        accepted,
        refused,
        len(spans),
        waiting,
        round(len(spans) / seconds, 1),
        round(quantile(took, 0.5), 1),
        round(quantile(took, 0.99), 1),
        {name: round(used / max(accepted, 1) * 1e6) for name, used in cpu.items()},
    )
