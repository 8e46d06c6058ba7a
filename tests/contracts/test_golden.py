"""What was published stays readable, and what is published now is what was promised."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from shared.events import REGISTRY, fact
from shared.items import Event
from shared.messaging import envelope
from tests.contracts import golden
from tests.contracts.golden import Golden

every_golden = pytest.mark.parametrize("kept", [golden.load(type_) for type_ in golden.types()], ids=lambda kept: kept.type)


def read(record: golden.Record) -> envelope.Arrival:
    return envelope.read(record, REGISTRY, frozenset(map(fact, REGISTRY)))


def understood(kept: Golden) -> Event:
    arrival = read(golden.delivered(kept))
    assert arrival.received is not None, arrival.problem
    event: Event = arrival.received.event
    return event


def holds(written: Any, promised: Any) -> bool:
    """Whether everything promised is there; more may be."""
    if isinstance(promised, dict):
        return isinstance(written, dict) and all(name in written and holds(written[name], value) for name, value in promised.items())
    if isinstance(promised, list):
        return isinstance(written, list) and len(written) == len(promised) and all(map(holds, written, promised))
    return bool(written == promised)


def with_unknown_fields(value: Any) -> Any:
    """The value as a later producer might write it: a field more in every object."""
    if isinstance(value, dict):
        return {name: with_unknown_fields(part) for name, part in value.items()} | {"added_later": "x"}
    return [with_unknown_fields(part) for part in value] if isinstance(value, list) else value


def test_every_published_type_has_a_golden_record_and_none_was_dropped():
    assert golden.types() == sorted(REGISTRY), "missing ones are written by: python -m tests.contracts.golden"


def test_a_type_says_its_producer_fact_and_version():
    named = re.compile(r"(intake|coordination|notifications)\.[a-z]+(_[a-z]+)*\.v[1-9]\d*")
    assert [type_ for type_ in REGISTRY if not named.fullmatch(type_)] == []


@every_golden
def test_todays_class_reads_the_golden_record(kept: Golden):
    arrival = read(golden.delivered(kept))
    assert arrival.problem is None
    assert arrival.received is not None
    assert type(arrival.received.event) is REGISTRY[kept.type]
    assert (arrival.event_id, arrival.key) == (UUID(kept.head["ce_id"]), UUID(kept.key_id))
    assert arrival.received.at == datetime.fromisoformat(kept.head["ce_time"])


@every_golden
def test_fields_that_a_later_producer_adds_are_ignored(kept: Golden):
    arrival = read(golden.delivered(kept, **with_unknown_fields(kept.body)))
    assert arrival.received is not None, arrival.problem
    assert arrival.received.event == understood(kept)


@every_golden
def test_todays_class_writes_what_the_golden_record_says(kept: Golden):
    event = understood(kept)
    assert holds(json.loads(event.model_dump_json()), kept.body)
    assert str(event.key) == kept.key_id


@every_golden
def test_todays_headers_are_those_of_the_golden_record(kept: Golden):
    written = envelope.headers(
        event_id=UUID(kept.head["ce_id"]),
        type_=kept.type,
        key=UUID(kept.key_id),
        recorded_at=datetime.fromisoformat(kept.head["ce_time"]),
        correlation_id=UUID(kept.head["ce_correlationid"]),
        causation_id=UUID(kept.head["ce_causationid"]),
    )
    assert holds({name: value.decode() for name, value in written}, kept.head)


@every_golden
def test_a_producer_cannot_write_a_field_that_is_not_in_the_contract(kept: Golden):
    cls = REGISTRY[kept.type]
    with pytest.raises(ValidationError, match="added_later"):
        cls.model_validate(kept.body | {"added_later": "x"})
    for name, value in kept.body.items():
        if with_unknown_fields(value) != value:
            with pytest.raises(ValidationError, match=name):
                cls.model_validate(kept.body | {name: with_unknown_fields(value)})


def test_a_promise_is_not_kept_by_leaving_a_field_out_or_changing_it():
    assert holds({"id": 1, "links": [{"a": 1, "b": 2}]}, {"links": [{"a": 1}]})
    assert not holds({"id": 1}, {"id": 1, "zone": "z"})
    assert not holds({"links": [{"a": 2}]}, {"links": [{"a": 1}]})
    assert not holds({"links": []}, {"links": [{"a": 1}]})
