"""Each event is one line of JSON that says when, what and how bad; nothing that was sent can begin a line of its own."""

from __future__ import annotations

import subprocess
import sys

import orjson
import pytest

INJECTED = 'x\n{"event": "signed in", "who": "forged"}\r\n\u2028\x1b[2J\x00'
WRITES = """
import logging, sys
import structlog
from shared import log
log.configure("INFO")
own, library = structlog.get_logger(), logging.getLogger("library")
text = {text!r}
own.warning("refused", code=text)
library.warning("odd thing %s", text)
try:
    raise ValueError(text)
except ValueError:
    own.error("failed", exc_info=True)
    library.exception("failed")
own.debug("too little to say")
"""


@pytest.fixture(scope="module")
def lines() -> list[bytes]:
    """What a process logs to whom nobody looks."""
    done = subprocess.run([sys.executable, "-c", WRITES.format(text=INJECTED)], capture_output=True, check=True)
    return done.stderr.split(b"\n")


def test_every_event_is_one_line_whatever_is_in_it(lines: list[bytes]) -> None:
    assert lines.pop() == b""
    assert [orjson.loads(line)["event"] for line in lines] == ["refused", f"odd thing {INJECTED}", "failed", "failed"]
    assert not any(byte in b"".join(lines) for byte in (b"\r", b"\x1b", b"\x00"))


def test_every_line_says_when_in_utc_and_how_bad(lines: list[bytes]) -> None:
    for line in filter(None, lines):
        said = orjson.loads(line)
        assert said["level"] in ("warning", "error")
        assert said["timestamp"].endswith(("Z", "+00:00"))


def test_the_words_of_an_exception_are_not_repeated(lines: list[bytes]) -> None:
    told = [said for line in filter(None, lines) if (said := orjson.loads(line))["event"] == "failed"]
    assert [said["error"] for said in told] == ["ValueError", "ValueError"]
    assert "forged" not in str(told)
