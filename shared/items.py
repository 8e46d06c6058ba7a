"""What a pure domain meets of the kernel: events, what was received, decisions, and the shelf of rows a batch works on. No I/O."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Generic, Protocol, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

E = TypeVar("E", bound="Event")
E_co = TypeVar("E_co", bound="Event", covariant=True)
Row = TypeVar("Row", bound="HasId")


class Event(BaseModel):
    """A fact that happened, as other services may read it: ids, codes and times only."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    type: ClassVar[str]  # <producer>.<fact>.v<n>
    overtakes: ClassVar[bool] = False  # may be handled before parked events of the same person

    @property
    def key(self) -> UUID:
        """The id within which order matters."""
        raise NotImplementedError(f"{type(self).__name__} names no key")


class PersonEvent(Event):
    """A fact about one person; all of them stay in order."""

    person_id: UUID

    @property
    def key(self) -> UUID:
        return self.person_id


@dataclass(frozen=True, slots=True)
class Received(Generic[E_co]):
    """An event as a consumer gets it. `at` is when it was recorded; `id` is the same in every delivery."""

    id: UUID
    at: datetime
    correlation_id: UUID
    event: E_co


@dataclass(frozen=True, slots=True)
class Timer:
    """Something to look at again at `due_at`. `subject` says at what; a handler that finds nothing left to do returns nothing."""

    kind: str
    subject: UUID
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Due:
    """A timer that fell due, as a handler gets it."""

    id: UUID
    subject: UUID
    due_at: datetime
    correlation_id: UUID


@dataclass(frozen=True, slots=True)
class Refusal:
    """An expected no. `code` is for machines; `status` is the HTTP status it becomes; `values` fill the sentence that belongs to the code."""

    code: str
    status: int = 409
    field: str | None = None
    values: dict[str, Any] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the audit: who did or saw what of whom, in ids and codes. A handler says whom it is about; the kernel adds who asked, what
    for and what came of it.

    `subject` is what was named: a referral, draft, offer or task. `relation` is the ground on which `may` allowed it.
    """

    person: UUID | None = None
    case: UUID | None = None
    subject: UUID | None = None
    zone: str | None = None
    relation: str | None = None
    action: str = ""  # <noun>.<verb>
    outcome: str = ""  # `done`, `seen`, or the code of the refusal
    purpose: str = ""
    who: UUID | None = None  # None: nobody, the batch
    role: str = ""
    organisation: UUID | None = None
    request_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What a handler decided about one item: the answer to who asked or the refusal, the events it causes, the timers it sets, and about
    whom it was, for the audit.

    An answer to a command that carries an idempotency key is kept as JSON: ids, codes and times only.
    """

    answer: Any = None
    events: tuple[Event, ...] = ()
    timers: tuple[Timer, ...] = ()
    refusal: Refusal | None = None
    entries: tuple[Entry, ...] = ()

    def about(self, *entries: Entry) -> Decision:
        """The same decision, with whom it is about."""
        return Decision(self.answer, self.events, self.timers, self.refusal, (*self.entries, *entries))


class HasId(Protocol):
    """A row that can lie on a shelf."""

    @property
    def id(self) -> Hashable: ...


@dataclass(slots=True)
class Shelf(Generic[Row]):
    """Rows of one kind that a batch loaded and locked. Remembers which were put back changed."""

    rows: dict[Hashable, Row] = dataclasses.field(default_factory=dict)
    touched: dict[Hashable, None] = dataclasses.field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[Row]) -> Shelf[Row]:
        return cls({row.id: row for row in rows})

    def __getitem__(self, id: Hashable) -> Row:
        return self.rows[id]

    def get(self, id: Hashable) -> Row | None:
        return self.rows.get(id)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows.values())

    def __len__(self) -> int:
        return len(self.rows)

    def put(self, row: Row) -> None:
        """Put back a changed row, or add a new one; `changed` gives it to the store."""
        self.rows[row.id] = row
        self.touched[row.id] = None

    def changed(self) -> list[Row]:
        return [self.rows[id] for id in self.touched]
