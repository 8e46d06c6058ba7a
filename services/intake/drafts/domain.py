"""Ids of drafts: each belongs to the organisation that began it, so that who brings another's learns nothing by it. Pure.

A UUID of version 8 (RFC 9562): 48 bits of time as in version 7, 34 random bits, and 40 bits of an HMAC over the organisation and all before.
Nobody can choose an id of their own that is also another's; that one happens to be both has a chance of 1 in 2^40.
"""

from __future__ import annotations

import hmac
from uuid import UUID

from services.intake.keys.domain import IndexKey

MARK_BYTES = 5


def bound_id(made: UUID, organisation_id: UUID, key: IndexKey) -> UUID:
    """The id of a new draft of an organisation, with the time and the last random bits of an id that was just `made` (UUIDv7)."""
    head = bytearray(made.bytes[:6] + made.bytes[-5:])
    head[6] = 0x80 | head[6] & 0x0F  # version
    head[8] = 0x80 | head[8] & 0x3F  # variant
    return UUID(bytes=bytes(head) + _mark(bytes(head), organisation_id, key))


def is_bound(id: UUID, organisation_id: UUID, key: IndexKey) -> bool:
    """Whether an id is one that a draft of this organisation was given."""
    head, mark = id.bytes[:-MARK_BYTES], id.bytes[-MARK_BYTES:]
    return hmac.compare_digest(mark, _mark(head, organisation_id, key))


def _mark(head: bytes, organisation_id: UUID, key: IndexKey) -> bytes:
    return key.of("draft", f"{organisation_id}|{head.hex()}")[:MARK_BYTES]
