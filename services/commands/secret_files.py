"""`zorgspoor init-secrets`: the passwords and keys of an installation. The script does it, because a host of containers needs no Python."""

from __future__ import annotations

import os
from pathlib import Path

import click

SCRIPT = Path(__file__).resolve().parents[2] / "deploy" / "init-secrets"


@click.command("init-secrets")
@click.option("--demo", is_flag=True, help="Compose then also starts the demonstration (people and mails are invented).")
def init_secrets(*, demo: bool) -> None:
    """Make what is missing in deploy/secrets, and name that folder in .env. May be repeated."""
    os.execv(SCRIPT, [str(SCRIPT), *(["--demo"] if demo else [])])  # noqa: S606
