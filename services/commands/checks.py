"""`zorgspoor test`: everything that CI runs, part by part; all parts run even when an early one failed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import click

from services.commands import chromium

PROJECT = Path(__file__).resolve().parents[2]
TOOLS = {
    "format": ("ruff", "format", "--check", "."),
    "lint": ("ruff", "check", "."),
    "types": ("mypy",),
    "imports": ("lint-imports",),
    "image": ("hadolint", "deploy/Dockerfile"),
}
FOLDERS = ("unit", "contracts", "architecture", "integration", "journeys", "browser", "faults")
BESIDE = "integration"  # waits for servers more than it works
MEANWHILE = (*TOOLS, "unit", "contracts", "architecture", "journeys")  # what runs while it does; browser and faults run alone
_NO_TESTS_RAN = 5
_SUMMARY = re.compile(r"^(=+ )?(no tests ran|(\d+ (passed|failed|errors?|skipped|deselected|warnings?|xfailed|xpassed)(, )?)+) in [\d.]+s")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one part went; `summary` is pytest's own last line, empty for the other tools."""

    name: str
    seconds: float
    good: bool
    summary: str = ""

    def count(self, *words: str) -> int:
        """How many tests the summary counts under these words."""
        return sum(int(number) for number, word in re.findall(r"(\d+) (\w+)", self.summary) if word in words)


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.option("--stack", type=click.Choice(["embedded", "containers"]), help="What the tests with real servers run on (default: embedded).")
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="[PART|PATH]… [PYTEST ARGUMENT]…")
def test(stack: str | None, words: tuple[str, ...]) -> None:
    """Run all parts, or the named parts, or the tests at a path. What follows them goes to pytest.

    Parts: format, lint, types, imports, image, unit, contracts, architecture, integration, journeys, browser, faults.
    """
    parts, further = _split(words)
    environment = os.environ | {"PYTHONPATH": str(PROJECT)} | ({"ZORGSPOOR_TEST_STACK": stack} if stack else {})
    began = time.monotonic()
    outcomes = _run_all(parts or (*TOOLS, *FOLDERS), further, environment)
    _report(outcomes, time.monotonic() - began)
    sys.exit(0 if all(outcome.good for outcome in outcomes) else 1)


def _split(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """The parts and paths that come first, and the rest. Raises UsageError for a word that is neither."""
    parts: list[str] = []
    for position, word in enumerate(words):
        if word.startswith("-"):
            return parts, list(words[position:])
        if word not in (*TOOLS, *FOLDERS) and not (PROJECT / word.split("::")[0]).exists():
            raise click.UsageError(f"there is no part and no path {word!r}; the parts are {', '.join((*TOOLS, *FOLDERS))}")
        parts.append(word)
    return parts, []


Say = Callable[[str], None]


def _run_all(parts: Sequence[str], further: Sequence[str], environment: Mapping[str, str]) -> list[Outcome]:
    """Part by part, one of them beside others where both were asked for; the outcomes in the order of the parts."""
    meanwhile = [part for part in parts if part in MEANWHILE] if BESIDE in parts else []
    outcomes: dict[str, Outcome] = {}
    if meanwhile:
        kept: list[str] = []
        click.echo(f"{BESIDE} runs beside what follows; what it says is shown when it has ended")
        with ThreadPoolExecutor(1) as lane:
            beside = lane.submit(_run, BESIDE, further, environment, kept.append)
            outcomes = {part: _run(part, further, environment) for part in meanwhile}
            outcomes[BESIDE] = beside.result()
        click.echo("".join(kept), nl=False)
    outcomes |= {part: _run(part, further, environment) for part in parts if part not in outcomes}
    return [outcomes[part] for part in parts]


def _show(text: str) -> None:
    click.echo(text, nl=False)


def _run(part: str, further: Sequence[str], environment: Mapping[str, str], say: Say = _show) -> Outcome:
    say(click.style(f"\n── {part}\n", bold=True))
    began = time.monotonic()
    if part in TOOLS:
        program, *arguments = TOOLS[part]
        status, _ = _said([str(Path(sys.executable).with_name(program)), *arguments], environment, say)
        return Outcome(part, time.monotonic() - began, status == 0)
    if part == "browser" and chromium.find_or_install() is None:
        say(f"zorgspoor: {chromium.MISSING}\n")
        return Outcome(part, time.monotonic() - began, good=False, summary="no Chromium")
    path = f"tests/{part}" if part in FOLDERS else part
    status, summary = _said([sys.executable, "-m", "pytest", path, *further], environment, say)
    nothing_chosen = status == _NO_TESTS_RAN and bool(further)  # `-k` that fits no test of this part
    return Outcome(part, time.monotonic() - began, status == 0 or nothing_chosen, summary or f"pytest ended with status {status}")


def _said(command: Sequence[str], environment: Mapping[str, str], say: Say) -> tuple[int, str]:
    """Run a command, passing on its output as it comes; its status and its line of counts, if it printed one."""
    summary = ""
    with subprocess.Popen(
        command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as process:
        for line in process.stdout or ():
            say(line)
            if _SUMMARY.match(line):
                summary = line.strip()
    return process.returncode, summary


def _report(outcomes: Sequence[Outcome], seconds: float) -> None:
    """A line per part, then one plain line with the sum over the parts that are tests."""
    click.secho("\n── all parts", bold=True)
    for outcome in outcomes:
        click.echo(f"{'ok    ' if outcome.good else 'FAILED'}  {outcome.name:<14}{outcome.seconds:7.1f} s  {outcome.summary}")
    click.echo(f"{'':8}{'together':<14}{seconds:7.1f} s")
    passed = sum(outcome.count("passed") for outcome in outcomes)
    failed = sum(outcome.count("failed", "error", "errors") for outcome in outcomes)
    click.echo(f"{passed} passed, {failed} failed")
