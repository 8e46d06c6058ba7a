"""`zorgspoor token`: a bearer token of one of the demonstration's personas, for the API."""

from __future__ import annotations

from pathlib import Path

import click

from deploy.embedded import running
from services.commands.options import data_option
from shared.access.actors import KEY_BYTES, Tokens
from shared.access.personas import DESCRIPTIONS, PERSONAS
from shared.settings import settings


@click.command()
@click.argument("persona", type=click.Choice(list(PERSONAS)), required=False)
@click.option("--list", "show", is_flag=True, help="Show who one can be.")
@click.option("--hours", default=8.0, show_default=True, help="How long it is valid.")
@data_option
def token(persona: str | None, show: bool, hours: float, data: Path) -> None:
    """Print a token, to be sent as `Authorization: Bearer …`."""
    if show or persona is None:
        shown = click.HelpFormatter()
        shown.write_dl([(name, f"{actor.name}. {DESCRIPTIONS[name]}") for name, actor in PERSONAS.items()])
        click.echo(shown.getvalue(), nl=False)
        return
    click.echo(Tokens(_key(data)).issue(PERSONAS[persona], hours))


def _key(data: Path) -> str:
    """The signing key of the services' own settings (in a container), or of what runs on the data directory."""
    own = settings()
    if own.demo and len(own.token_key.get_secret_value()) >= KEY_BYTES:
        return own.token_key.get_secret_value()
    try:
        return running.Running.load(data).token_key()
    except running.NothingRuns as error:
        raise click.ClickException(str(error)) from error
