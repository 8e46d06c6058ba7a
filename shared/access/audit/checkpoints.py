"""Signed checkpoints in a file outside the database: a chain alone cannot show that its end was cut off."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from shared.access.audit.chain import Seal

HEX = re.compile(r"[0-9a-f]{64}")


class UnusableKey(ValueError):
    """The key of the audit is not 64 hexadecimal digits of random."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """That a service's chain had this hash at this place. `key` names who signed."""

    service: str
    place: int
    hash: str
    at: datetime
    key: str
    signature: str

    @property
    def signed(self) -> bytes:
        """What the signature is over."""
        return orjson.dumps([self.service, self.place, self.hash, self.at])


def private_key(secret: str) -> Ed25519PrivateKey:
    """The signing key of a secret. Raises UnusableKey."""
    if not HEX.fullmatch(secret) or len(set(secret)) < 8:
        raise UnusableKey(
            "ZORGSPOOR_AUDIT_KEY must be 64 hexadecimal digits of random text, as `openssl rand -hex 32` makes; it signs the audit."
        )
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret))


def public_key(text: str) -> Ed25519PublicKey:
    """A public key written in hexadecimal digits. Raises UnusableKey."""
    if not HEX.fullmatch(text):
        raise UnusableKey("a public key is 64 hexadecimal digits")
    return Ed25519PublicKey.from_public_bytes(bytes.fromhex(text))


def named(key: Ed25519PublicKey) -> str:
    """A short name of a key."""
    return sha256(key.public_bytes_raw()).hexdigest()[:16]


def sign(key: Ed25519PrivateKey, service: str, seal: Seal, now: datetime) -> Checkpoint:
    """The checkpoint of a seal."""
    bare = Checkpoint(service, seal.place, seal.hash.hex(), now, named(key.public_key()), "")
    return Checkpoint(bare.service, bare.place, bare.hash, bare.at, bare.key, key.sign(bare.signed).hex())


def holds(key: Ed25519PublicKey, checkpoint: Checkpoint) -> bool:
    """Whether this key signed the checkpoint as it stands."""
    try:
        key.verify(bytes.fromhex(checkpoint.signature), checkpoint.signed)
    except (InvalidSignature, ValueError):
        return False
    return True


def file_of(folder: Path, service: str) -> Path:
    """Where the checkpoints of a service stand, one per line."""
    return folder / f"{service}.jsonl"


def write(file: Path, checkpoint: Checkpoint) -> None:
    """Add a checkpoint to its file."""
    with file.open("ab") as lines:
        lines.write(orjson.dumps(checkpoint) + b"\n")


def read(file: Path) -> list[Checkpoint]:
    """The checkpoints of a file; none when it is not there. Raises ValueError for a line that is none."""
    if not file.exists():
        return []
    return [_of(orjson.loads(line)) for line in file.read_bytes().splitlines() if line]


def _of(line: Any) -> Checkpoint:
    try:
        return Checkpoint(**{**line, "place": int(line["place"]), "at": datetime.fromisoformat(line["at"])})
    except (TypeError, LookupError) as error:
        raise ValueError("a line of the checkpoints is no checkpoint") from error
