"""Sealing what is personal, field by field, and finding it again without telling. Pure: random bytes are arguments.

A person has a data key of their own, wrapped by a master key; a draft, which knows no person yet, has one too. Whoever destroys a data key
destroys whatever was sealed with it, in every copy.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import NamedTuple, Protocol
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12
MADE_OF = KEY_BYTES + NONCE_BYTES
INDEX_BYTES = 16
BLOCK = 16  # what is sealed is as long as its blocks: `male` is not told from `female`
VERSION = b"\x01"  # of a data key, and of how it seals
WRAPPED = b"keys.data_keys.wrapped\0"


class Damaged(Exception):
    """What was sealed has been changed, or stands in another place or under another key than it was sealed for."""


class UnknownMasterKey(Exception):
    """A data key is wrapped by a master key that is not in the file of master keys."""


class DataKey:
    """Seals and opens the fields of one person or draft. `place` is the table and column, `row` the row's id."""

    __slots__ = ("_cipher",)

    def __init__(self, secret: bytes) -> None:
        self._cipher = AESGCM(secret)

    def seal(self, place: bytes, row: UUID, text: str, nonce: bytes) -> bytes:
        """The text so that it can be read with this key only, and in this place only."""
        data = text.encode() + b"\x80"
        data += bytes(-len(data) % BLOCK)
        return VERSION + nonce + self._cipher.encrypt(nonce, data, _bound(place, row))

    def open(self, place: bytes, row: UUID, sealed: bytes) -> str:
        """The text again. Raises Damaged."""
        if sealed[:1] != VERSION:
            raise Damaged
        start = 1 + NONCE_BYTES
        try:
            data = self._cipher.decrypt(sealed[1:start], sealed[start:], _bound(place, row))
        except (InvalidTag, ValueError):
            raise Damaged from None
        return data.rstrip(b"\0")[:-1].decode()


def _bound(place: bytes, row: UUID) -> bytes:
    return place + b"\0" + row.bytes + VERSION


Ring = dict[UUID, DataKey]  # by the person or draft whose they are


class Wrapped(NamedTuple):
    """A data key as it is kept, and the version of the master key that wrapped it."""

    master: str
    secret: bytes


class MasterKeys(Protocol):
    """Who wraps data keys: the file of master keys, or a key management service that holds them. Several versions are valid while they rotate."""

    @property
    def current(self) -> str:
        """The version that wraps."""
        ...

    def wrap(self, id: UUID, secret: bytes, nonce: bytes) -> Wrapped:
        """A data key of a person or draft, to be kept."""
        ...

    def unwrap(self, id: UUID, wrapped: Wrapped) -> bytes:
        """The data key again. Raises Damaged, or UnknownMasterKey."""
        ...


class Indexes(NamedTuple):
    """What finds a person: blind indexes."""

    number: bytes | None = None
    likeness: bytes | None = None


class Row(NamedTuple):
    """A data key as it is kept, of a person or draft."""

    id: UUID
    wrapped: Wrapped
    indexes: Indexes


def make(owners: Sequence[tuple[UUID, Indexes]], master: MasterKeys, random: bytes) -> tuple[Ring, list[Row]]:
    """A new data key for each of these persons or drafts, to seal with and to be kept; made of `MADE_OF` random bytes each."""
    ring, rows = {}, []
    for start, (id, indexes) in zip(range(0, len(random), MADE_OF), owners, strict=True):
        secret, nonce = random[start : start + KEY_BYTES], random[start + KEY_BYTES : start + MADE_OF]
        ring[id] = DataKey(secret)
        rows.append(Row(id, master.wrap(id, secret, nonce), indexes))
    return ring, rows


class LocalMasterKeys:
    """Master keys at hand: the first wraps, the others still unwrap. A key's version follows from the key itself."""

    def __init__(self, secrets: Iterable[bytes]) -> None:
        self._ciphers: Mapping[str, AESGCM] = {version(secret): AESGCM(secret) for secret in secrets}
        self.current = next(iter(self._ciphers))

    def wrap(self, id: UUID, secret: bytes, nonce: bytes) -> Wrapped:
        cipher = self._ciphers[self.current]
        return Wrapped(self.current, nonce + cipher.encrypt(nonce, secret, _wrapped_for(id, self.current)))

    def unwrap(self, id: UUID, wrapped: Wrapped) -> bytes:
        cipher = self._ciphers.get(wrapped.master)
        if cipher is None:
            raise UnknownMasterKey(f"the master key of version {wrapped.master} is not in the file of master keys")
        try:
            return cipher.decrypt(wrapped.secret[:NONCE_BYTES], wrapped.secret[NONCE_BYTES:], _wrapped_for(id, wrapped.master))
        except (InvalidTag, ValueError):
            raise Damaged from None


def _wrapped_for(id: UUID, master: str) -> bytes:
    return WRAPPED + id.bytes + master.encode()


def version(secret: bytes) -> str:
    """The name under which a master key is known: it tells nothing of the key."""
    return sha256(b"zorgspoor master key\0" + secret).hexdigest()[:12]


class IndexKey:
    """Makes blind indexes: the same for the same text, and telling nothing to who has not the key (HMAC-SHA-256, cut to 128 bits)."""

    __slots__ = ("_secret",)

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def of(self, what: str, text: str) -> bytes:
        """The index of a text; `what` keeps indexes of different things apart."""
        return hmac.digest(self._secret, f"{what}\0{text}".encode(), "sha256")[:INDEX_BYTES]
