"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path

import click

from deploy.embedded import running

data_option = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path, resolve_path=True),
    default=running.default_data,
    show_default="in your data home",
    help="The directory of a stack's data.",
)
