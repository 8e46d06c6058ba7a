"""`zorgspoor audit`: show that nobody changed the audit, and hand it over."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import click
import orjson

from deploy.embedded import running
from services.commands.options import data_option
from services.intake.persons import joined
from shared import clock
from shared.access.audit import checkpoints, entries, fhir, sign_ins, verifying
from shared.access.audit.verifying import Verdict
from shared.settings import ACCESS, DATABASES, SERVICES, Settings, settings

BROKEN, AWAY = 1, 3
EVER = datetime(2000, 1, 1, tzinfo=UTC)
services_option = click.option(
    "--service", "services", type=click.Choice(DATABASES), multiple=True, help="Only this one (`access`: who signed in); may be repeated."
)


class Unreadable(Exception):
    """A database cannot be read; the message says which, why and, where this process may only have the addresses of another, what to do."""

    def __init__(self, database: str, why: Exception) -> None:
        container = "intake" if database == ACCESS else database
        hint = f" In compose: docker compose exec {container} zorgspoor audit … --service {database}" if isinstance(why, OSError) else ""
        super().__init__(f"The database of {database} cannot be read: {why}.{hint}")


@click.group()
def audit() -> None:
    """The audit: who did and saw what of whom.

    \b
    ./zorgspoor audit verify                     is it whole, up to the last signed checkpoint?
    ./zorgspoor audit export --person ID         who looked at this person's file, as FHIR AuditEvents
    ./zorgspoor audit export --worker ID         when this worker or machine signed in, as FHIR AuditEvents
    """


@audit.command()
@services_option
@click.option(
    "--checkpoints", "folder", type=click.Path(file_okay=False, path_type=Path), help="The folder of checkpoints, if kept elsewhere."
)
@click.option("--public-key", help="Of the key that signed: 64 hexadecimal digits. Otherwise that of the services' own key.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@data_option
def verify(services: Sequence[str], folder: Path | None, public_key: str | None, as_json: bool, data: Path) -> None:
    """Make the chain again from the entries, and lay it beside the signed checkpoints.

    Ends with 0 when all is whole, 1 when something was changed, 3 when a database cannot be read.
    """
    chosen = _settings(data)
    try:
        key = (
            checkpoints.public_key(public_key) if public_key else checkpoints.private_key(chosen.audit_key.get_secret_value()).public_key()
        )
        verdicts = asyncio.run(_verify(chosen, services or DATABASES, folder or chosen.audit_checkpoints, key))
    except checkpoints.UnusableKey as error:
        raise click.ClickException(str(error)) from error
    except Unreadable as error:
        click.echo(str(error), err=True)
        sys.exit(AWAY)
    if as_json:
        told = {"intact": all(verdict.intact for verdict in verdicts), "public_key": key.public_bytes_raw().hex(), "services": verdicts}
        click.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2))
    else:
        for verdict in verdicts:
            _say(verdict)
    sys.exit(0 if all(verdict.intact for verdict in verdicts) else BROKEN)


async def _verify(chosen: Settings, services: Sequence[str], folder: Path | None, key: Any) -> list[Verdict]:
    verdicts = []
    for service in services:
        async with _reading(chosen, service) as connection:
            verdicts.append(await verifying.verify(connection, service, folder, key))
    return verdicts


def _say(verdict: Verdict) -> None:
    rate = round(verdict.entries / verdict.seconds) if verdict.seconds else 0
    click.echo(
        f"{'whole  ' if verdict.intact else 'CHANGED'}  {verdict.service}: {verdict.entries} entries in {verdict.seals} seals, "
        f"{verdict.checkpoints} signed checkpoints, {verdict.unsealed} not sealed yet ({rate} entries/s)"
    )
    for problem in verdict.problems:
        click.echo(f"         {problem}")


@audit.command()
@services_option
@click.option("--person", "persons", type=click.UUID, multiple=True, help="A person's id; may be repeated.")
@click.option("--subject", "subjects", type=click.UUID, multiple=True, help="The id of a referral, draft or case; may be repeated.")
@click.option("--worker", "workers", type=click.UUID, multiple=True, help="The id of a worker or machine that signed in; may be repeated.")
@data_option
def export(services: Sequence[str], persons: Sequence[UUID], subjects: Sequence[UUID], workers: Sequence[UUID], data: Path) -> None:
    """Print what was recorded about persons, referrals, cases or signing in, as a FHIR R4 Bundle of AuditEvents."""
    if not persons and not subjects and not workers:
        raise click.UsageError("name at least one --person, --subject or --worker")
    chosen = _settings(data)
    try:
        rows = asyncio.run(_rows(chosen, services or SERVICES, persons, subjects)) if persons or subjects else []
        rows += asyncio.run(_sign_ins(chosen, workers))
    except Unreadable as error:
        click.echo(str(error), err=True)
        sys.exit(AWAY)
    click.echo(orjson.dumps(fhir.bundle(rows, clock.now()), option=orjson.OPT_INDENT_2))


async def _rows(chosen: Settings, services: Sequence[str], persons: Sequence[UUID], subjects: Sequence[UUID]) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    if persons:  # intake alone knows which ids a person had before
        async with _reading(chosen, "intake") as connection:
            persons = [*persons, *await joined.former(connection, persons)]
    for service in services:
        async with _reading(chosen, service) as connection:
            found += [(service, row) for row in await entries.about(connection, persons, subjects)]
    return found


async def _sign_ins(chosen: Settings, workers: Sequence[UUID]) -> list[tuple[str, Any]]:
    if not workers:
        return []
    async with _reading(chosen, ACCESS) as connection:
        return [(ACCESS, row) for worker in workers for row in await sign_ins.found(connection, worker, EVER)]


@asynccontextmanager
async def _reading(chosen: Settings, service: str) -> AsyncIterator[Any]:
    """A connection that sees one moment. Raises Unreadable."""
    try:
        connection = await asyncpg.connect(chosen.dsn(service), timeout=5, server_settings={"timezone": "UTC", "jit": "off"})
        try:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                yield connection
        finally:
            await connection.close()
    except (OSError, asyncpg.PostgresError) as error:
        raise Unreadable(service, error) from error


def _settings(data: Path) -> Settings:
    """Of what runs on the data directory, or else of the services' own settings (in a container)."""
    try:
        return running.Running.load(data).settings()
    except running.NothingRuns:
        return settings()
