"""The demonstration's identity provider refuses what an OpenID provider must refuse."""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

import httpx
import pytest

from deploy.demo.identity.asking import NoToken, token_for, tokens_for
from deploy.demo.people import people
from shared.access.actors import who_is_asking
from shared.access.personas import PERSONAS
from shared.settings import settings
from tests.integration.access.rig import HOME, Door
from tests.unit.access.test_actors import connection


@pytest.mark.parametrize(
    "changed",
    [
        {"redirect_uri": "https://evil.example/sign-in/back"},
        {"redirect_uri": f"{HOME}/sign-in/back/../elsewhere"},
        {"client_id": "another"},
        {"code_challenge_method": "plain"},
        {"code_challenge": ""},
        {"state": ""},
        {"nonce": ""},
        {"response_type": "token"},
    ],
)
async def test_a_request_that_is_not_as_expected_gets_no_page(door: Door, changed: dict[str, str]) -> None:
    async with door.browser() as browser:
        parts = urlsplit((await browser.home.get("/sign-in")).headers["location"])
        query = {name: values[0] for name, values in parse_qs(parts.query).items()} | changed
        assert (await browser.away.get(urlunsplit(parts._replace(query=urlencode(query))))).status_code == 400


async def test_a_code_needs_its_verifier_and_works_once(door: Door) -> None:
    async with door.browser() as browser:
        code = parse_qs(urlsplit(await browser.return_address("ops")).query)["code"][0]
        chosen = settings()
        sent = {
            "grant_type": "authorization_code",
            "code": code,
            "client_id": chosen.identity_client,
            "redirect_uri": f"{HOME}/sign-in/back",
        }
        for verifier in ("", "made up"):
            answer = await browser.away.post(f"{chosen.identity_issuer}/token", data=sent | {"code_verifier": verifier})
            assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


async def test_a_name_of_another_site_that_points_here_reaches_nothing(door: Door) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(f"{settings().identity_issuer}/jwks", headers={"Host": "evil.example:8090"})
    assert answer.status_code == 400


def test_everybody_gets_a_token_that_is_taken(door: Door) -> None:
    import asyncio

    tokens = tokens_for(settings(), list(people()), hours=0.5)
    found = {name: asyncio.run(who_is_asking(connection(authorization=f"Bearer {token}"))) for name, token in tokens.items()}
    assert found == people()
    assert len(found) == len(PERSONAS) + 12


@pytest.mark.parametrize(("person", "hours"), [("king", 1), ("ops", 25), ("ops", 0), ("ops", float("nan"))])
def test_nobody_gets_a_token_of_another_kind(door: Door, person: str, hours: float) -> None:
    with pytest.raises(NoToken):
        token_for(settings(), person, hours)


def test_without_the_demonstration_there_are_no_tokens() -> None:
    with pytest.raises(NoToken, match="zorgspoor up"):
        token_for(settings(), "ops")
