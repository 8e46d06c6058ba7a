"""Criteria given as data: a tree of any, all and comparisons of named facts, judged met, unmet or unknown with every reason kept."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.intake.programmes.known import NAMED, Known, Value, missing

LANGUAGES = ("nl", "en", "fr", "de")
COMMA = ("nl", "fr", "de")  # languages that write 5,5


class State(StrEnum):
    """How a criterion stands."""

    MET = "met"
    UNMET = "unmet"
    UNKNOWN = "unknown"


MET, UNMET, UNKNOWN = State.MET, State.UNMET, State.UNKNOWN

Texts = Mapping[str, Mapping[str, str]]  # language → state → sentence with {fact} in it


class Reason(NamedTuple):
    """One criterion as it was judged. `counts` is false where another way to fit made it irrelevant."""

    code: str
    state: State
    values: Mapping[str, Value | None]
    texts: Texts
    counts: bool = True
    missing: tuple[str, ...] = ()

    def text(self, language: str) -> str:
        """The sentence for people; a language without texts falls back to Dutch."""
        spoken = language if language in self.texts else "nl"
        sentence = self.texts[spoken][self.state]
        if "{" not in sentence:
            return sentence
        return sentence.format_map({name: _written(value, spoken) for name, value in self.values.items()})


def _written(value: Value | None, language: str) -> str:
    if value is None:
        return "?"
    if isinstance(value, float):
        plain = f"{value:.2f}".rstrip("0").rstrip(".")
        return plain.replace(".", ",") if language in COMMA else plain
    return ", ".join(value) if isinstance(value, tuple) else str(value)


class FactName(BaseModel):
    """A limit that is itself a named fact, such as the cut-off for somebody's age."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    fact: str


class Node(BaseModel):
    """One node of a criterion: exactly one of `any`, `all`, or `fact` with one comparison. `shows` are facts its sentence mentions."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    code: str = ""
    any_of: tuple[Node, ...] = Field(default=(), alias="any")
    all_of: tuple[Node, ...] = Field(default=(), alias="all")
    fact: str | None = None
    equals: bool | str | None = Field(default=None, alias="is")
    at_least: float | FactName | None = None
    at_most: float | FactName | None = None
    below: float | FactName | None = None
    includes: str | None = None
    shows: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        if [bool(self.any_of), bool(self.all_of), self.fact is not None].count(True) != 1:
            raise ValueError(f"criterion {self.code!r}: give exactly one of any, all, fact")
        if self.fact is not None:
            compared = [limit for limit in (self.equals, self.at_least, self.at_most, self.below, self.includes) if limit is not None]
            names = [self.fact, *self.shows, *(limit.fact for limit in compared if isinstance(limit, FactName))]
            if len(compared) != 1:
                raise ValueError(f"criterion {self.code!r}: give exactly one of is, at_least, at_most, below, includes")
            if unknown := sorted(set(names) - NAMED.keys()):
                raise ValueError(f"criterion {self.code!r}: no such fact: {', '.join(unknown)}")
        return self

    def leaves(self) -> list[Node]:
        """Every comparison in the tree, in order."""
        return [self] if self.fact is not None else [leaf for child in (*self.any_of, *self.all_of) for leaf in child.leaves()]


Judge = Callable[[Known, list[Reason]], State]
Getter = Callable[[Known], Value | None]
Test = Callable[[Known], bool]
OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "equals": operator.eq,
    "at_least": operator.ge,
    "at_most": operator.le,
    "below": operator.lt,
    "includes": operator.contains,
}


def compiled(node: Node, texts: Mapping[str, Texts]) -> Judge:
    """The node as a function that judges it and appends one reason per comparison. `texts`: by the comparison's code."""
    if node.any_of:
        return _any([compiled(child, texts) for child in node.any_of])
    if node.all_of:
        return all_of([compiled(child, texts) for child in node.all_of])
    return _comparison(node, texts.get(node.code, {}))


def holds(node: Node) -> Test:
    """The node as a plain test, without reasons: true only when it is met."""
    if node.any_of:
        tests = [holds(child) for child in node.any_of]
        return lambda known: any(fits(known) for fits in tests)
    if node.all_of:
        tests = [holds(child) for child in node.all_of]
        return lambda known: all(fits(known) for fits in tests)
    of, fits, limit, other = _parts(node)
    if other is None:
        return lambda known: (value := of(known)) is not None and fits(value, limit)

    def test(known: Known) -> bool:
        value, bound = of(known), other(known)
        return value is not None and bound is not None and fits(value, bound)

    return test


def _comparison(node: Node, texts: Texts) -> Judge:
    of, fits, limit, other = _parts(node)
    name, code = str(node.fact), node.code
    asked = (name, limit.fact) if isinstance(limit, FactName) else (name,)
    shown = tuple((name, NAMED[name].of) for name in node.shows)

    def judge(known: Known, reasons: list[Reason]) -> State:
        value = of(known)
        bound = limit if other is None else other(known)
        values = {name: value, "limit": bound}
        for each, getter in shown:
            values[each] = getter(known)
        if value is None or bound is None:
            reasons.append(Reason(code, UNKNOWN, values, texts, True, missing(known.facts, asked)))
            return UNKNOWN
        state = MET if fits(value, bound) else UNMET
        reasons.append(Reason(code, state, values, texts))
        return state

    return judge


def _parts(node: Node) -> tuple[Getter, Callable[[Any, Any], bool], Any, Getter | None]:
    by, limit = next((by, limit) for by in OPERATORS if (limit := getattr(node, by)) is not None)
    return NAMED[str(node.fact)].of, OPERATORS[by], limit, NAMED[limit.fact].of if isinstance(limit, FactName) else None


def _any(judges: Sequence[Judge]) -> Judge:
    def judge(known: Known, reasons: list[Reason]) -> State:
        start = len(reasons)
        states = [child(known, reasons) for child in judges]
        if MET in states:
            set_aside(reasons, start, (UNMET, UNKNOWN))
            return MET
        return UNKNOWN if UNKNOWN in states else UNMET

    return judge


def all_of(judges: Sequence[Judge]) -> Judge:
    """Met when all are met; each is judged even when one already failed, so that every reason is known."""

    def judge(known: Known, reasons: list[Reason]) -> State:
        start = len(reasons)
        states = [child(known, reasons) for child in judges]
        if UNMET in states:
            set_aside(reasons, start, (UNKNOWN,))
            return UNMET
        return UNKNOWN if UNKNOWN in states else MET

    return judge


def set_aside(reasons: list[Reason], start: int, states: tuple[State, ...]) -> None:
    """Mark the reasons from `start` on that are in these states as not counting."""
    for index in range(start, len(reasons)):
        code, state, values, texts, counts, asked = reasons[index]
        if counts and state in states:
            reasons[index] = Reason(code, state, values, texts, False, asked)
