"""Programmes as dated data files with their source, read once into typed, compiled form. A new programme is a new file in `data/`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.intake.programmes import criteria, growth
from services.intake.programmes.criteria import Node, Test, Texts
from services.intake.programmes.facts import Facts, Need
from services.intake.programmes.known import Known

DATA = Path(__file__).parent / "data"
NOT_PROGRAMMES = ("bmi_cutoffs", "facts", "places")

Language = Literal["nl", "en", "fr", "de"]
Role = Literal["care_coordinator", "case_manager"]
Labels = Mapping[Language, str]


class _Definition(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Direction(_Definition):
    """A place to name when somebody is not helped here, always or only `when` a criterion is met."""

    place: str
    when: Node | None = None


class Criterion(Node):
    """A criterion that the programme demands. Unknown: the fact is asked, or a human looks when `check_if_unknown` is met."""

    check_if_unknown: Node | None = None
    where_else: tuple[Direction, ...] = ()


class Deadlines(_Definition):
    """In working days."""

    offer: int = Field(gt=0)
    first_contact: int = Field(gt=0)
    late: int = Field(gt=0)
    intake_answer: int = Field(gt=0)
    continuity_offer: int = Field(gt=0)


class Level(_Definition):
    """A row of the role and level rule."""

    code: str
    when: Node
    outcome: Literal["eligible", "advice", "coordinated", "human_check"]
    role: Role | None = None
    level: Literal["limited", "complex"] | None = None
    where_else: tuple[Direction, ...] = ()


class Urgent(_Definition):
    """What makes a referral urgent."""

    code: str
    when: Node


class Proposal(_Definition):
    """The rule of role, level and urgency that programmes name by version. `needs` and `parent_consents_below` hold while no programme is known."""

    version: str
    parent_consents_below: int
    needs: Mapping[str, Labels]
    levels: tuple[Level, ...]
    urgent: tuple[Urgent, ...]
    texts: Mapping[Language, Mapping[str, Mapping[str, str]]]


class Programme(_Definition):
    """A target group. `points` are hundredths; `version` names these rules for ever: changed rules are a new file with a new version.

    `needs` are asked in this order. Below the age of `parent_consents_below` a parent is proposed as the one who consents.
    """

    code: str
    version: str
    entities: tuple[Literal["flanders", "brussels"], ...]
    valid_from: date
    valid_to: date | None = None
    source: str
    proposal: str
    growth_table: str | None = None
    points: int = Field(gt=0)
    parent_consents_below: int | None = None
    order: int
    asks: tuple[str, ...]
    label: Labels
    hint: Labels
    roles: Mapping[Role, Labels]
    deadlines: Deadlines
    criteria: tuple[Criterion, ...] = Field(min_length=1)
    texts: Mapping[Language, Mapping[str, Mapping[str, str]]]
    needs: Mapping[str, Labels]

    @model_validator(mode="after")
    def _says_everything_in_dutch_and_english(self) -> Self:
        leaves = [leaf for each in self.criteria for node in (each, each.check_if_unknown) if node for leaf in node.leaves()]
        for language in ("nl", "en"):
            said = self.texts.get(language, {})
            for leaf in leaves:
                if absent := {"met", "unmet", "unknown"} - said.get(leaf.code, {}).keys():
                    raise ValueError(f"{self.version}: texts.{language}.{leaf.code} lacks {', '.join(sorted(absent))}")
            if any(language not in labels for labels in (self.label, self.hint, *self.roles.values(), *self.needs.values())):
                raise ValueError(f"{self.version}: a label lacks {language}")
        if unknown := sorted(self.needs.keys() - set(get_args(Need))):
            raise ValueError(f"{self.version}: no such need: {', '.join(unknown)}")
        if unknown := sorted(set(self.asks) - Facts.model_fields.keys()):
            raise ValueError(f"{self.version}: asks for no such fact: {', '.join(unknown)}")
        return self


class Place(NamedTuple):
    """Where else to go."""

    code: str
    labels: Mapping[str, str]
    url: str | None

    def text(self, language: str) -> str:
        """In the language asked, or Dutch."""
        return self.labels.get(language, self.labels["nl"])


class Ways(NamedTuple):
    """Compiled directions: places, each with its test or none."""

    places: tuple[tuple[Place, Test | None], ...]

    def of(self, known: Known) -> list[Place]:
        return [place for place, fits in self.places if fits is None or fits(known)]


@dataclass(frozen=True, slots=True)
class Demand:
    """A compiled criterion."""

    judge: criteria.Judge
    fits: Test
    check: criteria.Judge | None
    ways: Ways


@dataclass(frozen=True, slots=True)
class Row:
    """A compiled row of the role and level rule."""

    level: Level
    fits: Test
    texts: Texts
    ways: Ways


@dataclass(frozen=True, slots=True)
class Rule:
    """A programme ready to decide with."""

    programme: Programme
    table: growth.GrowthTable | None
    demands: tuple[Demand, ...]
    proposal: ProposalRule
    texts: Mapping[str, Texts]  # by criterion code

    def label(self, language: str) -> str:
        return said(self.programme.label, language)

    def role_label(self, role: str, language: str) -> str:
        """What this programme calls a role."""
        return next((said(labels, language) for code, labels in self.programme.roles.items() if code == role), role)


@dataclass(frozen=True, slots=True)
class ProposalRule:
    """The compiled rule of role, level and urgency."""

    proposal: Proposal
    version: str
    rows: tuple[Row, ...]
    urgent: tuple[tuple[str, Test], ...]
    texts: Mapping[str, Texts]


def said(labels: Mapping[Any, str], language: str) -> str:
    """The label in the language asked, or Dutch."""
    return labels.get(language, labels["nl"])


@dataclass(frozen=True, slots=True)
class Programmes:
    """The programmes in force on one day, and every version ever shipped."""

    day: date
    in_force: Mapping[tuple[str, str], Rule]  # (programme code, entity)
    by_entity: Mapping[str, tuple[Rule, ...]]
    versions: Mapping[str, Rule]
    proposals: Mapping[str, ProposalRule]
    places: Mapping[str, Place]

    def rule(self, code: str, entity: str) -> Rule | None:
        """The rule in force for a programme in an entity."""
        return self.in_force.get((code, entity))

    def of_entity(self, entity: str) -> tuple[Rule, ...]:
        """What can be chosen in an entity, in the order of display."""
        return self.by_entity.get(entity, ())

    def needs(self, code: str, entity: str) -> Mapping[str, Labels]:
        """What may be needed in a programme, by code, as it is asked; the general list while the programme is not known."""
        if rule := self.rule(code, entity):
            return rule.programme.needs
        return self.of_entity(entity)[0].proposal.proposal.needs

    def need_labels(self) -> Mapping[str, Labels]:
        """Every need that any programme names: a need may be told for one programme and the case opened for another."""
        rules = sorted(self.in_force.values(), key=lambda rule: rule.programme.order)
        return {need: labels for rule in rules for need, labels in rule.programme.needs.items()}

    def parent_consents_below(self, code: str, entity: str) -> int | None:
        """Below which age a parent is proposed as the one who consents."""
        if rule := self.rule(code, entity):
            return rule.programme.parent_consents_below
        return self.of_entity(entity)[0].proposal.proposal.parent_consents_below


@lru_cache(maxsize=64)
def load_programmes(today: date) -> Programmes:
    """The programmes as they stand on a day. Raises pydantic.ValidationError or KeyError when a shipped file is wrong."""
    versions, proposals, places = _everything()
    in_force: dict[tuple[str, str], Rule] = {}
    for rule in sorted(versions.values(), key=lambda rule: rule.programme.valid_from):
        programme = rule.programme
        if programme.valid_from <= today and (programme.valid_to is None or today <= programme.valid_to):
            in_force.update({(programme.code, entity): rule for entity in programme.entities})
    ordered = sorted(in_force.items(), key=lambda item: item[1].programme.order)
    by_entity = {entity: tuple(rule for (_, of), rule in ordered if of == entity) for _, entity in in_force}
    return Programmes(today, in_force, by_entity, versions, proposals, places)


@cache
def _everything() -> tuple[Mapping[str, Rule], Mapping[str, ProposalRule], Mapping[str, Place]]:
    places = {code: Place(code, labels, labels.pop("url", None)) for code, labels in _read(DATA / "places.toml").items()}
    files = [path for path in sorted(DATA.glob("*.toml")) if path.stem not in NOT_PROGRAMMES]
    proposals = {
        each.version: compiled_proposal(each, places)
        for each in (Proposal.model_validate(_read(path)) for path in files if path.stem.startswith("proposal-"))
    }
    programmes = [Programme.model_validate(_read(path)) for path in files if not path.stem.startswith("proposal-")]
    return {each.version: compiled_programme(each, proposals, places) for each in programmes}, proposals, places


def compiled_programme(programme: Programme, proposals: Mapping[str, ProposalRule], places: Mapping[str, Place]) -> Rule:
    """A definition made ready to decide with. Raises KeyError for a table, proposal or place that is not shipped."""
    texts = _by_code(programme.texts)
    demands = tuple(
        Demand(
            criteria.compiled(each, texts),
            criteria.holds(each),
            None if each.check_if_unknown is None else criteria.compiled(each.check_if_unknown, texts),
            _ways(each.where_else, places),
        )
        for each in programme.criteria
    )
    table = growth.load_tables()[programme.growth_table] if programme.growth_table else None
    return Rule(programme, table, demands, proposals[programme.proposal], texts)


def compiled_proposal(proposal: Proposal, places: Mapping[str, Place]) -> ProposalRule:
    """The rule of role, level and urgency made ready."""
    texts = _by_code(proposal.texts)
    rows = tuple(Row(each, criteria.holds(each.when), texts[each.code], _ways(each.where_else, places)) for each in proposal.levels)
    return ProposalRule(proposal, proposal.version, rows, tuple((each.code, criteria.holds(each.when)) for each in proposal.urgent), texts)


def _ways(directions: tuple[Direction, ...], places: Mapping[str, Place]) -> Ways:
    return Ways(tuple((places[each.place], None if each.when is None else criteria.holds(each.when)) for each in directions))


def _by_code(texts: Mapping[Language, Mapping[str, Mapping[str, str]]]) -> dict[str, Texts]:
    codes = dict.fromkeys(code for said in texts.values() for code in said)
    return {code: {language: said[code] for language, said in texts.items() if code in said} for code in codes}


def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))
