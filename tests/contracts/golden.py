"""Golden records, one per type and version: what was once published must be readable for ever.

`python -m tests.contracts.golden` writes those that are missing. One that is there is never changed: a breaking change is a new type.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.events import REGISTRY, asyncapi, topic

FOLDER = Path(__file__).with_name("golden")


@dataclass(frozen=True)
class Golden:
    """One record as it was published; `value` and `headers` decoded."""

    type: str
    key_id: str
    head: dict[str, str]
    body: dict[str, Any]


@dataclass(frozen=True)
class Record:
    """The same as Kafka hands it over."""

    topic: str
    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]
    partition: int = 0
    offset: int = 0


def types() -> list[str]:
    """The types that have a golden record."""
    return sorted(path.name.removesuffix(".json") for path in FOLDER.glob("*.json"))


def load(type_: str) -> Golden:
    """The golden record of a type."""
    kept = json.loads((FOLDER / f"{type_}.json").read_text())
    return Golden(type_, kept["key"], kept["headers"], kept["value"])


def delivered(golden: Golden, **changed: Any) -> Record:
    """A golden record on its topic, its value changed as said."""
    head = [(name, value.encode()) for name, value in golden.head.items()]
    producer = golden.type.partition(".")[0]
    return Record(topic(producer), golden.key_id.encode(), json.dumps(golden.body | changed).encode(), head)


def write_missing() -> list[Path]:
    """Write a golden record for each type that has none; returns which."""
    written = []
    for type_, cls in REGISTRY.items():
        path = FOLDER / f"{type_}.json"
        if not path.exists():
            event = asyncapi.example(cls)
            record = {"key": str(event.key), "headers": asyncapi.example_headers(event), "value": event.model_dump(mode="json")}
            path.write_text(json.dumps(record, indent=2) + "\n")
            written.append(path)
    return written


if __name__ == "__main__":
    for path in write_missing():
        print(path)
