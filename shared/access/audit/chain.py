"""The chain over the entries of one service: each hash holds all before it, so that no entry can change, go or come unseen. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson

START = bytes(32)  # before the first entry


@dataclass(frozen=True, slots=True)
class Seal:
    """A link of the chain: the hash after the entries of the transactions from `from_tx` to before `to_tx`, above `after_id`.

    `after_id` rises when the database came to stand on another server, where transactions are numbered anew; `last_id` is the highest sealed.
    """

    place: int
    after_id: int
    from_tx: int
    to_tx: int
    last_id: int
    entries: int
    hash: bytes


NOTHING = Seal(0, 0, 0, 0, 0, 0, START)


def hashed(before: bytes, rows: Iterable[Sequence[Any]]) -> bytes:
    """The hash after these rows, each written as a JSON array: h = SHA-256(before ‖ row)."""
    hash, digest, written = before, sha256, orjson.dumps
    for row in rows:
        hash = digest(hash + written(tuple(row))).digest()
    return hash


def sealed(before: Seal, rows: Sequence[Sequence[Any]], *, after_id: int, from_tx: int, to_tx: int) -> Seal:
    """The seal over the next rows, which are in order of transaction and id; their first column is the id. Its hash closes with what it spans."""
    place, last_id = before.place + 1, max(before.last_id, *(row[0] for row in rows))
    hash = hashed(before.hash, [*rows, (place, after_id, from_tx, to_tx, last_id, len(rows))])
    return Seal(place, after_id, from_tx, to_tx, last_id, len(rows), hash)
