"""The one clock and the one maker of ids. Business code gets `now` and ids as arguments; only the edges call these."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from uuid_utils.compat import uuid7


def now() -> datetime:
    """The current time, in UTC."""
    return datetime.now(UTC)


def new_id() -> UUID:
    """A new id that sorts by the time it was made (UUIDv7, RFC 9562)."""
    return uuid7()
