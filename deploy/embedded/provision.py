"""What the services find: a database and two logins each on one PostgreSQL server, one more database for who is signed in, and a topic each on Kafka.

Knows nothing of where the servers came from: the embedded ones, containers and a cluster are provisioned by the same code. Everything may be repeated.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from deploy.embedded import kafka_rights, rights
from shared.access.database import MIGRATIONS as SESSIONS
from shared.messaging import migrations
from shared.settings import ACCESS, DATABASES, SERVICES

DsnOf = Callable[[str], str]
_SERVICES = Path(__file__).resolve().parents[2] / "services"
# any number, the same in every process that provisions: CREATE ROLE and CREATE DATABASE know no IF NOT EXISTS
_LOCK = 7_401_180


async def provision(
    postgres: DsnOf,
    kafka: str,
    *,
    passwords: Mapping[str, str] | None = None,
    partitions: int = 6,
    replication: int = 1,
    prefix: str = "",
    kafka_security: Mapping[str, Any] | None = None,
) -> None:
    """Make databases, logins and topics of all services and the database of sign-ins, as far as they are not there.

    `postgres` gives the superuser's DSN for a database; `passwords` one per login (`owner_of` and `logins_of` name them; none: the server trusts);
    `prefix` stands before the topics' names (`Settings.kafka_prefix`); `kafka_security` holds the connection arguments that aiokafka takes.
    Raises what asyncpg or aiokafka raise when a server refuses or is away.
    """
    for service in DATABASES:
        await logins(postgres, service, passwords or {})
        await database(postgres, service)
    await topics(kafka, partitions=partitions, replication=replication, prefix=prefix, security=kafka_security or {})


async def tables(postgres: DsnOf, *, passwords: Mapping[str, str] | None = None) -> dict[str, list[str]]:
    """Apply the migrations that are missing, the kernel's first, and take back what app logins may less; per service the names of those applied."""
    applied = {}
    for name in DATABASES:
        owner = owner_of(name)
        dsn = dsn_as(postgres(name), user=owner, password=(passwords or {}).get(owner))
        if name == ACCESS:
            applied[name] = await migrations.migrate(dsn, *SESSIONS)
            await give_access(dsn)
        else:
            applied[name] = await migrations.migrate(dsn, migrations.KERNEL, _SERVICES / name / "migrations")
            await narrow(dsn, name)
    return applied


def owner_of(name: str) -> str:
    """Who makes and changes the tables of a database."""
    return f"{name}_owner"


def logins_of(name: str) -> list[str]:
    """Who reads and writes rows of a database: one service, or at `access` each of them under a login of its own."""
    return [f"{ACCESS}_{service}" for service in SERVICES] if name == ACCESS else [f"{name}_app"]


def dsn_as(dsn: str, *, database: str | None = None, user: str | None = None, password: str | None = None) -> str:
    """The same server's DSN for another database, or another login (whose password replaces the one in the DSN)."""
    parts = urlsplit(dsn)
    login, _, server = parts.netloc.rpartition("@")
    if user is not None:
        login = quote(user, safe="") + (f":{quote(password, safe='')}" if password else "")
    path = parts.path if database is None else f"/{database}"
    return urlunsplit((parts.scheme, f"{login}@{server}" if login else server, path, parts.query, parts.fragment))


async def logins(postgres: DsnOf, name: str, passwords: Mapping[str, str]) -> None:
    """The owner of a database makes and changes tables, its other logins read and write rows; none may more.

    `<service>_batch` is no login: `<service>_app` becomes it within a transaction that decides for many at once, and then sees every row.
    """
    async with _alone(postgres("postgres")) as connection:
        for role in (owner_of(name), *logins_of(name)):
            if not await connection.fetchval("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", role):
                await _execute(connection, "CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE", role)
            if role in passwords:
                await _execute(connection, "ALTER ROLE %I PASSWORD %L", role, passwords[role])
        batch = f"{name}_batch"
        if name != ACCESS and not await connection.fetchval("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", batch):
            await _execute(connection, "CREATE ROLE %I NOLOGIN BYPASSRLS", batch)
            await _execute(connection, "GRANT %I TO %I WITH INHERIT FALSE, SET TRUE", batch, f"{name}_app")


async def database(postgres: DsnOf, of: str, *, name: str | None = None) -> None:
    """The database of a service or of who is signed in (`name`: another one than its own, for a test), closed to everyone but its logins.

    A service's login may read and write the rows of whatever its owner makes; those at `access` get what `give_access` says.
    """
    name, owner = name or of, owner_of(of)
    async with _alone(postgres("postgres")) as connection:
        if not await connection.fetchval("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name):
            await _execute(
                connection,
                "CREATE DATABASE %I OWNER %I TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'",
                name,
                owner,
            )
        await _execute(connection, "REVOKE ALL ON DATABASE %I FROM PUBLIC", name)
        for login in logins_of(of):
            await _execute(connection, "GRANT CONNECT ON DATABASE %I TO %I", name, login)
    async with _alone(postgres(name)) as connection:
        for role in () if of == ACCESS else (f"{of}_app", f"{of}_batch"):
            for statement in (
                "ALTER DEFAULT PRIVILEGES FOR ROLE %I GRANT USAGE ON SCHEMAS TO %I",
                "ALTER DEFAULT PRIVILEGES FOR ROLE %I GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO %I",
                "ALTER DEFAULT PRIVILEGES FOR ROLE %I GRANT USAGE, SELECT ON SEQUENCES TO %I",
                "ALTER DEFAULT PRIVILEGES FOR ROLE %I GRANT EXECUTE ON FUNCTIONS TO %I",
            ):
                await _execute(connection, statement, owner, role)
        await _execute(connection, "ALTER DEFAULT PRIVILEGES FOR ROLE %I REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC", owner)


async def narrow(owner_dsn: str, service: str) -> None:
    """Leave the app login, and the batch that it becomes, only what they may with the tables of `rights.LESS`."""
    async with _alone(owner_dsn) as connection:
        for role in (f"{service}_app", f"{service}_batch"):
            for table, kept in rights.LESS.items():
                for privilege in sorted(rights.TABLES - kept):
                    await _execute(connection, f"REVOKE {privilege} ON TABLE %I FROM %I", table, role)


async def give_access(owner_dsn: str) -> None:
    """Leave each login at `access` what `rights.ACCESS` says, at one moment, so that a running service never lacks anything."""
    async with _alone(owner_dsn) as connection, connection.transaction():
        for service, given in rights.ACCESS.items():
            login = f"{ACCESS}_{service}"
            for kind in ("TABLES", "SEQUENCES", "FUNCTIONS"):
                await _execute(connection, f"REVOKE ALL ON ALL {kind} IN SCHEMA public FROM %I", login)
            for thing, privileges in given.items():
                await _execute(connection, f"GRANT {privileges} ON {thing} TO %I", login)


async def topics(kafka: str, *, partitions: int, replication: int, prefix: str, security: Mapping[str, Any]) -> None:
    """One topic per service, `<prefix><service>.events`; one that is there stays as it is. Where clients sign in, each gets the rights of its service."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka, **security)
    try:
        await admin.start()
        wanted = [
            NewTopic(
                f"{prefix}{service}.events", partitions, replication, topic_configs={"min.insync.replicas": str(max(1, replication - 1))}
            )
            for service in SERVICES
        ]
        answer = await admin.create_topics(wanted, timeout_ms=30_000)
        if "sasl_mechanism" in security:
            await kafka_rights.give(admin, prefix)
    finally:
        await admin.close()
    for topic, code, *rest in answer.topic_errors:
        if code not in (0, TopicAlreadyExistsError.errno):
            error: type[KafkaError] = for_code(code)
            raise error(f"topic {topic}: {rest[0] if rest else 'refused'}")


@contextlib.asynccontextmanager
async def _alone(dsn: str) -> AsyncIterator[asyncpg.Connection]:
    """A superuser's connection, while no other process provisions this database."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        yield connection
    finally:
        await connection.close()


async def _execute(connection: asyncpg.Connection, statement: str, *words: str) -> None:
    """Run a statement of definition, which takes no parameters: the server itself quotes the words into it."""
    places = ", ".join(f"${number}::text" for number in range(1, len(words) + 1))
    await connection.execute(await connection.fetchval(f"SELECT format('{statement.replace(chr(39), chr(39) * 2)}', {places})", *words))
