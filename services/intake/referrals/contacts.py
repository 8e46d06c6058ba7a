"""Who coordinates and how to reach them, asked of the directory with the token of who asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from services.intake.referrals.sentences import Contact
from shared.web.ask import ask
from shared.web.call import Call


async def of(call: Call, rows: Iterable[Mapping[str, Any]], more: Iterable[UUID | None] = ()) -> dict[UUID, Contact]:
    """Name and phone of coordinators and zone leads; empty when the directory does not answer in time."""
    ids = {id for row in rows for id in (row["coordinator_id"], row["owner_id"]) if id} | {id for id in more if id}
    if not ids:
        return {}
    found = await ask(call, "notifications", "GET", f"/notifications/api/contacts?ids={','.join(map(str, ids))}")
    return {UUID(each["id"]): Contact(each["name"], each["phone"] or None) for each in found["contacts"]} if found else {}
