"""Hostile tokens: each is refused; the same without what is wrong with it is taken."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Callable
from typing import Any

import jwt
import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from shared.access.signing_keys import FixedKeys, read_keys
from shared.access.tokens import ACCESS_TYPES, Expected, NoGood, verify

ISSUER, AUDIENCE = "https://issuer.example", "zorgspoor-api"
NOW = int(time.time())
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
ED_KEY = ed25519.Ed25519PrivateKey.generate()
STRANGER = rsa.generate_private_key(public_exponent=65537, key_size=2048)
WEAK = rsa.generate_private_key(public_exponent=65537, key_size=1024)
SHARED = b"a secret that was published by mistake, long enough"
EXPECTED = Expected(ISSUER, AUDIENCE, ACCESS_TYPES)


def public(key: Any, kid: str, **more: Any) -> dict[str, Any]:
    algorithm = {rsa.RSAPrivateKey: RSAAlgorithm, ec.EllipticCurvePrivateKey: ECAlgorithm, ed25519.Ed25519PrivateKey: OKPAlgorithm}
    writes = next(writes for kind, writes in algorithm.items() if isinstance(key, kind))
    return {**orjson.loads(writes.to_jwk(key.public_key())), "kid": kid, **more}


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(value if isinstance(value, bytes) else orjson.dumps(value)).rstrip(b"=").decode()


PUBLISHED = {
    "keys": [
        public(RSA_KEY, "rsa"),
        public(EC_KEY, "ec"),
        public(ED_KEY, "ed"),
        public(WEAK, "weak"),
        public(RSA_KEY, "for-encryption", use="enc"),
        public(RSA_KEY, "pss", alg="PS256"),
        {"kty": "oct", "k": part(SHARED), "kid": "shared", "alg": "HS256"},
        {**orjson.loads(RSAAlgorithm.to_jwk(STRANGER)), "kid": "private"},
    ]
}
KEYS = FixedKeys(read_keys(orjson.dumps(PUBLISHED)))
PEM = RSA_KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def claims(**changed: Any) -> dict[str, Any]:
    whole = {"iss": ISSUER, "aud": AUDIENCE, "iat": NOW, "nbf": NOW, "exp": NOW + 600, "sub": "somebody"}
    return {name: value for name, value in (whole | changed).items() if value != "left out"}


def signed(key: Any = RSA_KEY, algorithm: str = "RS256", headers: dict[str, Any] | None = None, **changed: Any) -> str:
    found = {"kid": "rsa", "typ": "at+jwt"} | (headers or {})
    return jwt.encode(
        claims(**changed), key, algorithm=algorithm, headers={name: value for name, value in found.items() if value != "left out"}
    )


def by_hand(header: Any, payload: Any, sign: Callable[[bytes], bytes]) -> str:
    """A token that no library would make."""
    body = f"{part(header)}.{part(payload)}"
    return f"{body}.{part(sign(body.encode()))}"


def rs256(key: rsa.RSAPrivateKey) -> Callable[[bytes], bytes]:
    return lambda body: key.sign(body, PKCS1v15(), SHA256())


def with_public_key_as_secret(algorithm: str) -> str:
    header = {"alg": algorithm, "kid": "rsa", "typ": "at+jwt"}
    return by_hand(header, claims(), lambda body: hmac.digest(PEM, body, hashlib.sha256))


GOOD = signed()
HEAD, BODY, SIGNATURE = GOOD.split(".")
RIGHT = {"alg": "RS256", "kid": "rsa", "typ": "at+jwt"}

HOSTILE: dict[str, str] = {
    "nothing": "",
    "dots": "..",
    "words": "let me in",
    "a null byte": "\x00",
    "too long": signed(filler="x" * 10_000),
    "deep JSON": f"{part(b'[' * 3_000)}.{BODY}.{SIGNATURE}",
    "not compact: JSON": orjson.dumps({"payload": BODY, "protected": HEAD, "signature": SIGNATURE}).decode(),
    "five parts, as encrypted": f"{GOOD}.x.y",
    "padded": f"{HEAD}.{BODY}.{SIGNATURE}==",
    "a space before": f" {GOOD}",
    "a line feed after": f"{GOOD}\n",
    "no signature": f"{HEAD}.{BODY}.",
    "signature cut": f"{HEAD}.{BODY}.{SIGNATURE[:-8]}",
    "signature of another token": f"{HEAD}.{BODY}.{signed(sub='another').split('.')[2]}",
    "payload changed": f"{HEAD}.{part(claims(sub='the king'))}.{SIGNATURE}",
    "header changed": f"{part(RIGHT | {'x': 1})}.{BODY}.{SIGNATURE}",
    "alg none": by_hand(RIGHT | {"alg": "none"}, claims(), lambda _: b""),
    "alg None": by_hand(RIGHT | {"alg": "None"}, claims(), lambda _: b"x"),
    "alg missing": by_hand({"kid": "rsa", "typ": "at+jwt"}, claims(), lambda _: b"x"),
    "alg a list": by_hand(RIGHT | {"alg": ["RS256"]}, claims(), lambda _: b"x"),
    "HS256 with the public key": with_public_key_as_secret("HS256"),
    "HS256 said to be RS256": with_public_key_as_secret("RS256"),
    "HS256 with a published shared secret": signed(SHARED, "HS256", {"kid": "shared"}),
    "RS512, not on the list": signed(algorithm="RS512"),
    "PS256, not on the list": signed(algorithm="PS256"),
    "PS256 key of the set": signed(algorithm="PS256", headers={"kid": "pss"}),
    "signed by a stranger": signed(STRANGER),
    "signed by a key published with its private half": signed(STRANGER, headers={"kid": "private"}),
    "signed by a short key": by_hand(RIGHT | {"kid": "weak"}, claims(), rs256(WEAK)),
    "signed by a key for encryption": signed(headers={"kid": "for-encryption"}),
    "another key's name": signed(headers={"kid": "ec"}),
    "another key's algorithm": signed(EC_KEY, "ES256"),
    "ES256 of zeros": by_hand({"alg": "ES256", "kid": "ec", "typ": "at+jwt"}, claims(), lambda _: bytes(64)),
    "kid unknown": signed(headers={"kid": "other"}),
    "kid missing": signed(headers={"kid": "left out"}),
    "kid a path": signed(headers={"kid": "../../../dev/null"}),
    "kid a number": by_hand(RIGHT | {"kid": 7}, claims(), lambda _: b"x"),
    "kid too long": signed(headers={"kid": "k" * 1_000}),
    "brings its own key": signed(STRANGER, headers={"jwk": public(STRANGER, "rsa")}),
    "says where its key is": signed(STRANGER, headers={"jku": "https://evil.example/jwks"}),
    "a true token that says where keys are": signed(headers={"jku": "https://issuer.example/jwks"}),
    "says where its certificate is": signed(headers={"x5u": "https://evil.example/cert"}),
    "brings its certificate": signed(headers={"x5c": ["MIIB"]}),
    "something critical": signed(headers={"crit": ["exp"]}),
    "unencoded payload": by_hand(RIGHT | {"b64": True}, claims(), rs256(RSA_KEY)),
    "typ missing": signed(headers={"typ": None}),
    "an ID token": signed(headers={"typ": "JWT"}),
    "a logout token": signed(headers={"typ": "logout+jwt"}),
    "typ a list": by_hand(RIGHT | {"typ": ["at+jwt"]}, claims(), lambda _: b"x"),
    "another issuer": signed(iss="https://evil.example"),
    "almost the issuer": signed(iss=f"{ISSUER}/"),
    "iss missing": signed(iss="left out"),
    "iss a list": by_hand(RIGHT, claims(iss=[ISSUER]), lambda _: b"x"),
    "for another": signed(aud="another"),
    "for another, in a list": signed(aud=["another", "third"]),
    "almost for us": signed(aud=f"{AUDIENCE}2"),
    "aud missing": signed(aud="left out"),
    "expired": signed(exp=NOW - 61),
    "exp missing": signed(exp="left out"),
    "exp a text": signed(exp=str(NOW + 600)),
    "exp without end": by_hand(RIGHT, orjson.dumps(claims()).replace(str(NOW + 600).encode(), b"Infinity"), lambda _: b"x"),
    "exp true": signed(exp=True),
    "not before tomorrow": signed(nbf=NOW + 86_400),
    "nbf a text": signed(nbf="soon"),
    "made tomorrow": signed(iat=NOW + 86_400),
    "iat missing": signed(iat="left out"),
    "sub missing": signed(sub="left out"),
    "sub empty": signed(sub=""),
    "sub too long": signed(sub="s" * 300),
    "payload no object": by_hand(RIGHT, ["a"], lambda _: b"x"),
}


TAKEN = {
    "RS256": GOOD,
    "ES256": signed(EC_KEY, "ES256", {"kid": "ec"}),
    "EdDSA": signed(ED_KEY, "EdDSA", {"kid": "ed"}),
    "for several": signed(aud=["x", AUDIENCE]),
    "by a clock that is a little late": signed(exp=NOW - 30),
    "of the long type": signed(headers={"typ": "application/AT+JWT"}),
}


@pytest.mark.parametrize("token", TAKEN.values(), ids=TAKEN)
async def test_a_good_token_is_taken(token: str) -> None:
    assert (await verify(token, KEYS, EXPECTED, NOW))["sub"] == "somebody"


def test_there_are_enough_of_them() -> None:
    assert len(HOSTILE) >= 60
    assert len(set(HOSTILE.values())) == len(HOSTILE)


@pytest.mark.parametrize("what", HOSTILE)
async def test_a_hostile_token_is_refused(what: str) -> None:
    with pytest.raises(NoGood):
        await verify(HOSTILE[what], KEYS, EXPECTED, NOW)


@pytest.mark.parametrize("changed", [{"exp": NOW + 600}, {"iss": "https://evil.example"}, {"nbf": NOW + 100_000}])
async def test_a_token_made_by_hand_is_refused_for_what_it_says_and_not_for_its_making(changed: dict[str, Any]) -> None:
    token = by_hand(RIGHT, claims(**changed), rs256(RSA_KEY))
    if "exp" in changed:
        assert await verify(token, KEYS, EXPECTED, NOW)
    else:
        with pytest.raises(NoGood):
            await verify(token, KEYS, EXPECTED, NOW)


async def test_a_token_valid_for_too_long_is_refused_where_that_matters() -> None:
    short = Expected(ISSUER, AUDIENCE, ACCESS_TYPES, longest_seconds=300)
    assert await verify(signed(exp=NOW + 300), KEYS, short, NOW)
    with pytest.raises(NoGood, match="too long"):
        await verify(signed(exp=NOW + 3_600), KEYS, short, NOW)


STRONG = Expected(ISSUER, AUDIENCE, ACCESS_TYPES, strengths=frozenset({"high", "substantial"}))


@pytest.mark.parametrize("acr", ["low", "", "HIGH", "high substantial", None, 7, ["high"], {"high": 1}, "left out"])
async def test_who_signed_in_less_strongly_than_the_settings_ask_is_refused(acr: Any) -> None:
    assert await verify(signed(acr="high"), KEYS, STRONG, NOW)
    with pytest.raises(NoGood, match="acr"):
        await verify(signed(acr=acr), KEYS, STRONG, NOW)


async def test_who_signed_in_too_long_ago_is_refused_where_that_matters() -> None:
    lately = Expected(ISSUER, AUDIENCE, ACCESS_TYPES, signed_in_seconds=3_600)
    assert await verify(signed(auth_time=NOW - 3_600), KEYS, lately, NOW)
    assert await verify(signed(), KEYS, lately, NOW), "a provider may not say it"
    for auth_time in (NOW - 3_700, str(NOW), None):
        with pytest.raises(NoGood):
            await verify(signed(auth_time=auth_time), KEYS, lately, NOW)
