"""Is a person eligible, and for what: a proposal with every reason. Pure: the day is an argument, rules and facts are data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Literal, NamedTuple

import orjson

from services.intake.programmes import criteria
from services.intake.programmes.criteria import MET, UNKNOWN, UNMET, Reason, State, Texts
from services.intake.programmes.definitions import Place, Programmes, ProposalRule, Role, Row, Rule
from services.intake.programmes.facts import Facts
from services.intake.programmes.known import Known, missing

UNKNOWN_PROGRAMME = "unknown"  # the sender does not know which programme: a human looks

Urgency = Literal["normal", "high"]
ProcessLevel = Literal["limited", "complex"]


class Outcome(StrEnum):
    """What the rules propose."""

    ELIGIBLE = "eligible"
    INFORMATION_NEEDED = "information_needed"
    HUMAN_CHECK = "human_check"
    NOT_ELIGIBLE = "not_eligible"
    ADVICE = "advice"  # limited level: no coordinator, where to go
    COORDINATED = "coordinated"  # somebody coordinates well: the sender is told who to ask


class UnknownProgramme(LookupError):
    """No programme with this code is in force in this entity on this day."""


class EligibilityDecision(NamedTuple):
    """The proposal of one day. `missing`: fields of `Facts` to ask. `weight`: hundredths of points. `nearest`: another programme that fits."""

    outcome: Outcome
    programme: str
    entity: str
    rule_version: str
    on: date
    reasons: tuple[Reason, ...]
    missing: tuple[str, ...] = ()
    role: Role | None = None
    level: ProcessLevel | None = None
    urgency: Urgency = "normal"
    urgent_because: tuple[Reason, ...] = ()
    weight: int = 0
    growth_table: str | None = None
    where_else: tuple[Place, ...] = ()
    nearest: str | None = None

    def counting(self) -> list[Reason]:
        """The reasons to show first: those that another way to fit did not make irrelevant."""
        return [reason for reason in self.reasons if reason.counts]

    def to_json(self) -> bytes:
        """Compact JSON: codes, numbers and the day; sentences are rendered again from the rule version."""
        return orjson.dumps(
            {
                "outcome": self.outcome,
                "programme": self.programme,
                "entity": self.entity,
                "rule": self.rule_version,
                "on": self.on,
                "reasons": [[code, state, values, counts, asks] for code, state, values, _, counts, asks in self.reasons],
                "missing": self.missing,
                "role": self.role,
                "level": self.level,
                "urgency": self.urgency,
                "urgent_because": [reason.code for reason in self.urgent_because],
                "weight": self.weight,
                "growth_table": self.growth_table,
                "where_else": [place.code for place in self.where_else],
                "nearest": self.nearest,
            }
        )


def decide(programmes: Programmes, programme_code: str, facts: Facts, *, entity: str, today: date) -> EligibilityDecision:
    """Propose an outcome for one referral. Raises UnknownProgramme for a code that is not in force in the entity."""
    if programme_code == UNKNOWN_PROGRAMME:
        return _left_to_a_human(programmes, facts, entity, today)
    rule = programmes.rule(programme_code, entity)
    if rule is None:
        raise UnknownProgramme(f"no programme {programme_code!r} in {entity!r} on {today}")
    return decide_by(rule, programmes, facts, entity=entity, today=today)


def decide_by(rule: Rule, programmes: Programmes, facts: Facts, *, entity: str, today: date) -> EligibilityDecision:
    """Propose an outcome by one version of a programme, in force or not; `programmes` are searched for another that fits."""
    if facts.birth_date is None and facts.birth_year is not None:
        return _by_year(rule, programmes, facts, facts.birth_year, entity=entity, today=today)
    known = Known(facts, today, entity, rule.table, rule.programme.needs)
    reasons: list[Reason] = []
    states = [demand.judge(known, reasons) for demand in rule.demands]
    where_else: tuple[Place, ...] = ()
    nearest = None
    row = None
    if UNMET in states:
        criteria.set_aside(reasons, 0, (UNKNOWN,))
        where_else, nearest = _elsewhere(rule, states, known), _nearest(programmes, rule, known)
        outcome = Outcome.NOT_ELIGIBLE
    else:
        outcome = _what_is_unknown(rule, states, known, reasons)
        row = first_row(rule.proposal, known)
        reasons.append(_row_reason(rule.proposal, row, known))
        if row is None:
            outcome = Outcome.INFORMATION_NEEDED if outcome is Outcome.ELIGIBLE else outcome
        elif row.level.outcome != "eligible":
            outcome, where_else = Outcome(row.level.outcome), tuple(row.ways.of(known))
    because = _urgent(rule.proposal, known)
    return EligibilityDecision(
        outcome,
        rule.programme.code,
        entity,
        rule.programme.version,
        today,
        tuple(reasons),
        _missing(outcome, reasons),
        row.level.role if row else None,
        row.level.level if row else None,
        "high" if because else "normal",
        because,
        rule.programme.points,
        rule.programme.growth_table,
        where_else,
        nearest,
    )


def _by_year(rule: Rule, programmes: Programmes, facts: Facts, year: int, *, entity: str, today: date) -> EligibilityDecision:
    """Only the year of birth is known: what holds whatever the day is proposed, and where the day decides a human looks."""
    youngest, oldest = (
        decide_by(rule, programmes, facts.model_copy(update={"birth_date": day}), entity=entity, today=today)
        for day in (min(date(year, 12, 31), today), date(year, 1, 1))
    )
    reasons = tuple(map(_between, youngest.reasons, oldest.reasons))
    if (youngest.outcome, youngest.role) == (oldest.outcome, oldest.role):
        return youngest._replace(reasons=reasons)
    why = Reason("birth_year", UNKNOWN, {}, rule.proposal.texts["birth_year"], True, ("birth_date",))
    return youngest._replace(outcome=Outcome.HUMAN_CHECK, reasons=(*reasons, why), missing=("birth_date",), where_else=(), nearest=None)


def _between(young: Reason, old: Reason) -> Reason:
    ages = [each.values.get("age_years") for each in (young, old)]
    return young if ages[0] == ages[1] else young._replace(values={**young.values, "age_years": f"{ages[0]}-{ages[1]}"})


def again(programmes: Programmes, decision: EligibilityDecision, facts: Facts) -> EligibilityDecision:
    """Decide anew on stored facts, by the rules and on the day of the stored decision. `programmes`: loaded for that day."""
    if decision.programme == UNKNOWN_PROGRAMME:
        return _left_to_a_human(programmes, facts, decision.entity, decision.on)
    return decide_by(programmes.versions[decision.rule_version], programmes, facts, entity=decision.entity, today=decision.on)


def from_json(programmes: Programmes, raw: bytes | str) -> EligibilityDecision:
    """A stored decision, with its sentences from the rule version that made it."""
    stored = orjson.loads(raw)
    rule = programmes.versions.get(stored["rule"])
    proposal = rule.proposal if rule else programmes.proposals[stored["rule"]]
    texts: Mapping[str, Texts] = {**proposal.texts, **(rule.texts if rule else {})}
    reasons = tuple(
        Reason(code, State(state), values, texts[code], counts, tuple(asks)) for code, state, values, counts, asks in stored["reasons"]
    )
    return EligibilityDecision(
        Outcome(stored["outcome"]),
        stored["programme"],
        stored["entity"],
        stored["rule"],
        date.fromisoformat(stored["on"]),
        reasons,
        tuple(stored["missing"]),
        stored["role"],
        stored["level"],
        stored["urgency"],
        tuple(Reason(code, MET, {}, texts[code]) for code in stored["urgent_because"]),
        stored["weight"],
        stored["growth_table"],
        tuple(programmes.places[code] for code in stored["where_else"]),
        stored["nearest"],
    )


def first_row(proposal: ProposalRule, known: Known) -> Row | None:
    """Role and level: the first row that is met, or None when it is not known whether anybody coordinates."""
    for row in proposal.rows:
        if row.fits(known):
            return row
    return None


def _what_is_unknown(rule: Rule, states: list[State], known: Known, reasons: list[Reason]) -> Outcome:
    """Nothing is unmet: eligible, or a fact is needed, or a human looks because the rule says so for an unknown fact."""
    outcome = Outcome.ELIGIBLE
    if UNKNOWN not in states:
        return outcome
    for demand, state in zip(rule.demands, states, strict=True):
        if state is UNKNOWN:
            if demand.check and demand.check(known, reasons) is MET:
                return Outcome.HUMAN_CHECK
            outcome = Outcome.INFORMATION_NEEDED
    return outcome


def _row_reason(proposal: ProposalRule, row: Row | None, known: Known) -> Reason:
    if row is None:
        return Reason("coordination", UNKNOWN, {}, proposal.texts["coordination"], True, missing(known.facts, ("coordination_now",)))
    if row.level.outcome == "human_check":
        return Reason(row.level.code, UNKNOWN, {}, row.texts, True, ("coordination_now",))
    return Reason(row.level.code, MET, {}, row.texts)


def _missing(outcome: Outcome, reasons: list[Reason]) -> tuple[str, ...]:
    if outcome not in (Outcome.INFORMATION_NEEDED, Outcome.HUMAN_CHECK):
        return ()
    return tuple(dict.fromkeys(name for reason in reasons if reason.counts for name in reason.missing))


def _urgent(proposal: ProposalRule, known: Known) -> tuple[Reason, ...]:
    return tuple([Reason(code, MET, {}, proposal.texts[code]) for code, fits in proposal.urgent if fits(known)])


def _elsewhere(rule: Rule, states: list[State], known: Known) -> tuple[Place, ...]:
    places = [place for demand, state in zip(rule.demands, states, strict=True) if state is UNMET for place in demand.ways.of(known)]
    return tuple({place.code: place for place in places}.values())


def _nearest(programmes: Programmes, refused: Rule | None, known: Known) -> str | None:
    """The first other programme of the entity whose every criterion is met."""
    for rule in programmes.of_entity(known.entity):
        if refused is None or rule.programme.code != refused.programme.code:
            seen = Known(known.facts, known.today, known.entity, rule.table, rule.programme.needs)
            if all(demand.fits(seen) for demand in rule.demands):
                return rule.programme.code
    return None


def _left_to_a_human(programmes: Programmes, facts: Facts, entity: str, today: date) -> EligibilityDecision:
    rules = programmes.of_entity(entity)
    if not rules:
        raise UnknownProgramme(f"no programme at all in {entity!r} on {today}")
    proposal = rules[0].proposal
    known = Known(facts, today, entity, None)
    row = first_row(proposal, known)
    nearest = _nearest(programmes, None, known)
    fitting = nearest and programmes.rule(nearest, entity)
    because = _urgent(proposal, known)
    reason = Reason("programme_unknown", UNKNOWN, {}, proposal.texts["programme_unknown"])
    return EligibilityDecision(
        Outcome.HUMAN_CHECK,
        UNKNOWN_PROGRAMME,
        entity,
        proposal.version,
        today,
        (reason, _row_reason(proposal, row, known)),
        role=row.level.role if row else None,
        level=row.level.level if row else None,
        urgency="high" if because else "normal",
        urgent_because=because,
        weight=fitting.programme.points if fitting else 0,
        where_else=(programmes.places["zone"],),
        nearest=nearest,
    )
