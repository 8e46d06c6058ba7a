"""Access tokens of the configured identity provider (RFC 9068), as people's own programs send them."""

from __future__ import annotations

import time
from collections import OrderedDict
from functools import lru_cache

import structlog

from shared.access import claims as claims_
from shared.access import provider
from shared.access.roles import Actor
from shared.access.signing_keys import FixedKeys, IssuerKeys, read_keys
from shared.access.tokens import ACCESS_TYPES, Expected, Finds, NoGood, verify
from shared.settings import Settings, settings

REMEMBERED = 4_096  # verified tokens kept per process: the same one comes with every request
REMEMBERED_SECONDS = 300.0  # then it is verified again, with the keys of that time

log = structlog.get_logger()


class Bearers:
    """Turns access tokens of one issuer into actors."""

    def __init__(self, expected: Expected, keys: Finds, mapping: claims_.Mapped) -> None:
        self._expected = expected
        self._keys = keys
        self._mapping = mapping
        self._seen: OrderedDict[str, tuple[Actor, float]] = OrderedDict()

    async def actor(self, token: str) -> Actor | None:
        """The actor of a token, or None when it does not hold."""
        now = time.time()
        known = self._seen.get(token)
        if known is not None:
            if known[1] > now:
                self._seen.move_to_end(token)
                return known[0]
            self._seen.pop(token, None)
        try:
            said = await verify(token, self._keys, self._expected, now)
            who = claims_.person(said, self._mapping)
            found = who.actor(claims_.only(who, said.get("organisation")))
        except (NoGood, claims_.NotSomebody) as error:
            log.info("token refused", reason=str(error))
            return None
        self._seen[token] = (found, min(float(said["exp"]), now + REMEMBERED_SECONDS))
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return found


async def actor(token: str) -> Actor | None:
    """The actor of an access token of the configured issuer, or None when it does not hold."""
    chosen = settings()
    return await bearers(chosen).actor(token) if chosen.identity_issuer else None


@lru_cache(maxsize=8)
def bearers(chosen: Settings) -> Bearers:
    """The tokens of these settings' issuer."""
    expected = Expected(chosen.identity_issuer, chosen.identity_audience, ACCESS_TYPES, strengths=frozenset(chosen.identity_acr.split()))
    return Bearers(expected, keys_of(chosen), claims_.mapped(chosen.identity_claims))


@lru_cache(maxsize=8)
def keys_of(chosen: Settings) -> FixedKeys | IssuerKeys:
    """The issuer's keys: those of the settings, or those it publishes."""
    if chosen.identity_keys:
        return FixedKeys(read_keys(chosen.identity_keys))
    return IssuerKeys(provider.of(chosen).keys)
