"""Routes of a service: operations (JSON) and pages (HTML), each with an action of the one table of routes. Every refusal and fault becomes an
answer here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

import orjson
from pydantic import BaseModel, ValidationError
from starlette.convertors import IntegerConvertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from shared import clock
from shared.access.actors import Actor, is_refresh, who_is_asking
from shared.access.audit.entries import action_of
from shared.access.routes import ROUTES, Actions
from shared.access.rules import Action, scope_of
from shared.settings import settings
from shared.web import (
    admission,
    assets,
    call,
    form_key,
    forms,
    health,
    language_choice,
    languages,
    limits,
    live,
    openapi,
    pages,
    problems,
    sign_in,
)
from shared.web.call import Call
from shared.web.problems import Problem

if TYPE_CHECKING:
    from shared.messaging.kernel import Kernel

Answering: TypeAlias = Callable[[Call], Awaitable[Any]]
JSON = "application/json"


class Number(IntegerConvertor):
    """`{id:int}` in a path: a number that the database can hold; there is nothing under a longer one."""

    regex = "[0-9]{1,18}"


register_url_convertor("int", Number())


class NoExample(ValueError):
    """A body of an operation has no example that its own model accepts; give the model `json_schema_extra={"examples": [...]}`."""


@dataclass(frozen=True)
class Operation:
    """A JSON operation. The handler returns a model or plain data, answered with `status`, or a Response of its own."""

    method: str
    path: str  # as Starlette writes it: "/intake/api/referrals/{id:uuid}"
    handler: Answering
    summary: str
    body: type[BaseModel] | None = None
    file: str | None = None  # the body is a CSV file, such as this one
    query: type[BaseModel] | None = None
    answer: type[BaseModel] | None = None
    status: int = 200
    refusals: Mapping[str, str] = field(default_factory=dict)  # code of a refusal → sentence, with the refusal's values in braces

    def __post_init__(self) -> None:
        if self.body is None:
            return
        examples = openapi.examples(self.body)
        try:
            for example in examples:
                self.body.model_validate_json(orjson.dumps(example), strict=True, context=forms.context(clock.now()))
        except ValidationError as error:
            raise NoExample(f"{self.method} {self.path}: {self.body.__name__}: {error}") from None
        if not examples:
            raise NoExample(f"{self.method} {self.path}: {self.body.__name__} has no example")


@dataclass(frozen=True)
class Page:
    """A page. The handler returns `call.page(...)` or `call.redirect(...)`."""

    method: str
    path: str
    handler: Callable[[Call], Awaitable[Response]]


class JsonEndpoint:
    """One operation as an ASGI application: who asks, what was sent, the handler, the answer. No layers between, this is the hot path."""

    def __init__(self, operation: Operation, kernel: Kernel, action: Action) -> None:
        self._operation = operation
        self._kernel = kernel
        self._action = action

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        asked = Call(request, self._kernel, None, self._operation.refusals, self._action, action_of(self._operation.handler))
        try:
            asked.who = await who_is_asking(request)
            languages.speak(language_choice.of_machine(request, asked.who))
            response = await self._respond(asked)
        except Exception as error:
            problem = problems.of_error(error, request)
            await asked.turned_away(problem)
            response = problem.response()
        await response(scope, receive, send)

    async def _respond(self, asked: Call) -> Response:
        operation, request = self._operation, asked.request
        admission.admit(self._action, asked.who, request)
        _check_scope(self._action, asked.who)
        if asked.who is not None:
            limits.take_for_account(request.scope, asked.who.id)
            if operation.method != "GET":
                form_key.check(request, None)
        if operation.query is not None:
            asked.query = _query(operation.query, request)
        if operation.body is not None:
            call.expect_type(request, JSON)
            asked.raw = await call.read_body(request)
            try:
                asked.body = operation.body.model_validate_json(asked.raw, strict=True, context=forms.context(asked.now))
            except ValidationError as error:
                raise problems.of_validation(error) from None
        answer = _answer(await operation.handler(asked), operation.status)
        asked.answered()
        return answer


class PageEndpoint:
    """One page as an ASGI application. What goes wrong is answered with a page that keeps what was typed."""

    def __init__(self, page: Page, kernel: Kernel, action: Action) -> None:
        self._page = page
        self._kernel = kernel
        self._action = action

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        asked = Call(request, self._kernel, None, {}, self._action, action_of(self._page.handler))
        asked.position = self._kernel.changes.position
        try:
            typed = None if self._page.method == "GET" else await asked.form()  # first, so that no refusal loses what was typed
            asked.who = who = await who_is_asking(request)
            languages.speak(language_choice.of(request, who))
            admission.admit(self._action, who, request)
            admission.admit_person(who)
            if who is not None:
                limits.take_for_account(request.scope, who.id)
            if typed is not None:
                form_key.check(request, str(typed[form_key.FIELD]))
            response = await self._page.handler(asked)
            asked.answered()
        except Exception as error:
            problem = problems.of_error(error, request)
            await asked.turned_away(problem)
            response = self._explain(asked, problem)
        await response(scope, receive, send)

    def _explain(self, asked: Call, problem: Problem) -> Response:
        if problem.status == 401 and settings().identity_issuer and not asked.typed and not is_refresh(asked.request):
            return RedirectResponse(pages.sign_in_url(asked.request), status_code=303)
        if problem.status == 403 and sign_in.must_choose(asked.who):
            return RedirectResponse(sign_in.organisation_url(asked.request), status_code=303)
        return pages.render_problem(asked.request, problem, actor=asked.who, service=self._kernel.service, now=asked.now, typed=asked.typed)


def _check_scope(action: Action, who: Actor | None) -> None:
    if who is not None and who.kind == "client":
        scope = scope_of(action)
        if scope is None or scope not in who.scopes:
            raise problems.out_of_scope(scope)


def _query(model: type[BaseModel], request: Request) -> BaseModel:
    try:
        return model.model_validate(forms.arranged(model, forms.gather(request.query_params.multi_items())))
    except ValidationError as error:
        raise problems.of_validation(error) from None


def _answer(answer: Any, status: int) -> Response:
    if isinstance(answer, Response):
        return answer
    if isinstance(answer, BaseModel):
        return Response(answer.model_dump_json().encode(), status, media_type=JSON)
    return Response(None if status == 204 else orjson.dumps(answer, default=_plain), status, media_type=JSON)


def _plain(value: Any) -> Any:
    """What orjson does not know: models inside plain data, asyncpg's own UUIDs."""
    return value.model_dump(mode="json") if isinstance(value, BaseModel) else str(value)


def service_routes(
    name: str, kernel: Kernel, operations: Sequence[Operation], pages: Sequence[Page], actions: Actions = ROUTES
) -> list[BaseRoute]:
    """All routes of one service: its operations and pages, its description, its health and its static files.

    Raises KeyError for an operation or page that `actions` does not name: what nobody said who may do cannot be served.
    """

    @cache
    def description() -> bytes:
        return orjson.dumps(openapi.document(name, operations, actions))

    async def describe(_: Request) -> Response:
        return Response(description(), media_type=JSON)

    commands_first = sorted(operations, key=lambda operation: operation.method == "GET")  # routes are tried in order
    routes: list[BaseRoute] = [
        Route(operation.path, JsonEndpoint(operation, kernel, actions[operation.method, operation.path]), methods=[operation.method])
        for operation in commands_first
    ]
    routes += [Route(page.path, PageEndpoint(page, kernel, actions[page.method, page.path]), methods=[page.method]) for page in pages]
    routes.append(Route(f"/{name}/api/openapi.json", describe))
    return [*routes, live.route(name, kernel), *health.routes(name, kernel), assets.route(name)]
