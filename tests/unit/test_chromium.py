"""Which browser the tests take, and what is done where there is none."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from services.commands import checks, chromium


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with nothing but this folder on its PATH, not in CI."""
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("CHROMIUM", "CI", "ZORGSPOOR_CI"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def a_program(folder: Path, name: str) -> Path:
    program = folder / name
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    return program


@pytest.mark.parametrize("name", ["chromium", "chromium-browser", "google-chrome"])
def test_it_is_found_by_name(machine: Path, name: str) -> None:
    assert chromium.find() is None
    program = a_program(machine, name)
    assert chromium.find() == program


def test_the_named_one_comes_first(machine: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    a_program(machine, "chromium")
    own = a_program(tmp_path_factory.mktemp("elsewhere"), "my-chromium")
    monkeypatch.setenv("CHROMIUM", str(own))
    assert chromium.find() == own


def test_without_one_the_command_says_how_to_get_it_and_installs_nothing(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_program(machine, "apt-get")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("something was run"))
    monkeypatch.setattr(subprocess, "Popen", lambda *_, **__: pytest.fail("something was run"))
    result = CliRunner().invoke(checks.test, ["browser"])
    assert result.exit_code == 1
    assert "apt install chromium" in result.output
    assert "CHROMIUM=" in result.output


@pytest.mark.parametrize("sign", ["CI", "ZORGSPOOR_CI"])
def test_in_ci_that_of_the_distribution_is_installed_without_a_question_and_with_an_end(
    machine: Path, monkeypatch: pytest.MonkeyPatch, sign: str
) -> None:
    ran: list[tuple[list[str], dict[str, Any]]] = []

    def run(command: list[str], **options: Any) -> None:
        ran.append((command, options))
        if "install" in command:
            a_program(machine, "chromium")

    monkeypatch.setenv(sign, "true")
    a_program(machine, "apt-get")
    monkeypatch.setattr(subprocess, "run", run)
    assert chromium.find_or_install() == machine / "chromium"
    assert all(options["timeout"] <= 300 and options["stdin"] == subprocess.DEVNULL for _, options in ran)
    assert {"apt-get", "install", "-y", "chromium"} <= set(ran[-1][0])
    assert chromium.find_or_install()
    assert len(ran) == 2, "what is there is not installed again"


def test_an_installation_that_takes_too_long_is_given_up(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(command: list[str], timeout: float, **_: Any) -> None:
        raise subprocess.TimeoutExpired(command, timeout)

    monkeypatch.setenv("CI", "true")
    a_program(machine, "apt-get")
    monkeypatch.setattr(subprocess, "run", run)
    assert chromium.find_or_install() is None
