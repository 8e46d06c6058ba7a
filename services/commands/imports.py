"""`zorgspoor zones import`, `workforce import`, `directory import`: a zone's own files into a running stack, through its API."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
import httpx

from deploy.demo.identity import asking
from deploy.embedded import running
from services.commands.options import data_option

SECONDS = 60.0
F = TypeVar("F", bound=Callable[..., Any])


def _file_options(command: F) -> F:
    for option in (
        data_option,
        click.option("--dry-run", is_flag=True, help="Check the file and say what would change; change nothing."),
        click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path)),
    ):
        command = option(command)
    return command


@click.group()
def zones() -> None:
    """Zones and their municipalities."""


@zones.command("import")
@_file_options
def import_zones(file: Path, dry_run: bool, data: Path) -> None:
    """Load zones from a CSV file: a zone's name and a municipality (NIS code) per line."""
    _send(data, [("zones", "/intake/api/zones/import")], file, dry_run)


@click.group()
def workforce() -> None:
    """Coordinators, zone leads and zone intake workers."""


@workforce.command("import")
@_file_options
def import_workforce(file: Path, dry_run: bool, data: Path) -> None:
    """Load workers from a CSV file, for the division of cases and into the directory."""
    _send(data, [("workforce", "/coordination/api/workforce/import"), ("directory", "/notifications/api/directory/import")], file, dry_run)


@click.group()
def directory() -> None:
    """The directory of organisations and providers."""


@directory.command("import")
@_file_options
def import_directory(file: Path, dry_run: bool, data: Path) -> None:
    """Load organisations and providers from a CSV file."""
    _send(data, [("directory", "/notifications/api/directory/import")], file, dry_run)


def _send(data: Path, targets: list[tuple[str, str]], file: Path, dry_run: bool) -> None:
    try:
        stack = running.Running.load(data)
        token = asking.token_for(stack.settings(), "ops")
    except (running.NothingRuns, asking.NoToken) as error:
        raise click.ClickException(str(error)) from error
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "text/csv"}
    with httpx.Client(base_url=stack.address or "", headers=headers, timeout=SECONDS, trust_env=False) as client:
        for name, path in targets:
            answer = client.post(
                path,
                params={"dry_run": str(dry_run).lower(), **({"source": file.name} if name == "zones" else {})},
                content=file.read_bytes(),
            )
            _show(name, answer, dry_run)


def _show(name: str, answer: httpx.Response, dry_run: bool) -> None:
    said = answer.json()
    if not answer.is_success:
        lines = [said.get("title", "refused"), *([said["detail"]] if "detail" in said else [])]
        lines += [f"  {error['field']}: {error['message']}" for error in said.get("errors", [])]
        raise click.ClickException(f"{name}: " + "\n".join(lines))
    counts = ", ".join(f"{key.replace('_', ' ')}: {len(value) if isinstance(value, list) else value}" for key, value in said.items())
    click.echo(f"{name}{' (dry run, nothing changed)' if dry_run else ''}: {counts}")
