"""The browser of the tests: the Chromium of the system, by name; in CI that of the distribution is installed where there is none."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = (
    "there is no Chromium here. Debian: apt install chromium; Ubuntu: snap install chromium; Fedora: dnf install chromium; "
    "macOS: brew install --cask chromium. Is it elsewhere, name it: CHROMIUM=/path/to/chromium ./zorgspoor test browser"
)
SECONDS = 180
FRONTEND = "DEBIAN_FRONTEND"


def find() -> Path | None:
    """The program of `CHROMIUM`, or the first found by name."""
    for name in (os.environ.get("CHROMIUM"), *NAMES):
        if name and (found := shutil.which(name)):
            return Path(found)
    return None


def find_or_install() -> Path | None:
    """The same; in CI the distribution's is installed first when there is none. It never waits for an answer, nor longer than some minutes."""
    found = find()
    if found is None and (os.environ.get("CI") or os.environ.get("ZORGSPOOR_CI")) and shutil.which("apt-get"):
        _install()
        found = find()
    return found


def _install() -> None:
    patience = ("-o", "Acquire::http::Timeout=20", "-o", "Acquire::Retries=1", "-o", "DPkg::Lock::Timeout=60")
    rights = () if os.geteuid() == 0 else ("sudo", "--non-interactive", f"--preserve-env={FRONTEND}")
    environment = os.environ | {FRONTEND: "noninteractive"}
    for command in (("apt-get", "update", *patience), ("apt-get", "install", "-y", "--no-install-recommends", *patience, "chromium")):
        try:
            subprocess.run([*rights, *command], env=environment, stdin=subprocess.DEVNULL, check=False, timeout=SECONDS)
        except (FileNotFoundError, subprocess.TimeoutExpired):
            return
