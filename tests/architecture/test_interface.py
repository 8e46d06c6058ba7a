"""docs/interface.md shows what there is: its components exist, its pictures too, and they are small."""

from __future__ import annotations

import re

from tests.architecture import tree

DOCUMENT = tree.PROJECT / "docs" / "interface.md"
COMPONENTS = tree.PROJECT / "shared" / "web" / "templates" / "parts.html"
LARGEST = 60_000


def test_every_component_that_is_named_exists():
    macros = set(re.findall(r"{% macro (\w+)", COMPONENTS.read_text(encoding="utf-8")))
    named = set(re.findall(r"(?<!\w)parts\.(\w+)", DOCUMENT.read_text(encoding="utf-8"))) - {"html"}
    assert len(named) > 20
    assert named - macros == set()


def test_every_picture_is_there_shown_and_small():
    shown = {DOCUMENT.parent / path for path in re.findall(r"\]\((images/[\w/-]+\.png)\)", DOCUMENT.read_text(encoding="utf-8"))}
    taken = set((DOCUMENT.parent / "images" / "interface").glob("*.png"))
    assert {path.name for path in shown ^ taken} == set()
    assert {path.name: path.stat().st_size for path in taken if path.stat().st_size > LARGEST} == {}
