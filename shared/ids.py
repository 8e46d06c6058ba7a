"""Ids that follow from what caused them, so that a second delivery makes the same ones. Pure."""

from __future__ import annotations

from hashlib import blake2b
from uuid import UUID

LOW_BITS = (1 << 62) - 1
VARIANT = 1 << 63  # RFC 9562


def derived_id(cause: UUID, subject: UUID, purpose: str) -> UUID:
    """An id for what `cause` makes of `subject`. Keeps the time of a UUIDv7 cause, so that new rows lie together in their index."""
    return UUID(int=(cause.int >> 64) << 64 | VARIANT | mixed(cause, subject, purpose) & LOW_BITS)


def mixed(cause: UUID, subject: UUID, purpose: str) -> int:
    """64 bits that look random and follow from all three."""
    return int.from_bytes(blake2b(cause.bytes + subject.bytes + purpose.encode(), digest_size=8).digest(), "big")


def pseudonym(named: object) -> UUID:
    """The same id for the same thing in every service and for ever, from which nobody finds the thing: what is kept of who was erased."""
    return UUID(bytes=blake2b(str(named).encode(), digest_size=16, person=b"pseudonym").digest())
