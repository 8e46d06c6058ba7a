"""What judges pages, from npm as locked here: axe for accessibility, vnu for HTML. Installed on first use, again when the lock changed."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from deploy.embedded import java

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"
SECONDS = 180
NO_NPM = "the browser tests take axe-core and vnu-jar from npm, and there is no npm here: install Node.js 18 or later (Debian, Ubuntu: apt install npm)"


@cache
def modules() -> Path:
    """The folder of the installed packages."""
    lock, installed = HERE / "package-lock.json", MODULES / ".package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        npm = shutil.which("npm")
        assert npm, NO_NPM
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]
        ran = subprocess.run(command, cwd=HERE, capture_output=True, text=True, timeout=SECONDS, check=False, stdin=subprocess.DEVNULL)
        assert ran.returncode == 0, f"npm ci: {ran.stderr}"
    return MODULES


@cache
def axe() -> str:
    """The script of axe-core."""
    return (modules() / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Remark:
    """What vnu says of one file."""

    file: str
    line: int
    text: str


def html_remarks(folder: Path) -> list[Remark]:
    """Everything vnu has to say of the pages in a folder, warnings too; one Java for all of them."""
    jar = modules() / "vnu-jar" / "build" / "dist" / "vnu.jar"
    command = [str(java.find()), "-Xss4m", "-jar", str(jar), "--format", "json", "--stdout", "--skip-non-html", str(folder)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, stdin=subprocess.DEVNULL)
    assert ran.stdout, ran.stderr
    messages: list[dict[str, Any]] = json.loads(ran.stdout)["messages"]
    return [Remark(Path(each.get("url", "")).name, each.get("lastLine", 0), each["message"]) for each in messages]
