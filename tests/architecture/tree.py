"""The project's own files, as the tests of its shape read them."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
PACKAGES = ("services", "shared", "deploy")
HOUSES = ("intake", "coordination", "notifications")


def modules(*packages: str) -> list[Path]:
    """Every Python module of these packages (all of them if none is named), in order."""
    return sorted(path for package in packages or PACKAGES for path in (PROJECT / package).rglob("*.py"))


def nouns() -> list[Path]:
    """The folders of nouns in the three services: those with modules in them."""
    return sorted(path.parent for house in HOUSES for path in (PROJECT / "services" / house).glob("*/__init__.py"))


def named(path: Path) -> str:
    """A file's path as people write it."""
    return path.relative_to(PROJECT).as_posix()


def dotted(path: Path) -> str:
    """A module's name as it is imported."""
    return ".".join(path.relative_to(PROJECT).with_suffix("").parts)


@cache
def parsed(path: Path) -> ast.Module:
    """A module's syntax tree."""
    return ast.parse(path.read_text(), str(path))


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    """Every call in a piece of code."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def files() -> list[Path]:
    """Every file that git keeps or would keep."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    return [path for name in sorted(set(listed.stdout.split("\0")) - {""}) if (path := PROJECT / name).is_file()]
