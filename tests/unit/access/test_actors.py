from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from starlette.requests import HTTPConnection

from shared.access import actors
from shared.access.actors import Tokens, issue_token, who_is_asking
from shared.access.personas import PERSONAS
from tests.unit.access.conftest import KEY

HANNE = PERSONAS["coordinator"]


def connection(**headers: str) -> HTTPConnection:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return HTTPConnection({"type": "http", "headers": raw})


def claims(**changed: Any) -> dict[str, Any]:
    now = int(time.time())
    made = {
        "iss": "zorgspoor",
        "aud": "zorgspoor",
        "iat": now,
        "exp": now + 60,
        "sub": str(HANNE.id),
        "name": HANNE.name,
        "roles": ["coordinator"],
        "org": None,
        "org_name": "x",
        "zones": [],
        "lang": "nl",
    } | changed
    return {name: value for name, value in made.items() if value != "left out"}


async def test_a_bearer_token_says_who_is_asking(configured: Callable[..., None]) -> None:
    assert await who_is_asking(connection(authorization=f"Bearer {issue_token(HANNE, 1)}")) == HANNE
    assert await who_is_asking(connection(authorization=f"bearer {issue_token(HANNE, 1)}")) == HANNE


async def test_the_session_cookie_says_it_too_among_others(configured: Callable[..., None]) -> None:
    token = issue_token(HANNE, 1)
    assert await who_is_asking(connection(cookie=f'odd"thing=[1]; zorgspoor_session={token}; theme=dark')) == HANNE


async def test_over_https_only_the_host_cookie_counts(configured: Callable[..., None]) -> None:
    configured(public_url="https://zorgspoor.example")
    token = issue_token(HANNE, 1)
    assert await who_is_asking(connection(cookie=f"zorgspoor_session={token}")) is None
    assert await who_is_asking(connection(cookie=f"__Host-zorgspoor={token}")) == HANNE


async def test_nothing_sent_is_nobody(configured: Callable[..., None]) -> None:
    assert await who_is_asking(connection()) is None


@pytest.mark.parametrize("authorization", ["Bearer nonsense", "Basic eDp5", "Bearer", ""])
async def test_a_broken_authorization_header_never_falls_back_on_the_cookie(configured: Callable[..., None], authorization: str) -> None:
    token = issue_token(HANNE, 1)
    assert await who_is_asking(connection(authorization=authorization, cookie=f"zorgspoor_session={token}")) is None


def test_a_token_of_these_claims_would_hold() -> None:
    assert Tokens(KEY).actor(jwt.encode(claims(), KEY)) is not None


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "someone"},
        {"iss": "left out"},
        {"aud": "other"},
        {"aud": "left out"},
        {"exp": 1},
        {"exp": "left out"},
        {"iat": "left out"},
        {"iat": int(time.time()) + 3600},
        {"sub": "left out"},
        {"sub": "not an id"},
        {"sub": 7},
        {"roles": None},
        {"roles": 3},
        {"roles": [["x"]]},
        {"org": "not an id"},
        {"zones": "left out"},
        {"name": "left out"},
        {"nbf": int(time.time()) + 3600},
        {"exp": "soon"},
    ],
    ids=str,
)
def test_a_token_with_other_claims_is_refused(changed: dict[str, Any]) -> None:
    assert Tokens(KEY).actor(jwt.encode(claims(**changed), KEY)) is None


def test_a_token_signed_otherwise_is_refused() -> None:
    tokens = Tokens(KEY)
    whole = jwt.encode(claims(), KEY)
    head, body, signature = whole.split(".")
    hostile = [
        jwt.encode(claims(), "another key that is also long enough, certainly"),
        jwt.encode(claims(), KEY, algorithm="HS512"),
        jwt.encode(claims(), None, algorithm="none"),
        f"{head}.{body}.",
        f"{head}.{body}",
        f"{head}.{body}.{signature[:-2]}",
        f".{body}.{signature}",
        "",
        "....",
        "a" * 10_000,
        "\x00",
    ]
    assert [tokens.actor(token) for token in hostile] == [None] * len(hostile)
    assert tokens.actor(whole) is not None


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
@pytest.mark.parametrize("key", ["", "short"])
def test_a_weak_key_verifies_nothing(key: str) -> None:
    signed = jwt.encode(claims(), key) if key else ".".join(["e30", "e30", "e30"])
    assert Tokens(key).actor(signed) is None


def test_a_token_seen_before_is_not_verified_again(monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = Tokens(KEY)
    token = tokens.issue(HANNE, 1)
    first = tokens.actor(token)
    monkeypatch.setattr(actors.jwt, "decode", lambda *_, **__: pytest.fail("verified again"))
    assert tokens.actor(token) is first


def test_a_token_seen_before_still_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = Tokens(KEY)
    token = tokens.issue(HANNE, hours=1)
    assert tokens.actor(token) == HANNE
    later = time.time() + 3601
    monkeypatch.setattr(actors.time, "time", lambda: later)
    monkeypatch.setattr(actors.jwt, "decode", _expired)
    assert tokens.actor(token) is None


def _expired(*_: Any, **__: Any) -> None:
    raise jwt.ExpiredSignatureError


def test_only_so_many_tokens_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actors, "REMEMBERED", 3)
    tokens = Tokens(KEY)
    for persona in list(PERSONAS.values())[:5]:
        assert tokens.actor(tokens.issue(persona, 1)) == persona
    assert len(tokens._seen) == 3


def test_the_token_used_longest_ago_is_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actors, "REMEMBERED", 2)
    tokens = Tokens(KEY)
    first, second, third = (tokens.issue(persona, 1) for persona in list(PERSONAS.values())[:3])
    for token in (first, second, first, third):
        tokens.actor(token)
    assert list(tokens._seen) == [first, third]


def test_refused_tokens_are_not_remembered() -> None:
    tokens = Tokens(KEY)
    tokens.actor("nonsense")
    assert not tokens._seen
