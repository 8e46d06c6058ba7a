"""The published language: one module per producer, and the registry of all events by type."""

from __future__ import annotations

from types import ModuleType

from shared.events import coordination, intake, notifications
from shared.items import Event

PRODUCERS: dict[str, ModuleType] = {"intake": intake, "coordination": coordination, "notifications": notifications}


def topic(producer: str) -> str:
    """The one topic of a producer."""
    return f"{producer}.events"


def events_of(producer: str) -> dict[str, type[Event]]:
    """Every event a producer publishes, by type."""
    found = vars(PRODUCERS[producer]).values()
    return {cls.type: cls for cls in found if isinstance(cls, type) and issubclass(cls, Event) and "type" in vars(cls)}


REGISTRY: dict[str, type[Event]] = {name: cls for producer in PRODUCERS for name, cls in events_of(producer).items()}


def fact(type_: str) -> str:
    """A type without its version: `intake.referral_accepted.v1` is the fact `intake.referral_accepted`."""
    return type_.rpartition(".v")[0]
