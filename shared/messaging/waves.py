"""Cutting a batch of mixed events into calls of one handler each, without changing the order of any one person's events."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import Protocol, TypeVar


class Ordered(Protocol):
    """Something of a type, about a key within which order matters."""

    @property
    def type(self) -> str: ...
    @property
    def key(self) -> Hashable: ...


Item = TypeVar("Item", bound=Ordered)


def waves(items: Sequence[Item]) -> Iterator[list[Item]]:
    """Groups of one type each. An item joins a group only when nothing earlier of the same key is still to come."""
    rest = list(items)
    while rest:
        wanted = rest[0].type
        wave: list[Item] = []
        later: list[Item] = []
        held: set[Hashable] = set()
        for item in rest:
            if item.type == wanted and item.key not in held:
                wave.append(item)
            else:
                held.add(item.key)
                later.append(item)
        yield wave
        rest = later
