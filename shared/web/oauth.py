"""The token endpoint for machines of organisations (RFC 6749 §4.4)."""

from __future__ import annotations

import orjson
import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from shared.access import machines
from shared.settings import settings
from shared.web import call, forms

PATH = "/oauth/token"
JSON = "application/json"

log = structlog.get_logger()


async def token(request: Request) -> Response:
    """A short token for a signed assertion."""
    call.expect_type(request, call.FORM_TYPE)
    typed = forms.parse(await call.read_body(request))
    sent = {name: value for name in typed if isinstance(value := typed[name], str)}
    try:
        granted = await machines.grant(sent, settings().public_url.rstrip("/") + PATH)
    except machines.Refused as refused:
        log.warning("client refused", error=refused.error)
        return _answer({"error": refused.error, "error_description": refused.description}, refused.status)
    log.info("token granted", client=str(granted.client_id), scopes=sorted(granted.scopes))
    return _answer(
        {"access_token": granted.token, "token_type": "bearer", "expires_in": granted.seconds, "scope": " ".join(sorted(granted.scopes))},
        200,
    )


def _answer(document: dict[str, str | int], status: int) -> Response:
    return Response(orjson.dumps(document), status, {"Cache-Control": "no-store", "Pragma": "no-cache"}, JSON)


def routes() -> list[BaseRoute]:
    """`/oauth/token`."""
    return [Route(PATH, token, methods=["POST"])]
