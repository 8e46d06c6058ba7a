"""What people read about a referral, in Dutch. Pure. Who acts next comes first: who does what before when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.intake.persons.domain import age
from services.intake.programmes.definitions import Programmes, said
from services.intake.programmes.domain import EligibilityDecision, Outcome
from services.intake.programmes.facts import Facts
from services.intake.referrals.proposals import Proposal
from services.intake.referrals.requests import Addition, Request
from services.intake.zones import places
from shared.web import formats

UNKNOWN_PROGRAMME = {"value": "unknown", "text": "Ik weet het niet", "hint": "Iemand van de zone kijkt met u mee"}
LANGUAGES = [
    {"value": code, "text": text}
    for code, text in (
        ("nl", "Nederlands"),
        ("fr", "Frans"),
        ("de", "Duits"),
        ("en", "Engels"),
        ("ar", "Arabisch"),
        ("tr", "Turks"),
        ("pl", "Pools"),
        ("ro", "Roemeens"),
        ("bg", "Bulgaars"),
        ("es", "Spaans"),
        ("pt", "Portugees"),
        ("it", "Italiaans"),
        ("ru", "Russisch"),
        ("uk", "Oekraïens"),
        ("so", "Somali"),
        ("ti", "Tigrinya"),
        ("ps", "Pasjtoe"),
        ("fa", "Perzisch"),
        ("sq", "Albanees"),
        ("ku", "Koerdisch"),
    )
]
SPOKEN = {language["value"]: language["text"] for language in LANGUAGES}
YES_NO = [{"value": "ja", "text": "Ja"}, {"value": "nee", "text": "Nee"}]
VULNERABLE = [
    {"value": "housing", "text": "Huisvesting"},
    {"value": "mental_health", "text": "Psychisch welzijn"},
    {"value": "money", "text": "Geldzorgen"},
    {"value": "violence", "text": "Geweld thuis"},
    {"value": "substance_use", "text": "Alcohol of drugs"},
    {"value": "no_network", "text": "Geen netwerk"},
    {"value": "nothing", "text": "Niets hiervan"},
]
COORDINATION = [
    {"value": "none", "text": "Nee, niemand"},
    {"value": "stuck", "text": "Ja, maar het plan loopt vast"},
    {"value": "well", "text": "Ja, en dat loopt goed"},
]
PROVIDERS = [{"value": "several", "text": "Verschillende, uit meer dan één domein"}, {"value": "few", "text": "Een of enkele"}]
ALIGNMENT = [{"value": "much", "text": "Veel"}, {"value": "slight", "text": "Weinig"}]
SEXES = [{"value": "female", "text": "Vrouw"}, {"value": "male", "text": "Man"}]  # as the rules know them
STAGES = [{"value": str(stage), "text": str(stage)} for stage in range(4)]
QUESTIONS: dict[str, Any] = {
    "yes_no": YES_NO,
    "vulnerable": VULNERABLE,
    "coordination": COORDINATION,
    "providers": PROVIDERS,
    "alignment": ALIGNMENT,
    "stages": STAGES,
}

OUTCOMES = {
    Outcome.ELIGIBLE: "Komt in aanmerking",
    Outcome.INFORMATION_NEEDED: "Nog niet te zeggen",
    Outcome.HUMAN_CHECK: "Iemand van de zone kijkt mee",
    Outcome.NOT_ELIGIBLE: "Komt niet in aanmerking",
    Outcome.ADVICE: "Geen coördinator nodig, wel advies",
    Outcome.COORDINATED: "Er is al een coördinator",
}
ROLES = {"care_coordinator": "zorgcoördinator", "case_manager": "casemanager"}
MISSING = {
    "weeks_pregnant": "hoeveel weken zwanger",
    "birth_date": "de geboortedatum",
    "vulnerabilities": "wat de situatie kwetsbaar maakt",
    "coordination_now": "of iemand de zorg al afstemt",
    "belrai": "de BelRAI Screener",
    "belrai.total": "het totaal van de BelRAI Screener",
    "belrai.iadl": "IADL van de BelRAI Screener",
    "belrai.adl": "ADL van de BelRAI Screener",
    "dementia": "of er een diagnose van dementie is",
    "bmi": "lengte en gewicht",
    "sex": "het geslacht",
    "eossp": "het EOSS-P-stadium",
    "providers": "hoeveel hulpverleners er zijn",
    "has_plan": "of er een zorg- en ondersteuningsplan is",
    "alignment": "hoeveel er af te stemmen valt",
    "text": "het antwoord op de vraag van de zone",
}


def programme_choices(programmes: Programmes) -> list[dict[str, str]]:
    """What can be chosen on screen 2."""
    rules = {rule.programme.code: rule for rule in programmes.in_force.values()}
    ordered = sorted(rules.values(), key=lambda rule: rule.programme.order)
    return [{"value": rule.programme.code, "text": rule.label("nl"), "hint": said(rule.programme.hint, "nl")} for rule in ordered] + [
        UNKNOWN_PROGRAMME
    ]


def programme(programmes: Programmes, code: str) -> str:
    """The name of a programme."""
    return (
        next((choice["text"] for choice in programme_choices(programmes) if choice["value"] == code), code)
        if code != "unknown"
        else ("programma nog te bepalen")
    )


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
    at = [each for each in places.municipalities().values() if each.nis == nis or (nis is None and postcode in each.postcodes)]
    born = told.get("birth_date")
    parts = [
        f"{age(date.fromisoformat(born), today)} jaar" if born else None,
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
            ("Uitgerekend", formats.full_date(told.due_date), "person.due_date") if told.due_date else None,
            ("Adres", lives, "person.address.street"),
            ("Telefoon", f"{told.phone}, {voicemail}", "person.phone") if told.phone else None,
            ("E-mail", told.email, "person.email") if told.email else None,
            ("Wanneer of via wie", told.reach, "person.reach") if told.reach else None,
            ("Taal", SPOKEN.get(told.language, told.language) + (", met tolk" if told.interpreter else ""), "person.language"),
        )
        if line
    ]


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
            ("Zwangerschap", f"{facts.weeks_pregnant} weken", "facts.weeks_pregnant") if facts.weeks_pregnant else None,
            ("Kwetsbaar", _chosen(VULNERABLE, facts.vulnerabilities) or "Niets hiervan", "facts.vulnerabilities")
            if facts.vulnerabilities is not None
            else None,
            ("BelRAI Screener", ", ".join(scores), "facts.belrai.total") if scores else None,
            ("Dementie", "Diagnose" if facts.dementia else "Geen diagnose", "facts.dementia") if facts.dementia is not None else None,
            ("Lengte en gewicht", f"{formats.number(facts.height_cm)} cm, {formats.number(facts.weight_kg)} kg", "facts.height_cm")
            if facts.height_cm and facts.weight_kg
            else None,
            ("EOSS-P-stadium", str(facts.eossp), "facts.eossp") if facts.eossp is not None else None,
            ("Afstemming", _chosen(COORDINATION, [facts.coordination_now]), "facts.coordination_now") if facts.coordination_now else None,
            ("Dringend", request.urgency.reason, "urgency.reason") if request.urgency.reason else None,
            ("Wat u zorgen baart", request.worries, "worries") if request.worries else None,
            (
                "Toestemming",
                f"Weet hiervan en gaat akkoord, {'schriftelijk' if consent.how == 'written' else 'mondeling'}",
                "consent.given",
            ),
            ("Nakijken", "Iemand van de zone kijkt eerst mee", "human_check") if request.human_check else None,
        )
        if line
    ]


def _chosen(choices: Iterable[Mapping[str, str]], values: Iterable[str | None] | None) -> str:
    held = set(values or ())
    texts = [choice["text"] for choice in choices if choice["value"] in held]
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
