"""The embedded servers, provisioning, the mail sink, and the commands around them. Real servers; no test needs root, some say more as root."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import signal
import smtplib
import socket
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import psutil
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from click.testing import CliRunner

from deploy.embedded import jars, mailbox, processes, provision, running
from deploy.embedded.infrastructure import Infrastructure
from deploy.embedded.kafka import Kafka
from deploy.embedded.postgres import Postgres
from deploy.embedded.supervisor import Watched
from services.cli import main
from services.commands.checks import Outcome
from shared.access.personas import PERSONAS
from tests import servers
from tests.eventually import eventually

PROJECT = Path(__file__).parents[2]


@contextlib.asynccontextmanager
async def connected(dsn: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(dsn)
    try:
        yield connection
    finally:
        await connection.close()


async def execute(dsn: str, statement: str) -> None:
    async with connected(dsn) as connection:
        await connection.execute(statement)


async def value(dsn: str, question: str) -> Any:
    async with connected(dsn) as connection:
        return await connection.fetchval(question)


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[Postgres]:
    server = Postgres(tmp_path / "postgres", durable=False)
    server.start()
    yield server
    server.remove()


async def test_postgres_restarts_on_its_directory_with_its_port_and_rows(postgres: Postgres) -> None:
    dsn = postgres.dsn()
    await execute(dsn, "CREATE TABLE kept AS SELECT 42 AS number")
    postgres.stop()
    assert postgres.pid is None
    postgres.start()
    assert postgres.dsn() == dsn
    assert await value(dsn, "SELECT number FROM kept") == 42


async def test_postgres_killed_keeps_what_was_committed(postgres: Postgres) -> None:
    await execute(postgres.dsn(), "CREATE TABLE kept AS SELECT generate_series(1, 1000) AS number")
    postgres.kill()
    postgres.start()
    assert await value(postgres.dsn(), "SELECT count(*) FROM kept") == 1000


async def test_postgres_locale_and_loopback(postgres: Postgres) -> None:
    assert (
        await value(postgres.dsn(), "SELECT datlocprovider::text || ' ' || datlocale FROM pg_database WHERE datname = 'postgres'")
        == "b C.UTF-8"
    )
    assert await value(postgres.dsn(), "SHOW listen_addresses") == "127.0.0.1"
    assert {connection.laddr.ip for connection in psutil.Process(postgres.pid).net_connections("inet")} == {"127.0.0.1"}


async def test_a_pid_file_whose_number_belongs_to_another_program_is_no_obstacle(postgres: Postgres) -> None:
    postgres.kill()
    pid_file = (postgres.directory / "cluster").resolve() / "data" / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    owner = pid_file.stat().st_uid if os.geteuid() == 0 else None
    stranger = subprocess.Popen(["sleep", "60"], user=owner)  # noqa: ASYNC220 - returns at once
    try:
        pid_file.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
        postgres.start()
        assert await value(postgres.dsn(), "SELECT 1") == 1
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


async def test_a_second_owner_of_the_directory_takes_the_server_over(postgres: Postgres) -> None:
    await execute(postgres.dsn(), "CREATE TABLE kept AS SELECT 42 AS number")
    before = postgres.pid
    second = Postgres(postgres.directory, durable=False)
    second.start()
    try:
        assert second.pid != before
        assert postgres.pid is None
        assert await value(second.dsn(), "SELECT number FROM kept") == 42
    finally:
        second.stop()


async def test_a_port_taken_meanwhile_is_left_to_its_holder(postgres: Postgres) -> None:
    before = postgres.port
    postgres.stop()
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", before))
        other.listen()
        postgres.start()
        assert postgres.port != before
        assert await value(postgres.dsn(), "SELECT 1") == 1


def test_a_directory_made_only_half_is_made_anew(tmp_path: Path) -> None:
    server = Postgres(tmp_path / "postgres", durable=False)
    server.launch()  # kill it while initdb works
    server.kill()
    assert not ((tmp_path / "postgres" / "cluster").resolve() / "data").exists()
    server.start()
    assert server.pid is not None
    server.remove()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts servers as someone else")
def test_as_root_the_server_belongs_to_someone_else_who_can_enter(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    server = Postgres(closed / "postgres", durable=False)
    with server:
        cluster = (closed / "postgres" / "cluster").resolve()
        assert not cluster.is_relative_to(closed)
        assert cluster.stat().st_uid == psutil.Process(server.pid).uids().real != 0
        assert stat.S_IMODE(cluster.stat().st_mode) == 0o700
    server.remove()
    assert not cluster.exists()
    assert not (closed / "postgres").exists()


def test_a_server_that_cannot_start_shows_the_end_of_its_log(postgres: Postgres) -> None:
    postgres.stop()
    ((postgres.directory / "cluster").resolve() / "data" / "postgresql.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(processes.NotStarted, match="no_such_setting"):
        postgres.start()


async def say(kafka: Kafka, text: bytes) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, acks="all")
    await producer.start()
    await producer.send_and_wait("kept", text)
    await producer.stop()


async def heard(kafka: Kafka) -> list[bytes]:
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka.bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    partition = TopicPartition("kept", 0)
    consumer.assign([partition])
    end = (await consumer.end_offsets([partition]))[partition]
    found = [(await consumer.getone()).value for _ in range(end)]
    await consumer.stop()
    return found


async def test_kafka_killed_and_stopped_keeps_its_records_and_its_port(tmp_path: Path) -> None:
    kafka = Kafka(tmp_path / "kafka")
    kafka.start()
    try:
        address = kafka.bootstrap
        admin = AIOKafkaAdminClient(bootstrap_servers=address)
        await admin.start()
        await admin.create_topics([NewTopic("kept", 1, 1)])
        await admin.close()
        await say(kafka, b"before the kill")
        kafka.kill()
        kafka.start()
        assert kafka.bootstrap == address
        await say(kafka, b"before the stop")
        kafka.stop()
        kafka.start()
        assert await heard(kafka) == [b"before the kill", b"before the stop"]
    finally:
        kafka.remove()
    assert not kafka.directory.exists()


STARTER = """
import sys, time
from pathlib import Path
from deploy.embedded.infrastructure import Infrastructure
Infrastructure(Path(sys.argv[1]), durable=False).start()
print("ready", flush=True)
time.sleep(600)
"""


async def test_what_a_killed_process_left_behind_is_taken_over(tmp_path: Path) -> None:
    starter = subprocess.Popen([sys.executable, "-c", STARTER, str(tmp_path / "both")], cwd=PROJECT, stdout=subprocess.PIPE)  # noqa: ASYNC220 - nothing else waits
    assert starter.stdout is not None
    assert starter.stdout.readline() == b"ready\n"
    left = psutil.Process(starter.pid).children()
    assert {process.name() for process in left} >= {"postgres", "java"}
    starter.kill()
    starter.wait()
    both = Infrastructure(tmp_path / "both", durable=False)
    try:
        both.start()
        assert not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in left)
        assert await value(both.postgres.dsn(), "SELECT 1") == 1
    finally:
        starter.stdout.close()
        both.remove()
    assert not both.directory.exists()


def test_a_jar_that_is_not_the_listed_one_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = jars.present()
    folder = tmp_path / real.name
    folder.mkdir()
    for jar in real.glob("*.jar"):
        (folder / jar.name).symlink_to(jar)
    monkeypatch.setenv("ZORGSPOOR_CACHE", str(tmp_path))
    assert jars.present() == folder
    changed = sorted(folder.glob("*.jar"))[3]
    changed.unlink()
    changed.write_bytes(b"something else")
    with pytest.raises(jars.WrongJar, match=changed.name):
        jars.present()


async def test_provisioning_gives_each_service_its_own_and_may_be_repeated(infrastructure: servers.Servers) -> None:
    dsn = infrastructure.postgres.dsn
    for _ in range(2):
        await provision.provision(dsn, infrastructure.kafka.bootstrap, prefix="provisioned.")
    await execute(dsn("intake", "intake_owner"), "CREATE TABLE paper (id int GENERATED ALWAYS AS IDENTITY, at date)")
    await execute(dsn("intake", "intake_app"), "INSERT INTO paper (at) VALUES (now()); UPDATE paper SET at = NULL; DELETE FROM paper")
    for refused, login in (("CREATE TABLE other ()", "intake_app"), ("DROP TABLE paper", "intake_app"), ("SELECT 1", "coordination_app")):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await execute(dsn("intake", login), refused)
    admin = AIOKafkaAdminClient(bootstrap_servers=infrastructure.kafka.bootstrap)
    await admin.start()
    described = await admin.describe_topics([f"provisioned.{service}.events" for service in ("intake", "coordination", "notifications")])
    await admin.close()
    assert [len(topic["partitions"]) for topic in described] == [6, 6, 6]


async def test_tables_are_made_once(infrastructure: servers.Servers) -> None:
    await provision.provision(infrastructure.postgres.dsn, infrastructure.kafka.bootstrap, prefix="provisioned.")
    first = await provision.tables(infrastructure.postgres.dsn)
    assert set(first) == {"intake", "coordination", "notifications"}
    assert await value(infrastructure.postgres.dsn("notifications", "notifications_app"), "SELECT count(*) FROM outbox") == 0
    assert await provision.tables(infrastructure.postgres.dsn) == {"intake": [], "coordination": [], "notifications": []}


def test_a_dsn_for_another_login() -> None:
    dsn = "postgresql://postgres:old@db:5432/postgres?sslmode=require"
    assert provision.dsn_as(dsn, database="intake") == "postgresql://postgres:old@db:5432/intake?sslmode=require"
    assert provision.dsn_as(dsn, user="intake_app", password="p@/") == "postgresql://intake_app:p%40%2F@db:5432/postgres?sslmode=require"


async def test_the_mailbox_keeps_what_smtp_takes_and_shows_it_as_text(tmp_path: Path) -> None:
    box = mailbox.Box(tmp_path / "mails")
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = (
        "a@zorg.example",
        "b@zorg.example",
        "Dossier <b>é</b>",
        "<one@zorg.example>",
    )
    mail.set_content("Zie http://127.0.0.1:8080/x?a=1&b=2\n<script>alert(1)</script>\n")
    port = processes.free_port()
    async with mailbox.smtp_server(box, port):
        await asyncio.to_thread(send, port, mail)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(mailbox.pages(box)), base_url="http://mail") as client:
        (listed,) = (await client.get("/api/messages")).json()
        assert (listed["to"], listed["subject"], listed["message_id"]) == ("c@zorg.example", "Dossier <b>é</b>", "<one@zorg.example>")
        assert "Dossier &lt;b&gt;é&lt;/b&gt;" in (await client.get("/")).text
        page = (await client.get(f"/messages/{listed['id']}")).text
        assert '<a href="http://127.0.0.1:8080/x?a=1&amp;b=2"' in page
        assert "&lt;script&gt;" in page
        assert "<script" not in page
        assert (await client.get(f"/api/messages/{listed['id']}")).json()["text"].startswith("Zie http://")
        assert (await client.get("/messages/none")).status_code == 404


def send(port: int, mail: EmailMessage) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
        client.send_message(mail, to_addrs=["c@zorg.example"])  # the envelope says who gets it, not the header


def test_a_child_that_keeps_ending_is_started_again_later_and_later() -> None:
    starts: list[float] = []
    said: list[str] = []
    now = 1000.0
    child = Watched("the child", lambda: False, lambda: starts.append(now))
    while now < 1100:
        child.look(now, said.append)
        now += 0.5
    assert [round(later - earlier) for earlier, later in itertools.pairwise(starts)] == [2, 4, 8, 16, 30, 30]
    assert "the child ended by itself; starting it again in 1 s" in said[0]


def test_a_data_directory_has_one_holder(tmp_path: Path) -> None:
    with pytest.raises(running.NothingRuns, match="zorgspoor up"):
        running.Running.load(tmp_path)
    lock = running.hold(tmp_path)
    with pytest.raises(running.Held):
        running.hold(tmp_path)
    assert running.holder_of(tmp_path) == os.getpid()
    with pytest.raises(running.NothingRuns, match="not ready yet"):
        running.Running.load(tmp_path)
    stack = running.Running(
        os.getpid(), tmp_path, "postgresql://postgres@127.0.0.1:1/postgres", "127.0.0.1:2", running.token_key_file(tmp_path)
    )
    stack.save()
    assert running.Running.load(tmp_path) == stack
    assert stack.settings().dsn("intake") == "postgresql://intake_app@127.0.0.1:1/intake"
    assert {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("stack.json", "token-key", "lock")} == {0o600}
    os.close(lock)
    assert running.holder_of(tmp_path) is None


def test_up_says_where_it_runs_and_down_and_reset_end_it(tmp_path: Path) -> None:
    data = tmp_path / "data"

    def zorgspoor(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "services.cli", *words, "--data", str(data)],
            cwd=PROJECT,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    async def holder() -> int | None:
        return running.holder_of(data)

    said = zorgspoor("up", "--only", "infrastructure", "--detach")
    try:
        stack = running.Running.load(data)
        assert stack.postgres in said
        assert stack.kafka in said
        assert stack.postgres in zorgspoor("up", "--only", "infrastructure")
        asked_for_more = CliRunner().invoke(main, ["up", "--data", str(data)])
        assert asked_for_more.exit_code == 1
        assert "Only PostgreSQL and Kafka run" in asked_for_more.output
        assert "./zorgspoor down" in asked_for_more.output
        assert zorgspoor("migrate").startswith("intake: 0001_")
        psutil.Process(stack.supervisor).send_signal(signal.SIGKILL)
        asyncio.run(eventually(holder, lambda found: found is None))
        assert stack.postgres in zorgspoor("up", "--only", "infrastructure", "--detach")
        assert zorgspoor("down") == "stopped\n"
        assert zorgspoor("down") == f"nothing runs on {data}\n"
    finally:
        zorgspoor("reset", "--yes")
    assert not data.exists()


@pytest.mark.parametrize("place", ["/proc/zorgspoor", "/dev/null/zorgspoor", "/etc/hostname/a/b"])
@pytest.mark.parametrize("words", [["up"], ["up", "--detach"], ["up", "--only", "infrastructure"]])
def test_a_place_where_no_data_can_be_kept_is_told_in_a_sentence(words: list[str], place: str) -> None:
    result = CliRunner().invoke(main, [*words, "--data", place])
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert f"Error: {place} cannot hold the data" in result.output
    assert "--data" in result.output
    assert CliRunner().invoke(main, ["down", "--data", place]).output == f"nothing runs on {place}\n"


def test_who_one_can_be_is_listed_in_lines_that_fit_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    listed = CliRunner().invoke(main, ["token", "--list"]).output.splitlines()
    assert [line.split()[0] for line in listed if not line.startswith(" ")] == list(PERSONAS)
    assert max(map(len, listed)) <= 80


def test_reset_deletes_nothing_that_is_not_its_own(tmp_path: Path) -> None:
    (tmp_path / "letters").write_text("mine")
    result = CliRunner().invoke(main, ["reset", "--yes", "--data", str(tmp_path)])
    assert result.exit_code == 1
    assert (tmp_path / "letters").exists()


def test_the_counts_of_a_part_come_from_pytests_last_line() -> None:
    outcome = Outcome("unit", 1.0, False, "2 failed, 12 passed, 1 skipped, 3 errors in 3.21s")
    assert (outcome.count("passed"), outcome.count("failed", "error", "errors")) == (12, 5)
