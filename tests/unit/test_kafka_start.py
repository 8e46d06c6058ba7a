"""How Kafka's container starts: its storage is made once, with the users, and the image's own start goes on with that storage and no other."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.databases import ROOT

USERS = ("admin", "intake", "coordination", "notifications")
# as Kafka's own: makes the storage under the id it is told
FORMAT = """#!/bin/bash
echo "$@" >> "$HERE/formatted"
while [ "$1" != --cluster-id ]; do shift; done
printf 'version=1\\ncluster.id=%s\\nnode.id=1\\n' "$2" > "$HERE/data/meta.properties"
"""
# as the image's own: refuses a storage of another cluster than CLUSTER_ID, or than its own default
RUN = """#!/bin/bash
grep -qx "cluster.id=${CLUSTER_ID:-5L6g3nShT-eMCtK--X86sw}" "$HERE/data/meta.properties" || { echo "Invalid cluster.id" >&2; exit 1; }
echo "serving ${CLUSTER_ID}"
"""


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """Where the script finds what the image has."""
    for folder in ("bin", "data", "secrets"):
        (tmp_path / folder).mkdir()
    for path, text in (("bin/kafka-storage.sh", FORMAT), ("run", RUN)):
        (tmp_path / path).write_text(text)
        (tmp_path / path).chmod(0o755)
    for user in USERS:
        (tmp_path / "secrets" / f"kafka_{user}_password").write_text(user * 8)
    return tmp_path


def start(image: Path) -> subprocess.CompletedProcess[str]:
    script = (ROOT / "deploy" / "kafka" / "start").read_text()
    for there, here in (
        ("/opt/kafka/bin", "bin"),
        ("/var/lib/kafka/data", "data"),
        ("/run/secrets", "secrets"),
        ("/etc/kafka/docker/run", "run"),
    ):
        assert there in script
        script = script.replace(there, str(image / here))
    return subprocess.run(["bash", "-c", script], env=os.environ | {"HERE": str(image)}, capture_output=True, text=True, check=False)


def test_the_storage_is_made_once_with_every_user_and_found_again(image: Path) -> None:
    first, second = start(image), start(image)
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert first.stdout == second.stdout
    (made,) = (image / "formatted").read_text().splitlines()
    assert all(f"name={user},password={user * 8}" in made for user in USERS)
    assert re.search(r"--cluster-id [A-Za-z0-9_][A-Za-z0-9_-]{21} ", made)


def test_each_installation_is_a_cluster_of_its_own(image: Path) -> None:
    first = start(image).stdout
    (image / "data" / "meta.properties").unlink()
    assert start(image).stdout != first


def test_without_a_password_nothing_is_made(image: Path) -> None:
    (image / "secrets" / "kafka_intake_password").write_text("")
    done = start(image)
    assert (done.returncode, "kafka_intake_password" in done.stderr) == (1, True)
    assert not (image / "formatted").exists()
