"""After a restore: of whom there is something in a service again, for the privacy officer, who asks by the ids of the ledger."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.access.rules import Relation
from shared.db import Connection
from shared.items import Entry
from shared.web.call import Call
from shared.web.routing import Operation

MOST = 1_000

Find = Callable[[Connection, Sequence[UUID]], Awaitable[Sequence[UUID]]]


class Asked(BaseModel):
    """Ids that persons had."""

    model_config = ConfigDict(
        extra="forbid",
        hide_input_in_errors=True,
        json_schema_extra={"examples": [{"person_ids": ["01909bd9-6c00-7000-8000-000000000001"]}]},
    )
    person_ids: Annotated[list[UUID], Field(max_length=MOST)]


class Returned(BaseModel):
    """Those of whom there is something here."""

    person_ids: list[UUID]


def operations(service: str, find: Find) -> list[Operation]:
    """The operation on what one service holds."""
    return [
        Operation(
            "POST",
            f"/{service}/api/erasures/returned",
            _asking(find),
            "Of which persons is there something here, after a restore",
            body=Asked,
            answer=Returned,
        )
    ]


def _asking(find: Find) -> Callable[[Call], Awaitable[Any]]:
    async def returned(call: Call) -> Returned:
        async with call.kernel.transaction() as connection:  # whoever they are
            found = sorted(await find(connection, call.body.person_ids))
            await call.looked(connection, [Entry(id, relation=Relation.ROLE) for id in found])
        return Returned(person_ids=found)

    return returned
