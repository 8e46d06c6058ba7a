"""The three services as real processes on the session's servers, each with a fresh database and topics of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx

from deploy.demo.load import load
from deploy.embedded import provision
from deploy.embedded.processes import free_port
from shared.access.actors import Actor
from shared.access.personas import PERSONAS
from shared.settings import ACCESS, DATABASES, SERVICES, Settings
from tests import secret_files
from tests.databases import ROOT, Databases
from tests.eventually import eventually
from tests.identity import issue_token_of
from tests.servers import Servers

READY_SECONDS = 40


@dataclass
class Stack:
    """Three services (`apart`), or one process with all of them, and how to reach, kill and start them again."""

    servers: Servers
    dsns: dict[str, str]
    prefix: str
    directory: Path
    apart: bool = True
    extra: dict[str, str] = field(default_factory=dict)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        ports = {service: free_port() for service in SERVICES} if self.apart else dict.fromkeys(SERVICES, free_port())
        self.urls = {service: f"http://127.0.0.1:{port}" for service, port in ports.items()}
        self.secrets = secret_files.of_intake(self.directory)
        self.crash_log = self.directory / "crashes"

    @property
    def names(self) -> tuple[str, ...]:
        return SERVICES if self.apart else ("all",)

    def values(self) -> dict[str, str]:
        """The settings of the services."""
        return {
            "public_url": self.urls["intake"],
            "demo": "true",
            "unlimited": "127.0.0.0/8",
            **self.secrets,
            "kafka": self.servers.kafka.bootstrap,
            "kafka_prefix": self.prefix,
            "kafka_session_timeout_ms": "6000",
            "undo_minutes": "0",
            "deliver": "false",
            "log_level": "INFO",
            **{f"{service}_dsn": dsn for service, dsn in self.dsns.items()},
            **{f"{service}_url": url for service, url in self.urls.items()},
            **self.extra,
        }

    def start(self, *names: str, crashpoint: str = "") -> None:
        """Start processes, all when none is named."""
        environment = os.environ | {f"ZORGSPOOR_{name.upper()}": value for name, value in self.values().items()}
        environment |= {"ZORGSPOOR_CRASHPOINT": crashpoint, "ZORGSPOOR_CRASHPOINT_LOG": str(self.crash_log), "PYTHONPATH": str(ROOT)}
        for name in names or self.names:
            module = "services" if name == "all" else f"services.{name}"
            port = self.urls["intake" if name == "all" else name].rpartition(":")[2]
            environment["ZORGSPOOR_ACCESS_DSN"] = provision.dsn_as(self.dsns[ACCESS], user=f"access_{'intake' if name == 'all' else name}")
            with (self.directory / f"{name}.log").open("ab") as log:
                self.processes[name] = subprocess.Popen(
                    [sys.executable, "-m", module, "--port", port], env=environment, stdout=log, stderr=log, cwd=ROOT
                )

    async def ready(self, *services: str, kafka: bool = True) -> None:
        """Wait until they answer that they are ready, with Kafka connected unless that is not asked."""
        async with httpx.AsyncClient(trust_env=False, timeout=3) as client:
            for service in services or SERVICES:

                async def look(service: str = service) -> dict[str, Any]:
                    try:
                        return dict((await client.get(f"{self.urls[service]}/{service}/readyz")).json())
                    except (httpx.HTTPError, ValueError):
                        return {}

                await eventually(
                    look, lambda seen: bool(seen.get("ready")) and (not kafka or seen.get("kafka") == "ok"), seconds=READY_SECONDS
                )

    def kill(self, name: str) -> None:
        """End a process as a crash would."""
        self.processes[name].send_signal(signal.SIGKILL)
        self.processes[name].wait(10)

    def stop(self) -> None:
        """End all processes in order; those that do not obey are killed."""
        for process in self.processes.values():
            process.terminate()
        end = time.monotonic() + 15
        for process in self.processes.values():
            try:
                process.wait(max(0.1, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(5)

    def client(self, who: str | Actor, service: str = "intake", **options: Any) -> httpx.AsyncClient:
        """An HTTP client that is somebody: a persona by name, or an actor."""
        token = self.token(who if isinstance(who, Actor) else PERSONAS[who], hours=2)
        return httpx.AsyncClient(
            base_url=self.urls[service], headers={"Authorization": f"Bearer {token}"}, trust_env=False, **{"timeout": 15, **options}
        )

    def token(self, actor: Actor, hours: float = 1) -> str:
        """A bearer token of an actor that these services take."""
        return issue_token_of(self.values().get("identity_issuer"), actor, hours)

    async def load_demonstration(self) -> None:
        """The people of the demonstration, also where the services are told that one of them is elsewhere."""
        where = {f"{service}_url": url for service, url in self.urls.items()}
        await load(Settings(**self.values() | where), self.token(PERSONAS["ops"]))  # type: ignore[arg-type]

    async def query(self, service: str, sql: str, *args: Any) -> list[Any]:
        """Rows of one service's database, all that there are."""
        connection = await asyncpg.connect(self.dsns[service], server_settings={"role": f"{service}_batch"})
        try:
            return [tuple(row) for row in await connection.fetch(sql, *args)]
        finally:
            await connection.close()

    async def reconciliation(self) -> dict[str, Any]:
        """Count-in and count-out as operations sees them."""
        async with self.client("ops") as client:
            answer = await client.get("/operations/api/reconciliation")
            return dict(answer.json()) if answer.is_success else {"status": answer.status_code}

    def crashes(self) -> list[str]:
        """The crash points that were hit."""
        return self.crash_log.read_text().splitlines() if self.crash_log.exists() else []

    def log(self, name: str) -> str:
        """What a process said."""
        return (self.directory / f"{name}.log").read_text()


@contextmanager
def a_stack(servers: Servers, databases: Databases, directory: Path, *, apart: bool = True, **extra: str) -> Iterator[Stack]:
    """A stack that is not started yet; stopped at the end."""
    prefix = f"t{uuid4().hex[:8]}."

    async def prepare() -> dict[str, str]:
        await provision.topics(servers.kafka.bootstrap, partitions=6, replication=1, security={}, prefix=prefix)
        return {name: await databases.fresh(name) for name in DATABASES}

    stack = Stack(servers, asyncio.run(prepare()), prefix, directory, apart, dict(extra))
    try:
        yield stack
    finally:
        stack.stop()
