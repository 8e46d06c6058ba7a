"""The description of a service's operations as OpenAPI 3.1, made from the same table that answers them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from shared.access.routes import ROUTES, Actions
from shared.access.rules import GRANTS, Action

if TYPE_CHECKING:
    from shared.web.routing import Operation

Mode: TypeAlias = Literal["validation", "serialization"]
Refs: TypeAlias = dict[tuple[type[BaseModel], Mode], dict[str, Any]]  # where each model is described, as it is sent or answered

VALIDATION: Mode = "validation"
SERIALIZATION: Mode = "serialization"
CSV = "text/csv"
REF = "#/components/schemas/{model}"
PLACE = re.compile(r"\{(\w+)(?::(\w+))?\}")
KINDS: dict[str | None, dict[str, Any]] = {
    "uuid": {"type": "string", "format": "uuid"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
}
PROBLEM: dict[str, Any] = {
    "title": "Problem",
    "type": "object",
    "description": "Problem details (RFC 9457). What was sent is never repeated.",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "For machines; stays the same."},
        "detail": {"type": "string"},
        "number": {"type": "string", "description": "What a fault of ours was logged under."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "message"],
                "properties": {"field": {"type": "string"}, "code": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}
IDEMPOTENCY_KEY: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key with the same request gives the same answer and is done once; with another request it is refused (422).",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}
NO = {
    400: "The body cannot be read",
    401: "It is not known who is asking",
    403: "None of the allowed roles",
    404: "Not found, or not yours to see",
    409: "Refused",
    413: "The body is too large",
    415: "The body is of another type",
    422: "Fields are not as expected",
    503: "Not available right now; Retry-After says when to send the same request again",
}


def examples(model: type[BaseModel]) -> list[Any]:
    """The examples that a model gives of itself."""
    extra = model.model_config.get("json_schema_extra")
    return list(extra.get("examples", ())) if isinstance(extra, dict) else []  # type: ignore[arg-type]  # a JSON list


def document(service: str, operations: Sequence[Operation], actions: Actions = ROUTES) -> dict[str, Any]:
    """The OpenAPI document of one service."""
    refs, schemas = _schemas(operations)
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(PLACE.sub(r"{\1}", operation.path), {})[operation.method.lower()] = _operation(
            operation, actions[operation.method, operation.path], refs, schemas
        )
    queries = {_name(refs[operation.query, VALIDATION]) for operation in operations if operation.query is not None}
    return {
        "openapi": "3.1.0",
        "info": {"title": f"Zorgspoor {service}", "version": "1"},
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
            "schemas": {name: schema for name, schema in schemas.items() if name not in queries} | {"Problem": PROBLEM},
        },
    }


def _schemas(operations: Sequence[Operation]) -> tuple[Refs, dict[str, Any]]:
    wanted: dict[tuple[type[BaseModel], Mode], None] = {}
    for operation in operations:
        for model in (operation.body, operation.query):
            if model is not None:
                wanted[model, VALIDATION] = None
        if operation.answer is not None:
            wanted[operation.answer, SERIALIZATION] = None
    found, schema = models_json_schema(list(wanted), ref_template=REF)
    refs: Refs = {(model, mode): found[model, mode] for model, mode in wanted}
    return refs, dict(schema.get("$defs", {}))


def _operation(operation: Operation, action: Action, refs: Refs, schemas: dict[str, Any]) -> dict[str, Any]:
    is_open = action is Action.OPEN
    described: dict[str, Any] = {
        "operationId": _id(operation),
        "summary": operation.summary,
        "parameters": _parameters(operation, refs, schemas, is_open=is_open),
        "responses": _responses(operation, refs, is_open=is_open),
    }
    if is_open:
        described["security"] = []
    else:
        described["x-allowed-roles"] = sorted(GRANTS[action])
    if operation.body is not None:
        described["requestBody"] = {
            "required": True,
            "content": {
                "application/json": {
                    "schema": refs[operation.body, VALIDATION],
                    "examples": {f"example-{at}": {"value": example} for at, example in enumerate(examples(operation.body), 1)},
                }
            },
        }
    if operation.file is not None:
        described["requestBody"] = {
            "required": True,
            "content": {CSV: {"schema": {"type": "string"}, "examples": {"example-1": {"value": operation.file}}}},
        }
    return described


def _id(operation: Operation) -> str:
    words = re.findall(r"\w+", PLACE.sub(r"\1", operation.path))
    return "_".join([operation.method.lower(), *words])


def _parameters(operation: Operation, refs: Refs, schemas: dict[str, Any], *, is_open: bool) -> list[dict[str, Any]]:
    found = [
        {"name": name, "in": "path", "required": True, "schema": KINDS.get(kind, {"type": "string"})}
        for name, kind in PLACE.findall(operation.path)
    ]
    if operation.query is not None:
        model = schemas[_name(refs[operation.query, VALIDATION])]
        required = model.get("required", [])
        found += [
            {"name": name, "in": "query", "required": name in required, "schema": schema}
            for name, schema in model.get("properties", {}).items()
        ]
    if operation.method != "GET" and not is_open:
        found.append(IDEMPOTENCY_KEY)
    return found


def _responses(operation: Operation, refs: Refs, *, is_open: bool) -> dict[str, Any]:
    good: dict[str, Any] = {"description": operation.summary}
    if operation.answer is not None:
        good["content"] = {"application/json": {"schema": refs[operation.answer, SERIALIZATION]}}
    responses = {str(operation.status): good}
    for status in _refused(operation, is_open=is_open):
        codes = f": {', '.join(operation.refusals)}" if status == 409 else ""
        responses[str(status)] = {
            "description": NO[status] + codes,
            "content": {"application/problem+json": {"schema": {"$ref": REF.format(model="Problem")}}},
        }
    return responses


def _refused(operation: Operation, *, is_open: bool) -> list[int]:
    statuses = {503}
    if not is_open:
        statuses |= {401, 403}
    if operation.body is not None or operation.file is not None:
        statuses |= {400, 413, 415, 422}
    if operation.query is not None:
        statuses.add(422)
    if PLACE.search(operation.path):
        statuses.add(404)
    if operation.refusals:
        statuses.add(409)
    return sorted(statuses)


def _name(ref: dict[str, Any]) -> str:
    return str(ref["$ref"]).rpartition("/")[2]
