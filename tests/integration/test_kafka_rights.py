"""On a real broker with the shipped authorizer: every principal may what the table says, and each other operation is refused."""

from __future__ import annotations

import asyncio
import secrets
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaConnectionError, KafkaError, TopicAuthorizationFailedError, for_code
from aiokafka.protocol.admin import CreateAclsRequest, DescribeAclsRequest
from pydantic import SecretStr

from deploy.embedded import jars, java, kafka_rights, provision
from deploy.embedded.kafka import Kafka
from deploy.embedded.rights import KAFKA, KAFKA_ADMIN, Kind, Operation, Right
from services.coordination import app as coordination
from services.intake import app as intake
from services.notifications import app as notifications
from shared.messaging import broker_access
from shared.settings import SERVICES, Settings

USERS = {name: secrets.token_hex(16) for name in (KAFKA_ADMIN, *SERVICES, "stranger")}
TOPICS = tuple(f"{service}.events" for service in SERVICES)
# who may not describe a topic is told that there is none
REFUSED = {
    "TopicAuthorizationFailedError",
    "GroupAuthorizationFailedError",
    "ClusterAuthorizationFailedError",
    "TransactionalIdAuthorizationFailed",
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def kafka(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Kafka]:
    """A broker that asks who somebody is, provisioned, with one record in every topic."""
    server = Kafka(tmp_path_factory.mktemp("guarded") / "kafka", users=USERS)
    await asyncio.to_thread(server.start)
    try:
        await provision.topics(server.bootstrap, partitions=1, replication=1, prefix="", security=known_as(KAFKA_ADMIN))
        async with producing(server, KAFKA_ADMIN) as producer:
            for topic in TOPICS:
                await producer.send_and_wait(topic, b"{}")
        yield server
    finally:
        await asyncio.to_thread(server.remove)


def known_as(user: str, password: str | None = None) -> dict[str, Any]:
    """The connection arguments of a user, as the services make them of their settings."""
    return broker_access.arguments(Settings(kafka_user=user, kafka_password=SecretStr(password or USERS[user])))


@asynccontextmanager
async def administering(kafka: Kafka, user: str) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap, **known_as(user))
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


@asynccontextmanager
async def producing(kafka: Kafka, user: str, **options: Any) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, acks="all", **options, **known_as(user))
    try:
        await producer.start()
        yield producer
    finally:
        await producer.stop()


async def write(kafka: Kafka, user: str, topic: str) -> None:
    async with producing(kafka, user) as producer:
        await producer.send_and_wait(topic, b"{}", partition=0)


async def read(kafka: Kafka, user: str, topic: str) -> None:
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka.bootstrap, auto_offset_reset="earliest", **known_as(user))
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic, 0)])
        await consumer._client.force_metadata_update()
        if topic in consumer._client.cluster.unauthorized_topics:  # the consumer itself would ask again for ever
            raise TopicAuthorizationFailedError(topic)
        assert await consumer.getone()
    finally:
        await consumer.stop()


async def join(kafka: Kafka, user: str, group: str) -> None:
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka.bootstrap, group_id=group, enable_auto_commit=False, **known_as(user))
    await consumer.start()
    try:
        topic = next((name for name in TOPICS if in_the_table(user, Kind.TOPIC, name, Operation.READ)), TOPICS[0])
        consumer.assign([TopicPartition(topic, 0)])
        await consumer.commit({TopicPartition(topic, 0): 0})
    finally:
        await consumer.stop()


def asked(question: Callable[[AIOKafkaAdminClient, str], Awaitable[Any]]) -> Callable[[Kafka, str, str], Awaitable[None]]:
    """A question to the broker as a probe; raises the first error its answer holds."""

    async def probe(kafka: Kafka, user: str, name: str) -> None:
        async with administering(kafka, user) as admin:
            raise_first(await question(admin, name))

    return probe


def raise_first(answer: Any) -> None:
    """The errors of all these answers stand in fields of these names."""
    for given in answer if isinstance(answer, list) else [answer]:
        found = given if isinstance(given, dict) else given.to_object() if hasattr(given, "to_object") else given
        for code in codes(found):
            if code:
                raise for_code(code)


def codes(found: Any) -> list[int]:
    if isinstance(found, dict):
        own = [found["error_code"]] if "error_code" in found else []
        return own + [code for value in found.values() for code in codes(value)]
    if isinstance(found, list | tuple):
        return [code for value in found for code in codes(value)]
    return []


def config(topic: str, **values: str) -> ConfigResource:
    return ConfigResource(ConfigResourceType.TOPIC, topic, configs=values or None)


async def transact(kafka: Kafka, user: str, name: str) -> None:
    async with producing(kafka, user, transactional_id=name):
        pass


PROBES: dict[tuple[Kind, Operation], Callable[[Kafka, str, str], Awaitable[None]]] = {
    (Kind.TOPIC, Operation.WRITE): write,
    (Kind.TOPIC, Operation.READ): read,
    (Kind.TOPIC, Operation.DESCRIBE): asked(lambda admin, topic: admin.describe_topics([topic])),
    (Kind.TOPIC, Operation.CREATE): asked(lambda admin, topic: admin.create_topics([NewTopic(f"{topic}.other", 1, 1)])),
    (Kind.TOPIC, Operation.DELETE): asked(lambda admin, topic: admin.delete_topics([topic])),
    (Kind.TOPIC, Operation.ALTER): asked(lambda admin, topic: admin.create_partitions({topic: NewPartitions(2)})),
    (Kind.TOPIC, Operation.DESCRIBE_CONFIGS): asked(lambda admin, topic: admin.describe_configs([config(topic)])),
    (Kind.TOPIC, Operation.ALTER_CONFIGS): asked(lambda admin, topic: admin.alter_configs([config(topic, **{"retention.ms": "1"})])),
    (Kind.GROUP, Operation.READ): join,
    (Kind.GROUP, Operation.DESCRIBE): asked(lambda admin, group: admin.describe_consumer_groups([group])),
    (Kind.CLUSTER, Operation.ALTER): asked(
        lambda admin, _: kafka_rights._ask(admin, CreateAclsRequest(Kind.TOPIC, TOPICS[0], 3, "User:stranger", "*", Operation.READ, 3))
    ),
    (Kind.CLUSTER, Operation.DESCRIBE): asked(lambda admin, _: kafka_rights._ask(admin, DescribeAclsRequest(1, None, 1, None, None, 1, 1))),
    (Kind.TRANSACTION, Operation.WRITE): transact,
}
INCLUDED = {Operation.DESCRIBE: {Operation.READ, Operation.WRITE, Operation.DESCRIBE}}
CASES = [
    (user, kind, name, operation)
    for user in (*SERVICES, "stranger")
    for kind, operation in PROBES
    for name in {Kind.TOPIC: TOPICS, Kind.GROUP: (*SERVICES, "other")}.get(kind, ("any",))
]


def in_the_table(user: str, kind: Kind, name: str, operation: Operation) -> bool:
    return any(Right(user, kind, name, wider) in KAFKA for wider in INCLUDED.get(operation, {operation}))


@pytest.mark.parametrize(("user", "kind", "name", "operation"), CASES, ids=lambda value: getattr(value, "name", value))
async def test_each_may_what_the_table_says_and_nothing_else(kafka: Kafka, user: str, kind: Kind, name: str, operation: Operation) -> None:
    refused: str | None = None
    try:
        async with asyncio.timeout(20):
            await PROBES[kind, operation](kafka, user, name)
    except KafkaError as error:
        refused = type(error).__name__
    assert refused is None or refused in REFUSED, refused
    assert (refused is None) == in_the_table(user, kind, name, operation), refused


async def test_what_is_probed_does_take_effect_for_who_may(kafka: Kafka) -> None:
    """A probe that always fails would prove nothing."""
    for (kind, operation), probe in PROBES.items():
        if operation is not Operation.DELETE:
            await probe(kafka, KAFKA_ADMIN, {Kind.TOPIC: TOPICS[0], Kind.GROUP: "some"}.get(kind, "any"))
    async with administering(kafka, KAFKA_ADMIN) as admin:
        await admin.delete_topics([f"{TOPICS[0]}.other"])
        assert f"{TOPICS[0]}.other" not in await admin.list_topics()


async def test_a_wrong_password_an_unknown_user_and_nobody_are_turned_away(kafka: Kafka) -> None:
    for arguments in (known_as("intake", "x" * 32), known_as("nobody", "x" * 32), {}):
        admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap, request_timeout_ms=3_000, **arguments)
        with pytest.raises(KafkaConnectionError):
            await admin.start()
        await admin.close()


async def test_provisioning_again_takes_back_what_is_not_in_the_table(kafka: Kafka) -> None:
    async with administering(kafka, KAFKA_ADMIN) as admin:
        too_much = CreateAclsRequest(Kind.TOPIC, "intake.events", 3, "User:notifications", "*", Operation.WRITE, 3)
        await kafka_rights._ask(admin, too_much)
        before = await kafka_rights.rights(admin)
        assert {right for right in before if right.principal in SERVICES} - KAFKA
        await provision.topics(kafka.bootstrap, partitions=1, replication=1, prefix="", security=known_as(KAFKA_ADMIN))
        assert {right for right in await kafka_rights.rights(admin) if right.principal in SERVICES} == KAFKA


async def test_a_broker_that_was_formatted_starts_again_with_its_users(kafka: Kafka) -> None:
    await asyncio.to_thread(kafka.stop)
    await asyncio.to_thread(kafka.start)
    await write(kafka, "intake", "intake.events")


def test_the_table_is_what_the_services_subscribe_to() -> None:
    for app in (intake, coordination, notifications):
        definition = app.service()
        read_ = {
            right.name for right in KAFKA if (right.principal, right.kind, right.operation) == (definition.name, Kind.TOPIC, Operation.READ)
        }
        assert read_ == set(definition.topics), f"deploy/embedded/rights.py: READS[{definition.name!r}]"


def test_what_the_broker_is_tested_with_is_what_is_shipped() -> None:
    text = (Path(__file__).parents[2] / "deploy" / "kafka" / "server.properties").read_text().splitlines()
    assert "allow.everyone.if.no.acl.found=false" in text
    assert "auto.create.topics.enable=false" in text
    assert "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer" in text
    assert "sasl.enabled.mechanisms=SCRAM-SHA-512" in text


def test_the_container_makes_its_storage_with_the_users_once_and_not_with_weak_passwords(tmp_path: Path) -> None:
    """The shipped script and configuration with Kafka's own tool; only the paths are those of this test."""
    shipped = Path(__file__).parents[2] / "deploy" / "kafka"
    secrets_, storage, begun = tmp_path / "secrets", tmp_path / "data", tmp_path / "begun"
    secrets_.mkdir()
    tool, run = tmp_path / "kafka-storage.sh", tmp_path / "run"
    tool.write_text(f'#!/bin/bash\nexec "{java.find()}" -cp "{jars.present()}/*" kafka.tools.StorageTool "$@"\n')
    run.write_text(f"#!/bin/bash\necho once >>{begun}\n")
    paths = {
        "/run/secrets/": f"{secrets_}/",
        "/var/lib/kafka/data": str(storage),
        "/opt/kafka/bin/kafka-storage.sh": str(tool),
        "/mnt/shared/config/": f"{tmp_path}/",
        "/etc/kafka/docker/run": str(run),
    }
    for name in ("start", "server.properties"):
        text = (shipped / name).read_text()
        for old, new in paths.items():
            text = text.replace(old, new)
        (tmp_path / name).write_text(text)
    for file in (tool, run):
        file.chmod(0o755)

    def start(password: str) -> subprocess.CompletedProcess[str]:
        for user in (KAFKA_ADMIN, *SERVICES):
            (secrets_ / f"kafka_{user}_password").write_text(password + "\n")
        return subprocess.run(["bash", tmp_path / "start"], capture_output=True, text=True, timeout=100, check=False)

    weak = start("short")
    assert (weak.returncode, begun.exists()) == (1, False)
    assert "kafka_admin_password" in weak.stderr
    done = start(secrets.token_hex(32))
    assert done.returncode == 0, done.stdout + done.stderr
    made = (storage / "meta.properties").read_text()
    assert (storage / "bootstrap.checkpoint").stat().st_size > 500, "the users are in it"
    assert start("short").returncode == 0, "a storage that is there is accepted as it is"
    assert (storage / "meta.properties").read_text() == made
    assert begun.read_text() == "once\nonce\n"
