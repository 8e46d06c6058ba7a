"""Public keys that tokens are verified with: which of a published set are taken, and when an issuer is asked for its set again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import jwt
import orjson
import structlog

from shared.access.tokens import RSA_BITS

KEPT_SECONDS = 3_600.0
ASK_AGAIN_SECONDS = 60.0  # at most, for a key that is not known
LONGEST_KEPT_SECONDS = 86_400.0  # when the issuer does not answer
TRY_AGAIN_SECONDS = 2.0  # while there are no keys at all
MOST_KEYS = 50
# what a key is for follows from its kind, never from a token
ALGORITHM_OF = {("RSA", ""): "RS256", ("EC", "P-256"): "ES256", ("OKP", "Ed25519"): "EdDSA"}

log = structlog.get_logger()

Keys = Mapping[str, jwt.PyJWK]
Ask = Callable[[], Awaitable[bytes]]


class NoKeys(ConnectionError):
    """The issuer's keys could not be read, not now and not in the last day: whether a token holds cannot be told."""


def read_keys(document: bytes | str, algorithm_of: Mapping[tuple[str, str], str] = ALGORITHM_OF) -> dict[str, jwt.PyJWK]:
    """The keys of a JWKS (RFC 7517) that can verify a signature here, by `kid`. Raises ValueError for what is no JWKS."""
    found = orjson.loads(document)
    if not isinstance(found, dict) or not isinstance(found.get("keys"), list):
        raise ValueError("not a JWKS")
    keys = (_read(entry, algorithm_of) for entry in found["keys"][:MOST_KEYS])
    return {key.key_id: key for key in keys if key is not None and key.key_id}


def _read(entry: Any, algorithm_of: Mapping[tuple[str, str], str]) -> jwt.PyJWK | None:
    """One key; None for what is not for verifying, is too short, or should never have been published."""
    if not isinstance(entry, dict) or not isinstance(entry.get("kid"), str) or "d" in entry or entry.get("use", "sig") != "sig":
        return None
    algorithm = algorithm_of.get((str(entry.get("kty")), str(entry.get("crv", ""))))
    if algorithm is None or entry.get("alg", algorithm) != algorithm:
        return None
    try:
        key = jwt.PyJWK(entry, algorithm)
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
    return key if getattr(key.key, "key_size", RSA_BITS) >= RSA_BITS or entry["kty"] != "RSA" else None


class FixedKeys:
    """Keys that were handed over once."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    async def find(self, kid: str) -> jwt.PyJWK | None:
        """The key of this name."""
        return self._keys.get(kid)


class IssuerKeys:
    """The keys an issuer publishes: asked at first use and every hour; for an unknown name once more, at most once a minute."""

    def __init__(self, ask: Ask, clock: Callable[[], float] = time.monotonic) -> None:
        self._ask = ask
        self._clock = clock
        self._keys: Keys = {}
        self._read_at = self._asked_at = float("-inf")
        self._turn = asyncio.Lock()

    async def find(self, kid: str) -> jwt.PyJWK | None:
        """The key of this name; None when the issuer has no such key. Raises NoKeys."""
        if kid not in self._keys or self._age() > KEPT_SECONDS:
            async with self._turn:
                since = self._clock() - self._asked_at
                if since >= (ASK_AGAIN_SECONDS if self._age() <= LONGEST_KEPT_SECONDS else TRY_AGAIN_SECONDS):
                    await self._renew()
        if self._age() > LONGEST_KEPT_SECONDS:
            raise NoKeys("the identity provider does not answer")
        return self._keys.get(kid)

    def _age(self) -> float:
        return self._clock() - self._read_at

    async def _renew(self) -> None:
        self._asked_at = self._clock()
        try:
            self._keys = read_keys(await self._ask())
            self._read_at = self._clock()
        except Exception as error:
            log.warning("no keys from the issuer", error=type(error).__name__)
