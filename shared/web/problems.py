"""Problems as RFC 9457 describes them. What was typed is never repeated: each message says what is expected."""

from __future__ import annotations

import re
import secrets
import traceback
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args
from uuid import UUID

import jinja2
import orjson
import structlog
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from pydantic_core.core_schema import ErrorType
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from shared.db import is_transient
from shared.items import Refusal
from shared.messaging.kernel import Unavailable
from shared.web import texts
from shared.web.languages import gettext

MEDIA_TYPE = "application/problem+json"
TYPE = "urn:zorgspoor:problem:"
RETRY_SECONDS = 2
LIBRARY_KINDS = frozenset(get_args(ErrorType))
FIELD_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,60}")
MOST_ERRORS = 50
WORTH_A_LINE = (400, 401, 403, 404, 413, 415, 422)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field that is not as expected: where (dots between levels), a code, and what is expected."""

    field: str
    code: str
    message: str


class Problem(Exception):
    """An answer that says no. `code` is for machines, `title` and `detail` for people; `retry_after` in seconds; `number` is what a fault was logged under."""

    def __init__(
        self,
        status: int,
        code: str,
        title: str,
        detail: str | None = None,
        errors: Sequence[FieldError] = (),
        *,
        retry_after: int | None = None,
        headers: Mapping[str, str] | None = None,
        number: str | None = None,
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.errors = list(errors)
        self.retry_after = retry_after
        self.number = number
        self.headers = dict(headers or {}) | ({} if retry_after is None else {"Retry-After": str(retry_after)})

    def document(self) -> dict[str, Any]:
        """The members of the problem details object."""
        document: dict[str, Any] = {"type": TYPE + self.code, "title": self.title, "status": self.status, "code": self.code}
        if self.detail is not None:
            document["detail"] = self.detail
        if self.number is not None:
            document["number"] = self.number
        if self.errors:
            document["errors"] = [{"field": error.field, "code": error.code, "message": error.message} for error in self.errors]
        return document

    def response(self) -> Response:
        """The problem as the API answers it."""
        return Response(orjson.dumps(self.document()), self.status, self.headers, MEDIA_TYPE)


def of_validation(error: ValidationError) -> Problem:
    """JSON that cannot be read → 400 with the position; fields that are not as expected → 422 with one entry per field."""
    mistakes = error.errors(include_url=False, include_input=False)
    if mistakes[0]["type"] == "json_invalid":
        where = re.search(r"line \d+ column \d+", mistakes[0]["msg"])
        return Problem(400, "malformed_json", "The body is not JSON.", f"It cannot be read at {where[0]}." if where else None)
    return invalid(field_errors(mistakes))


def invalid(errors: Sequence[FieldError]) -> Problem:
    """Some fields are not as expected (422)."""
    count = "One field is" if len(errors) == 1 else f"{len(errors)} fields are"
    return Problem(422, "invalid", "The request is not as expected.", f"{count} not as expected; see errors.", errors)


def field_errors(mistakes: Sequence[ErrorDetails], *, on_page: bool = False) -> list[FieldError]:
    """One entry per field, in order; the first mistake of a field counts. In English, or `on_page` in the language of the page."""
    found: dict[str, FieldError] = {}
    for mistake in mistakes:
        field = ".".join(_name(part) for part in mistake["loc"]) or "body"
        if field not in found and len(found) < MOST_ERRORS:
            found[field] = FieldError(field, mistake["type"], _message(mistake, on_page))
    return list(found.values())


def _name(part: int | str) -> str:
    """A name of a field as sent, unless it is no name at all."""
    return str(part) if isinstance(part, int) or FIELD_NAME.fullmatch(part) else "?"


def _message(mistake: ErrorDetails, on_page: bool) -> str:
    context = mistake.get("ctx", {})
    if mistake["type"] not in LIBRARY_KINDS:  # raised by a validator of ours, see shared.text.refusal
        return gettext(str(context["nl"]), **context) if on_page and "nl" in context else mistake["msg"]
    return texts.sentence(mistake["type"], context, mistake["msg"], on_page=on_page)


def of_refusal(refusal: Refusal, sentences: Mapping[str, str]) -> Problem:
    """A handler's no, with the sentence that belongs to its code, filled with its values."""
    words = refusal.code.replace("_", " ")
    template = sentences.get(refusal.code) or SENTENCES.get(refusal.code)
    detail = template.format_map(refusal.values) if template else None
    errors = [FieldError(refusal.field, refusal.code, detail or f"Refused: {words}.")] if refusal.field else []
    return Problem(refusal.status, refusal.code, f"Refused: {words}.", detail, errors)


SENTENCES = {"idempotency_key_reused": "This Idempotency-Key was used for another request. Use a new key for a new request."}


def unauthenticated(token_sent: bool) -> Problem:
    """Nobody, or a token that does not hold (RFC 6750)."""
    challenge = 'Bearer realm="zorgspoor"' + (', error="invalid_token"' if token_sent else "")
    return Problem(
        401,
        "unauthenticated",
        "It is not known who is asking.",
        "Send a valid token: Authorization: Bearer …",
        headers={"WWW-Authenticate": challenge},
    )


def forbidden(allowed: Iterable[str]) -> Problem:
    """Someone, but without a role that may."""
    return Problem(403, "forbidden", "You may not do this.", f"It takes one of these roles: {', '.join(sorted(allowed))}.")


def out_of_scope(scope: str | None) -> Problem:
    """A machine, without the scope for this (RFC 6750 §3.1)."""
    if scope is None:
        return Problem(403, "forbidden", "You may not do this.", "This is for people only.")
    challenge = f'Bearer realm="zorgspoor", error="insufficient_scope", scope="{scope}"'
    return Problem(403, "forbidden", "You may not do this.", f"It takes the scope {scope}.", headers={"WWW-Authenticate": challenge})


def of_error(error: Exception, request: Request) -> Problem:
    """What an exception means to who asked. A fault of ours is logged under a short number that the answer carries; never with what was sent."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, HTTPException):
        return _of_http(error)
    if isinstance(error, ClientDisconnect):
        return Problem(400, "disconnected", "The request was not sent to its end.")
    template_fault = isinstance(error, jinja2.TemplateError)  # a missing template is an OSError too
    if isinstance(error, Unavailable) or (is_transient(error) and not template_fault):
        log.warning("service unavailable", error=type(error).__name__, method=request.method, path=request.scope["path"])
        return Problem(
            503,
            "unavailable",
            "The service is not available right now.",
            "Nothing is lost; send the same request again.",
            retry_after=RETRY_SECONDS,
        )
    number = f"Z-{secrets.randbelow(1_000_000):06d}"
    log.error(
        "request failed",
        number=number,
        error=type(error).__name__,
        method=request.method,
        path=request.scope["path"],
        where=traceback.format_tb(error.__traceback__),
    )
    return Problem(500, "internal", "Something went wrong on our side.", f"Error number {number}.", number=number)


def log_refusal(problem: Problem, does: str, who: UUID | None) -> None:
    """A line for a request that was refused: what it asked for, who, and why. Not for who simply has to sign in, or looks for what never was."""
    nobody_yet = who is None and "invalid_token" not in problem.headers.get("WWW-Authenticate", "") and problem.status in (401, 404)
    if problem.status in WORTH_A_LINE and not nobody_yet:
        log.info("refused", does=does, who=who and str(who), status=problem.status, code=problem.code)


def _of_http(error: HTTPException) -> Problem:
    codes = {
        404: ("not_found", "There is nothing at this address."),
        405: ("method_not_allowed", "This address does not take this method."),
    }
    code, title = codes.get(error.status_code, ("refused", "The request was refused."))
    return Problem(error.status_code, code, title, headers=error.headers)
