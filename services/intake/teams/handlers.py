"""Learning who is in the care team of a person's case. Load, decide, save."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.intake.teams import store
from shared.db import Transaction
from shared.events.coordination import CareTeamJoined, CareTeamLeft
from shared.items import Decision, Received


async def on_care_team_joined(tx: Transaction, items: Sequence[Received[CareTeamJoined]], now: datetime) -> list[Decision]:
    """From now on the members see what their roles need of these persons."""
    await store.add(tx, [item.event for item in items])
    return [Decision()] * len(items)


async def on_care_team_left(tx: Transaction, items: Sequence[Received[CareTeamLeft]], now: datetime) -> list[Decision]:
    """From now on they see nothing."""
    await store.remove(tx, [item.event for item in items])
    return [Decision()] * len(items)
