"""One measurement from start to end: servers, data, the three services as processes, the loads, and the bare floor beside them."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from deploy.bench import seeding, town
from deploy.bench.client import Load, Sent
from deploy.bench.measure import Ledger, Result, cpu_seconds, summarise
from deploy.demo.identity.signing import Signer
from deploy.embedded import processes, provision
from deploy.embedded.infrastructure import Infrastructure
from shared.settings import ACCESS, SERVICES, Settings

ROOT = Path(__file__).parents[2]
ISSUER = "https://identity.bench.example"
READY_SECONDS = 30
POINTS = 420  # hundredths, the mean of what a case of the mix weighs in its first six weeks
EXPECTED = 3_000  # referrals a second at saturation, to scale capacities before it is known
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure: open loops at these rates, then saturation; `seconds` each."""

    rates: tuple[int, ...] = (50, 200, 1_000)
    seconds: float = 8.0
    saturation_seconds: float = 10.0
    connections: int = 64
    zones: int = 65
    per_zone: int = 10
    waiting: float = 0.05
    floor: Path | None = None
    saturation: bool = True


@contextmanager
def servers(say: Say) -> Iterator[Infrastructure]:
    """PostgreSQL and Kafka in a directory that is deleted afterwards; PostgreSQL keeps the time of every commit."""
    directory = Path(tempfile.mkdtemp(prefix="zorgspoor-bench-"))
    directory.chmod(0o711)
    try:
        with Infrastructure(directory, say=say) as running:
            asyncio.run(_keep_commit_times(running.postgres.dsn()))
            running.postgres.stop()
            running.postgres.start()
            yield running
            running.remove()
    finally:
        shutil.rmtree(directory, ignore_errors=True)


async def _keep_commit_times(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute("alter system set track_commit_timestamp = on")
    await connection.close()


def _secrets_of_intake(directory: Path) -> dict[str, str]:
    """What intake seals personal data with, for the measurement only."""
    file = directory / "master-key"
    if not file.exists():
        file.write_text(os.urandom(32).hex())
    return {"ZORGSPOOR_MASTER_KEY_FILE": str(file), "ZORGSPOOR_INDEX_KEY": sha256(file.read_bytes()).hexdigest()}


@contextmanager
def services(
    running: Infrastructure, keys: str = "", *, deliver: bool = False, smtp_port: int = 1025
) -> Iterator[tuple[dict[str, int], dict[str, int]]]:
    """The three services as processes of their own; gives their ports and process ids. `keys` verify the senders' tokens."""
    ports = {service: processes.free_port() for service in SERVICES}
    environment = os.environ | {
        "ZORGSPOOR_KAFKA": running.kafka.bootstrap,
        **_secrets_of_intake(running.directory),
        "ZORGSPOOR_IDENTITY_ISSUER": ISSUER,
        "ZORGSPOOR_IDENTITY_KEYS": keys,
        "ZORGSPOOR_DELIVER": str(deliver),
        "ZORGSPOOR_UNLIMITED": "127.0.0.1/32",
        "ZORGSPOOR_UNDO_MINUTES": "0",
        "ZORGSPOOR_LOG_LEVEL": "WARNING",
        "ZORGSPOOR_SMTP_PORT": str(smtp_port),
        **{f"ZORGSPOOR_{service.upper()}_DSN": running.postgres.dsn(service, f"{service}_app") for service in SERVICES},
        **{f"ZORGSPOOR_{service.upper()}_URL": f"http://127.0.0.1:{port}" for service, port in ports.items()},
    }
    with ExitStack() as stack:
        started = {
            service: subprocess.Popen(
                [sys.executable, "-m", f"services.{service}", "--port", str(ports[service])],
                env=environment | {"ZORGSPOOR_ACCESS_DSN": running.postgres.dsn(ACCESS, f"{ACCESS}_{service}")},
                cwd=ROOT,
            )
            for service in SERVICES
        }
        for process in started.values():
            stack.callback(_end, process)
        for service, port in ports.items():
            _wait_ready(f"http://127.0.0.1:{port}/{service}/readyz")
        yield ports, {service: process.pid for service, process in started.items()}


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait_ready(url: str) -> None:
    end = time.monotonic() + READY_SECONDS
    while time.monotonic() < end:
        try:
            if httpx.get(url, timeout=2, trust_env=False).json().get("kafka") == "ok":
                return
        except (httpx.HTTPError, ValueError):
            pass
        time.sleep(0.1)
    raise processes.NotStarted(f"not ready within {READY_SECONDS} s: {url}")


def measure(plan: Plan, say: Say) -> dict[str, Any]:
    """Run the plan; returns the report."""
    signer = Signer.new(ISSUER)
    with servers(say) as running:
        dsns = [running.postgres.dsn(service) for service in SERVICES]
        towns = town.addresses(plan.zones)
        asyncio.run(_prepare(running, dsns, towns, plan))
        ledger = Ledger(*dsns)
        with services(running, signer.jwks) as (ports, pids):
            load = Load(ports["intake"], seeding.tokens(signer, Settings().identity_audience), town.bodies(towns, seed=1))
            pids |= {"postgresql": running.postgres.pid or 0, "kafka": running.kafka.pid or 0}
            results = asyncio.run(_loads(plan, load, ledger, pids, say))
        drain = None if not plan.saturation else _drain_rate(running, ledger, say)
        floor = _floor(plan, running, say) if plan.floor else []
    return _report(plan, results, floor, drain)


async def _prepare(running: Infrastructure, dsns: list[str], towns: list[town.Address], plan: Plan) -> None:
    await provision.provision(running.postgres.dsn, running.kafka.bootstrap)
    await provision.tables(running.postgres.dsn)
    await seeding.seed(dict(zip(SERVICES, dsns, strict=True)), towns, plan.zones, plan.per_zone)


async def _loads(plan: Plan, load: Load, ledger: Ledger, pids: dict[str, int], say: Say) -> list[Result]:
    say("warming up")
    await load.as_fast_as_answered(3, plan.connections)
    await asyncio.sleep(3)
    results = []
    for rate in plan.rates:
        send = partial(load.at_rate, rate, plan.seconds)
        results.append(await _one(str(rate), send, rate * plan.seconds, plan, load, ledger, pids))
        say(line(results[-1]))
    if plan.saturation:
        expected = EXPECTED * plan.saturation_seconds
        send = partial(load.as_fast_as_answered, plan.saturation_seconds, plan.connections)
        results.append(await _one("saturation", send, expected, plan, load, ledger, pids))
        say(line(results[-1]))
    return results


async def _one(name: str, send: Callable[[], Any], expected: float, plan: Plan, load: Load, ledger: Ledger, pids: dict[str, int]) -> Result:
    await ledger.clear()
    await ledger.scale_capacity(round(expected), POINTS, plan.waiting)
    load.prepare(round(expected * 1.3))
    before = cpu_seconds(pids)
    sent: Sent = await send()
    await ledger.drained(sent.accepted)
    after = cpu_seconds(pids)
    spans, waiting = await ledger.spans()
    return summarise(name, sent.accepted, sent.refused, spans, waiting, {process: after[process] - before[process] for process in pids})


def _drain_rate(running: Infrastructure, ledger: Ledger, say: Say) -> dict[str, float]:
    """How fast what the last load left to be sent goes out, over SMTP to a real server on this machine."""
    smtp, page = processes.free_port(), processes.free_port()
    with tempfile.TemporaryDirectory(prefix="zorgspoor-bench-mail-") as directory:
        sink = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "deploy.embedded.mailbox",
                "--smtp-port",
                str(smtp),
                "--http-port",
                str(page),
                "--directory",
                f"{directory}/mails",
            ],
            cwd=ROOT,
        )
        try:
            with services(running, deliver=True, smtp_port=smtp):
                return asyncio.run(_watch_drain(ledger, 10.0, say))
        finally:
            _end(sink)


async def _watch_drain(ledger: Ledger, seconds: float, say: Say) -> dict[str, float]:
    began, start = time.monotonic(), await ledger.delivered()
    await asyncio.sleep(seconds)
    count = await ledger.delivered() - start
    rate = round(count / (time.monotonic() - began), 1)
    say(f"delivery, apart: {rate} mails/s")
    return {"delivered": count, "per_s": rate}


def _floor(plan: Plan, running: Infrastructure, say: Say) -> list[dict[str, Any]]:
    """The bare floor on a database of its own, on the same servers, in the same run."""
    asyncio.run(_make_database(running.postgres.dsn()))
    loads = [f"{rate}:{plan.seconds:g}" for rate in plan.rates] + (
        [f"sat:{plan.saturation_seconds:g}:{plan.connections}"] if plan.saturation else []
    )
    say("the bare floor")
    ran = subprocess.run(
        [sys.executable, "run.py", "--dsn", running.postgres.dsn("floor"), "--kafka", running.kafka.bootstrap, *loads],
        cwd=plan.floor,
        stdout=subprocess.PIPE,
        text=True,
        timeout=600,
        check=True,
    )
    results = [json.loads(text) for text in ran.stdout.splitlines() if text.startswith("{")]
    for result in results:
        say(f"floor {result['load']:>12}  {result['completed_per_s']:>8}/s  p50 {result['p50_ms']} ms  p99 {result['p99_ms']} ms")
    return results


async def _make_database(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute("create database floor")
    await connection.close()


def _report(plan: Plan, results: list[Result], floor: list[dict[str, Any]], drain: dict[str, float] | None) -> dict[str, Any]:
    saturated = [result.completed_per_s for result in results if result.load == "saturation"]
    limit = [result["completed_per_s"] for result in floor if result["load"].startswith("sat")]
    return {
        "zones": plan.zones,
        "coordinators_per_zone": plan.per_zone,
        "loads": [result.as_json() for result in results],
        "floor": floor,
        "delivery": drain,
        "ratio": round(saturated[0] / limit[0], 3) if saturated and limit else None,
    }


def line(result: Result) -> str:
    """A result as a line of the table."""
    cpu = "  ".join(f"{name} {used}" for name, used in result.cpu_us.items())
    return (
        f"{result.load:>10}  accepted {result.accepted}  refused {result.refused}  completed {result.completed} ({result.waiting} wait)  "
        f"{result.completed_per_s}/s  p50 {result.p50_ms} ms  p99 {result.p99_ms} ms  CPU µs: {cpu}"
    )
