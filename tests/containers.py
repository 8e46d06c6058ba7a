"""PostgreSQL and Kafka of the official images, for `--stack containers`: the same protocol as the embedded ones (`tests.servers`).

A container outlives its server: the server is a process inside it that tests stop, kill and start. So the mapped port, which Docker chooses when the
container starts and would choose anew at a later start, stays the same, and Kafka can be told which one to advertise before it starts.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Literal

from testcontainers.core.container import DockerContainer

from tests.servers import Servers

POSTGRES_IMAGE = os.environ.get("ZORGSPOOR_POSTGRES_IMAGE", "postgres:18")
KAFKA_IMAGE = os.environ.get("ZORGSPOOR_KAFKA_IMAGE", "apache/kafka:4.3.1")
LOOPBACK = "127.0.0.1"

# START CHECK COMMAND...: run the command in the background until the check succeeds
START = """
"${@:2}" </dev/null >/tmp/server.log 2>&1 &
echo $! >/tmp/server.pid
for _ in $(seq 600); do
    kill -0 $! 2>/dev/null || break
    if eval "$1"; then exit 0; fi
    sleep 0.1
done
tail -n 30 /tmp/server.log
exit 1
"""
# END SIGNAL PROGRAM: signal the command, and wait until no process of the program is left
END = """
kill -s "$1" "$(cat /tmp/server.pid)" 2>/dev/null || exit 0
rm /tmp/server.pid
for _ in $(seq 600); do
    grep -qsx "$2" /proc/[0-9]*/comm || exit 0
    sleep 0.05
done
echo "still running 30 s after $1"
exit 1
"""


class ServerFault(Exception):
    """A server in a container did not start or did not stop; the message is the end of its log."""


class Server:
    """A container and the server process inside it."""

    def __init__(self, image: str, port: int, program: str) -> None:
        self._inner_port = port
        self._program = program
        # tail keeps the container; the init process buries what a killed server leaves behind
        self._container = DockerContainer(image).with_kwargs(entrypoint=["tail", "-f", "/dev/null"], init=True)
        self._container.ports[f"{port}/tcp"] = (LOOPBACK,)  # type: ignore[assignment]  # as Docker takes it; the server trusts everyone: not on other interfaces
        self._port: int | None = None

    @property
    def port(self) -> int:
        """The port on this machine; known when the container runs."""
        if self._port is None:
            raise ServerFault(f"{self._program} has no port before its container runs")
        return self._port

    def open(self) -> None:
        """Start the container, still without its server. Not from two threads at once: the library makes its reaper here."""
        self._container.start()
        self._port = self._container.get_exposed_port(self._inner_port)

    def start(self) -> None:
        """Start the server in its container and wait until it answers. Raises ServerFault."""
        self._run(START, self.answers(), *self.command(), environment=self.environment())

    def remove(self) -> None:
        """Remove the container with all its data."""
        self._container.stop()

    def end(self, signal: str) -> None:
        """Send the server a signal and wait until it is gone. No error when it does not run."""
        self._run(END, signal, self._program)

    def command(self) -> Sequence[str]:
        """What starts the server, inside its container."""
        raise NotImplementedError

    def environment(self) -> Mapping[str, str]:
        """What the image's entry point is told."""
        raise NotImplementedError

    def answers(self) -> str:
        """A command of the shell that succeeds when the server takes connections."""
        raise NotImplementedError

    def _run(self, script: str, *words: str, environment: Mapping[str, str] | None = None) -> None:
        done = self._container.get_wrapped_container().exec_run(
            ["bash", "-c", script, "server", *words], environment=dict(environment or {})
        )
        if done.exit_code != 0:
            raise ServerFault(f"{self._program}: {done.output.decode(errors='replace')}")


class Postgres(Server):
    """PostgreSQL that trusts everyone and leaves out what only guards against the machine stopping."""

    def __init__(self) -> None:
        super().__init__(POSTGRES_IMAGE, 5432, "postgres")

    def dsn(self, database: str = "postgres", user: str = "postgres") -> str:
        return f"postgresql://{user}@{LOOPBACK}:{self.port}/{database}"

    def stop(self, mode: Literal["fast", "immediate"] = "fast") -> None:
        self.end({"fast": "INT", "immediate": "QUIT"}[mode])

    def kill(self) -> None:
        self.end("KILL")

    def command(self) -> Sequence[str]:
        settings = ("max_connections=200", "fsync=off", "full_page_writes=off", "jit=off", "timezone=UTC")
        return ["docker-entrypoint.sh", "postgres", *(word for setting in settings for word in ("-c", setting))]

    def environment(self) -> Mapping[str, str]:
        return {"POSTGRES_HOST_AUTH_METHOD": "trust", "POSTGRES_INITDB_ARGS": "--no-sync"}

    def answers(self) -> str:
        return f"pg_isready -q -h {LOOPBACK}"  # while it sets itself up it answers on its socket only


class Kafka(Server):
    """One combined broker and controller, with the settings of the embedded one."""

    def __init__(self) -> None:
        super().__init__(KAFKA_IMAGE, 9092, "java")

    @property
    def bootstrap(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    def stop(self) -> None:
        self.end("TERM")

    def kill(self) -> None:
        self.end("KILL")

    def command(self) -> Sequence[str]:
        return ["/etc/kafka/docker/run"]

    def environment(self) -> Mapping[str, str]:
        settings = {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.voters": "1@127.0.0.1:9093",
            "listeners": "PLAINTEXT://:9092,CONTROLLER://127.0.0.1:9093",
            "advertised.listeners": f"PLAINTEXT://{self.bootstrap}",
            "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
            "inter.broker.listener.name": "PLAINTEXT",
            "controller.listener.names": "CONTROLLER",
            "log.dirs": "/var/lib/kafka/data",
            "offsets.topic.num.partitions": "3",
            "offsets.topic.replication.factor": "1",
            "transaction.state.log.num.partitions": "3",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
            "share.coordinator.state.topic.replication.factor": "1",
            "share.coordinator.state.topic.min.isr": "1",
            "broker.heartbeat.interval.ms": "200",
            "broker.session.timeout.ms": "2500",
            "group.initial.rebalance.delay.ms": "0",
            "auto.create.topics.enable": "false",
        }
        quick = {"KAFKA_HEAP_OPTS": "-Xms64m -Xmx256m", "KAFKA_JVM_PERFORMANCE_OPTS": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"}
        return quick | {f"KAFKA_{name.upper().replace('.', '_')}": value for name, value in settings.items()}

    def answers(self) -> str:
        return 'grep -q "Kafka Server started" /tmp/server.log'


@contextmanager
def running_containers() -> Iterator[Servers]:
    """Both servers, started side by side; their containers are removed at the end, by the reaper if this process is killed."""
    postgres, kafka = Postgres(), Kafka()
    try:
        postgres.open()
        kafka.open()
        with ThreadPoolExecutor(2) as pool:
            for start in [pool.submit(postgres.start), pool.submit(kafka.start)]:
                start.result()
        yield SimpleNamespace(postgres=postgres, kafka=kafka)
    finally:
        postgres.remove()
        kafka.remove()
