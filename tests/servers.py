"""The real servers tests run on: child processes by default, containers of the official images with `--stack containers`."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, Protocol


class Postgres(Protocol):
    def dsn(self, database: str = "postgres", user: str = "postgres") -> str: ...
    def start(self) -> None: ...
    def stop(self, mode: Literal["fast", "immediate"] = "fast") -> None: ...
    def kill(self) -> None: ...


class Kafka(Protocol):
    @property
    def bootstrap(self) -> str: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...
    def kill(self) -> None: ...


class Servers(Protocol):
    """One PostgreSQL and one Kafka. Tests that stop one of them start it again."""

    @property
    def postgres(self) -> Postgres: ...
    @property
    def kafka(self) -> Kafka: ...


@contextmanager
def embedded() -> Iterator[Servers]:
    from deploy.embedded.infrastructure import Infrastructure

    directory = Path(tempfile.mkdtemp(prefix="zorgspoor-test-"))
    directory.chmod(0o711)  # an unprivileged user runs PostgreSQL inside when tests run as root
    servers = Infrastructure(directory, durable=False)
    try:
        servers.start()
        yield servers
    finally:
        servers.kafka.kill()
        servers.kafka.stop()
        servers.postgres.stop("immediate")
        # hundreds of databases are a quarter of a million files: they go while the next part begins
        nobody = subprocess.DEVNULL  # who reads what the tests print must not wait for it either
        subprocess.Popen(["/bin/rm", "-rf", str(directory)], start_new_session=True, stdin=nobody, stdout=nobody, stderr=nobody)


@contextmanager
def containers() -> Iterator[Servers]:
    from tests.containers import running_containers

    with running_containers() as servers:
        yield servers
