from __future__ import annotations

import json
import re
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from services.commands.sbom import LOCKS, SCRIPTS, document, read, sbom

PROJECT = Path(__file__).parents[2]


def made(of: str) -> dict[str, Any]:
    result = CliRunner().invoke(sbom, ["--of", of])
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.stdout))


@pytest.mark.parametrize("of", LOCKS)
def test_it_names_every_package_of_the_lock_with_its_hashes(of: str) -> None:
    lock = (PROJECT / LOCKS[of]).read_text()
    pinned = dict(re.findall(r"^([a-z0-9._-]+)==([^\s;\\]+)", lock, re.MULTILINE))
    found = [part for part in made(of)["components"] if part["purl"].startswith("pkg:pypi/")]
    assert {part["name"]: part["version"] for part in found} == pinned
    assert sum(len(part["hashes"]) for part in found) == len(set(re.findall(r"sha256:([0-9a-f]{64})", lock)))
    assert all(part["purl"] == f"pkg:pypi/{part['name']}@{part['version']}" for part in found)


def test_it_names_the_scripts_of_the_pages() -> None:
    found = {part["name"]: part for part in made("image")["components"] if part["purl"].startswith("pkg:npm/")}
    asked = json.loads((PROJECT / "shared/web/vendor/package.json").read_text())["dependencies"]
    assert {name: part["version"] for name, part in found.items()} == asked
    assert all([each["alg"] for each in part["hashes"]] == ["SHA-512"] for part in found.values())


def test_it_is_cyclonedx_says_what_needs_what_and_is_the_same_again() -> None:
    lock, project, scripts = ((PROJECT / file).read_text() for file in (LOCKS["image"], "pyproject.toml", SCRIPTS))
    text = document(lock, project, scripts)
    found = json.loads(text)
    assert (found["bomFormat"], found["specVersion"], found["metadata"]["component"]["name"]) == ("CycloneDX", "1.6", "zorgspoor")
    needs = {
        re.split("==|@", each["ref"])[0]: {re.split("==|@", on)[0] for on in each.get("dependsOn", ())} for each in found["dependencies"]
    }
    assert {"asyncpg", "pydantic", "starlette"} <= needs["zorgspoor"]
    assert "pydantic-core" in needs["pydantic"]
    assert {name for name in needs if name != "zorgspoor"} == set().union(*needs.values()), "nothing in the image that nothing needs"
    assert json.loads(document(lock, project, scripts))["components"] == found["components"]


def test_what_the_locks_name_is_what_is_installed() -> None:
    other = {
        each.name: (each.version, version(each.name))
        for each in read((PROJECT / LOCKS["image"]).read_text())
        if version(each.name) != each.version
    }
    assert other == {}


def test_every_pin_has_hashes_and_a_reason() -> None:
    for lock in LOCKS.values():
        for package in read((PROJECT / lock).read_text()):
            assert package.hashes, (lock, package.name)
            assert package.needed_by, (lock, package.name)
