"""Events carry ids, codes, numbers and times. What a field may hold is decided here, by schema and by name, not by who happens to fill it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from pydantic.json_schema import models_json_schema

from shared.events import REGISTRY, asyncapi
from shared.items import Event, PersonEvent

CODE = re.compile(r"[a-z][a-z0-9]*([_-][a-z0-9]+)*")
# Text that is neither an id nor a time, and the shape that keeps it from being free text. A new field is a decision: add it here, or make it an id.
CODES = {
    "care_role": CODE,
    "case_reference": re.compile(r"\d{4}-\d{4,}"),
    "channel": CODE,
    "languages": re.compile(r"[a-z]{2,3}"),
    "level": CODE,
    "missing": CODE,
    "needs": CODE,
    "nis": re.compile(r"\d{5}"),
    "outcome": CODE,
    "programme": CODE,
    "programme_added": CODE,
    "reason": CODE,
    "reference": re.compile(r"[A-Z][A-Z0-9]{1,7}-\d{2}-\d{4,}-[A-Z]"),
    "role": CODE,
    "rule_version": re.compile(r"\d{4}-\d{2}"),
    "status": CODE,
    "zone": CODE,
}
FORMATS = {"uuid", "date-time"}
NAMES_NOBODY = re.compile(
    r"(^|_)(name|surname|given|family|street|house|postcode|address|phone|mobile|email|mail|birth|born|age|sex|gender|national|insz|nn"
    r"|text|note|notes|remark|comment|description|worry|worries|bmi|score|weight|height|diagnosis)(_|$)"
)


def offending(name: str, schema: dict[str, Any], defined: dict[str, Any]) -> Iterator[str]:
    """The fields of a schema that could hold something personal, each with why."""
    if NAMES_NOBODY.search(name):
        yield f"{name}: by its name"
    if "$ref" in schema:
        yield from offending(name, defined[schema["$ref"].rpartition("/")[2]], defined)
    elif "anyOf" in schema:
        for part in schema["anyOf"]:
            yield from offending(name, part, defined)
    elif "enum" not in schema and "const" not in schema:
        yield from offending_type(name, schema, defined)


def offending_type(name: str, schema: dict[str, Any], defined: dict[str, Any]) -> Iterator[str]:
    match schema.get("type"):
        case "boolean" | "integer" | "number" | "null":
            return
        case "string" if schema.get("format") in FORMATS or ("format" not in schema and name in CODES):
            return
        case "array" if "items" in schema:
            yield from offending(name, schema["items"], defined)
        case "object" if "properties" in schema:
            for field, part in schema["properties"].items():
                yield from offending(field, part, defined)
        case kind:
            yield f"{name}: {schema.get('format') or kind or 'anything'} that is not a known code"


def offending_fields(cls: type[Event]) -> list[str]:
    _, defined = models_json_schema([(cls, "validation")])
    return list(offending("event", defined["$defs"][cls.__name__], defined["$defs"]))


@pytest.mark.parametrize("cls", REGISTRY.values(), ids=REGISTRY)
def test_an_event_holds_only_ids_codes_numbers_and_times(cls: type[Event]):
    assert offending_fields(cls) == []


def test_every_example_is_a_code_of_the_shape_that_its_field_may_have():
    assert set(asyncapi.WORDS) == set(CODES)
    assert [name for name, word in asyncapi.WORDS.items() if not CODES[name].fullmatch(word)] == []


class Talkative(PersonEvent):
    """What nobody may publish."""

    type = "intake.talkative.v1"
    family_name: UUID
    worries: tuple[str, ...] = ()
    what_she_said: str | None = None
    details: dict[str, str] | None = None
    anything: Any = None
    born_on: int = 0
    zone: str = "meetjesland-oost"


def test_free_text_maps_and_telling_names_are_found_wherever_they_hide():
    found = {line.partition(":")[0] for line in offending_fields(Talkative)}
    assert found == {"family_name", "worries", "what_she_said", "details", "anything", "born_on"}


def test_an_example_is_refused_for_a_field_that_could_be_free_text():
    with pytest.raises(asyncapi.NoWord, match="worries"):
        asyncapi.example(Talkative)
