"""`zorgspoor token`: a bearer token of one of the demonstration's personas, for the API."""

from __future__ import annotations

from pathlib import Path

import click

from deploy.demo.identity import asking
from deploy.embedded import running
from services.commands.options import data_option
from shared.access.personas import DESCRIPTIONS, PERSONAS
from shared.settings import Settings, settings


@click.command()
@click.argument("persona", type=click.Choice(list(PERSONAS)), required=False)
@click.option("--list", "show", is_flag=True, help="Show who one can be.")
@click.option("--hours", default=8.0, show_default=True, help="How long it is valid, at most 24.")
@data_option
def token(persona: str | None, show: bool, hours: float, data: Path) -> None:
    """Print a token, to be sent as `Authorization: Bearer …`."""
    if show or persona is None:
        shown = click.HelpFormatter()
        with shown.indentation():
            shown.write_dl([(name, f"{actor.name}. {DESCRIPTIONS[name]}") for name, actor in PERSONAS.items()])
        click.echo(shown.getvalue(), nl=False)
        return
    try:
        click.echo(asking.token_for(stack_settings(data), persona, hours))
    except (running.NothingRuns, asking.NoToken) as error:
        raise click.ClickException(str(error)) from error


def stack_settings(data: Path) -> Settings:
    """The settings of the services' own environment (in a container), or of what runs on the data directory. Raises NothingRuns."""
    own = settings()
    return own if own.identity_issuer else running.Running.load(data).settings()
