"""What is kept says nothing of the machine or the network it was made on."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from tests.architecture import tree

pytestmark = pytest.mark.skipif(not (tree.PROJECT / ".git").exists(), reason="not a git checkout: which files are kept is not known")

REGISTRY = re.compile(r"registry\.npmjs|registry\.yarnpkg|files\.pythonhosted|pypi\.org|repo1?\.maven")
DOWNLOAD = re.compile(r"^\s*(--(extra-)?index-url|--find-links|-i |-f )|@ (https?|file):", re.MULTILINE)
MACHINE = re.compile(r"(?<![\w.*}])/(work|root|home|Users)/\w|\.\./shared")
PICTURES = {".png", ".jpg", ".jpeg", ".ico", ".woff2", ".pdf"}


@pytest.fixture(scope="module")
def kept() -> dict[str, str]:
    """Every text that is kept, except this one, which names what it looks for."""
    return {tree.named(path): path.read_text() for path in tree.files() if path.suffix not in PICTURES and path != Path(__file__)}


def test_no_package_registry_is_named(kept: dict[str, str]):
    assert [name for name, text in kept.items() if REGISTRY.search(text)] == []


def test_no_path_of_a_machine_is_named(kept: dict[str, str]):
    assert {name: found[0] for name, text in kept.items() if (found := MACHINE.search(text))} == {}


@pytest.mark.parametrize(
    "line", ["cd /root/zorgspoor", "data = '/home/an/data'", "see ../shared/design", "https://files.pythonhosted.org/x"]
)
def test_a_trace_of_a_machine_or_its_network_is_seen(line: str):
    assert MACHINE.search(line) or REGISTRY.search(line)


def test_locks_hold_hashes_and_no_addresses(kept: dict[str, str]):
    locks = {name: text for name, text in kept.items() if Path(name).name == "requirements.lock"}
    assert len(locks) == 3
    for name, text in locks.items():
        assert not DOWNLOAD.search(text), name
        packages = re.findall(r"^[^\s#].*==(?:.*\\\n)*.*$", text, re.MULTILINE)
        assert packages, name
        assert [package for package in packages if "--hash=sha256:" not in package] == [], name


@pytest.mark.parametrize("part", ["contracts", "browser"])
def test_locks_of_npm_hold_hashes_and_no_addresses(kept: dict[str, str], part: str):
    packages = json.loads(kept[f"tests/{part}/package-lock.json"])["packages"]
    assert packages
    assert [name for name, package in packages.items() if name and ("resolved" in package or "integrity" not in package)] == []


def test_every_library_that_is_imported_is_a_dependency_in_the_lock(kept: dict[str, str]):
    project = tomllib.loads(kept["pyproject.toml"])["project"]
    asked = project["dependencies"] + [line for extra in project["optional-dependencies"].values() for line in extra]
    names = {re.split(r"[\[<>=~! ]", line, maxsplit=1)[0].lower() for line in asked}
    locked = set(re.findall(r"^([a-z0-9._-]+)(?:\[.*\])?==", kept["tests/requirements.lock"].lower(), re.MULTILINE))
    assert names - locked == set()
