"""A real Apache Kafka 4.3 as a child process: one combined broker and controller (KRaft) on 127.0.0.1."""

from __future__ import annotations

import base64
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.embedded import jars, java, processes

_FLAGS = ("-Xms64m", "-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
_NAMES = frozenset({"java"})
_LOGGING = """\
status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d] %p %m (%c)%n
rootLogger.level = INFO
rootLogger.appenderRef.console.ref = console
"""
# a first join does not wait for others; what is not created on purpose does not exist; a killed broker's session ends soon, as its successor waits for that
_SETTINGS = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{broker},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{broker}
inter.broker.listener.name=PLAINTEXT
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={data}
offsets.topic.num.partitions=3
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=3
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
broker.heartbeat.interval.ms=200
broker.session.timeout.ms=2500
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
log.cleaner.dedupe.buffer.size=8388608
"""
# added where the broker asks who somebody is: what nobody was given is refused. The broker itself, and who is on this machine, come by LOCAL
_GUARDED = """\
listeners=SASL_PLAINTEXT://127.0.0.1:{broker},LOCAL://127.0.0.1:{local},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=SASL_PLAINTEXT://127.0.0.1:{broker},LOCAL://127.0.0.1:{local}
listener.security.protocol.map=CONTROLLER:PLAINTEXT,LOCAL:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT
inter.broker.listener.name=LOCAL
"""
_SHIPPED = Path(__file__).parents[1] / "kafka" / "server.properties"


def _guards() -> str:
    """What the shipped configuration says about users and their rights; the rest of it is about containers."""
    names = ("authorizer.", "allow.everyone", "super.users", "sasl.", "listener.name.")
    return "".join(line + "\n" for line in _SHIPPED.read_text().splitlines() if line.startswith(names))


class Kafka:
    """One broker whose data, ports and log live in `directory`. Plain text on 127.0.0.1; topics are made on purpose only.

    With `users` (names and passwords, known from the first start) clients sign in by SCRAM-SHA-512 and may what they were given, as in compose.

    The ports are chosen once and kept; when one is taken at a later start, the next free one. A broker that an earlier process left running on
    the same directory is stopped first: one process at a time owns a directory. The first start on a machine fetches the jars (44 MB).
    """

    def __init__(
        self, directory: Path, *, port: int | None = None, users: Mapping[str, str] | None = None, say: processes.Say = processes.silent
    ) -> None:
        self.directory = directory.absolute()
        self.log = self.directory / "kafka.log"
        self.fetching_seconds = 0.0  # what finding or fetching the jars took
        self._jars: Path | None = None
        self._say = say
        self._users = users or {}
        self._wanted_port = port
        self._ports: tuple[int, ...] = ()
        self._port: int | None = None
        self._process: processes.Child | None = None
        self._archive: java.ClassArchive | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    @property
    def pid(self) -> int | None:
        """The process id of the broker, None when it does not run."""
        return self._process.pid if self._process and self._process.poll() is None else None

    @property
    def port(self) -> int:
        """The port that clients connect to; known from the first start."""
        if self._port is None:
            raise processes.NotStarted("Kafka has no port before its first start")
        return self._port

    @property
    def bootstrap(self) -> str:
        """The address that clients connect to."""
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start and wait until it answers a metadata request. Raises NotStarted with the end of its log, or WrongJar."""
        self.launch()
        self.wait()

    def fetch(self) -> Path:
        """The folder of the jars, fetched at the very first start. Raises NotStarted when they cannot be fetched, or WrongJar."""
        if self._jars is None:
            began = time.monotonic()
            self._jars = jars.present(self._say)
            self.fetching_seconds = time.monotonic() - began
        return self._jars

    def launch(self) -> None:
        """Start without waiting (but for the download at the very first start), so that other things can start meanwhile; `wait` follows."""
        if self.pid is not None:
            return
        program, folder = java.find(), self.fetch()
        self.directory.mkdir(parents=True, exist_ok=True)
        processes.end_left_behind(self.directory.resolve(), _NAMES, signal.SIGTERM)
        self._ports = processes.remembered_ports(self.directory / "ports", 3 if self._users else 2, self._wanted_port)
        self._port = self._ports[0]
        (self.directory / "log4j2.properties").write_text(_LOGGING)
        (self.directory / "server.properties").write_text(self._properties(self.directory / "data"))
        self._format(program, folder)
        classpath = _classpath(folder)
        self._archive = java.ClassArchive(folder, program, classpath)
        flags = [*_FLAGS, *self._archive.options(self.directory / "classes"), *self._paths()]
        command = [str(program), *flags, "-cp", classpath, "kafka.Kafka", "server.properties"]
        self._process = processes.spawn(command, directory=self.directory, log=self.log, last_signal=signal.SIGTERM)

    def wait(self) -> None:
        """Wait until a launched broker answers a metadata request, at most 60 s."""
        if self._process is None or self._archive is None:
            raise processes.NotStarted("Kafka was not launched")
        processes.until(self._answers, self._process, name="Kafka", log=self.log, seconds=60)
        self._archive.make(self.directory / "classes", _FLAGS, self.log)

    def stop(self, seconds: float = 10) -> None:
        """Stop it in order within so many seconds, then by force. No error when it does not run."""
        if self._process is not None:
            processes.end(self._process, (signal.SIGTERM, seconds))
        if self._archive is not None:
            self._archive.leave()

    def kill(self) -> None:
        """End it as a power cut would (SIGKILL)."""
        if self._process is not None:
            processes.end(self._process)

    def remove(self) -> None:
        """Stop it and delete its directory."""
        self.kill()
        self.stop()
        processes.end_left_behind(self.directory.resolve(), _NAMES, signal.SIGKILL)
        shutil.rmtree(self.directory, ignore_errors=True)

    def _properties(self, data: Path) -> str:
        named = dict(zip(("broker", "controller", "local"), self._ports, strict=False))
        guarded = _GUARDED.format(**named) + _guards() if self._users else ""
        return _SETTINGS.format(data=data, **named) + guarded  # of a name that comes twice the last one counts

    def _paths(self) -> list[str]:
        """Native libraries are unpacked into a folder of this broker, which a killed one leaves full."""
        unpacked = self.directory / "native"
        shutil.rmtree(unpacked, ignore_errors=True)
        unpacked.mkdir()
        return [f"-Djava.io.tmpdir={unpacked}", "-Dlog4j2.configurationFile=log4j2.properties"]

    def _format(self, program: Path, folder: Path) -> None:
        """Make the storage of a new broker: a copy of what Kafka's own tool made once on this machine, with ids of its own."""
        data, unfinished = self.directory / "data", self.directory / "unfinished"
        if data.exists():
            return
        shutil.rmtree(unfinished, ignore_errors=True)
        if self._users:
            self._make(program, folder, self._properties(unfinished))
            unfinished.rename(data)
            return
        shutil.copytree(self._formatted(program, folder), unfinished)
        properties = unfinished / "meta.properties"
        text = properties.read_text()
        for name in ("cluster.id", "directory.id"):
            text = re.sub(rf"^{re.escape(name)}=.*$", f"{name}={_new_id()}", text, flags=re.MULTILINE)
        properties.write_text(text)
        unfinished.rename(data)

    def _formatted(self, program: Path, folder: Path) -> Path:
        formatted = folder / "formatted"
        if formatted.exists():
            return formatted
        with tempfile.TemporaryDirectory(prefix="format-", dir=folder) as name:
            self._make(program, folder, _SETTINGS.format(broker=1, controller=2, data=Path(name) / "data"))
            if not formatted.exists():
                os.rename(Path(name) / "data", formatted)
        return formatted

    def _make(self, program: Path, folder: Path, settings: str) -> None:
        """Format a storage with Kafka's own tool, users included."""
        file = self.directory / "format.properties"
        file.write_text(settings)
        users = [word for name, password in self._users.items() for word in ("-S", f"SCRAM-SHA-512=[name={name},password={password}]")]
        tool = [str(program), *_FLAGS, *self._paths(), "-cp", _classpath(folder), "kafka.tools.StorageTool"]
        done = subprocess.run(
            [*tool, "format", "-t", _new_id(), "-c", str(file), *users],
            cwd=self.directory,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
            check=False,
        )
        if done.returncode != 0:
            raise processes.NotStarted(f"Kafka's storage could not be formatted:\n{done.stdout}")

    def _answers(self) -> bool:
        """Whether the broker names itself in an answer to a metadata request (API key 3, version 1, no topics)."""
        client = b"start"
        request = struct.pack(">hhih", 3, 1, 1, len(client)) + client + struct.pack(">i", 0)
        try:
            with socket.create_connection(("127.0.0.1", self._ports[-1] if self._users else self.port), timeout=1) as connection:
                connection.sendall(struct.pack(">i", len(request)) + request)
                answer = connection.recv(12, socket.MSG_WAITALL)  # length, correlation id, number of brokers
        except OSError:
            return False
        return len(answer) == 12 and struct.unpack(">iii", answer)[2] > 0


def _classpath(folder: Path) -> str:
    return os.pathsep.join(str(jar) for jar in sorted(folder.glob("*.jar")))


def _new_id() -> str:
    """An id in Kafka's form: the 22 characters of a UUID in base64, the first not a dash."""
    while (text := base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")).startswith("-"):
        pass
    return text
