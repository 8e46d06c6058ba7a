"""`up`: starts everything in order, keeps it running, stops it in order. One per data directory."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from deploy.demo import load as demonstration
from deploy.demo.identity.asking import NoToken
from deploy.embedded import processes, provision, running
from deploy.embedded.infrastructure import Infrastructure
from shared.settings import SERVICES

PROJECT = Path(__file__).resolve().parents[2]
_PYTHONS = frozenset({"python", "python3", "Python", Path(sys.executable).name, Path(sys.executable).resolve().name})
_LONGEST_WAIT = 30.0


class Stopped(BaseException):
    """The supervisor was told to stop; like KeyboardInterrupt, nothing but the supervisor should catch it."""


@dataclass(slots=True)
class Watched:
    """A child that is started again when it ends by itself: after 1 s, then 2, 4 … up to 30 s; after a minute of life from 1 s again."""

    name: str
    is_alive: Callable[[], bool]
    start: Callable[[], None]
    tries: int = 0
    last_start: float = 0.0
    again_at: float | None = None

    def look(self, now: float, say: processes.Say) -> None:
        """Notice an end, and start again when its time has come. `now` is monotonic seconds."""
        if self.again_at is None:
            if not self.is_alive():
                self._plan(now, say, "ended by itself")
        elif now >= self.again_at:
            self.last_start, self.again_at = now, None
            try:
                self.start()
            except processes.NotStarted as error:
                self._plan(time.monotonic(), say, f"did not start: {error}")
            else:
                say(f"{self.name} runs again")

    def _plan(self, now: float, say: processes.Say, what: str) -> None:
        self.tries = 0 if now - self.last_start > 60 else self.tries
        wait = min(_LONGEST_WAIT, 2.0**self.tries)
        self.tries += 1
        self.again_at = now + wait
        say(f"{self.name} {what}; starting it again in {wait:.0f} s")


class Supervisor:
    """Everything that runs on one data directory. `say` gets each line of progress."""

    def __init__(self, data: Path, *, port: int, only_infrastructure: bool, say: processes.Say) -> None:
        self.data = data
        self.infrastructure = Infrastructure(data, say=say)
        self._wanted_port = port
        self._only_infrastructure = only_infrastructure
        self._say = say
        self._children: dict[str, processes.Child] = {}
        self._stack: running.Running | None = None

    def run(self) -> None:
        """Start, watch until SIGINT, SIGTERM or SIGHUP, stop. Raises Held when the directory is in use, NotStarted when something does not come up."""
        lock = running.hold(self.data)
        try:
            with _told_to_stop():
                self._start()
                self._watch()
        except Stopped:
            self._say("stopping")
        finally:
            began = time.monotonic()
            self._stop()
            self._say(f"stopped ({time.monotonic() - began:.1f} s)")
            os.close(lock)

    def _start(self) -> None:
        began = time.monotonic()
        first = not (self.data / "stack.json").exists()
        self._say(f"starting PostgreSQL and Kafka in {self.data}")
        self.infrastructure.start()
        stack = running.Running(
            supervisor=os.getpid(), data=self.data, postgres=self.infrastructure.postgres.dsn(), kafka=self.infrastructure.kafka.bootstrap
        )
        if not self._only_infrastructure:
            stack = self._start_services(stack)
        stack.save()
        self._stack = stack
        fetching = self.infrastructure.kafka.fetching_seconds
        took = f"{time.monotonic() - began - fetching:.1f} s" + (f", and {fetching:.0f} s of downloads" if fetching > 1 else "")
        self._say(f"ready: {'first' if first else 'later'} start in {took}")
        self._say(_guide(stack))

    def _start_services(self, stack: running.Running) -> running.Running:
        processes.end_left_behind(self._workplace("mailbox"), _PYTHONS, signal.SIGKILL)
        processes.end_left_behind(self._workplace("identity"), _PYTHONS, signal.SIGKILL)
        processes.end_left_behind(self._workplace("services"), _PYTHONS, signal.SIGTERM, seconds=5)
        began = time.monotonic()
        applied = asyncio.run(_prepare(stack))
        self._say(f"databases, topics and {applied} new migrations ({time.monotonic() - began:.1f} s)")
        smtp_port, mailbox_port = processes.remembered_ports(self.data / "mailbox-ports", 2)
        (identity_port,) = processes.remembered_ports(self.data / "identity-port", 1)
        port = processes.free_port(self._wanted_port)
        if port != self._wanted_port:
            self._say(f"port {self._wanted_port} is taken; using {port}")
        stack = running.Running(
            supervisor=stack.supervisor,
            data=stack.data,
            postgres=stack.postgres,
            kafka=stack.kafka,
            address=f"http://127.0.0.1:{port}",
            smtp_port=smtp_port,
            mailbox_url=f"http://127.0.0.1:{mailbox_port}",
            identity_url=f"http://127.0.0.1:{identity_port}",
        )
        self._spawn_identity(stack, identity_port)
        self._spawn_mailbox(smtp_port, mailbox_port)
        self._spawn_services(stack, port)
        began = time.monotonic()
        self._await_services(stack)
        self._say(f"the services answer on {stack.address} ({time.monotonic() - began:.1f} s)")
        self._load_demonstration(stack)
        return stack

    def _spawn_mailbox(self, smtp_port: int, http_port: int) -> None:
        words = [
            "deploy.embedded.mailbox",
            "--smtp-port",
            str(smtp_port),
            "--http-port",
            str(http_port),
            "--directory",
            str(self.data / "mailbox" / "mails"),
        ]
        self._spawn("mailbox", words, {})

    def _spawn_identity(self, stack: running.Running, port: int) -> None:
        words = ["deploy.demo.identity", "--port", str(port), "--directory", str(self._workplace("identity"))]
        self._spawn("identity", words, stack.environment())

    def _spawn_services(self, stack: running.Running, port: int) -> None:
        self._spawn("services", ["services", "--host", "127.0.0.1", "--port", str(port)], stack.environment())

    def _spawn(self, name: str, words: list[str], environment: dict[str, str]) -> None:
        self._children[name] = processes.spawn(
            [sys.executable, "-P", "-m", *words],
            directory=self._workplace(name),
            log=self.data / f"{name}.log",
            last_signal=processes.KILL,
            env=os.environ | {"PYTHONPATH": str(PROJECT)} | environment,
        )

    def _workplace(self, name: str) -> Path:
        """The working directory of a child of ours, by which a later start finds one that was left behind."""
        place = (self.data / name).resolve()
        place.mkdir(exist_ok=True)
        return place

    def _await_services(self, stack: running.Running) -> None:
        processes.until(
            functools.partial(_is_ready, f"{stack.identity_url}/jwks"),
            self._children["identity"],
            name="the identity provider",
            log=self.data / "identity.log",
            seconds=30,
        )
        for service in SERVICES:
            url = f"{stack.address}/{service}/readyz"
            processes.until(
                functools.partial(_is_ready, url),
                self._children["services"],
                name=f"the service {service}",
                log=self.data / "services.log",
                seconds=60,
            )

    def _load_demonstration(self, stack: running.Running) -> None:
        done = self.data / "demonstration"
        if not done.exists():
            began = time.monotonic()
            try:
                asyncio.run(demonstration.load(stack.settings()))
            except (demonstration.NotLoaded, NoToken) as error:
                raise processes.NotStarted(f"the demonstration set could not be loaded: {error}") from error
            done.touch()
            self._say(f"the demonstration set is loaded ({time.monotonic() - began:.1f} s)")

    def _watch(self) -> None:
        watched = list(self._watched())
        while True:
            for child in watched:
                child.look(time.monotonic(), self._say)
            time.sleep(0.2)

    def _watched(self) -> Iterator[Watched]:
        postgres, kafka, stack = self.infrastructure.postgres, self.infrastructure.kafka, self._stack
        yield Watched("PostgreSQL", lambda: postgres.pid is not None, postgres.start)
        yield Watched("Kafka", lambda: kafka.pid is not None, kafka.start)
        if stack is not None and stack.identity_url is not None:
            identity_port = _port(stack.identity_url)
            yield Watched("the identity provider", lambda: self._runs("identity"), lambda: self._spawn_identity(stack, identity_port))
        if stack is not None and stack.address is not None and stack.smtp_port is not None and stack.mailbox_url is not None:
            smtp_port, mailbox_port, port = stack.smtp_port, _port(stack.mailbox_url), _port(stack.address)
            yield Watched("the mailbox", lambda: self._runs("mailbox"), lambda: self._spawn_mailbox(smtp_port, mailbox_port))
            yield Watched("the services' process", lambda: self._runs("services"), lambda: self._spawn_services(stack, port))

    def _runs(self, name: str) -> bool:
        return self._children[name].poll() is None

    def _stop(self) -> None:
        """In order, within 10 s: who takes requests first, who keeps data last."""
        for name, seconds in (("services", 5.0), ("identity", 1.0), ("mailbox", 1.0)):
            if name in self._children:
                processes.end(self._children[name], (signal.SIGTERM, seconds))
        self.infrastructure.stop(seconds=4)


@contextlib.contextmanager
def _told_to_stop() -> Iterator[None]:
    """Raise Stopped at the first signal to stop; later ones change nothing, as all ends within seconds."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def stop(number: int, frame: FrameType | None) -> None:
        raise Stopped

    for number in numbers:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)


async def _prepare(stack: running.Running) -> int:
    """Databases, logins, topics, tables; how many migrations were applied."""
    await provision.provision(stack.superuser, stack.kafka)
    applied = await provision.tables(stack.superuser)
    return sum(len(names) for names in applied.values())


def _is_ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _port(url: str) -> int:
    return int(url.rpartition(":")[2])


def _guide(stack: running.Running) -> str:
    """What a person reads when all is up."""
    if stack.address is None:
        return f"\n  {stack.postgres}\n  kafka {stack.kafka}\n\nData: {stack.data}. To stop: Ctrl-C here, or ./zorgspoor down"
    return f"""
  Zorgspoor: {stack.address}

  1. Open it, sign in as a sender: refer a person, three screens.
  2. See in the mailbox which coordinator got the offer: {stack.mailbox_url}
  3. Sign in as that coordinator and accept; it can be undone for ten minutes, after that everybody is told.
  4. See that nothing was lost: {stack.address}/operations

Data: {stack.data}. To stop: Ctrl-C here, or ./zorgspoor down"""
