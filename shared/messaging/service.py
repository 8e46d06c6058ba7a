"""What a service tells the kernel about itself: its table of contents."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from shared.db import Transaction
from shared.items import Decision, Due, Event, Received
from shared.settings import Settings

if TYPE_CHECKING:
    from shared.messaging.kernel import Kernel

Item_contra = TypeVar("Item_contra", contravariant=True)


class Handler(Protocol[Item_contra]):
    """One use case over a batch of items in one transaction: load, decide, save. One decision per item, in order."""

    def __call__(self, tx: Transaction, items: Sequence[Item_contra], now: datetime) -> Awaitable[list[Decision]]: ...


def _any_settings(_: Settings) -> None:
    """Most services start with whatever settings the process may start with."""


@dataclass(frozen=True)
class Service:
    """One service: what it listens to, what its timers do, and its endless work beside that."""

    name: str
    migrations: Path
    subscriptions: Mapping[type[Event], Handler[Received[Any]]] = field(default_factory=dict)
    timers: Mapping[str, Handler[Due]] = field(default_factory=dict)
    background: Sequence[Callable[[Kernel], Awaitable[None]]] = ()
    check: Callable[[Settings], None] = _any_settings  # raises when it must not start with these

    @property
    def topics(self) -> list[str]:
        """The topics of all producers it listens to, in order of name."""
        return sorted({f"{event.type.partition('.')[0]}.events" for event in self.subscriptions})
