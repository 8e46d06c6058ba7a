"""Organisations over HTTP: found by words of their name, and named by id. What somebody typed stands in the body, in no address."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.notifications.organisations import store
from shared.web.call import Call
from shared.web.routing import Operation


class Sought(BaseModel):
    """Words of a name, all of which must be in it, and organisations by id; neither finds nobody."""

    model_config = ConfigDict(
        extra="forbid",
        hide_input_in_errors=True,
        json_schema_extra={"examples": [{"words": "vlierbes", "ids": ["dede0000-0000-4000-8000-000000000107"]}]},
    )
    words: str = Field(default="", max_length=100, pattern=r"^[^\x00-\x1f]*$")
    ids: list[UUID] = Field(default=[], max_length=100)
    limit: int = Field(default=8, ge=1, le=50)


class OrganisationView(BaseModel):
    """An organisation. The municipality is empty where only its people stand in the directory."""

    id: UUID
    name: str
    municipality: str


class Organisations(BaseModel):
    """`found` by the words, by name; `more`: there are others with these words. `known`: those that were asked by id, also the inactive ones."""

    found: list[OrganisationView]
    more: bool
    known: list[OrganisationView]


async def search(call: Call) -> Organisations:
    """Organisations of the directory."""
    asked: Sought = call.body
    async with call.kernel.read() as connection:
        found = await store.search(connection, asked.words, asked.limit + 1) if asked.words.strip() else []
        known = await store.by_ids(connection, asked.ids) if asked.ids else []
    views = [OrganisationView(**dict(row)) for row in found]
    return Organisations(found=views[: asked.limit], more=len(views) > asked.limit, known=[OrganisationView(**dict(row)) for row in known])


OPERATIONS = [
    Operation(
        "POST",
        "/notifications/api/organisations/search",
        search,
        "Organisations of the directory by name, and by id",
        body=Sought,
        answer=Organisations,
    )
]
