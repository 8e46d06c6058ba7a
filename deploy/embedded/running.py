"""What runs on a data directory: who holds it, and where its parts are reached."""

from __future__ import annotations

import dataclasses
import fcntl
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from deploy.embedded import provision
from shared.settings import DATABASES, SERVICES, Settings


class NothingRuns(Exception):
    """Nothing runs on this data directory; the message says what to do."""


class Unusable(Exception):
    """A directory cannot hold the data; the message says what to do."""


class Held(Exception):
    """Another process holds this data directory."""


def default_data() -> Path:
    """The data directory where none is named: in the user's data home."""
    home = os.environ.get("XDG_DATA_HOME")
    return (Path(home) if home else Path.home() / ".local" / "share") / "zorgspoor"


@dataclass(frozen=True, slots=True)
class Running:
    """A running stack. The addresses of the services, of the mail sink and of the identity provider are None when only PostgreSQL and Kafka run."""

    supervisor: int  # process id of `up`
    data: Path
    postgres: str  # the superuser's DSN
    kafka: str
    address: str | None = None
    smtp_port: int | None = None
    mailbox_url: str | None = None
    identity_url: str | None = None

    def save(self) -> None:
        """Write it into the data directory, readable by its owner only."""
        file = self.data / "stack.json"
        unfinished = file.with_suffix(".unfinished")
        unfinished.touch(mode=0o600)
        unfinished.write_text(json.dumps(dataclasses.asdict(self), default=str, indent=2) + "\n")
        unfinished.rename(file)

    @classmethod
    def load(cls, data: Path) -> Self:
        """What runs on a data directory. Raises NothingRuns when nothing does, or is not ready yet."""
        holder = holder_of(data)
        if holder is None:
            raise NothingRuns(f"Nothing runs on {data}. Start it with `./zorgspoor up`, or name another data directory with --data.")
        try:
            saved = json.loads((data / "stack.json").read_text())
        except FileNotFoundError:
            saved = {}
        if saved.get("supervisor") != holder:
            raise NothingRuns(f"What runs on {data} (process {holder}) is not ready yet. Try again in a few seconds.")
        return cls(**saved | {"data": Path(saved["data"])})

    def superuser(self, database: str) -> str:
        """The superuser's DSN for one database."""
        return provision.dsn_as(self.postgres, database=database)

    def values(self) -> dict[str, Any]:
        """The settings of its services, by the names of `shared.settings.Settings`."""
        # all three services are one process: of the logins at `access` it takes that of intake, at which people sign in
        found: dict[str, Any] = {
            f"{name}_dsn": provision.dsn_as(self.postgres, database=name, user=provision.logins_of(name)[0]) for name in DATABASES
        }
        found |= {"kafka": self.kafka, "demo": "true", "unlimited": "127.0.0.0/8,::1/128"}
        found |= {
            "master_key_file": str(secret_file(self.data, "master-key")),
            "index_key": secret_file(self.data, "index-key").read_text().strip(),
        }
        found |= {"audit_key": secret_file(self.data, "audit-key").read_text().strip(), "audit_checkpoints": str(self.data / "checkpoints")}
        if self.address is not None:
            found |= {f"{name}_url": self.address for name in ("public", *SERVICES)}
        if self.identity_url is not None:
            found["identity_issuer"] = self.identity_url
        if self.smtp_port is not None and self.mailbox_url is not None:
            found |= {"smtp_host": "127.0.0.1", "smtp_port": str(self.smtp_port), "mailbox_url": self.mailbox_url}
        return found

    def environment(self) -> dict[str, str]:
        """The same as environment variables."""
        return {f"ZORGSPOOR_{name.upper()}": value for name, value in self.values().items()}

    def settings(self) -> Settings:
        """The same as settings, for a command that works beside the services."""
        return Settings(**self.values())


def make(data: Path) -> int:
    """Make the data directory where it is not there yet; its open lock file. Raises Unusable."""
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.open(data / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise Unusable(f"{data} cannot hold the data: {error.strerror}. Name another directory with --data.") from error


def hold(data: Path) -> int:
    """Hold the data directory for as long as this process lives; the open file that does so.

    Raises Held when another process holds it, Unusable when it cannot be made.
    """
    lock = make(data)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise Held(f"another process holds {data}") from None
    os.truncate(lock, 0)
    os.write(lock, str(os.getpid()).encode())
    return lock


def holder_of(data: Path) -> int | None:
    """The id of the process that holds the data directory; None when none does."""
    try:
        lock = os.open(data / "lock", os.O_RDWR)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise Unusable(f"{data} cannot be read: {error.strerror}. Name another directory with --data.") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return int(os.read(lock, 20) or 0) or None
    finally:
        os.close(lock)
    return None


def secret_file(data: Path, name: str) -> Path:
    """A file with 32 random bytes in hexadecimal, made when it is new; readable by its owner only."""
    file = data / name
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_hex(32) + "\n")
    return file
