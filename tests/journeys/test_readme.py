"""What the README says works as printed."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.databases import ROOT

ADDRESS = "http://127.0.0.1:8080"


def block(marker: str) -> str:
    """The shell commands under a marker of the README."""
    found = re.search(rf"<!-- {marker} -->\n```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert found, marker
    return found[1]


@pytest.mark.timeout(300)
@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed on this machine")
def test_the_first_referral_by_curl_is_accepted_as_printed(tmp_path: Path) -> None:
    # as in a shell of one's own: without the issuer that other tests sign with
    home = {name: value for name, value in os.environ.items() if not name.startswith("ZORGSPOOR_")} | {"XDG_DATA_HOME": str(tmp_path)}

    def run(command: str) -> str:
        ran = subprocess.run(
            ["bash", "-euc", command],
            check=False,
            cwd=ROOT,
            env=home,
            capture_output=True,
            text=True,
            timeout=200,
            stdin=subprocess.DEVNULL,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    try:
        started = run("./zorgspoor up --detach")
        address = re.search(r"Zorgspoor: (http://127\.0\.0\.1:\d+)", started)
        assert address, started
        answer = json.loads(run(block("first-referral").replace(ADDRESS, address[1])))
        again = json.loads(run(block("first-referral").replace(ADDRESS, address[1])))
    finally:
        run("./zorgspoor reset --yes")
    assert answer["status"] == "received"
    assert answer["eligibility"]["outcome"] == "eligible"
    assert answer["reference"]
    assert again["id"] == answer["id"]
