"""On a real server: an app login reads and writes the rows of its own service, and may nothing else; at `access` each has its part."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg
import pytest

from deploy.embedded import provision
from deploy.embedded.rights import ADDED_TO, LESS, SEQUENCES, TABLES
from shared.settings import ACCESS, SERVICES
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


# what is not here is refused; a right on some columns only names them
WHO_ASKS = {"session_of": "EXECUTE", "use_session": "EXECUTE", "token_of": "EXECUTE"}
TOLD = (
    "at", "actor_id", "role", "organisation_id", "zone", "person_id", "case_id", "subject_id", "action", "purpose", "relation", "outcome",
    "request_id",
)  # fmt: skip
AT_ACCESS = {
    "access_intake": WHO_ASKS
    | {
        "sign_ins": "SELECT INSERT DELETE",
        "sessions": "SELECT INSERT DELETE UPDATE(secret_hash) UPDATE(chosen) UPDATE(shown_at)",
        "preferences": "SELECT INSERT UPDATE(language) UPDATE(changed_at)",
        "clients": "SELECT INSERT UPDATE(title) UPDATE(scopes) UPDATE(keys) UPDATE(revoked_at)",
        "used_assertions": "SELECT INSERT DELETE",
        "client_tokens": "SELECT INSERT DELETE",
        "audit": f"SELECT {' '.join(f'INSERT({column})' for column in TOLD)}",
        "audit_ids": "USAGE",
        "audit_seals": "SELECT INSERT",
        "keep_audit_partitions": "EXECUTE",
        "asks": "EXECUTE",
        "asks_as": "EXECUTE",
    },
    "access_coordination": WHO_ASKS,
    "access_notifications": WHO_ASKS,
}
# as tried by the login of a service at which nobody signs in
NOT_ELSEWHERE = (
    "select 1 from sessions",
    "select held from sessions",
    "insert into sessions (secret_hash) values ('')",
    "update sessions set used_at = now()",
    "update sessions set secret_hash = ''",
    "update sessions set chosen = 0",
    "update sessions set shown_at = now()",
    "delete from sessions",
    "select 1 from sign_ins",
    "delete from sign_ins",
    "insert into preferences (person_id, language, changed_at) values (gen_random_uuid(), 'nl', now())",
    "update preferences set language = 'fr'",
    "select keys from clients",
    "update clients set revoked_at = null",
    "update clients set scopes = '{}'",
    "delete from clients",
    "select 1 from client_tokens",
    "insert into client_tokens (secret_hash, client_id, scopes, ends_at) values ('', gen_random_uuid(), '{}', now())",
    "delete from used_assertions",
    "select 1 from audit",
    "insert into audit (at, role, action, purpose, outcome) values (now(), '', '', '', '')",
    "select 1 from audit_seals",
    "insert into audit_seals values (1, 0, 0, 0, 0, 0, '')",
    "select nextval('audit_ids')",
    "select keep_audit_partitions(current_date)",
)
# as tried by the login of intake
NOT_AT_INTAKE = (
    "update sessions set person_id = gen_random_uuid()",
    "update sessions set held = '{}'",
    "update sessions set ends_at = 'infinity'",
    "update sessions set used_at = now()",
    "update clients set organisation_id = gen_random_uuid()",
    "update clients set id = gen_random_uuid()",
    "delete from clients",
    "delete from preferences",
    "update preferences set person_id = gen_random_uuid()",
    "update used_assertions set jti_hash = ''",
    "update client_tokens set ends_at = 'infinity'",
    "update sign_ins set ends_at = 'infinity'",
    "update audit set outcome = ''",
    "delete from audit",
    "insert into audit (id, at, role, action, purpose, outcome) values (1, now(), '', '', '', '')",
    "insert into audit (tx, at, role, action, purpose, outcome) values (1, now(), '', '', '', '')",
    "update audit_seals set hash = ''",
    "delete from audit_seals",
    "select 1 from audit_default",
    "select setval('audit_ids', 1)",
    "delete from migrations",
    "select 1 from migrations",
)


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
    for other in {*SERVICES, ACCESS} - {service}:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied for database"):
            await asyncpg.connect(infrastructure.postgres.dsn(other, f"{service}_{login}"))


@pytest.mark.parametrize("login", ["access_owner", *AT_ACCESS])
async def test_a_login_to_who_is_signed_in_enters_no_services_database(infrastructure: Servers, login: str) -> None:
    for service in SERVICES:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied for database"):
            await asyncpg.connect(infrastructure.postgres.dsn(service, login))


async def given_at_access(superuser: str) -> Mapping[str, Mapping[str, str]]:
    """What each role but the owner and the superuser may with what is in database `access`, by itself or as one of all."""
    connection = await asyncpg.connect(superuser)
    try:
        rows = await connection.fetch(
            """with things as (
                   select relname::text as name, relacl as acl, null as part from pg_class where relnamespace = 'public'::regnamespace
                   union all
                   select relname::text, attacl, attname::text from pg_attribute join pg_class c on c.oid = attrelid
                   where relnamespace = 'public'::regnamespace
                   union all
                   select proname::text, coalesce(proacl, acldefault('f', proowner)), null from pg_proc
                   where pronamespace = 'public'::regnamespace)
               select coalesce(rolname, 'public')::text as role, name,
                      string_agg(privilege_type || coalesce('(' || part || ')', ''), ' ') as may
               from things cross join aclexplode(acl) left join pg_roles on pg_roles.oid = grantee
               where rolname is distinct from 'access_owner' and rolname is distinct from 'postgres' group by 1, 2"""
        )
        entering = await connection.fetch(
            """select coalesce(rolname, 'public')::text as role, privilege_type
               from pg_database, aclexplode(datacl) left join pg_roles on pg_roles.oid = grantee where datname = 'access'"""
        )
    finally:
        await connection.close()
    assert {(row["role"], row["privilege_type"]) for row in entering if row["role"] != "access_owner"} == {
        (one, "CONNECT") for one in AT_ACCESS
    }
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        found.setdefault(row["role"], {})[row["name"]] = row["may"]
    return found


async def test_at_access_each_service_has_what_it_does_there_and_nothing_more(infrastructure: Servers) -> None:
    given = await given_at_access(infrastructure.postgres.dsn(ACCESS))
    plain = {role: {name: sorted(may.split()) for name, may in things.items()} for role, things in given.items()}
    assert plain == {role: {name: sorted(may.split()) for name, may in things.items()} for role, things in AT_ACCESS.items()}


async def test_at_access_what_is_outside_the_table_is_refused(infrastructure: Servers) -> None:
    definitions = [statement.replace("outbox", "sessions") for statement in (*DEFINITIONS, *SUPERUSERS)]
    tried = {
        "access_intake": (*NOT_AT_INTAKE, *definitions, "set role access_owner", "set role access_coordination"),
        "access_coordination": (*NOT_ELSEWHERE, *definitions, "set role access_owner", "set role access_intake"),
        "access_notifications": (*NOT_ELSEWHERE, *definitions, "set role access_owner", "set role access_intake"),
    }
    allowed = {
        (login, statement)
        for login, statements in tried.items()
        for statement in statements
        if not await refused(infrastructure.postgres.dsn(ACCESS, login), statement)
    }
    assert allowed == set()


@pytest.mark.parametrize("service", SERVICES)
async def test_every_service_tells_who_holds_the_secret_that_it_was_handed(infrastructure: Servers, service: str) -> None:
    now, secret, person = datetime.now(UTC), uuid4().bytes, uuid4()
    intake = await asyncpg.connect(infrastructure.postgres.dsn(ACCESS, "access_intake"))
    asking = await asyncpg.connect(infrastructure.postgres.dsn(ACCESS, f"access_{service}"))
    try:
        await intake.execute(
            """insert into sessions (id, secret_hash, person_id, held, started_at, shown_at, used_at, ends_at)
               values (gen_random_uuid(), $1, $2, '{}', $3, $3, $3, $4)""",
            secret,
            person,
            now - timedelta(minutes=20),
            now + timedelta(hours=1),
        )
        (found,) = await asking.fetch("select * from session_of($1, $2, $3)", secret, now, now - timedelta(minutes=30))
        assert (found["person_id"], "secret_hash" in found) == (person, False)
        assert await asking.fetch("select * from session_of('', $1, $2)", now, now - timedelta(minutes=30)) == []
        await asking.execute("select use_session($1, $2)", secret, now)
        assert await intake.fetchval("select used_at from sessions where secret_hash = $1", secret) == now
        await asking.execute("select use_session($1, $2)", secret, now - timedelta(hours=1))
        assert await intake.fetchval("select used_at from sessions where secret_hash = $1", secret) == now, "it is never used earlier"
        await intake.execute("delete from sessions where secret_hash = $1", secret)
        assert await asking.fetch("select * from token_of('', $1)", now) == []
    finally:
        await intake.close()
        await asking.close()


@pytest.mark.parametrize("role", ["intake_app", "intake_batch"])
async def test_the_keys_of_persons_are_rows_to_intake_and_nothing_to_anybody_else(infrastructure: Servers, role: str) -> None:
    connection = await asyncpg.connect(infrastructure.postgres.dsn("intake"))
    try:
        tables = await connection.fetch(
            """select relname::text as name, array(select p from unnest($1::text[]) p where has_table_privilege($2, c.oid, p)) as may
               from pg_class c where relnamespace = 'keys'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'f', 'S')""",
            EVERY,
            role,
        )
        schema = await connection.fetchrow(
            "select has_schema_privilege($1, 'keys', 'usage') as enters, has_schema_privilege($1, 'keys', 'create') as makes", role
        )
        others = await connection.fetch(
            """select distinct coalesce(rolname, 'public')::text as role from (
                   select nspacl as acl from pg_namespace where nspname = 'keys'
                   union all select relacl from pg_class where relnamespace = 'keys'::regnamespace
                   union all select attacl from pg_attribute join pg_class c on c.oid = attrelid where relnamespace = 'keys'::regnamespace) things
               cross join aclexplode(acl) left join pg_roles on pg_roles.oid = grantee"""
        )
        forced = await connection.fetchval(
            "select relrowsecurity and relforcerowsecurity from pg_class where oid = 'keys.data_keys'::regclass"
        )
    finally:
        await connection.close()
    assert {row["name"]: set(row["may"]) for row in tables} == {
        name: {"SELECT", "INSERT", "UPDATE", "DELETE"} for name in ("data_keys", "told_marks")
    }
    assert tuple(schema) == (True, False)
    assert {row["role"] for row in others} == {"intake_owner", "intake_app", "intake_batch"}
    assert forced


async def test_in_the_schema_of_keys_intake_defines_nothing(infrastructure: Servers) -> None:
    tried = (
        "create table keys.other (id int)",
        "create view keys.other as select 1",
        "create function keys.other() returns int language sql as 'select 1'",
        "truncate keys.data_keys",
        "drop table keys.data_keys",
        "drop schema keys cascade",
        "alter table keys.data_keys no force row level security",
        "alter table keys.data_keys disable row level security",
        "drop policy seen on keys.data_keys",
        "create policy all_of_them on keys.data_keys using (true)",
        "create index on keys.data_keys (id)",
        "copy keys.data_keys to '/tmp/other'",
        "alter schema keys rename to other",
    )
    dsn = infrastructure.postgres.dsn("intake", "intake_app")
    assert [statement for statement in tried if not await refused(dsn, statement)] == []


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
