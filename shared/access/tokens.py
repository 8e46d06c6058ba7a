"""Whether a signed token (JWT, RFC 7519 with RFC 8725) holds: its kind, its signature by a known key, who made it for whom, and until when."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import jwt

ALGORITHMS = frozenset({"RS256", "ES256", "EdDSA"})
RSA_BITS = 2_048
LONGEST_TOKEN = 8_192
LONGEST_KID = 200
LEEWAY_SECONDS = 60
COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
# headers by which a token would bring its own key, or change what a signature means
FORBIDDEN_HEADERS = frozenset({"jku", "jwk", "x5u", "x5c", "crit", "b64", "zip", "enc"})
ACCESS_TYPES = frozenset({"at+jwt", "application/at+jwt"})  # RFC 9068
IDENTITY_TYPES = frozenset({"jwt", ""})


class NoGood(ValueError):
    """A token does not hold. The reason is for a log; who sent it is told nothing."""


class Finds(Protocol):
    """What knows keys by name."""

    async def find(self, kid: str) -> jwt.PyJWK | None: ...


@dataclass(frozen=True)
class Expected:
    """What a token must say.

    `longest_seconds`: it may not be valid for longer than that from now on. `strengths`: how strongly its person must have signed in (acr), if that
    matters; `signed_in_seconds`: and how long ago at most, of a token that says it.
    """

    issuer: str
    audience: str
    types: frozenset[str]
    algorithms: frozenset[str] = ALGORITHMS
    longest_seconds: float = math.inf
    strengths: frozenset[str] = frozenset()
    signed_in_seconds: float = math.inf
    required: tuple[str, ...] = field(default=("iss", "aud", "exp", "iat", "sub"))


async def verify(token: str, keys: Finds, expected: Expected, now: float) -> Mapping[str, Any]:
    """The claims of a token that holds. `now` in seconds since 1970. Raises NoGood."""
    header = read_header(token, expected)
    key = await keys.find(header["kid"])
    if key is None:
        raise NoGood("no such key")
    if key.algorithm_name != header["alg"]:
        raise NoGood("this key signs otherwise")
    try:
        claims = jwt.decode(
            token,
            key,
            algorithms=[key.algorithm_name],
            issuer=expected.issuer,
            audience=expected.audience,
            leeway=LEEWAY_SECONDS,
            options={
                "require": list(expected.required),
                "strict_aud": False,
                "verify_exp": False,
                "verify_nbf": False,
                "verify_iat": False,
            },
        )
    except (jwt.PyJWTError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise NoGood(type(error).__name__) from None
    _check_times(claims, expected, now)
    if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= 255:
        raise NoGood("sub")
    if expected.strengths and claims.get("acr") not in list(expected.strengths):  # a list: what was sent may have no hash
        raise NoGood("acr")
    return claims


def read_header(token: str, expected: Expected) -> Mapping[str, Any]:
    """The header of a token whose form, kind and algorithm are as expected; nothing in it is shown to be true yet. Raises NoGood."""
    if len(token) > LONGEST_TOKEN or not COMPACT.fullmatch(token):
        raise NoGood("form")
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise NoGood("header") from None
    if not FORBIDDEN_HEADERS.isdisjoint(header):
        raise NoGood("a header that is not taken")
    typ, alg, kid = header.get("typ", ""), header.get("alg"), header.get("kid")
    if not isinstance(typ, str) or typ.lower() not in expected.types:
        raise NoGood("typ")
    if not isinstance(alg, str) or alg not in expected.algorithms:
        raise NoGood("alg")
    if not isinstance(kid, str) or not 0 < len(kid) <= LONGEST_KID:
        raise NoGood("kid")
    return header


def _check_times(claims: Mapping[str, Any], expected: Expected, now: float) -> None:
    times = {name: claims[name] for name in ("exp", "iat", "nbf", "auth_time") if name in claims}
    if not all(type(value) in (int, float) and math.isfinite(value) for value in times.values()):
        raise NoGood("a time that is none")
    if times["exp"] <= now - LEEWAY_SECONDS:
        raise NoGood("exp")
    if times["exp"] - now > expected.longest_seconds + LEEWAY_SECONDS:
        raise NoGood("valid for too long")
    if times.get("auth_time", math.inf) < now - expected.signed_in_seconds - LEEWAY_SECONDS:
        raise NoGood("auth_time")
    if max(times.get("iat", 0), times.get("nbf", 0)) > now + LEEWAY_SECONDS:
        raise NoGood("not valid yet")
