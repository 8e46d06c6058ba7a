"""Child processes of the embedded stack: started apart from the terminal, ended with their parent, found again after a crash."""

from __future__ import annotations

import contextlib
import ctypes
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import psutil

from deploy.embedded.unprivileged import Owner

Say = Callable[[str], None]
Child = subprocess.Popen[bytes]

_LARGEST_LOG = 20_000_000  # bytes, looked at when a child starts
KILL = signal.SIGKILL
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
# below the ranges from which systems take the ports of outgoing connections: a client that keeps trying a stopped server there can take its port
_PORTS = range(20_000, 30_000)


class NotStarted(Exception):
    """A server of the embedded stack did not start; the message says which, why, and where its log is."""


def silent(_: str) -> None:
    """Says nothing: the default where progress may be told."""


def spawn(
    command: Sequence[str],
    *,
    directory: Path,
    log: Path,
    last_signal: signal.Signals,
    owner: Owner | None = None,
    env: Mapping[str, str] | None = None,
) -> Child:
    """Start a child in its own session, its output appended to `log`, its working directory `directory`.

    On Linux it gets `last_signal` when the starting *thread* ends, even by kill -9: start servers from a thread that lives as long as they should.
    """
    parent = os.getpid()

    def end_with_parent() -> None:
        if _LIBC is not None:
            _LIBC.prctl(_PR_SET_PDEATHSIG, last_signal)
            if os.getppid() != parent:
                os.kill(os.getpid(), signal.SIGKILL)

    if log.exists() and log.stat().st_size > _LARGEST_LOG:
        log.rename(log.with_suffix(".older.log"))
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=env,
            start_new_session=True,
            user=owner.uid if owner else None,
            group=owner.gid if owner else None,
            extra_groups=[] if owner else None,
            preexec_fn=end_with_parent,  # noqa: PLW1509 - only system calls; nothing else binds a child to its parent before it runs
        )


def end(process: Child, *steps: tuple[signal.Signals, float]) -> None:
    """Send each signal in turn and wait its seconds, until the process has ended; the last resort is SIGKILL."""
    for number, seconds in (*steps, (signal.SIGKILL, 10.0)):
        if process.poll() is not None:
            return
        process.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)


def end_group(process: Child) -> None:
    """Kill a child with all children of its own."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)


def until(ready: Callable[[], bool], process: Child, *, name: str, log: Path, seconds: float) -> None:
    """Wait until `ready()`; raises NotStarted with the end of the log when the process ends first or the time is over."""
    last = time.monotonic() + seconds
    while not ready():
        if process.poll() is not None:
            raise NotStarted(f"{name} ended with status {process.returncode} before it was ready. The end of {log}:\n{tail(log)}")
        if time.monotonic() > last:
            raise NotStarted(f"{name} was not ready after {seconds:.0f} s. The end of {log}:\n{tail(log)}")
        time.sleep(0.02)


def tail(log: Path, lines: int = 15) -> str:
    """The last lines of a log, indented."""
    text = log.read_text(errors="replace") if log.exists() else ""
    return "\n".join(f"  {line}" for line in text.splitlines()[-lines:])


def running_in(directory: Path, names: frozenset[str]) -> list[psutil.Process]:
    """The processes with one of these program names whose working directory is `directory` or lies in it: what an earlier start left behind."""
    return [process for process in _visible(names) if Path(process.info["cwd"]).is_relative_to(directory)]


def _visible(names: frozenset[str]) -> Iterator[psutil.Process]:
    for process in psutil.process_iter(["name", "cwd", "pid", "ppid", "status"]):
        if process.info["name"] in names and process.info["cwd"] and process.info["status"] != psutil.STATUS_ZOMBIE:
            yield process


def end_left_behind(directory: Path, names: frozenset[str], number: signal.Signals, seconds: float = 10) -> int:
    """End what an earlier start left running in this directory: the oldest ancestors by `number`, all others follow or are killed. How many there were."""
    found = running_in(directory, names)
    pids = {process.pid for process in found}
    for process in found:
        if process.info["ppid"] not in pids:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(number)
    kill_after(found, seconds)
    return len(found)


def kill_after(processes: Sequence[psutil.Process], seconds: float) -> None:
    """Wait until all have ended; what has not by then is killed."""
    _, alive = psutil.wait_procs(processes, timeout=seconds)
    for process in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(alive, timeout=10)


def free_port(wanted: int | None = None, *, taken: frozenset[int] = frozenset()) -> int:
    """`wanted` or the next free TCP port of 127.0.0.1 after it; any free one when none is wanted."""
    first = wanted if wanted is not None else random.SystemRandom().choice(_PORTS)
    for port in range(first, min(first + 2_000, 65_536)):
        if port not in taken and _is_free(port):
            return port
    raise NotStarted(f"no free port on 127.0.0.1 from {first} on: end what holds them, or name another port")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def remembered_ports(file: Path, count: int, wanted: int | None = None) -> tuple[int, ...]:
    """The ports noted in `file` (the first one replaced by `wanted`), each moved on when it is taken by now; noted again."""
    before: list[int | None] = [int(word) for word in file.read_text().split()] if file.exists() else [None] * count
    if wanted is not None:
        before[0] = wanted
    ports: list[int] = []
    for port in before:
        ports.append(free_port(port, taken=frozenset(ports)))
    file.write_text(" ".join(map(str, ports)) + "\n")
    return tuple(ports)
