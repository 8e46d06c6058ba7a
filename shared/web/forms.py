"""Forms of pages: what was typed becomes a model, or stays as it was typed with what is expected beside each field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Generic, TypeVar, Union, get_args, get_origin
from urllib.parse import parse_qsl

from pydantic import BaseModel, ValidationError

from shared.web import problems
from shared.web.formats import BRUSSELS

Model = TypeVar("Model", bound=BaseModel)
MOST_FIELDS = 1_000
ONCE = "_once"  # hidden field that makes sending a form twice count once
DUTCH_DATE = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
ANSWERS = {"ja": "true", "nee": "false"}


class Typed(dict[str, str | list[str]]):
    """What was typed, by field name; a field that was not sent reads as empty."""

    def __missing__(self, name: str) -> str:
        return ""


class Errors(dict[str, str]):
    """What is expected, by field name; None where all is well."""

    def __missing__(self, name: str) -> None:
        return None


@dataclass(frozen=True)
class Checked(Generic[Model]):
    """A form after checking: the model, or the errors; `typed` is what stands in the fields again."""

    value: Model | None
    typed: Typed
    errors: Errors = field(default_factory=Errors)


def parse(body: bytes) -> Typed:
    """An `application/x-www-form-urlencoded` body. A name that comes more than once becomes a list."""
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError:  # not ASCII, not UTF-8 once decoded, or too many fields
        raise problems.Problem(400, "malformed_form", "The form cannot be read.") from None
    return gather(pairs)


def gather(pairs: list[tuple[str, str]]) -> Typed:
    """Names and values as a form has them, repeated names as lists."""
    typed = Typed()
    for name, value in pairs:
        known = typed.get(name)
        if known is None:
            typed[name] = value
        elif isinstance(known, list):
            known.append(value)
        else:
            typed[name] = [known, value]
    return typed


def context(now: datetime) -> dict[str, Any]:
    """What validators may need to know: `today`, in Belgium."""
    return {"today": now.astimezone(BRUSSELS).date()}


def check(model: type[Model], typed: Mapping[str, str | list[str]]) -> Checked[Model]:
    """Validate what was typed. Empty fields count as not sent, `dd/mm/jjjj` as a date, a comma as the decimal sign, `a.b` as field b of a."""
    kept = Typed(typed)
    try:
        return Checked(model.model_validate(arranged(model, kept)), kept)
    except ValidationError as error:
        found = problems.field_errors(error.errors(include_url=False, include_input=False), on_page=True)
        return Checked(None, kept, Errors({entry.field: entry.message for entry in found}))


def arranged(model: type[BaseModel], typed: Mapping[str, str | list[str]]) -> dict[str, Any]:
    """What was typed in the shape the model expects. Names that start with `_` are the page's own."""
    kinds = _kinds(model)
    shaped: dict[str, Any] = {}
    nested: dict[str, Typed] = {}
    for name, value in typed.items():
        outer, dot, inner = name.partition(".")
        if name.startswith("_") or value == "":
            continue
        if dot:
            nested.setdefault(outer, Typed())[inner] = value
        else:
            shaped[name] = _shaped(value, kinds.get(name))
    for outer, inside in nested.items():
        kind = kinds.get(outer)
        is_model = isinstance(kind, type) and issubclass(kind, BaseModel)
        shaped[outer] = arranged(kind, inside) if is_model else dict(inside)  # type: ignore[arg-type]
    return shaped


def _shaped(value: str | list[str], kind: Any) -> Any:
    if kind in (list, tuple, set, frozenset):
        return [value] if isinstance(value, str) else [entry for entry in value if entry]
    if not isinstance(value, str):
        return value
    if kind in (date, datetime) and (written := DUTCH_DATE.fullmatch(value.strip())):
        return f"{written[3]}-{written[2]:0>2}-{written[1]:0>2}"
    if kind is float or getattr(kind, "__name__", "") == "Decimal":
        return value.replace(",", ".")
    return ANSWERS.get(value, value) if kind is bool else value


@cache
def _kinds(model: type[BaseModel]) -> dict[str, Any]:
    """Per field, the type that decides how its text is read: the container of a list, the type inside `X | None`."""
    return {name: _kind(info.annotation) for name, info in model.model_fields.items()}


def _kind(annotation: Any) -> Any:
    origin = get_origin(annotation)
    if origin is Annotated:
        return _kind(get_args(annotation)[0])
    if origin in (Union, UnionType):
        inside = [part for part in get_args(annotation) if part is not NoneType]
        return _kind(inside[0]) if len(inside) == 1 else None
    return origin or annotation
