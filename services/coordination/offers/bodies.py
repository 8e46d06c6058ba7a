"""What is sent to answer an offer, by JSON or by form."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from services.coordination.offers.domain import DeclineReason
from shared.when import Day


class Decline(BaseModel):
    """Why not. With `away_soon` the days away may be given, both included."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"reason": "no_room"}, {"reason": "away_soon", "away_from": "2026-12-21", "away_to": "2027-01-02"}]
        },
    )
    reason: DeclineReason
    away_from: Day | None = None
    away_to: Day | None = None
