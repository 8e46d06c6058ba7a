"""The published language as an AsyncAPI 3.0 document, made from the registry: a channel per topic, a message per type and version.

FastStream's own document knows neither keys nor headers nor one message per type; this one is a contract.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic.json_schema import models_json_schema

from shared.events import PRODUCERS, REGISTRY, events_of, topic
from shared.items import Event
from shared.messaging import envelope

PARTITIONS = 6  # as topics are provisioned unless told otherwise; services need no number
BINDING = "0.5.0"  # of the Kafka bindings of AsyncAPI
RECORDED_AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
CAUSE = "ce_causationid"

# A word of every field that is neither an id, a time, a number nor an enumeration. Codes only: nothing that a person could have typed.
WORDS: Mapping[str, str] = {
    "care_role": "home_nursing",
    "case_reference": "2026-0042",
    "channel": "email",
    "languages": "nl",
    "level": "complex",
    "missing": "belrai_screener",
    "needs": "housing",
    "nis": "44085",
    "outcome": "goals_reached",
    "programme": "perinatal",
    "programme_added": "frail",
    "reason": "no_room",
    "reference": "OM-26-1947-K",
    "role": "care_coordinator",
    "rule_version": "2026-11",
    "status": "assigned",
    "zone": "meetjesland-oost",
}
VALUES: Mapping[tuple[str, str | None], Any] = {
    ("boolean", None): False,
    ("integer", None): 1,
    ("number", None): 1,
    ("string", "date-time"): RECORDED_AT.isoformat(),
}


class NoWord(LookupError):
    """A text field of an event has no example; give it a code in WORDS, or make it an id: events carry no free text."""


def document(hearing: Mapping[str, Iterable[type[Event]]]) -> dict[str, Any]:
    """The whole document. `hearing`: each service's name and the events it listens to."""
    places, defined = models_json_schema(
        [(cls, "validation") for cls in REGISTRY.values()], ref_template="#/components/schemas/{model}", by_alias=True
    )
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Zorgspoor events",
            "version": "1",
            "description": "Facts as CloudEvents 1.0 in Kafka's binary mode: ids, codes, numbers and times, nothing else about anyone. "
            "A version only ever gains optional fields, so ignore what you do not know; a breaking change is a new type. "
            "Records with the same key are in order. An installation may put a prefix before topic and group names.",
        },
        "defaultContentType": "application/json",
        "channels": {producer: _channel(producer) for producer in PRODUCERS},
        "operations": _operations(hearing),
        "components": {
            "messages": {type_: _message(cls, places[(cls, "validation")]) for type_, cls in REGISTRY.items()},
            "schemas": {name: _open(schema) for name, schema in defined["$defs"].items()} | {"headers": HEADERS},
        },
    }


def example(cls: type[Event]) -> Event:
    """An event with every field filled in, always the same. Raises NoWord for a field that could be free text."""
    schema = cls.model_json_schema()
    return cls.model_validate(_filled(cls.__name__, schema, schema.get("$defs", {})))


def example_headers(event: Event) -> dict[str, str]:
    """The headers of an example, as the relay writes them."""
    written = envelope.headers(
        event_id=_id(event.type, "event"),
        type_=event.type,
        key=event.key,
        recorded_at=RECORDED_AT,
        correlation_id=_id(event.type, "conversation"),
        causation_id=_id(event.type, "cause"),
    )
    return {name: value.decode() for name, value in written}


def summary(thing: object) -> str:
    """The first sentence of what a class or a handler says of itself."""
    paragraph = " ".join((inspect.getdoc(thing) or "").partition("\n\n")[0].split())
    return paragraph.partition(". ")[0].rstrip(".") + "."


def key_field(event: Event) -> str:
    """The field whose id is the key of the record."""
    return next(name for name, value in event if value == event.key)


def _channel(producer: str) -> dict[str, Any]:
    return {
        "address": topic(producer),
        "summary": summary(PRODUCERS[producer]),
        "messages": {type_: {"$ref": f"#/components/messages/{type_}"} for type_ in events_of(producer)},
        "bindings": {"kafka": {"topic": topic(producer), "partitions": PARTITIONS, "bindingVersion": BINDING}},
    }


def _operations(hearing: Mapping[str, Iterable[type[Event]]]) -> dict[str, Any]:
    result = {f"{producer}_publishes": _operation("send", producer, events_of(producer)) for producer in PRODUCERS}
    for service, events in hearing.items():
        types = sorted(cls.type for cls in events)
        for producer in sorted({type_.partition(".")[0] for type_ in types}):
            heard = _operation("receive", producer, [type_ for type_ in types if type_.startswith(f"{producer}.")])
            group = {"type": "string", "const": service}
            heard["bindings"] = {"kafka": {"groupId": group, "bindingVersion": BINDING}}
            result[f"{service}_hears_{producer}"] = heard
    return result


def _operation(action: str, producer: str, types: Iterable[str]) -> dict[str, Any]:
    channel = f"#/channels/{producer}"
    return {"action": action, "channel": {"$ref": channel}, "messages": [{"$ref": f"{channel}/messages/{type_}"} for type_ in types]}


def _message(cls: type[Event], payload: Mapping[str, Any]) -> dict[str, Any]:
    shown = example(cls)
    fixed = {"ce_type": {"const": cls.type}, "ce_source": {"const": "/" + cls.type.partition(".")[0]}}
    return {
        "name": cls.type,
        "title": cls.__name__,
        "summary": summary(cls),
        "contentType": "application/json",
        "correlationId": {"location": "$message.header#/ce_correlationid"},
        "headers": {"allOf": [{"$ref": "#/components/schemas/headers"}, {"type": "object", "properties": fixed}]},
        "payload": dict(payload),
        "bindings": {"kafka": {"key": _text("uuid", f"`{key_field(shown)}`"), "bindingVersion": BINDING}},
        "examples": [{"name": "example", "headers": example_headers(shown), "payload": shown.model_dump(mode="json")}],
    }


def _open(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema for readers: fields may be added within a version, so they must not be refused."""
    return {name: value for name, value in schema.items() if name != "additionalProperties"}


def _filled(name: str, schema: Mapping[str, Any], defined: Mapping[str, Any]) -> Any:
    """A value that fits a schema; `name` is the field it is for."""
    if "$ref" in schema:
        return _filled(name, defined[schema["$ref"].rpartition("/")[2]], defined)
    if "enum" in schema or "const" in schema:
        return schema["const"] if "const" in schema else schema["enum"][0]
    if "anyOf" in schema:
        return _filled(name, next(part for part in schema["anyOf"] if part.get("type") != "null"), defined)
    return _of_type(name, schema, defined)


def _of_type(name: str, schema: Mapping[str, Any], defined: Mapping[str, Any]) -> Any:
    kind = schema["type"], schema.get("format")
    if kind in VALUES:
        return VALUES[kind]
    if kind == ("object", None):
        return {field: _filled(field, part, defined) for field, part in schema["properties"].items()}
    if kind == ("array", None):
        return [_filled(name, schema["items"], defined)]
    if kind == ("string", "uuid"):
        return str(_id("example", name))
    if kind == ("string", None) and name in WORDS:
        return WORDS[name]
    raise NoWord(f"{name}: {dict(schema)}")


def _id(space: str, name: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"{space}/{name}")


def _text(format_: str, description: str) -> dict[str, Any]:
    return {"type": "string", "format": format_, "description": description}


HEADERS: dict[str, Any] = {
    "type": "object",
    "description": "CloudEvents attributes, then what belongs to the transport. All are UTF-8 text.",
    "required": [
        "ce_specversion",
        "ce_id",
        "ce_type",
        "ce_source",
        "ce_subject",
        "ce_time",
        "content-type",
        "ce_correlationid",
        "traceparent",
    ],
    "properties": {
        "ce_specversion": {"type": "string", "const": "1.0"},
        "ce_id": _text("uuid", "The event; the same in every delivery, and while two versions of a fact are published."),
        "ce_type": {"type": "string", "pattern": r"^[a-z]+\.[a-z_]+\.v[1-9][0-9]*$", "description": "producer.fact.version"},
        "ce_source": {"type": "string", "description": "The producer."},
        "ce_subject": _text("uuid", "Whom or what it is about: the record's key."),
        "ce_time": _text("date-time", "When it was recorded, with its time zone."),
        "content-type": {"type": "string", "const": "application/json"},
        "ce_correlationid": _text("uuid", "The conversation that it belongs to."),
        CAUSE: _text("uuid", "The event or timer that caused it; absent where a person did."),
        "traceparent": {"type": "string", "pattern": "^00-[0-9a-f]{32}-[0-9a-f]{16}-01$", "description": "W3C trace context."},
    },
}
