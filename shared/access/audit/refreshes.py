"""What a page that refreshes itself showed already: recorded a moment ago, and no different now. Pure but for what it remembers.

Kept in this process: another one, or this one begun again, records once more.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from shared.items import Entry

LASTS = timedelta(minutes=5)  # from the record on, however often it is shown: who keeps a page open is in the audit as long
MOST_KEPT = 50_000


@dataclass(slots=True)
class Refreshes:
    """When each entry was recorded last, and what was shown with it."""

    most: int = MOST_KEPT
    recorded: OrderedDict[Entry, tuple[datetime, int]] = field(default_factory=OrderedDict)

    def new(self, seen: Sequence[tuple[Entry, object]], now: datetime) -> list[Entry]:
        """Those to be recorded: not recorded lately for the same reader, or shown otherwise since."""
        return [entry for entry, shown in seen if not self._is_known(entry, shown, now)]

    def _is_known(self, entry: Entry, shown: object, now: datetime) -> bool:
        at, digest = self.recorded.get(_key(entry), (None, 0))
        return at is not None and now - at < LASTS and digest == _digest(shown)

    def remember(self, seen: Iterable[tuple[Entry, object]], now: datetime) -> None:
        """These were recorded; to be called once that is committed."""
        for entry, shown in seen:
            key = _key(entry)
            self.recorded[key] = now, _digest(shown)
            self.recorded.move_to_end(key)
        while len(self.recorded) > self.most:
            self.recorded.popitem(last=False)


def _key(entry: Entry) -> Entry:
    """Who saw what of whom, on which ground: the same in each request."""
    return replace(entry, request_id=None)


def _digest(shown: object) -> int:
    return hash(repr(shown))
