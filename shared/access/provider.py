"""The identity provider as a client sees it (OpenID Connect Discovery and Core): where it is, its keys, a code for tokens."""

from __future__ import annotations

import time
from base64 import b64encode
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import orjson

from shared.settings import Settings

SECONDS = 5.0
KEPT_SECONDS = 3_600.0
LONGEST_ANSWER = 512 * 1024
DISCOVERY = "/.well-known/openid-configuration"


class NoAnswer(Exception):
    """The provider is away, or answers what cannot be used; the message says which, without what it sent."""


class NotTaken(NoAnswer):
    """The provider answers that it does not take what it was sent."""


@dataclass(frozen=True)
class Endpoints:
    """Where the provider does what. `end_session` is None when it has no such place."""

    authorize: str
    token: str
    jwks: str
    userinfo: str | None
    end_session: str | None


class Provider:
    """One provider: its description is asked at first use and again every hour."""

    def __init__(self, issuer: str, internal_url: str, client: str, secret: str) -> None:
        self.issuer = issuer
        self.client = client
        self._internal = (internal_url or issuer).rstrip("/")
        self._secret = secret
        self._known: tuple[Endpoints, float] | None = None

    async def endpoints(self) -> Endpoints:
        """Where the provider does what. Raises NoAnswer."""
        if self._known is None or time.monotonic() - self._known[1] > KEPT_SECONDS:
            found = _object(await self._ask("GET", self.issuer.rstrip("/") + DISCOVERY))
            self._known = self._read(found), time.monotonic()
        return self._known[0]

    async def keys(self) -> bytes:
        """The document with its keys. Raises NoAnswer."""
        return await self._ask("GET", (await self.endpoints()).jwks)

    async def authorize_url(
        self, *, back: str, state: str, nonce: str, challenge: str, longest: int, strengths: str = "", again: bool = False
    ) -> str:
        """Where a browser goes to sign in; anew when the last time there was longer than that ago (seconds), or in any case (`again`)."""
        asked = {
            "response_type": "code",
            "client_id": self.client,
            "redirect_uri": back,
            "scope": "openid profile",
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "max_age": longest,
        }
        if again:
            asked |= {"prompt": "login", "max_age": 0}
        if strengths:
            asked["acr_values"] = strengths
        where = (await self.endpoints()).authorize
        return where + ("&" if "?" in where else "?") + urlencode(asked)

    async def exchange(self, code: str, *, verifier: str, back: str) -> dict[str, Any]:
        """The tokens for a code. Raises NoAnswer, also when the provider refuses."""
        sent = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "client_id": self.client, "code_verifier": verifier}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if self._secret:
            login = f"{quote(self.client, safe='')}:{quote(self._secret, safe='')}"  # RFC 6749 §2.3.1
            headers["Authorization"] = f"Basic {b64encode(login.encode()).decode()}"
        return _object(await self._ask("POST", (await self.endpoints()).token, headers=headers, content=urlencode(sent)))

    async def userinfo(self, access_token: str) -> dict[str, Any]:
        """More claims about who the token is for. Raises NoAnswer."""
        where = (await self.endpoints()).userinfo
        if where is None:
            raise NoAnswer("the provider has no userinfo endpoint")
        return _object(await self._ask("GET", where, headers={"Authorization": f"Bearer {access_token}"}))

    async def end_session_url(self, back: str) -> str | None:
        """Where a browser signs out at the provider too; None when that is nowhere or cannot be known now."""
        try:
            where = (await self.endpoints()).end_session
        except NoAnswer:
            return None
        return where and f"{where}?{urlencode({'client_id': self.client, 'post_logout_redirect_uri': back})}"

    def _read(self, found: dict[str, Any]) -> Endpoints:
        if found.get("issuer") != self.issuer:
            raise NoAnswer("it calls itself otherwise than the settings do")
        places = {name: found.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
        if not all(isinstance(place, str) for place in places.values()):
            raise NoAnswer("its description is not whole")
        further = [place if isinstance(place := found.get(name), str) else None for name in ("userinfo_endpoint", "end_session_endpoint")]
        return Endpoints(*(str(place) for place in places.values()), *further)

    async def _ask(self, method: str, url: str, **sent: Any) -> bytes:
        """An answer of the provider, asked where the services reach it."""
        if self._internal != self.issuer.rstrip("/") and url.startswith(self.issuer.rstrip("/")):
            url = self._internal + url.removeprefix(self.issuer.rstrip("/"))
        try:
            async with httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=SECONDS) as client:
                answer = await client.request(method, url, **sent)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NoAnswer(type(error).__name__) from None
        if answer.is_client_error:
            raise NotTaken(f"status {answer.status_code}")
        if not answer.is_success or len(answer.content) > LONGEST_ANSWER:
            raise NoAnswer(f"status {answer.status_code}")
        return answer.content


def _object(content: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(content)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise NoAnswer("not JSON")
    return found


@lru_cache(maxsize=8)
def of(chosen: Settings) -> Provider:
    """The provider of these settings."""
    return Provider(
        chosen.identity_issuer, chosen.identity_internal_url, chosen.identity_client, chosen.identity_client_secret.get_secret_value()
    )
