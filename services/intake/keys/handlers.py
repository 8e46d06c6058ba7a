"""Use cases of data keys: make them, wrap them anew, destroy them."""

from __future__ import annotations

import os
from collections.abc import Collection
from uuid import UUID

from services.intake.keys import store
from services.intake.keys.domain import NONCE_BYTES, MasterKeys
from shared.db import Transaction

AT_ONCE = 2_000


async def destroy(tx: Transaction, person_ids: Collection[UUID]) -> None:
    """Make everything sealed for these persons unreadable, in every copy, and leave nothing that finds them.

    Keys are held no longer than the transaction that read them, so that this holds as soon as it is committed. Whoever reads such a person
    afterwards gets one that says so (`Person.erased`).
    """
    await store.destroy(tx, person_ids)


async def rewrap(tx: Transaction, master: MasterKeys, after: UUID) -> list[UUID]:
    """Wrap the next data keys after this id by the current master key; whose they were, none when none is left."""
    rows = await store.wrapped_otherwise(tx, master.current, after, AT_ONCE)
    if not rows:
        return []
    nonces = os.urandom(NONCE_BYTES * len(rows))
    await store.rewrap(
        tx,
        [
            (id, master.wrap(id, master.unwrap(id, wrapped), nonces[at : at + NONCE_BYTES]))
            for at, (id, wrapped) in zip(range(0, len(nonces), NONCE_BYTES), rows, strict=True)
        ],
    )
    return [id for id, _ in rows]
