from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from starlette.requests import HTTPConnection

from shared.access import bearers, machines, sessions
from shared.access.actors import who_is_asking
from shared.access.bearers import Bearers
from shared.access.claims import mapped
from shared.access.personas import PERSONAS
from shared.access.roles import Actor
from shared.access.signing_keys import FixedKeys, read_keys
from shared.access.tokens import ACCESS_TYPES, Expected
from tests.identity import AUDIENCE, ISSUER, SIGNER, issue_token

HANNE = PERSONAS["coordinator"]


def connection(**headers: str) -> HTTPConnection:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return HTTPConnection({"type": "http", "headers": raw})


@pytest.fixture
def signed_in(monkeypatch: pytest.MonkeyPatch) -> str:
    """A session secret of Hanne."""
    secret = f"{sessions.PREFIX}secret"

    async def look_up(given: str, *, used: bool = True) -> Actor | None:
        return HANNE if given == secret else None

    monkeypatch.setattr(sessions, "actor", look_up)
    return secret


def taker() -> Bearers:
    return Bearers(Expected(ISSUER, AUDIENCE, ACCESS_TYPES), FixedKeys(read_keys(SIGNER.jwks)), mapped(None))


async def test_a_bearer_token_says_who_is_asking(configured: Callable[..., None]) -> None:
    assert await who_is_asking(connection(authorization=f"Bearer {issue_token(HANNE)}")) == HANNE
    assert await who_is_asking(connection(authorization=f"bearer {issue_token(HANNE)}")) == HANNE


async def test_the_session_cookie_says_it_too_among_others(configured: Callable[..., None], signed_in: str) -> None:
    assert await who_is_asking(connection(cookie=f'odd"thing=[1]; zorgspoor_session={signed_in}; theme=dark')) == HANNE


async def test_a_service_asks_another_one_with_the_session_as_a_bearer(configured: Callable[..., None], signed_in: str) -> None:
    assert await who_is_asking(connection(authorization=f"Bearer {signed_in}")) == HANNE


async def test_a_cookie_holds_nothing_but_a_session(configured: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machines, "actor", lambda _: pytest.fail("a machine has no cookie"))
    for token in (issue_token(HANNE), f"{machines.PREFIX}x"):
        assert await who_is_asking(connection(cookie=f"zorgspoor_session={token}")) is None


async def test_over_https_only_the_host_cookie_counts(configured: Callable[..., None], signed_in: str) -> None:
    configured(public_url="https://zorgspoor.example")
    assert await who_is_asking(connection(cookie=f"zorgspoor_session={signed_in}")) is None
    assert await who_is_asking(connection(cookie=f"__Host-zorgspoor={signed_in}")) == HANNE


async def test_nothing_sent_is_nobody(configured: Callable[..., None]) -> None:
    assert await who_is_asking(connection()) is None


@pytest.mark.parametrize("authorization", ["Bearer nonsense", "Basic eDp5", "Bearer", ""])
async def test_a_broken_authorization_header_never_falls_back_on_the_cookie(
    configured: Callable[..., None], signed_in: str, authorization: str
) -> None:
    assert await who_is_asking(connection(authorization=authorization, cookie=f"zorgspoor_session={signed_in}")) is None


async def test_a_bearer_of_somebody_who_signed_in_less_strongly_than_the_settings_ask_is_nobody(configured: Callable[..., None]) -> None:
    configured(identity_acr="high")
    assert await who_is_asking(connection(authorization=f"Bearer {issue_token(HANNE)}")) is None


async def test_without_an_issuer_no_bearer_is_anybody(configured: Callable[..., None]) -> None:
    configured(identity_issuer="")
    assert await who_is_asking(connection(authorization=f"Bearer {issue_token(HANNE)}")) is None


@pytest.mark.parametrize("persona", PERSONAS)
async def test_a_token_gives_back_the_whole_persona(persona: str) -> None:
    assert await taker().actor(issue_token(PERSONAS[persona])) == PERSONAS[persona]


async def test_a_token_seen_before_is_not_verified_again_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    tokens, token = taker(), issue_token(HANNE)
    first = await tokens.actor(token)
    monkeypatch.setattr(bearers, "verify", lambda *_: pytest.fail("verified again"))
    assert await tokens.actor(token) is first
    later = time.time() + bearers.REMEMBERED_SECONDS + 1
    monkeypatch.undo()
    monkeypatch.setattr(bearers.time, "time", lambda: later)
    again = await tokens.actor(token)
    assert again == first
    assert again is not first


async def test_a_token_seen_before_still_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    tokens, token = taker(), issue_token(HANNE, hours=1)
    assert await tokens.actor(token) == HANNE
    later = time.time() + 3_600 + 61
    monkeypatch.setattr(bearers.time, "time", lambda: later)
    assert await tokens.actor(token) is None


async def test_only_so_many_tokens_are_remembered_and_the_one_used_longest_ago_is_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bearers, "REMEMBERED", 2)
    tokens = taker()
    first, second, third = (issue_token(persona) for persona in list(PERSONAS.values())[:3])
    for token in (first, second, first, third):
        await tokens.actor(token)
    assert list(tokens._seen) == [first, third]


async def test_refused_tokens_are_not_remembered() -> None:
    tokens = taker()
    await tokens.actor("nonsense")
    assert not tokens._seen
