"""Whom to call where there is violence, as a dated data file with its sources. For pages only: nothing of it goes into mails or events."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from shared.web.languages import current

DATA = Path(__file__).parent / "data" / "helplines.toml"
VIOLENCE = "violence"  # the need that every programme asks first


class Helpline(NamedTuple):
    """A telephone number and what it is for, by language."""

    code: str
    number: str
    labels: Mapping[str, str]
    source: str


@cache
def load_helplines() -> tuple[Helpline, ...]:
    """Every line, the one for acute danger first."""
    lines = tomllib.loads(DATA.read_text(encoding="utf-8"))
    return tuple(Helpline(code, line.pop("number"), line, line.pop("source")) for code, line in lines.items())


def told() -> list[dict[str, str]]:
    """Every line with its number and what it is for, in the language of the request."""
    return [{"number": line.number, "text": line.labels[current()]} for line in load_helplines()]


def where(needs: Collection[str]) -> list[dict[str, str]]:
    """Whom to call, where violence is among the needs."""
    return told() if VIOLENCE in needs else []
