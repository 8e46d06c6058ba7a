"""Breaking the glass as it is asked for. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.access.glass import Reason
from shared.access.rules import Asking
from shared.text import Line, Paragraph


class Emergency(BaseModel):
    """The reference of a referral, as it was told to who asks; why it cannot wait, and in their own words."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        json_schema_extra={
            "examples": [{"reference": "OM-26-1947-K", "reason": "danger", "text": "Opgenomen op de spoed, kent de buurt niet."}]
        },
    )
    reference: Annotated[Line, Field(max_length=40)]
    reason: Reason
    text: Paragraph


@dataclass(frozen=True, slots=True)
class BreakGlass:
    """Somebody without a relation has to look. `note_id` is for the record of their own words."""

    id: UUID
    by: Asking
    asked: Emergency
    note_id: UUID
