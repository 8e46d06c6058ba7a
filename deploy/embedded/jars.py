"""Apache Kafka's released jars: resolved once by jgo, compared with our own list of hashes, kept in the user's cache."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from deploy.embedded import processes

VERSION = "4.3.1"
KAFKA = f"org.apache.kafka:kafka_2.13:{VERSION}"
# Kafka logs through slf4j 1.x, whose binding to log4j its release adds to the dependencies; without it the log stays empty
BINDING = "org.apache.logging.log4j:log4j-slf4j-impl:2.25.4"
_HASHES = Path(__file__).with_name("kafka-jars.sha256")


class WrongJar(Exception):
    """A downloaded jar is not the one that the project's list of hashes names."""


def cache() -> Path:
    """Where downloads are kept: ZORGSPOOR_CACHE, else the user's cache directory."""
    if named := os.environ.get("ZORGSPOOR_CACHE"):
        return Path(named).absolute()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "zorgspoor"


def present(say: processes.Say = processes.silent) -> Path:
    """The folder with exactly the listed jars, fetched when it is not there yet. Raises WrongJar, or NotStarted when they cannot be fetched."""
    folder = cache() / f"kafka-{VERSION}"
    expected = _expected()
    if not folder.exists():
        _fetch(folder, expected, say)
    _compare(folder, expected)
    return folder


def _expected() -> dict[str, str]:
    return {name: digest for digest, name in (line.split() for line in _HASHES.read_text().splitlines())}


def _compare(folder: Path, expected: dict[str, str]) -> None:
    for name, digest in expected.items():
        jar = folder / name
        if not jar.exists():
            raise WrongJar(f"{jar} is missing: delete {folder} and start again")
        with jar.open("rb") as content:
            if (found := hashlib.file_digest(content, "sha256").hexdigest()) != digest:
                raise WrongJar(f"{jar} has the SHA-256 {found}, expected {digest}: delete {folder} and start again")


def _fetch(folder: Path, expected: dict[str, str], say: processes.Say) -> None:
    """Download into a folder beside, compare, rename: complete or not at all."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="kafka-", dir=folder.parent) as name:
        work = Path(name)
        say(f"Kafka {VERSION}: fetching {len(expected)} jars, once")
        with _counted(work, len(expected), say):
            jars = {jar.name: jar for jar in _resolve(work)}
        chosen = work / "chosen"
        chosen.mkdir()
        for jar in expected.keys() & jars.keys():
            shutil.copy2(jars[jar], chosen / jar)
        _compare(chosen, expected)
        if not folder.exists():
            chosen.rename(folder)


@contextlib.contextmanager
def _counted(work: Path, total: int, say: processes.Say) -> Iterator[None]:
    """Say every two seconds how many jars have arrived."""
    done = threading.Event()

    def count() -> None:
        while not done.wait(2):
            say(f"Kafka {VERSION}: {len(list((work / 'repository').rglob('*.jar')))} of {total} jars")

    counting = threading.Thread(target=count, daemon=True)
    counting.start()
    try:
        yield
    finally:
        done.set()
        counting.join()


def _resolve(work: Path) -> Iterator[Path]:
    """All jars of Kafka and its dependencies, and the binding; each resolved by itself, as together jgo loses Kafka's choice of versions."""
    from jgo.env import EnvironmentBuilder  # noqa: PLC0415 - jgo takes a second to import and is needed once
    from jgo.maven import MavenContext  # noqa: PLC0415

    builder = EnvironmentBuilder(context=MavenContext(repo_cache=work / "repository"), cache_dir=work / "environments")
    for coordinate in (KAFKA, BINDING):
        for tries_left in (2, 1, 0):  # what has arrived is not asked for again
            try:
                yield from builder.from_endpoint(coordinate).all_jars
                break
            except Exception as error:  # whatever network, proxy or repository answered
                if not tries_left:
                    raise processes.NotStarted(
                        f"{coordinate} could not be fetched ({type(error).__name__}: {error}). It is needed once: is there a network?"
                    ) from error
