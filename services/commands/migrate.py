"""`zorgspoor migrate`: what the services need to find before they start, here or on servers elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from pydantic import SecretStr

from deploy.embedded import provision, running
from services.commands.options import data_option
from shared.messaging import broker_access
from shared.settings import Settings

SUPERUSER = "postgres"


@click.command()
@data_option
@click.option(
    "--postgres", envvar="ZORGSPOOR_POSTGRES", metavar="DSN", help="The superuser's address on another server than the embedded one."
)
@click.option("--kafka", envvar="ZORGSPOOR_KAFKA", metavar="HOST:PORT", help="Brokers elsewhere, separated by commas.")
@click.option(
    "--kafka-user", envvar="ZORGSPOOR_KAFKA_USER", default="", help="Who makes topics and rights there; signs in by SCRAM-SHA-512."
)
@click.option("--kafka-tls", envvar="ZORGSPOOR_KAFKA_TLS", is_flag=True, help="The brokers elsewhere speak TLS.")
@click.option("--kafka-ca", envvar="ZORGSPOOR_KAFKA_CA", type=click.Path(path_type=Path), help="The authority of their certificates.")
@click.option(
    "--passwords",
    envvar="ZORGSPOOR_PASSWORDS",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder with the files `<login>_password`: postgres, intake_owner, intake_app, kafka_admin …",
)
@click.option("--partitions", envvar="ZORGSPOOR_PARTITIONS", default=6, show_default=True, help="Of each topic.")
@click.option("--replication", envvar="ZORGSPOOR_REPLICATION", default=1, show_default=True, help="Copies of each topic.")
@click.option("--prefix", envvar="ZORGSPOOR_KAFKA_PREFIX", default="", help="Before the names of topics.")
def migrate(
    *,
    data: Path,
    postgres: str | None,
    kafka: str | None,
    kafka_user: str,
    kafka_tls: bool,
    kafka_ca: Path | None,
    passwords: Path | None,
    partitions: int,
    replication: int,
    prefix: str,
) -> None:
    """Make databases, logins, topics and tables as far as they are missing. May be repeated."""
    known = {file.name.removesuffix("_password"): file.read_text().strip() for file in passwords.glob("*_password")} if passwords else {}
    if postgres is None or kafka is None:
        try:
            stack = running.Running.load(data)
        except running.NothingRuns as error:
            raise click.ClickException(str(error)) from error
        postgres, kafka = postgres or stack.postgres, kafka or stack.kafka
    if SUPERUSER in known:
        postgres = provision.dsn_as(postgres, user=SUPERUSER, password=known[SUPERUSER])
    password = SecretStr(known.get(f"kafka_{kafka_user}", ""))
    security = broker_access.arguments(Settings(kafka_user=kafka_user, kafka_password=password, kafka_tls=kafka_tls, kafka_ca=kafka_ca))
    topics = {
        "partitions": partitions,
        "replication": replication,
        "prefix": prefix,
        "kafka_security": security if kafka_user or kafka_tls else {},
    }
    applied = asyncio.run(_migrate(postgres, kafka, known, topics))
    for service, names in applied.items():
        click.echo(f"{service}: {', '.join(names) or 'nothing new'}")


async def _migrate(postgres: str, kafka: str, passwords: Mapping[str, str], topics: Mapping[str, Any]) -> dict[str, list[str]]:
    def superuser(database: str) -> str:
        return provision.dsn_as(postgres, database=database)

    await provision.provision(superuser, kafka, passwords=passwords, **topics)
    return await provision.tables(superuser, passwords=passwords)
