"""The AsyncAPI document: judged by the reference parser, and compared with what the code does."""

from __future__ import annotations

import copy
import inspect
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from deploy.embedded import provision
from services.commands import contracts
from shared.events import PRODUCERS, REGISTRY, asyncapi
from shared.messaging.service import Service
from tests.contracts import golden

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"
needs_node = pytest.mark.skipif(
    not (shutil.which("node") and shutil.which("npm")), reason="no Node.js here: the reference parser @asyncapi/parser cannot run"
)


@pytest.fixture(scope="module")
def services() -> list[Service]:
    return [app.service() for app in contracts.apps().values()]


@pytest.fixture(scope="module")
def document(services: list[Service]) -> dict[str, Any]:
    return asyncapi.document({service.name: tuple(service.subscriptions) for service in services})


@pytest.fixture(scope="module")
def parser() -> Path:
    """The parser, installed from the lock once; again when the lock changed."""
    lock, installed = HERE / "package-lock.json", MODULES / ".package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        ran = subprocess.run(
            ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"],
            cwd=HERE, capture_output=True, text=True, timeout=240, check=False,
        )  # fmt: skip
        assert ran.returncode == 0, f"npm ci: {ran.stderr}"
    return HERE / "validate.mjs"


def judged(parser: Path, document: dict[str, Any], folder: Path) -> subprocess.CompletedProcess[str]:
    written = folder / "asyncapi.json"
    written.write_text(json.dumps(document))
    return subprocess.run(["node", str(parser), str(written)], capture_output=True, text=True, timeout=60, check=False)


@needs_node
@pytest.mark.timeout(300)
def test_the_reference_parser_accepts_the_document_without_a_warning(parser: Path, document: dict[str, Any], tmp_path: Path):
    ran = judged(parser, document, tmp_path)
    assert ran.returncode == 0, ran.stderr
    counted = json.loads(ran.stdout)
    assert (counted["channels"], counted["messages"]) == (len(PRODUCERS), len(REGISTRY))


@needs_node
@pytest.mark.timeout(300)
def test_the_reference_parser_refuses_a_message_that_is_not_on_its_channel(parser: Path, document: dict[str, Any], tmp_path: Path):
    broken = copy.deepcopy(document)
    del broken["channels"]["intake"]["messages"]["intake.referral_accepted.v1"]
    ran = judged(parser, broken, tmp_path)
    assert ran.returncode == 1
    assert "intake.referral_accepted.v1" in ran.stderr


def test_every_example_is_an_event_with_all_its_fields(document: dict[str, Any]):
    for type_, cls in REGISTRY.items():
        [shown] = document["components"]["messages"][type_]["examples"]
        assert cls.model_validate(shown["payload"]).model_dump(mode="json") == shown["payload"]
        assert None not in shown["payload"].values()
        assert shown["headers"]["ce_type"] == type_


def test_every_type_is_one_message_on_the_channel_of_its_producer(document: dict[str, Any]):
    on_channels = {type_: channel["address"] for channel in document["channels"].values() for type_ in channel["messages"]}
    assert on_channels == {type_: f"{type_.partition('.')[0]}.events" for type_ in REGISTRY}
    assert list(document["components"]["messages"]) == list(REGISTRY)


def test_every_service_receives_what_it_subscribes_to_in_its_own_group(document: dict[str, Any], services: list[Service]):
    received = [operation for operation in document["operations"].values() if operation["action"] == "receive"]
    for service in services:
        own = [operation for operation in received if operation["bindings"]["kafka"]["groupId"]["const"] == service.name]
        types = {message["$ref"].rpartition("/")[2] for operation in own for message in operation["messages"]}
        addresses = [document["channels"][operation["channel"]["$ref"].rpartition("/")[2]]["address"] for operation in own]
        assert types == {event.type for event in service.subscriptions}
        assert sorted(addresses) == service.topics


def test_the_headers_are_those_that_the_relay_writes(document: dict[str, Any]):
    described = document["components"]["schemas"]["headers"]
    written = asyncapi.example_headers(asyncapi.example(REGISTRY["intake.referral_accepted.v1"]))
    assert set(described["properties"]) == set(written)
    assert set(described["required"]) == set(written) - {asyncapi.CAUSE}


def test_the_key_is_the_field_that_the_golden_record_is_keyed_by(document: dict[str, Any]):
    for type_ in REGISTRY:
        described = document["components"]["messages"][type_]["bindings"]["kafka"]["key"]["description"].strip("`")
        kept = golden.load(type_)
        assert kept.body[described] == kept.key_id


def test_readers_are_not_told_to_refuse_added_fields_nor_to_expect_optional_ones(document: dict[str, Any]):
    accepted = document["components"]["schemas"]["ReferralAccepted"]
    assert "additionalProperties" not in json.dumps(document)
    assert "person_id" in accepted["required"]
    assert "household_id" not in accepted["required"]


def test_the_partitions_are_those_that_are_provisioned(document: dict[str, Any]):
    provisioned = inspect.signature(provision.provision).parameters["partitions"].default
    assert {channel["bindings"]["kafka"]["partitions"] for channel in document["channels"].values()} == {provisioned}
