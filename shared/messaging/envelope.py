"""CloudEvents 1.0 in Kafka's binary mode: what stands in the headers, and reading a record without trusting it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import ValidationError

from shared.events import fact
from shared.items import Event, Received

TYPE = re.compile(r"[a-z0-9_.]{1,200}")
CENTURY = range(2000, 2200)


class UnreadableRecord(Exception):
    """The record is not an event this service can read; fix the producer or upgrade this service, then replay it."""


NOBODYS = UUID(int=0)  # the id of what is none of our business, which nobody looks at


class Record(Protocol):
    """What is read of a Kafka record (aiokafka's ConsumerRecord has more)."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Sequence[tuple[str, bytes]]: ...


@dataclass(frozen=True, slots=True)
class Arrival:
    """One record, read as far as it could be. Without `received` it is either none of our business or carries its `problem`."""

    record: Record
    event_id: UUID
    type: str
    key: UUID | None
    received: Received[Any] | None = None
    problem: str | None = None


def headers(
    *, event_id: UUID, type_: str, key: UUID, recorded_at: datetime, correlation_id: UUID, causation_id: UUID | None
) -> list[tuple[str, bytes]]:
    """The headers of a published event."""
    result = [
        ("ce_specversion", b"1.0"),
        ("ce_id", str(event_id).encode()),
        ("ce_type", type_.encode()),
        ("ce_source", b"/" + type_.partition(".")[0].encode()),
        ("ce_subject", str(key).encode()),
        ("ce_time", recorded_at.isoformat().encode()),
        ("content-type", b"application/json"),
        ("ce_correlationid", str(correlation_id).encode()),
        # W3C trace context: the conversation is the trace, the event its span
        ("traceparent", f"00-{correlation_id.hex}-{event_id.hex[16:]}-01".encode()),
    ]
    if causation_id is not None:
        result.append(("ce_causationid", str(causation_id).encode()))
    return result


def read(record: Record, subscribed: Mapping[str, type[Event]], facts: frozenset[str]) -> Arrival:
    """Read a record: an event, a problem with its reason, or nothing for us. Never raises, whatever the record; a reason never repeats input."""
    try:
        return _read(record, subscribed, facts)
    except (KeyError, ValueError, AttributeError, ArithmeticError) as error:
        return Arrival(record, position_id(record), "unreadable", _key(record.key), problem=f"unreadable headers: {type(error).__name__}")


def _read(record: Record, subscribed: Mapping[str, type[Event]], facts: frozenset[str]) -> Arrival:
    head = dict(record.headers)
    type_ = head["ce_type"].decode()
    cls = subscribed.get(type_)
    if cls is None and fact(type_) not in facts:
        return Arrival(record, NOBODYS, type_, None)
    event_id = UUID(head["ce_id"].decode())
    if cls is None:
        if not TYPE.fullmatch(type_):
            raise ValueError("not a type")
        return Arrival(record, event_id, type_, _key(record.key), problem=f"unknown version of {fact(type_)}")
    at = _time(head["ce_time"].decode())
    if at is None:
        return Arrival(record, event_id, type_, _key(record.key), problem="ce_time has no time zone, or is of another century")
    try:
        event = cls.model_validate_json(record.value or b"", extra="ignore")
    except ValidationError as error:
        fields = ", ".join(
            sorted({".".join(map(str, item["loc"])) or "body" for item in error.errors(include_input=False, include_url=False)})
        )
        return Arrival(record, event_id, type_, _key(record.key), problem=f"fields do not fit {type_}: {fields}")
    return Arrival(record, event_id, type_, event.key, Received(event_id, at, UUID(head["ce_correlationid"].decode()), event))


def _time(text: str) -> datetime | None:
    at = datetime.fromisoformat(text)
    return at.astimezone(UTC) if at.tzinfo is not None and at.year in CENTURY else None


@dataclass(frozen=True, slots=True)
class Bare:
    """A record reduced to where it lay and its bytes."""

    topic: str
    partition: int
    offset: int
    value: bytes | None
    key: bytes | None = None
    headers: tuple[tuple[str, bytes], ...] = ()


def stripped(record: Record) -> Arrival:
    """An arrival that trusts nothing the record says of itself."""
    bare = Bare(record.topic, record.partition, record.offset, record.value)
    return Arrival(bare, position_id(record), "unreadable", None, problem="cannot be kept as it is")


def position_id(record: Record) -> UUID:
    """An id for a record that names none: the same for every delivery of the same place in the log."""
    return uuid5(NAMESPACE_URL, f"kafka:{record.topic}/{record.partition}/{record.offset}")


def _key(key: bytes | None) -> UUID | None:
    try:
        return UUID(key.decode()) if key else None
    except ValueError:
        return None
