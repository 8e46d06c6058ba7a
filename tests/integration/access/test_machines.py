"""Machines of organisations get a token for a signed assertion, and only so."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import jwt
import orjson
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm
from structlog.testing import CapturingLogger

from shared import clock
from shared.access import machines
from shared.access.personas import PRACTICE
from shared.web import oauth
from tests.integration.access.rig import HOME, Door, as_owner, forget, rows

TOKEN = f"{HOME}/oauth/token"
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP384R1())
ED_KEY = ed25519.Ed25519PrivateKey.generate()
STRANGER = rsa.generate_private_key(public_exponent=65537, key_size=2048)
KEYS = {
    "keys": [
        orjson.loads(RSAAlgorithm.to_jwk(RSA_KEY.public_key())) | {"kid": "rsa"},
        orjson.loads(ECAlgorithm.to_jwk(EC_KEY.public_key())) | {"kid": "ec"},
        orjson.loads(OKPAlgorithm.to_jwk(ED_KEY.public_key())) | {"kid": "ed"},
    ]
}
SCOPES = frozenset({"see_own_referrals", "see_zones"})


@pytest.fixture
async def client(door: Door) -> machines.Client:
    """A machine of one practice."""
    made = machines.Client(uuid4(), "Medisch pakket", PRACTICE, "Praktijk De Vlierbes", SCOPES, KEYS, clock.now())
    await machines.add(made)
    return made


def assertion(id: UUID, key: Any = RSA_KEY, algorithm: str = "RS256", kid: str = "rsa", typ: str | None = "JWT", **changed: Any) -> str:
    now = int(time.time())
    said = {"iss": str(id), "sub": str(id), "aud": TOKEN, "exp": now + 240, "jti": str(uuid4())} | changed
    return jwt.encode({name: value for name, value in said.items() if value is not None}, key, algorithm, {"kid": kid, "typ": typ})


async def ask(door: Door, signed: str, **changed: str) -> httpx.Response:
    sent = {"grant_type": "client_credentials", "client_assertion_type": machines.ASSERTION_TYPE, "client_assertion": signed} | changed
    async with door.browser() as browser:
        return await browser.home.post("/oauth/token", data={name: value for name, value in sent.items() if value})


async def get(door: Door, token: str, path: str) -> httpx.Response:
    async with door.browser() as browser:
        return await browser.home.get(path, headers={"Authorization": f"Bearer {token}"})


@pytest.mark.parametrize(
    ("key", "algorithm", "kid"), [(RSA_KEY, "RS256", "rsa"), (RSA_KEY, "RS384", "rsa"), (EC_KEY, "ES384", "ec"), (ED_KEY, "EdDSA", "ed")]
)
async def test_a_machine_gets_a_short_token_and_is_its_organisation(
    door: Door, client: machines.Client, key: Any, algorithm: str, kid: str
) -> None:
    answer = await ask(door, assertion(client.id, key, algorithm, kid))
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    granted = answer.json()
    assert (granted["token_type"], granted["expires_in"], granted["scope"]) == ("bearer", 300, "see_own_referrals see_zones")
    told = (await get(door, granted["access_token"], "/intake/api/referrals")).json()
    assert told == {
        "id": str(client.id),
        "kind": "client",
        "roles": ["sender"],
        "organisation": str(PRACTICE),
        "scopes": ["see_own_referrals", "see_zones"],
        "zones": [],
    }
    assert granted["access_token"] not in str(await rows("client_tokens"))


async def test_a_token_opens_only_what_its_scopes_say_and_no_page(door: Door, client: machines.Client) -> None:
    token = (await ask(door, assertion(client.id), scope="see_zones")).json()["access_token"]
    assert (await get(door, token, "/intake/api/zones")).status_code == 200
    refused = await get(door, token, "/intake/api/referrals")
    assert refused.status_code == 403
    assert 'error="insufficient_scope", scope="see_own_referrals"' in refused.headers["www-authenticate"]
    assert (await get(door, token, "/intake/api/people")).status_code == 403, "a route without a scope is for people"
    assert (await get(door, token, "/intake/own")).status_code == 403


async def test_tokens_given_and_refused_are_logged(door: Door, client: machines.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    logger = CapturingLogger()
    monkeypatch.setattr(oauth, "log", logger)
    signed = assertion(client.id)
    token = (await ask(door, signed, scope="see_zones")).json()["access_token"]
    await ask(door, signed)
    assert [(call.args[0], call.kwargs) for call in logger.calls] == [
        ("token granted", {"client": str(client.id), "scopes": ["see_zones"]}),
        ("client refused", {"error": "invalid_client"}),
    ]
    assert token not in str(logger.calls)


async def test_an_assertion_works_once(door: Door, client: machines.Client) -> None:
    signed = assertion(client.id)
    assert (await ask(door, signed)).status_code == 200
    again = await ask(door, signed)
    assert (again.status_code, again.json()["error"]) == (401, "invalid_client")


NOW = int(time.time())
UNKNOWN: dict[str, dict[str, Any]] = {
    "another audience": {"aud": f"{HOME}/oauth/other"},
    "no audience": {"aud": None},
    "expired": {"exp": NOW - 120},
    "valid for too long": {"exp": NOW + 3_600},
    "without an end": {"exp": None},
    "not valid yet": {"nbf": NOW + 3_600},
    "no jti": {"jti": None},
    "a jti of another kind": {"jti": 7},
    "another issuer": {"iss": str(uuid4())},
    "another subject": {"sub": str(uuid4())},
    "a subject that is no id": {"sub": "admin"},
    "a stranger's key": {"key": STRANGER},
    "an unknown key": {"kid": "other"},
    "another kind of token": {"typ": "at+jwt"},
    "RS512": {"algorithm": "RS512"},
}


@pytest.mark.parametrize("what", UNKNOWN)
async def test_an_assertion_that_does_not_hold_is_refused(door: Door, client: machines.Client, what: str) -> None:
    answer = await ask(door, assertion(client.id, **UNKNOWN[what]))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert await rows("client_tokens") == []


@pytest.mark.parametrize(
    ("changed", "status", "error"),
    [
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": ""}, 400, "unsupported_grant_type"),
        ({"client_assertion_type": "x"}, 401, "invalid_client"),
        ({"client_assertion": ""}, 401, "invalid_client"),
        ({"client_assertion": "nonsense"}, 401, "invalid_client"),
        ({"scope": "see_zones everything"}, 400, "invalid_scope"),
    ],
)
async def test_a_request_that_is_not_as_expected_gets_the_error_of_rfc_6749(
    door: Door, client: machines.Client, changed: dict[str, str], status: int, error: str
) -> None:
    answer = await ask(door, assertion(client.id), **changed)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


async def test_a_revoked_machine_is_out_with_the_tokens_it_holds(door: Door, client: machines.Client) -> None:
    token = (await ask(door, assertion(client.id))).json()["access_token"]
    assert (await get(door, token, "/intake/api/zones")).status_code == 200
    assert await machines.revoke(client.id)
    assert (await get(door, token, "/intake/api/zones")).status_code == 401
    answer = await ask(door, assertion(client.id))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    await machines.add(client)
    assert (await ask(door, assertion(client.id))).status_code == 401, "for good"


async def test_a_token_ends_after_five_minutes(door: Door, client: machines.Client) -> None:
    token = (await ask(door, assertion(client.id))).json()["access_token"]
    async with as_owner() as connection:
        await connection.execute("update client_tokens set ends_at = ends_at - interval '301 seconds'")
    forget()
    assert (await get(door, token, "/intake/api/zones")).status_code == 401


async def test_a_key_is_replaced_without_a_moment_shut_out(door: Door, client: machines.Client) -> None:
    rotated = {"keys": [*KEYS["keys"][:1], orjson.loads(RSAAlgorithm.to_jwk(STRANGER.public_key())) | {"kid": "new"}]}
    await machines.add(machines.Client(client.id, "Pakket", PRACTICE, "x", SCOPES, rotated, clock.now()))
    assert (await ask(door, assertion(client.id))).status_code == 200
    assert (await ask(door, assertion(client.id, STRANGER, kid="new"))).status_code == 200
    assert (await ask(door, assertion(client.id, ED_KEY, "EdDSA", "ed"))).status_code == 401


def test_commands_let_a_machine_in_list_it_and_shut_it_out(door: Door, tmp_path: Path) -> None:
    from services.cli import main

    pem, private, weak = tmp_path / "first.pem", tmp_path / "private.json", tmp_path / "weak.pem"
    pem.write_bytes(RSA_KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    private.write_text(json.dumps({"keys": [json.loads(RSAAlgorithm.to_jwk(RSA_KEY)) | {"kid": "x"}]}))
    short = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    weak.write_bytes(short.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))

    def run(*words: str) -> Any:
        return CliRunner().invoke(main, ["client", *words])

    add = ["add", "Pakket", "--organisation", str(PRACTICE), "--organisation-name", "De Vlierbes", "--scope", "write_referral", "--key"]
    added = run(*add, str(pem))
    assert added.exit_code == 0, added.output
    for bad in (private, weak):
        assert run(*add, str(bad)).exit_code == 1
    id = added.output.strip()
    (listed,) = json.loads(run("list", "--json").output)
    assert (listed["id"], listed["keys"], listed["scopes"], listed["revoked_at"]) == (id, ["first"], ["write_referral"], None)
    assert run("revoke", id).exit_code == 0
    assert json.loads(run("list", "--json").output)[0]["revoked_at"]
    assert run("revoke", str(uuid4())).exit_code == 1


async def test_who_may_see_a_referral_is_told_who_coordinates_it(door: Door) -> None:
    for scopes, status in ((frozenset({"see_referral"}), 200), (frozenset({"see_zones"}), 403)):
        made = machines.Client(uuid4(), "Medisch pakket", PRACTICE, "Praktijk De Vlierbes", scopes, KEYS, clock.now())
        await machines.add(made)
        token = (await ask(door, assertion(made.id))).json()["access_token"]
        assert (await get(door, token, "/intake/api/contacts")).status_code == status
