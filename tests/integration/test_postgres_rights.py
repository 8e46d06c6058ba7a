"""On a real server: an app login reads and writes the rows of its own service, and may nothing else."""

from __future__ import annotations

import asyncpg
import pytest

from deploy.embedded import provision
from deploy.embedded.rights import ADDED_TO, LESS, SEQUENCES, TABLES
from shared.settings import SERVICES
from tests.servers import Servers

EVERY = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN")
DEFINITIONS = (
    "create table other (id int)",
    "create temporary table other (id int)",
    "create schema other",
    "create function other() returns int language sql as 'select 1'",
    "drop extension plpgsql",
    "create view other as select 1",
    "create type other as enum ('a')",
    "create database other",
    "create role other",
    "drop table outbox",
    "truncate outbox",
    "alter table outbox add column other int",
    "alter table outbox disable trigger all",
    "create index on outbox (id)",
    "comment on table outbox is 'other'",
    "drop schema public cascade",
)
SUPERUSERS = (
    "select pg_read_file('/etc/passwd')",
    "select pg_ls_dir('/')",
    "select pg_read_binary_file('/etc/passwd')",
    "select lo_import('/etc/passwd')",
    "select pg_reload_conf()",
    "select pg_rotate_logfile()",
    "select pg_switch_wal()",
    "select pg_create_physical_replication_slot('other')",
    "select * from pg_authid",
    "select * from pg_shadow",
    "select * from pg_hba_file_rules",
    "copy outbox to '/tmp/other'",
    "copy outbox from program 'true'",
    "alter system set log_statement = 'all'",
    "set session_replication_role = replica",
    "set session authorization postgres",
    "set role postgres",
    "alter role current_user superuser",
    "alter role postgres password 'other'",
    "checkpoint",
)


@pytest.fixture(scope="module", autouse=True)
async def provisioned(infrastructure: Servers) -> None:
    """The databases as `zorgspoor migrate` makes them."""
    await provision.provision(infrastructure.postgres.dsn, infrastructure.kafka.bootstrap, prefix="rights.")
    await provision.tables(infrastructure.postgres.dsn)


async def refused(dsn: str, statement: str) -> bool:
    """Whether the server says that this login may not."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(statement)
    except asyncpg.InsufficientPrivilegeError:
        return True
    finally:
        await connection.close()
    return False


@pytest.mark.parametrize("service", SERVICES)
async def test_an_app_login_defines_nothing_and_is_no_superuser(infrastructure: Servers, service: str) -> None:
    dsn = infrastructure.postgres.dsn(service, f"{service}_app")
    other = f"set role {service}_owner"
    allowed = [statement for statement in (*DEFINITIONS, *SUPERUSERS, other) if not await refused(dsn, statement)]
    assert allowed == []


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("login", ["app", "owner"])
async def test_no_login_enters_another_services_database(infrastructure: Servers, service: str, login: str) -> None:
    for other in set(SERVICES) - {service}:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied for database"):
            await asyncpg.connect(infrastructure.postgres.dsn(other, f"{service}_{login}"))


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("role", ["app", "batch"])
async def test_an_app_login_and_its_batch_have_the_rights_of_the_table_on_every_relation(
    infrastructure: Servers, service: str, role: str
) -> None:
    connection = await asyncpg.connect(infrastructure.postgres.dsn(service, f"{service}_app"))
    try:
        await connection.execute(f"set role {service}_{role}")
        tables = await connection.fetch(
            """select relname as name, array(select p from unnest($1::text[]) p where has_table_privilege(c.oid, p)) as may, relkind::text as kind
               from pg_class c where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'f')""",
            EVERY,
        )
        sequences = await connection.fetch(
            """select relname as name, array(select p from unnest(array['SELECT', 'USAGE', 'UPDATE']) p where has_sequence_privilege(c.oid, p)) as may
               from pg_class c where relnamespace = 'public'::regnamespace and relkind = 'S'"""
        )
        owned = await connection.fetchval("select count(*) from pg_class where relowner = current_user::regrole")
        schemas = await connection.fetchval(
            """select array_agg(nspname::text) from pg_namespace
               where nspname <> 'information_schema' and nspname not like 'pg\\_%' and has_schema_privilege(oid, 'create')"""
        )
    finally:
        await connection.close()
    assert len(tables) > 10
    assert {row["name"]: set(row["may"]) for row in tables} == {row["name"]: (LESS | ADDED_TO).get(row["name"], TABLES) for row in tables}
    assert {row["name"]: set(row["may"]) for row in sequences} == {row["name"]: SEQUENCES for row in sequences}
    assert (owned, schemas) == (0, None)


async def test_an_app_login_gives_away_nothing_of_what_it_has(infrastructure: Servers) -> None:
    connection = await asyncpg.connect(infrastructure.postgres.dsn("intake", "intake_app"))
    try:
        await connection.execute("grant select on outbox to public")  # the server only warns
        assert not await connection.fetchval(
            "select exists (select from pg_class, aclexplode(relacl) where relname = 'outbox' and grantee = 0)"
        )
    finally:
        await connection.close()


@pytest.mark.parametrize("service", SERVICES)
async def test_no_login_has_an_attribute_and_an_app_login_can_become_its_batch_only(infrastructure: Servers, service: str) -> None:
    connection = await asyncpg.connect(infrastructure.postgres.dsn())
    try:
        rows = await connection.fetch(
            """select rolname, rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls as more,
                      array(select roleid::regrole::text from pg_auth_members where member = r.oid and not inherit_option and not admin_option)
                          as roles, (select count(*) from pg_auth_members where member = r.oid) as count
               from pg_roles r where rolname = any($1)""",
            [f"{service}_app", f"{service}_owner"],
        )
    finally:
        await connection.close()
    assert {row["rolname"]: (row["more"], row["count"], row["roles"]) for row in rows} == {
        f"{service}_app": (False, 1, [f"{service}_batch"]),
        f"{service}_owner": (False, 0, []),
    }


async def test_the_owner_can_define_so_that_a_refusal_means_something(infrastructure: Servers) -> None:
    dsn = infrastructure.postgres.dsn("intake", "intake_owner")
    assert not await refused(dsn, "create table scrap (id int)")
    assert not await refused(infrastructure.postgres.dsn("intake", "intake_app"), "insert into scrap values (1)")
    assert not await refused(dsn, "drop table scrap")
