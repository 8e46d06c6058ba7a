"""Commands of the privacy officer where no demonstration gives a token."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result

from services.cli import main
from shared.settings import SERVICES, settings

TOKEN = "eyJhbGciOiJFZERTQSJ9.e30.c2lnbmVk"
COMMANDS = [["erase", "P", "--yes"], ["hold", "set", "P"], ["hold", "lift", "P"], ["retention"], ["retention", "--dry-run"]]
MEANT = {"persons": 1, "referrals": 2, "cases": 1}
ERASED = {"erasure_id": "E", "confirmed": {}, "done": True}
ANSWER = MEANT | ERASED | {"person_id": "P", "held": True, "classes": [], "gone": {}, "more": False}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[httpx.Request]]:
    """What services in production were asked; their provider gives no tokens to commands."""
    requests: list[httpx.Request] = []

    def answered(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(200, json=ANSWER)

    monkeypatch.setattr(httpx, "Client", partial(httpx.Client, transport=httpx.MockTransport(answered)))
    monkeypatch.setenv("ZORGSPOOR_IDENTITY_ISSUER", "https://identity.example")
    monkeypatch.setenv("ZORGSPOOR_DEMO", "false")
    settings.cache_clear()
    yield requests
    settings.cache_clear()


def run(*words: str, typed: str = "") -> Result:
    return CliRunner().invoke(main, list(words), input=typed)


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_token_comes_from_a_file_or_from_standard_input(asked: list[httpx.Request], tmp_path: Path, words: list[str]) -> None:
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    for done in (run(*words, "--token-file", str(file)), run(*words, "--token-file", "-", typed=f"{TOKEN}\n")):
        assert done.exit_code == 0, done.output
    assert len(asked) == 2 * {"retention": len(SERVICES), "erase": 2}.get(words[0], 1)
    assert {request.headers["Authorization"] for request in asked} == {f"Bearer {TOKEN}"}


@pytest.mark.parametrize(
    ("typed", "code", "paths"), [("y\n", 0, ["meant", "erasures"]), ("n\n", 1, ["meant"]), ("", 1, ["meant"])], ids=repr
)
def test_before_it_erases_it_says_how_much_goes_and_asks(
    asked: list[httpx.Request], tmp_path: Path, typed: str, code: int, paths: list[str]
) -> None:
    file = tmp_path / "token"
    file.write_text(TOKEN)
    done = run("erase", "2026-0042", "--token-file", str(file), typed=typed)
    assert (done.exit_code, [request.url.path.rpartition("/")[2] for request in asked]) == (code, paths)
    assert "2026-0042 is 1 person, 2 referrals, 1 case." in done.output


def test_without_a_token_it_is_said_how_to_hand_one_over(asked: list[httpx.Request]) -> None:
    done = run("erase", "P")
    assert (done.exit_code, asked) == (1, [])
    assert "--token-file" in done.output


@pytest.mark.parametrize("typed", ["", "\n", "two tokens", "a\nb", "é"], ids=repr)
def test_what_is_no_token_is_refused_and_not_repeated(asked: list[httpx.Request], typed: str) -> None:
    done = run("erase", "P", "--token-file", "-", typed=typed)
    assert (done.exit_code, asked) == (2, [])
    assert not typed.strip() or typed.strip() not in done.output
