"""What people read about a referral, in Dutch. Pure. Who acts next comes first: who does what before when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.intake.consents.domain import Consent
from services.intake.persons.domain import PersonDetails, age
from services.intake.programmes.definitions import Programmes, said
from services.intake.programmes.domain import EligibilityDecision, Outcome
from services.intake.programmes.facts import Facts
from services.intake.programmes.helplines import VIOLENCE, load_helplines
from services.intake.referrals import choices
from services.intake.referrals.proposals import Proposal
from services.intake.referrals.requests import Addition, Request
from services.intake.zones import places
from shared.web import formats

OUTCOMES = {
    Outcome.ELIGIBLE: "Komt in aanmerking",
    Outcome.INFORMATION_NEEDED: "Nog niet te zeggen",
    Outcome.HUMAN_CHECK: "Iemand van de zone kijkt mee",
    Outcome.NOT_ELIGIBLE: "Komt niet in aanmerking",
    Outcome.ADVICE: "Geen coördinator nodig, wel advies",
    Outcome.COORDINATED: "Er is al een coördinator",
}
CONSENTING = {"person": "de persoon zelf", "parent": "een ouder", "representative": "de vertegenwoordiger"}
ROLES = {"care_coordinator": "zorgcoördinator", "case_manager": "casemanager"}
MISSING = {
    "weeks_pregnant": "het aantal weken zwangerschap",
    "birth_date": "de geboortedatum",
    "child_birth_date": "de geboortedatum van het kind",
    "needs": "wat er speelt",
    "coordination_now": "wie de zorg nu afstemt",
    "belrai": "de BelRAI Screener",
    "belrai.total": "het totaal van de BelRAI Screener",
    "belrai.iadl": "IADL van de BelRAI Screener",
    "belrai.adl": "ADL van de BelRAI Screener",
    "dementia": "een diagnose van dementie (ja of nee)",
    "bmi": "lengte en gewicht",
    "sex": "het geslacht",
    "eossp": "het EOSS-P-stadium",
    "providers": "hoeveel hulpverleners er zijn",
    "has_plan": "een zorg- en ondersteuningsplan (ja of nee)",
    "alignment": "hoeveel er af te stemmen valt",
    "text": "het antwoord op de vraag van de zone",
}


def questions(programmes: Programmes, entity: str) -> dict[str, Any]:
    """What the questions of screen 2 can be answered with; the needs by programme, violence with whom to call."""
    codes = [*(rule.programme.code for rule in programmes.of_entity(entity)), choices.UNKNOWN_PROGRAMME["value"]]
    return {**choices.QUESTIONS, "needs": {code: _needs(programmes, code, entity) for code in codes}}


def _needs(programmes: Programmes, code: str, entity: str) -> list[dict[str, str]]:
    acute = load_helplines()[0].number
    asked = [{"value": need, "text": said(labels, "nl")} for need, labels in programmes.needs(code, entity).items()]
    return [{**each, "hint": f"Bij acuut gevaar: bel {acute}"} if each["value"] == VIOLENCE else each for each in asked] + [choices.NOTHING]


def helplines(facts: Facts) -> list[dict[str, str]]:
    """Whom to call, where violence was told."""
    return [{"number": line.number, "text": line.labels["nl"]} for line in load_helplines()] if VIOLENCE in (facts.needs or ()) else []


def programme_choices(programmes: Programmes, entity: str) -> list[dict[str, str]]:
    """What can be chosen on screen 2 in an entity."""
    return [
        {"value": rule.programme.code, "text": rule.label("nl"), "hint": said(rule.programme.hint, "nl")}
        for rule in programmes.of_entity(entity)
    ] + [choices.UNKNOWN_PROGRAMME]


def programme(programmes: Programmes, code: str) -> str:
    """The name of a programme."""
    if code == choices.UNKNOWN_PROGRAMME["value"]:
        return "programma nog te bepalen"
    return next((rule.label("nl") for (of, _), rule in programmes.in_force.items() if of == code), code)


def role(programmes: Programmes, programme_code: str, code: str | None, entity: str = "flanders") -> str:
    """What a programme calls a role."""
    rule = programmes.rule(programme_code, entity)
    return rule.role_label(code, "nl") if rule and code else ROLES.get(code or "", "coördinator")


def proposal(programmes: Programmes, found: Proposal) -> dict[str, Any]:
    """The panel beside the questions."""
    decision = found.eligibility
    who = role(programmes, decision.programme, decision.role, found.zone.entity) if decision.outcome == Outcome.ELIGIBLE else None
    return {
        "outcome": str(decision.outcome),
        "title": OUTCOMES[decision.outcome],
        "zone": found.zone.name_nl,
        "role": who,
        "independent": decision.role == "case_manager",
        "reasons": reasons(decision),
        "elsewhere": elsewhere(decision),
        "nearest": programme(programmes, decision.nearest) if decision.nearest else None,
        "version": decision.rule_version,
        "urgent": [reason.text("nl") for reason in decision.urgent_because],
    }


def reasons(decision: EligibilityDecision) -> list[dict[str, Any]]:
    """Every reason that counts, met or not."""
    return [{"text": reason.text("nl"), "fits": reason.state == "met"} for reason in decision.counting()]


def elsewhere(decision: EligibilityDecision) -> list[dict[str, str | None]]:
    """Where else to go."""
    return [{"text": place.text("nl"), "url": place.url} for place in decision.where_else]


def who_is_meant(sent: Mapping[str, Any], programmes: Programmes, programme_code: str, today: date) -> str:
    """The line under a name: `27 jaar · Zelzate · zwanger of jong gezin`."""
    told = sent["person"]
    postcode, nis = told["address"]["postcode"], told["address"].get("municipality")
    at = places.of_address(postcode, nis)
    born = told.get("birth_date")
    year = told.get("birth_year")
    parts = [
        f"{age(date.fromisoformat(born), today)} jaar" if born else f"geboren in {year}" if year else None,
        at[0].name_nl if at else postcode,
        programme(programmes, programme_code).lower(),
    ]
    return " · ".join(part for part in parts if part)


def answers(programmes: Programmes, request: Request, found: Proposal, draft_id: UUID) -> dict[str, list[dict[str, str]]]:
    """All that was typed, as screen 3 shows it, each with the way to change it."""
    one, two = f"/intake/refer/1/{draft_id}", f"/intake/refer/2/{draft_id}"
    return {
        "who": [{"term": term, "value": value, "url": f"{one}#{field}"} for term, value, field in who(request, found.nis)],
        "what": [{"term": term, "value": value, "url": f"{two}#{field}"} for term, value, field in what(programmes, request)],
    }


def who(request: Request, nis: str) -> list[tuple[str, str, str]]:
    """The person, in words: what, the answer, the field."""
    told, address = request.person, request.person.address
    found = places.municipalities().get(nis)
    street = " ".join(part for part in (address.street, address.number) if part)
    lives = ", ".join(part for part in (street, f"{address.postcode} {found.name_nl if found else ''}".strip()) if part)
    voicemail = "inspreken mag" if told.voicemail else "niets inspreken"
    return [
        line
        for line in (
            ("Persoon", told.name, "person.given_name"),
            ("Geboren", formats.full_date(told.birth_date), "person.birth_date") if told.birth_date else None,
            ("Geboren", f"{told.birth_year} (alleen het jaar is gekend)", "person.birth_date")
            if told.birth_year and not told.birth_date
            else None,
            ("Uitgerekend", formats.full_date(told.due_date), "person.due_date") if told.due_date else None,
            ("Adres", lives, "person.address.street"),
            ("Telefoon", f"{told.phone}, {voicemail}", "person.phone") if told.phone else None,
            ("E-mail", told.email, "person.email") if told.email else None,
            ("Wanneer of via wie", told.reach, "person.reach") if told.reach else None,
            ("Taal", language(told), "person.language"),
        )
        if line
    ]


def language(told: PersonDetails) -> str:
    """`Arabisch (Tarifit), met tolk`"""
    note = f" ({told.language_note})" if told.language_note else ""
    return choices.SPOKEN.get(told.language, told.language) + note + (", met tolk" if told.interpreter else "")


def what(programmes: Programmes, request: Request) -> list[tuple[str, str, str]]:
    """The need, in words: what, the answer, the field."""
    facts, consent = request.facts, request.consent
    scores = facts.belrai and [
        f"{name} {formats.number(score)}"
        for name, score in (("totaal", facts.belrai.total), ("IADL", facts.belrai.iadl), ("ADL", facts.belrai.adl))
        if score is not None
    ]
    return [
        line
        for line in (
            ("Programma", "Nog te bepalen" if request.programme == "unknown" else programme(programmes, request.programme), "programme"),
            ("Aangemeld wordt", _chosen(choices.REFERRED_AS, [facts.referred_as]), "facts.referred_as") if facts.referred_as else None,
            ("Kind geboren", formats.full_date(facts.child_birth_date), "facts.child_birth_date") if facts.child_birth_date else None,
            ("Zwangerschap", f"{facts.weeks_pregnant} weken", "facts.weeks_pregnant") if facts.weeks_pregnant else None,
            ("Wat er speelt", needs(programmes, facts.needs) or choices.NOTHING["text"], "facts.needs")
            if facts.needs is not None
            else None,
            ("BelRAI Screener", ", ".join(scores), "facts.belrai.total") if scores else None,
            ("Dementie", "Diagnose" if facts.dementia else "Geen diagnose", "facts.dementia") if facts.dementia is not None else None,
            ("Lengte en gewicht", f"{formats.number(facts.height_cm)} cm, {formats.number(facts.weight_kg)} kg", "facts.height_cm")
            if facts.height_cm and facts.weight_kg
            else None,
            ("EOSS-P-stadium", str(facts.eossp), "facts.eossp") if facts.eossp is not None else None,
            ("Afstemming", _chosen(choices.COORDINATION, [facts.coordination_now]), "facts.coordination_now")
            if facts.coordination_now
            else None,
            ("Dringend", request.urgency.reason, "urgency.reason") if request.urgency.reason else None,
            ("Wat u zorgen baart", request.worries, "worries") if request.worries else None,
            (
                "Toestemming",
                f"{_chosen(choices.CONSENT_BY, [consent.by])} gaat akkoord, {'schriftelijk' if consent.how == 'written' else 'mondeling'}",
                "consent.given",
            ),
            ("Nakijken", "Iemand van de zone kijkt eerst mee", "human_check") if request.human_check else None,
        )
        if line
    ]


def consents(said: Iterable[Consent]) -> list[tuple[datetime, str]]:
    """Every word on consent, the oldest first: when it was said, and what, by whom and how."""
    return [
        (
            each.said_at,
            f"{'Toestemming ingetrokken' if each.state == 'withdrawn' else 'Toestemming gegeven'} door {CONSENTING[each.said_by]}, "
            f"{'schriftelijk' if each.how == 'written' else 'mondeling'}"
            + (f" (tekst {each.wording}, {each.language})" if each.wording else ""),
        )
        for each in said
    ]


def needs(programmes: Programmes, codes: Iterable[str]) -> str:
    """Needs in words, in the order in which programmes ask them."""
    told = set(codes)
    return _list(said(labels, "nl") for code, labels in programmes.need_labels().items() if code in told)


def _chosen(choices: Iterable[Mapping[str, str]], values: Iterable[str | None] | None) -> str:
    held = set(values or ())
    return _list(choice["text"] for choice in choices if choice["value"] in held)


def _list(texts: Iterable[str]) -> str:
    texts = list(texts)
    return ", ".join([*texts[:1], *(text[:1].lower() + text[1:] for text in texts[1:])])


def missing(names: Iterable[str]) -> str:
    """Which facts are still asked."""
    return ", ".join(MISSING.get(name, name) for name in names)


def added(programmes: Programmes, request: Request, addition: Addition) -> list[str]:
    """What a sender added later, line by line: the text, then the facts."""
    told = what(programmes, request.model_copy(update={"facts": addition.facts or Facts()}))
    return [
        *([addition.text] if addition.text else []),
        *(f"{term}: {answer}" for term, answer, field in told if field.startswith("facts.")),
        *(["Vraagt dat iemand van de zone meekijkt"] if addition.human_check else []),
    ]


def moment(at: datetime, now: datetime) -> str:
    """When, near dates by name."""
    return formats.moment_text(at, now)
