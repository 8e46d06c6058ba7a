"""Who may do what in coordination: an actor of a request as its rules see one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from services.coordination.cases.domain import HELD, By
from services.coordination.cases.queries import Sight
from shared.access.actors import Actor
from shared.items import Entry
from shared.web.call import Call

COORDINATOR = "coordinator"
ZONE_LEAD = "zone_lead"
ZONE_INTAKE = "zone_intake"
OPS = "ops"

COORDINATORS = frozenset({COORDINATOR})
LEADS = frozenset({ZONE_LEAD, ZONE_INTAKE})
WORKERS = COORDINATORS | LEADS
ZONE_LEADS = frozenset({ZONE_LEAD})
DECIDERS = COORDINATORS | ZONE_LEADS
OPERATIONS = frozenset({OPS})
IMPORTERS = frozenset({OPS, ZONE_LEAD})


def sight_of(actor: Actor) -> Sight:
    """What this actor may see: own cases, and as zone lead or zone intake worker those of the own zones."""
    return Sight(actor.id, actor.zones if LEADS & actor.roles else frozenset())


def by(actor: Actor) -> By:
    """Who gives a command, with the zones where this actor decides."""
    return By(actor.id, leads_of(actor))


def leads_of(actor: Actor) -> frozenset[str]:
    """The zones where this actor is zone lead."""
    return actor.zones if ZONE_LEAD in actor.roles else frozenset()


def seen(row: Mapping[str, Any], actor: Actor) -> Entry:
    """A case that somebody sees, out of a row of `queries`, as the audit names it."""
    mine = row.get("holder_id", row.get("coordinator_id")) == actor.id
    relation = ("holds" if row["status"] in HELD else "offered") if mine else "zone"
    return Entry(row["person_id"], row.get("case_id") or row["id"], None, row["zone"], relation)


def undo_window(call: Call) -> timedelta:
    """How long an answer can be taken back."""
    return timedelta(minutes=call.kernel.settings.undo_minutes)
