"""The ledger of erasures as a signed file outside the databases: what a restore brought back is found by it and erased again.

A line names the ids that a person had, and nobody else: they lead to somebody only where older tables are restored.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from services.intake.erasures.domain import Why
from shared.access.audit.checkpoints import named

NAME = "erasures.jsonl"


@dataclass(frozen=True, slots=True)
class Line:
    """That a person was erased, today's id first. `before` is the hash of the line above, `key` names who signed."""

    place: int
    person_ids: tuple[UUID, ...]
    asked_as: UUID
    why: Why
    at: datetime
    before: str = ""
    key: str = ""
    signature: str = ""

    @property
    def signed(self) -> bytes:
        """What the signature is over."""
        return _row(replace(self, signature=""))


def file_in(folder: Path) -> Path:
    """Where the ledger stands: beside the checkpoints of the audit."""
    return folder / NAME


def append(file: Path, key: Ed25519PrivateKey, lines: Sequence[Line]) -> None:
    """Sign lines and add them to the file; on the disk when this returns."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a+b") as opened:
        opened.seek(0)
        written = opened.read()
        before = sha256(written.splitlines()[-1]).hexdigest() if written else ""
        if written and not written.endswith(b"\n"):  # whoever wrote last died over it
            opened.write(b"\n")
        for line in lines:
            bare = replace(line, before=before, key=named(key.public_key()), signature="")
            row = _row(replace(bare, signature=key.sign(bare.signed).hex()))
            opened.write(row + b"\n")
            before = sha256(row).hexdigest()
        opened.flush()
        os.fsync(opened.fileno())


def read(file: Path) -> list[Line]:
    """The lines of the file; none when it is not there. What is no line is left out, `problems` tells of it."""
    rows = file.read_bytes().splitlines() if file.exists() else []
    return [line for row in rows if (line := _line(row)) is not None]


def problems(file: Path, key: Ed25519PublicKey, written: int) -> list[str]:
    """What shows that the file is not as it was written. `written` is the last place that intake knows of."""
    found: list[str] = []
    rows = file.read_bytes().splitlines() if file.exists() else []
    place, before, line = 0, "", None
    for number, row in enumerate(rows, 1):
        line = _line(row)
        if line is None:
            found.append(f"line {number} is no line of the ledger")
        else:
            if line.place != place + 1:
                found.append(f"between line {number - 1} and line {number} erasures are missing")
            if line.before != before:
                found.append(f"what stands above line {number} was changed")
            place = line.place
        before = sha256(row).hexdigest()
    if line is not None and not _signed_by(key, line):  # each line vouches for all above it
        found.append("the last line is not signed by the key of the audit")
    if place < written:
        found.append(f"the end is missing: it has {place} places, intake wrote {written}")
    return found


def _row(line: Line) -> bytes:
    return orjson.dumps(line, default=str)  # ids as the database driver gives them too


def _line(row: bytes) -> Line | None:
    try:
        values: dict[str, Any] = orjson.loads(row)
        return Line(
            **{
                **values,
                "person_ids": tuple(UUID(id) for id in values["person_ids"]),
                "asked_as": UUID(values["asked_as"]),
                "at": datetime.fromisoformat(values["at"]),
            }
        )
    except (TypeError, LookupError, ValueError):
        return None


def _signed_by(key: Ed25519PublicKey, line: Line) -> bool:
    try:
        key.verify(bytes.fromhex(line.signature), line.signed)
    except (InvalidSignature, ValueError):
        return False
    return True
