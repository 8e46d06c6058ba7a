"""Who is asking. One function answers that for every request: a bearer token or the session cookie, and nothing else."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

import jwt
from starlette.requests import HTTPConnection, cookie_parser

from shared.settings import Settings, settings

ALGORITHM = "HS256"
ISSUER = "zorgspoor"
AUDIENCE = "zorgspoor"
KEY_BYTES = 32  # RFC 7518 §3.2: a key at least as long as the hash
REMEMBERED = 4_096  # verified tokens kept per process
LONGEST_TOKEN = 4_096


@dataclass(frozen=True)
class Actor:
    """Someone who asks: a provider or a worker (same id in workforce and directory), with what they may be."""

    id: UUID
    name: str
    roles: frozenset[str]  # sender, coordinator, zone_lead, zone_intake, ops
    organisation_id: UUID | None
    organisation_name: str
    zones: frozenset[str]
    language: str  # ISO 639-1


class Tokens:
    """Signs and verifies tokens with one key. A verified token is remembered until it expires, because every request carries one."""

    def __init__(self, key: str) -> None:
        self._key = key
        self._seen: OrderedDict[str, tuple[Actor, float]] = OrderedDict()

    def issue(self, actor: Actor, hours: float) -> str:
        """A signed token of an actor, valid from now for some hours."""
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "iat": now,
            "exp": now + int(hours * 3600),
            "sub": str(actor.id),
            "name": actor.name,
            "roles": sorted(actor.roles),
            "org": None if actor.organisation_id is None else str(actor.organisation_id),
            "org_name": actor.organisation_name,
            "zones": sorted(actor.zones),
            "lang": actor.language,
        }
        return jwt.encode(claims, self._key, algorithm=ALGORITHM)

    def actor(self, token: str) -> Actor | None:
        """The actor of a token, or None when it is not ours, expired or damaged."""
        known = self._seen.get(token)
        if known is not None:
            if known[1] > time.time():
                self._seen.move_to_end(token)
                return known[0]
            self._seen.pop(token, None)
        return self._verify(token)

    def _verify(self, token: str) -> Actor | None:
        if len(self._key.encode()) < KEY_BYTES or len(token) > LONGEST_TOKEN:
            return None
        try:
            claims = jwt.decode(
                token,
                self._key,
                algorithms=[ALGORITHM],
                issuer=ISSUER,
                audience=AUDIENCE,
                options={"require": ["iss", "aud", "exp", "iat", "sub"]},
            )
            found = _actor_of(claims)
        except (jwt.PyJWTError, KeyError, TypeError, ValueError):
            return None
        self._seen[token] = (found, float(claims["exp"]))
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return found


def _actor_of(claims: Mapping[str, Any]) -> Actor:
    return Actor(
        id=UUID(claims["sub"]),
        name=str(claims["name"]),
        roles=frozenset(claims["roles"]),
        organisation_id=None if claims["org"] is None else UUID(claims["org"]),
        organisation_name=str(claims["org_name"]),
        zones=frozenset(claims["zones"]),
        language=str(claims["lang"]),
    )


@lru_cache(maxsize=8)
def _tokens(key: str) -> Tokens:
    return Tokens(key)


def tokens() -> Tokens:
    """The tokens of this process, signed with `token_key` of the settings."""
    return _tokens(settings().token_key.get_secret_value())


def issue_token(actor: Actor, hours: float) -> str:
    """A token of an actor for the API (`Authorization: Bearer …`) or the session cookie."""
    return tokens().issue(actor, hours)


def cookie_name(chosen: Settings) -> str:
    """The session cookie. `__Host-` needs https; over plain http on loopback the name is plain."""
    return "__Host-zorgspoor" if chosen.public_url.startswith("https://") else "zorgspoor_session"


def token_of(connection: HTTPConnection) -> str | None:
    """The token a request carries. A request with an `Authorization` header never falls back on its cookie."""
    authorization = cookies = None
    for name, value in connection.scope["headers"]:
        if name == b"authorization":
            authorization = value
        elif name == b"cookie":
            cookies = value
    if authorization is not None:
        scheme, _, token = authorization.partition(b" ")
        return token.strip().decode("latin-1") if scheme.lower() == b"bearer" else ""
    return None if cookies is None else cookie_parser(cookies.decode("latin-1")).get(cookie_name(settings()))


async def who_is_asking(connection: HTTPConnection) -> Actor | None:
    """The actor behind a request, or None when nobody signed in or the token does not hold."""
    token = token_of(connection)
    return tokens().actor(token) if token else None
