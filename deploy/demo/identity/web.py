"""What an OpenID provider answers: its description, its key, a page to choose a persona, a code for tokens, the end of a session."""

from __future__ import annotations

import base64
import hashlib
import hmac
import math
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import jinja2
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from deploy.demo.identity.asking import GRANT
from deploy.demo.identity.signing import ALGORITHM, Signer
from deploy.demo.people import people
from shared.access.personas import DESCRIPTIONS, PERSONAS, memberships
from shared.access.provider import DISCOVERY
from shared.access.sign_ins import BACK
from shared.settings import Settings
from shared.web import call, forms, language_choice, languages, pages

STATIC = Path(__file__).resolve().parents[3] / "shared" / "web" / "static"
CODE_SECONDS = 60.0
MOST_CODES = 1_000
LONGEST_HOURS = 24.0
HOURS = 1.0
_PAGES = jinja2.Environment(loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=jinja2.StrictUndefined)
pages.translate(_PAGES)


@dataclass(frozen=True, slots=True)
class Code:
    """What a code stands for until it is used."""

    persona: str
    nonce: str
    challenge: str
    until: float


class Provider:
    """The provider of one installation of Zorgspoor."""

    def __init__(self, chosen: Settings, signer: Signer) -> None:
        self._chosen = chosen
        self._signer = signer
        self._back = chosen.public_url.rstrip("/") + BACK
        self._codes: dict[str, Code] = {}

    def app(self) -> Starlette:
        """Its routes. Only under its own names: a name of another site that resolves to this machine must reach nothing (DNS rebinding)."""
        own = {urlsplit(url).hostname or "" for url in (self._chosen.identity_issuer, self._chosen.identity_internal_url) if url}
        routes: list[BaseRoute] = [
            Route(DISCOVERY, self.describe),
            Route("/jwks", self.keys),
            Route("/authorize", self.choose, methods=["GET"]),
            Route("/authorize", self.enter, methods=["POST"]),
            Route("/token", self.token, methods=["POST"]),
            Route("/end-session", self.leave),
            Mount("/static", StaticFiles(directory=STATIC)),
        ]
        hosts = [*own, "localhost", "127.0.0.1"]
        return Starlette(routes=routes, middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=hosts, www_redirect=False)])

    async def describe(self, _: Request) -> Response:
        """OpenID Connect Discovery."""
        own = self._signer.issuer
        return JSONResponse(
            {
                "issuer": own,
                "authorization_endpoint": f"{own}/authorize",
                "token_endpoint": f"{own}/token",
                "jwks_uri": f"{own}/jwks",
                "end_session_endpoint": f"{own}/end-session",
                "response_types_supported": ["code"],
                "grant_types_supported": ["authorization_code", GRANT],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": [ALGORITHM],
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": ["none"],
                "scopes_supported": ["openid", "profile"],
            }
        )

    async def keys(self, _: Request) -> Response:
        """The public key."""
        return Response(self._signer.jwks, media_type="application/json")

    async def choose(self, request: Request) -> Response:
        """The list of personas."""
        asked = request.query_params
        if (wrong := self._wrong(asked)) is not None:
            return PlainTextResponse(wrong, 400)
        shown = [
            {"key": key, "actor": actor, "description": DESCRIPTIONS[key], "organisations": memberships(key)}
            for key, actor in PERSONAS.items()
        ]
        languages.speak(language_choice.of(request, None))
        kept = {name: asked[name] for name in ("client_id", "redirect_uri", "response_type", "state", "nonce", "code_challenge")}
        return self._page("picker.html", personas=shown, kept=kept | {"code_challenge_method": "S256"}, language=languages.current())

    async def enter(self, request: Request) -> Response:
        """Back to Zorgspoor with a code for the chosen persona."""
        typed = {name: str(value) for name, value in forms.parse(await call.read_body(request)).items()}
        if (wrong := self._wrong(typed)) is not None or typed.get("persona") not in PERSONAS:
            return PlainTextResponse(wrong or "There is no such persona.", 400)
        now, code = time.monotonic(), secrets.token_urlsafe(24)
        self._codes = {name: kept for name, kept in self._codes.items() if kept.until > now}
        if len(self._codes) >= MOST_CODES:
            return PlainTextResponse("Too many at once.", 503)
        self._codes[code] = Code(typed["persona"], typed["nonce"], typed["code_challenge"], now + CODE_SECONDS)
        return RedirectResponse(f"{self._back}?{urlencode({'code': code, 'state': typed['state'], 'iss': self._signer.issuer})}", 303)

    async def token(self, request: Request) -> Response:
        """Tokens for a code, or an access token of anybody: here anyone can be anyone."""
        typed = {name: str(value) for name, value in forms.parse(await call.read_body(request)).items()}
        match typed.get("grant_type"):
            case "authorization_code":
                return self._for_code(typed)
            case grant if grant == GRANT:
                return self._for_persona(typed)
        return JSONResponse({"error": "unsupported_grant_type"}, 400)

    def _for_code(self, typed: Mapping[str, str]) -> Response:
        kept = self._codes.pop(typed.get("code", ""), None)
        digest = base64.urlsafe_b64encode(hashlib.sha256(typed.get("code_verifier", "").encode()).digest()).rstrip(b"=")
        if (
            kept is None
            or kept.until < time.monotonic()
            or typed.get("client_id") != self._chosen.identity_client
            or typed.get("redirect_uri") != self._back
            or not hmac.compare_digest(digest, kept.challenge.encode())
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        actor = PERSONAS[kept.persona]
        identity = self._signer.identity_token(actor, memberships(kept.persona), self._chosen.identity_client, kept.nonce)
        return self._tokens(self._signer.access_token(actor, self._chosen.identity_audience, HOURS), HOURS, id_token=identity)

    def _for_persona(self, typed: Mapping[str, str]) -> Response:
        actor, hours = people().get(typed.get("persona", "")), _hours(typed.get("hours", str(HOURS)))
        if actor is None or hours is None:
            return JSONResponse({"error": "invalid_grant"}, 400)
        return self._tokens(self._signer.access_token(actor, self._chosen.identity_audience, hours), hours)

    def _tokens(self, access_token: str, hours: float, **more: str) -> Response:
        answer = {"access_token": access_token, "token_type": "Bearer", "expires_in": int(hours * 3600), **more}
        return JSONResponse(answer, headers={"Cache-Control": "no-store"})

    async def leave(self, _: Request) -> Response:
        """There are no sessions to end here: back to Zorgspoor."""
        return RedirectResponse(self._chosen.public_url, 303)

    def _wrong(self, asked: Mapping[str, str]) -> str | None:
        """What is wrong with what a client asks; None when all is well."""
        expected = {
            "client_id": self._chosen.identity_client,
            "redirect_uri": self._back,
            "response_type": "code",
            "code_challenge_method": "S256",
        }
        missing = [name for name in ("state", "nonce", "code_challenge") if not asked.get(name)]
        wrong = missing + [name for name, value in expected.items() if asked.get(name) != value]
        return f"Not as expected: {', '.join(wrong)}" if wrong else None

    def _page(self, template: str, **values: object) -> Response:
        policy = (
            "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
            f"form-action 'self' {self._chosen.public_url.rstrip('/')}"
        )
        headers = {"Content-Security-Policy": policy, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
        return HTMLResponse(_PAGES.get_template(template).render(**values), headers=headers)


def _hours(said: str) -> float | None:
    try:
        hours = float(said)
    except ValueError:
        return None
    return hours if math.isfinite(hours) and 0 < hours <= LONGEST_HOURS else None
