"""`zorgspoor sessions`: ending the sessions of somebody who left, or of everybody."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import click

from services.commands import access
from services.commands.options import data_option
from shared.access import sessions as access_sessions


@click.group()
def sessions() -> None:
    """Who is signed in.

    Whoever may no longer sign in is shut out at the identity provider; what they had open here ends with these commands, at the latest
    within five seconds.
    """


@sessions.command("end")
@click.argument("person", type=click.UUID)
@data_option
def end(person: UUID, data: Path) -> None:
    """End every session of one person, named by their id."""
    click.echo(f"{access.run(data, lambda: access_sessions.end_all(person))} ended")


@sessions.command("end-all")
@data_option
def end_all(data: Path) -> None:
    """End every session of everybody."""
    click.echo(f"{access.run(data, access_sessions.end_everybodys)} ended")
