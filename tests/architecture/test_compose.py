"""What `docker compose` makes of docker-compose.yml keeps to the rules, as Compose itself renders it."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from deploy.embedded import rights
from shared.access.secrets import is_weak
from tests.architecture import tree

COMPOSE = Path(sys.executable).with_name("docker-compose")
SERVICES = {"intake", "coordination", "notifications"}
END_BY_THEMSELVES = {"migrate", "demonstration"}
SECRET_NAME = re.compile(r"PASSWORD|SECRET|TOKEN|KEY|DSN")
IMAGES = ("ZORGSPOOR_IMAGE", "ZORGSPOOR_POSTGRES_IMAGE", "ZORGSPOOR_KAFKA_IMAGE", "ZORGSPOOR_CADDY_IMAGE", "ZORGSPOOR_MAILPIT_IMAGE")

Rendered = dict[str, Any]


def rendered(profile: str, *, files: Sequence[str] = ("docker-compose.yml",), **variables: str) -> Rendered:
    """The files as Compose reads them, with these variables and nobody's .env."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ZORGSPOOR_", "COMPOSE_"))}
    done = subprocess.run(
        [
            COMPOSE,
            "--env-file",
            os.devnull,
            "--profile",
            profile,
            *(word for file in files for word in ("-f", file)),
            "config",
            "--format",
            "json",
        ],
        cwd=tree.PROJECT,
        env=kept | {"ZORGSPOOR_SECRETS": "./kept/apart"} | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@pytest.fixture(scope="module")
def demonstration() -> Rendered:
    """Everything, the demonstration too."""
    return rendered("demo")


@pytest.fixture(scope="module")
def services(demonstration: Rendered) -> dict[str, Rendered]:
    return dict(demonstration["services"])


def published(file: Rendered) -> dict[str, set[str]]:
    return {
        name: {port.get("host_ip", "everywhere") for port in each["ports"]} for name, each in file["services"].items() if each.get("ports")
    }


def without(services: dict[str, Rendered], holds: Any) -> list[str]:
    """The services for which something does not hold."""
    return [name for name, each in services.items() if not holds(each)]


def test_only_the_front_door_is_published_and_on_this_machine_only(demonstration: Rendered):
    assert published(rendered("bare")) == {"caddy": {"127.0.0.1"}}
    assert published(demonstration) == {"caddy": {"127.0.0.1"}, "mailpit": {"127.0.0.1"}, "identity": {"127.0.0.1"}}
    assert without(demonstration["services"], lambda each: each.get("network_mode") is None and not each.get("privileged")) == []


def test_the_demonstration_is_only_there_when_it_is_asked_for(demonstration: Rendered):
    assert demonstration["services"].keys() - rendered("bare")["services"].keys() == {"demonstration", "identity", "mailpit"}


def test_nothing_runs_as_root(services: dict[str, Rendered]):
    assert without(services, lambda each: str(each.get("user", "root")).partition(":")[0] not in {"root", "0", ""}) == []


def test_nothing_can_write_to_its_image_or_gain_rights(services: dict[str, Rendered]):
    assert without(services, lambda each: each.get("read_only") is True) == []
    assert without(services, lambda each: each.get("cap_drop") == ["ALL"]) == []
    assert without(services, lambda each: each.get("security_opt") == ["no-new-privileges:true"]) == []
    assert {name: each["cap_add"] for name, each in services.items() if each.get("cap_add")} == {"caddy": ["NET_BIND_SERVICE"]}


def test_nothing_takes_the_whole_machine(services: dict[str, Rendered]):
    assert without(services, lambda each: int(each.get("mem_limit", 0)) > 0) == []
    assert without(services, lambda each: 0 < each.get("pids_limit", 0) <= 512) == []
    assert without(services, lambda each: each["logging"]["options"].get("max-size")) == []


def test_whatever_keeps_running_says_whether_it_is_well(services: dict[str, Rendered]):
    lasting = {name: each for name, each in services.items() if name not in END_BY_THEMSELVES}
    assert without(lasting, lambda each: each.get("healthcheck", {}).get("test") and not each["healthcheck"].get("disable")) == []
    assert without(lasting, lambda each: each.get("restart") == "unless-stopped") == []
    assert {services[name]["restart"] for name in END_BY_THEMSELVES} == {"no"}


def test_secrets_are_files_of_the_place_and_never_in_the_environment(demonstration: Rendered, services: dict[str, Rendered]):
    folder = str(tree.PROJECT / "kept" / "apart")
    assert {secret["file"].rpartition("/")[0] for secret in demonstration["secrets"].values()} == {folder}
    assert {secret["source"] for each in services.values() for secret in each.get("secrets", ())} == demonstration["secrets"].keys()
    told = {(name, key): value for name, each in services.items() for key, value in each.get("environment", {}).items()}
    assert [place for place, value in told.items() if SECRET_NAME.search(place[1]) and not value.startswith("/run/secrets")] == []
    assert [place for place, value in told.items() if re.search(r"://[^/@]*:[^/@]*@", value or "")] == []


def test_a_service_has_the_secrets_of_its_own_database_and_its_own_login_to_the_sessions_only(services: dict[str, Rendered]):
    held = {name: {secret["source"] for secret in services[name]["secrets"]} for name in SERVICES}
    every = {name: {f"zorgspoor_{name}_dsn", f"access_{name}_dsn", "zorgspoor_audit_key", f"kafka_{name}_password"} for name in SERVICES}
    assert held == every | {"intake": every["intake"] | {"zorgspoor_master_key", "zorgspoor_index_key"}}


def test_each_is_its_own_user_of_kafka(services: dict[str, Rendered]):
    users = {name: services[name]["environment"]["ZORGSPOOR_KAFKA_USER"] for name in (*SERVICES, "migrate")}
    assert users == {name: name for name in SERVICES} | {"migrate": rights.KAFKA_ADMIN}
    made = re.search(r"for user in ([a-z ]+);", (tree.PROJECT / "deploy" / "kafka" / "start").read_text())
    assert made is not None
    assert set(made[1].split()) == set(users.values())
    assert {secret["source"] for secret in services["kafka"]["secrets"]} == {f"kafka_{user}_password" for user in users.values()}


def test_every_secret_of_compose_is_made_by_the_command_and_hard_to_guess(tmp_path: Path, demonstration: Rendered):
    (tmp_path / "deploy").mkdir()
    for name in ("deploy/init-secrets", "zorgspoor"):
        shutil.copy(tree.PROJECT / name, tmp_path / name)
    for _ in range(2):
        done = subprocess.run([tmp_path / "zorgspoor", "init-secrets"], capture_output=True, text=True, check=True)
    assert "0 new files" in done.stdout
    folder = tmp_path / "deploy" / "secrets"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    made = {file.name: file.read_text().strip() for file in folder.iterdir() if not file.name.startswith(".")}
    assert made.keys() >= demonstration["secrets"].keys()
    assert len(set(made.values())) == len(made)
    assert not [name for name, value in made.items() if is_weak(value) or len(value) < 64]


def test_what_is_kept_stands_in_named_volumes_and_what_is_mounted_from_here_is_read_only(
    demonstration: Rendered, services: dict[str, Rendered]
):
    mounts = [(name, mount) for name, each in services.items() for mount in each.get("volumes", ())]
    assert {(name, mount["source"]) for name, mount in mounts if mount["type"] == "volume"} == {
        ("postgres", "postgres"),
        ("kafka", "kafka"),
        *((service, "checkpoints") for service in SERVICES),
    }
    assert [name for name, mount in mounts if mount["type"] == "bind" and not mount.get("read_only")] == []
    assert demonstration["volumes"].keys() == {"postgres", "kafka", "checkpoints"}


def test_every_image_can_be_another(services: dict[str, Rendered]):
    others = rendered("demo", **{variable: f"registry.example/{variable.lower()}:1" for variable in IMAGES})["services"]
    assert {each["image"] for each in others.values()} == {f"registry.example/{variable.lower()}:1" for variable in IMAGES}
    assert without(services, lambda each: ":" in each["image"]) == []
    build = rendered("demo", ZORGSPOOR_PYTHON_IMAGE="registry.example/python:1")["services"]["migrate"]["build"]
    assert build["args"] == {"PYTHON_IMAGE": "registry.example/python:1"}


def test_tables_are_there_before_a_service_starts_and_services_before_the_door_opens(services: dict[str, Rendered]):
    done, well = "service_completed_successfully", "service_healthy"
    waits = {name: {of: how["condition"] for of, how in each.get("depends_on", {}).items()} for name, each in services.items()}
    assert waits["migrate"] == {"postgres": well, "kafka": well}
    for name in SERVICES:
        assert waits[name].items() >= {("migrate", done), ("postgres", well)}, name
        assert "kafka" not in waits[name], "a service starts without Kafka"
    assert waits["caddy"].items() >= {(name, well) for name in SERVICES}


def test_databases_and_events_are_reached_by_the_services_only(demonstration: Rendered, services: dict[str, Rendered]):
    assert {name for name, network in demonstration["networks"].items() if network.get("internal")} == {"web", "data", "events"}
    on = {network: {name for name, each in services.items() if network in each["networks"]} for network in demonstration["networks"]}
    assert on["data"] == {"postgres", "migrate"} | SERVICES
    assert on["events"] == {"kafka", "migrate"} | SERVICES
    assert on["door"] == {"caddy", "identity"}


def test_only_intake_gets_a_way_out_and_only_where_people_sign_in_outside():
    bare = rendered("bare")
    file = rendered("bare", files=("docker-compose.yml", "deploy/outside-identity.yml"), ZORGSPOOR_IDENTITY_KEYS='{"keys":[]}')
    ways_out = {name for name, network in file["networks"].items() if not network.get("internal")}
    assert ways_out == {"door", "mail", "egress"}
    reached = {name: set(each["networks"]) & ways_out for name, each in file["services"].items()}
    assert {name: networks for name, networks in reached.items() if networks} == {
        "caddy": {"door"},
        "notifications": {"mail"},
        "intake": {"egress"},
    }
    assert set(file["services"]["intake"]["networks"]) == {*bare["services"]["intake"]["networks"], "egress"}
    assert set(bare["services"]["intake"]["networks"]) == {"web", "data", "events"}
    told = {name: file["services"][name]["environment"].get("ZORGSPOOR_IDENTITY_KEYS") for name in SERVICES}
    assert told == {"intake": None, "coordination": '{"keys":[]}', "notifications": '{"keys":[]}'}
    assert published(file) == published(bare)


def test_what_the_front_door_says_about_the_client_is_believed_and_nobody_elses_word():
    for subnet, file in (("10.214.87.0/24", rendered("bare")), ("10.99.0.0/24", rendered("bare", ZORGSPOOR_WEB_SUBNET="10.99.0.0/24"))):
        assert file["networks"]["web"]["ipam"]["config"] == [{"subnet": subnet}]
        assert {file["services"][name]["environment"]["ZORGSPOOR_TRUSTED_PROXIES"] for name in SERVICES} == {subnet}
        assert {name for name, each in file["services"].items() if "web" in each["networks"]} == SERVICES | {"caddy"}


def test_keycloak_is_there_only_when_asked_for_and_on_this_machine_only(demonstration: Rendered):
    file = rendered("keycloak", ZORGSPOOR_KEYCLOAK_IMAGE="registry.example/keycloak:1")
    assert file["services"].keys() - rendered("bare")["services"].keys() == {"keycloak"}
    assert "keycloak" not in demonstration["services"]
    each = file["services"]["keycloak"]
    assert each["image"] == "registry.example/keycloak:1"
    assert published(file) == {"caddy": {"127.0.0.1"}, "keycloak": {"127.0.0.1"}}
    assert (each["user"], each["cap_drop"], each["security_opt"]) == ("1000:0", ["ALL"], ["no-new-privileges:true"])
    assert [secret["source"] for secret in each["secrets"]] == ["keycloak_personas_password"]


def test_without_secrets_compose_says_how_to_make_them():
    with pytest.raises(AssertionError, match="zorgspoor init-secrets"):
        rendered("bare", ZORGSPOOR_SECRETS="")
