"""What is sent to change a care team, by JSON or by form."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class NewMember(BaseModel):
    """Who comes into the care team, by their id in the provider directory, and as what."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"member_id": "dede0000-0000-4000-8000-000000000213", "care_role": "home_nursing"}]}
    )
    member_id: UUID
    care_role: str = Field(max_length=40, pattern=r"^[a-z_]+$")


class Leaving(BaseModel):
    """Who leaves the care team."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"member_id": "dede0000-0000-4000-8000-000000000213"}]})
    member_id: UUID
