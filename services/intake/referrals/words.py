"""What people read about a referral. Pure. Who acts next comes first: who does what before when."""

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
from services.intake.referrals import choices
from services.intake.referrals.proposals import Proposal
from services.intake.referrals.requests import Addition, Request
from services.intake.zones import places
from shared.web import formats
from shared.web.helplines import VIOLENCE, load_helplines, where
from shared.web.languages import current, gettext, lazy, ngettext, within

OUTCOMES = {
    Outcome.ELIGIBLE: lazy("Komt in aanmerking"),
    Outcome.INFORMATION_NEEDED: lazy("Nog niet te zeggen"),
    Outcome.HUMAN_CHECK: lazy("Iemand van de zone kijkt mee"),
    Outcome.NOT_ELIGIBLE: lazy("Komt niet in aanmerking"),
    Outcome.ADVICE: lazy("Geen coördinator nodig, wel advies"),
    Outcome.COORDINATED: lazy("Er is al een coördinator"),
}
CONSENTED = {
    ("given", "oral"): lazy("Toestemming gegeven door {who}, mondeling"),
    ("given", "written"): lazy("Toestemming gegeven door {who}, schriftelijk"),
    ("withdrawn", "oral"): lazy("Toestemming ingetrokken door {who}, mondeling"),
    ("withdrawn", "written"): lazy("Toestemming ingetrokken door {who}, schriftelijk"),
}
CONSENTING = {"person": lazy("de persoon zelf"), "parent": lazy("een ouder"), "representative": lazy("de vertegenwoordiger")}
ROLES = {"care_coordinator": lazy("zorgcoördinator"), "case_manager": lazy("casemanager")}
MISSING = {
    "weeks_pregnant": lazy("het aantal weken zwangerschap"),
    "birth_date": lazy("de geboortedatum"),
    "child_birth_date": lazy("de geboortedatum van het kind"),
    "needs": lazy("wat er speelt"),
    "coordination_now": lazy("wie de zorg nu afstemt"),
    "belrai": lazy("de BelRAI Screener"),
    "belrai.total": lazy("het totaal van de BelRAI Screener"),
    "belrai.iadl": lazy("IADL van de BelRAI Screener"),
    "belrai.adl": lazy("ADL van de BelRAI Screener"),
    "dementia": lazy("een diagnose van dementie (ja of nee)"),
    "bmi": lazy("lengte en gewicht"),
    "sex": lazy("het geslacht"),
    "eossp": lazy("het EOSS-P-stadium"),
    "providers": lazy("hoeveel hulpverleners er zijn"),
    "has_plan": lazy("een zorg- en ondersteuningsplan (ja of nee)"),
    "alignment": lazy("hoeveel er af te stemmen valt"),
    "text": lazy("het antwoord op de vraag van de zone"),
}


def questions(programmes: Programmes, entity: str) -> dict[str, Any]:
    """What the questions of screen 2 can be answered with; the needs by programme, violence with whom to call."""
    codes = [*(rule.programme.code for rule in programmes.of_entity(entity)), choices.UNKNOWN_PROGRAMME["value"]]
    return {**choices.QUESTIONS, "needs": {code: _needs(programmes, code, entity) for code in codes}}


def _needs(programmes: Programmes, code: str, entity: str) -> list[dict[str, str]]:
    acute = load_helplines()[0].number
    asked = [{"value": need, "text": said(labels, current())} for need, labels in programmes.needs(code, entity).items()]
    return [
        {**each, "hint": gettext("Bij acuut gevaar: bel {number}", number=acute)} if each["value"] == VIOLENCE else each for each in asked
    ] + [choices.NOTHING]


def helplines(facts: Facts) -> list[dict[str, str]]:
    """Whom to call, where violence was told."""
    return where(facts.needs or ())


def programme_choices(programmes: Programmes, entity: str) -> list[dict[str, str]]:
    """What can be chosen on screen 2 in an entity."""
    return [
        {"value": rule.programme.code, "text": rule.label(current()), "hint": said(rule.programme.hint, current())}
        for rule in programmes.of_entity(entity)
    ] + [choices.UNKNOWN_PROGRAMME]


def programme(programmes: Programmes, code: str) -> str:
    """The name of a programme."""
    if code == choices.UNKNOWN_PROGRAMME["value"]:
        return gettext("programma nog te bepalen")
    return next((rule.label(current()) for (of, _), rule in programmes.in_force.items() if of == code), code)


def role(programmes: Programmes, programme_code: str, code: str | None, entity: str = "flanders") -> str:
    """What a programme calls a role."""
    rule = programmes.rule(programme_code, entity)
    return rule.role_label(code, current()) if rule and code else role_name(code)


def role_name(code: str | None) -> str:
    """A role where the programme does not matter."""
    return str(ROLES.get(code or "") or gettext("coördinator"))


def proposal(programmes: Programmes, found: Proposal) -> dict[str, Any]:
    """The panel beside the questions."""
    decision = found.eligibility
    who = role(programmes, decision.programme, decision.role, found.zone.entity) if decision.outcome == Outcome.ELIGIBLE else None
    return {
        "outcome": str(decision.outcome),
        "title": str(OUTCOMES[decision.outcome]),
        "zone": found.zone.name(current()),
        "role": who,
        "independent": decision.role == "case_manager",
        "reasons": reasons(decision),
        "elsewhere": elsewhere(decision),
        "nearest": programme(programmes, decision.nearest) if decision.nearest else None,
        "version": decision.rule_version,
        "urgent": [reason.text(current()) for reason in decision.urgent_because],
    }


def reasons(decision: EligibilityDecision) -> list[dict[str, Any]]:
    """Every reason that counts, met or not."""
    return [{"text": reason.text(current()), "fits": reason.state == "met"} for reason in decision.counting()]


def elsewhere(decision: EligibilityDecision) -> list[dict[str, str | None]]:
    """Where else to go."""
    return [{"text": place.text(current()), "url": place.url} for place in decision.where_else]


def who_is_meant(sent: Mapping[str, Any], programmes: Programmes, programme_code: str, today: date) -> str:
    """The line under a name: `27 jaar · Zelzate · zwanger of jong gezin`."""
    told, address = sent["person"], sent["person"]["address"]
    place = places.called(address["postcode"], address.get("municipality"), current()) or address["postcode"]
    parts = [age_text(told.get("birth_date"), told.get("birth_year"), today), place, within(programme(programmes, programme_code))]
    return " · ".join(part for part in parts if part)


def age_text(born: str | None, year: int | None, today: date) -> str | None:
    """`27 jaar`; None where nothing is known of it."""
    if born:
        return ngettext("{number} jaar", "{number} jaar", age(date.fromisoformat(born), today))
    return gettext("geboren in {year}", year=year) if year else None


def answers(
    programmes: Programmes, request: Request, found: Proposal, draft_id: UUID, more: Iterable[tuple[str, str, str]] = ()
) -> dict[str, list[dict[str, str]]]:
    """All that was typed, and `more` lines of the second screen, as screen 3 shows it, each with the way to change it."""
    one, two = f"/intake/refer/1/{draft_id}", f"/intake/refer/2/{draft_id}"
    return {
        "who": [{"term": term, "value": value, "url": f"{one}#{field}"} for term, value, field in who(request, found.nis)],
        "what": [{"term": term, "value": value, "url": f"{two}#{field}"} for term, value, field in (*what(programmes, request), *more)],
    }


def who(request: Request, nis: str) -> list[tuple[str, str, str]]:
    """The person, in words: what, the answer, the field."""
    told, address = request.person, request.person.address
    found = places.municipalities().get(nis)
    street = " ".join(part for part in (address.street, address.number) if part)
    lives = ", ".join(part for part in (street, f"{address.postcode} {found.name(current()) if found else ''}".strip()) if part)
    phone = gettext("{phone}, inspreken mag") if told.voicemail else gettext("{phone}, niets inspreken")
    return [
        line
        for line in (
            (gettext("Persoon"), told.name, "person.given_name"),
            (gettext("Geboren"), formats.full_date(told.birth_date), "person.birth_date") if told.birth_date else None,
            (gettext("Geboren"), gettext("{year} (alleen het jaar is gekend)", year=told.birth_year), "person.birth_date")
            if told.birth_year and not told.birth_date
            else None,
            (gettext("Uitgerekend"), formats.full_date(told.due_date), "person.due_date") if told.due_date else None,
            (gettext("Adres"), lives, "person.address.street"),
            (gettext("Telefoon"), phone.format(phone=told.phone), "person.phone") if told.phone else None,
            (gettext("E-mail"), told.email, "person.email") if told.email else None,
            (gettext("Wanneer of via wie"), told.reach, "person.reach") if told.reach else None,
            (gettext("Taal"), language(told), "person.language"),
        )
        if line
    ]


def language(told: PersonDetails) -> str:
    """`Arabisch (Tarifit), met tolk`"""
    note = f" ({told.language_note})" if told.language_note else ""
    spoken = f"{choices.SPOKEN.get(told.language, told.language)}{note}"
    return gettext("{language}, met tolk", language=spoken) if told.interpreter else spoken


def what(programmes: Programmes, request: Request) -> list[tuple[str, str, str]]:
    """The need, in words: what, the answer, the field."""
    facts, consent = request.facts, request.consent
    scores = facts.belrai and [
        f"{name} {formats.number(score)}"
        for name, score in ((gettext("totaal"), facts.belrai.total), ("IADL", facts.belrai.iadl), ("ADL", facts.belrai.adl))
        if score is not None
    ]
    return [
        line
        for line in (
            (
                gettext("Programma"),
                gettext("Nog te bepalen") if request.programme == "unknown" else programme(programmes, request.programme),
                "programme",
            ),
            (gettext("Aangemeld wordt"), _chosen(choices.REFERRED_AS, [facts.referred_as]), "facts.referred_as")
            if facts.referred_as
            else None,
            (gettext("Kind geboren"), formats.full_date(facts.child_birth_date), "facts.child_birth_date")
            if facts.child_birth_date
            else None,
            (gettext("Zwangerschap"), ngettext("{number} week", "{number} weken", facts.weeks_pregnant), "facts.weeks_pregnant")
            if facts.weeks_pregnant
            else None,
            (gettext("Wat er speelt"), needs(programmes, facts.needs) or str(choices.NOTHING["text"]), "facts.needs")
            if facts.needs is not None
            else None,
            ("BelRAI Screener", ", ".join(scores), "facts.belrai.total") if scores else None,
            (gettext("Dementie"), gettext("Diagnose") if facts.dementia else gettext("Geen diagnose"), "facts.dementia")
            if facts.dementia is not None
            else None,
            (gettext("Lengte en gewicht"), f"{formats.number(facts.height_cm)} cm, {formats.number(facts.weight_kg)} kg", "facts.height_cm")
            if facts.height_cm and facts.weight_kg
            else None,
            (gettext("EOSS-P-stadium"), str(facts.eossp), "facts.eossp") if facts.eossp is not None else None,
            (gettext("Afstemming"), _chosen(choices.COORDINATION, [facts.coordination_now]), "facts.coordination_now")
            if facts.coordination_now
            else None,
            (gettext("Dringend"), request.urgency.reason, "urgency.reason") if request.urgency.reason else None,
            (gettext("Wat u zorgen baart"), request.worries, "worries") if request.worries else None,
            (
                gettext("Toestemming"),
                (
                    gettext("{who} gaat akkoord, schriftelijk", who=_chosen(choices.CONSENT_BY, [consent.by]))
                    if consent.how == "written"
                    else gettext("{who} gaat akkoord, mondeling", who=_chosen(choices.CONSENT_BY, [consent.by]))
                ),
                "consent.given",
            ),
            (gettext("Nakijken"), gettext("Iemand van de zone kijkt eerst mee"), "human_check") if request.human_check else None,
        )
        if line
    ]


def consents(said: Iterable[Consent]) -> list[tuple[datetime, str]]:
    """Every word on consent, the oldest first: when it was said, and what, by whom and how."""
    return [
        (
            each.said_at,
            CONSENTED[each.state, each.how].format(who=CONSENTING[each.said_by])
            + (gettext(" (tekst {wording}, {language})", wording=each.wording, language=each.language) if each.wording else ""),
        )
        for each in said
    ]


def needs(programmes: Programmes, codes: Iterable[str]) -> str:
    """Needs in words, in the order in which programmes ask them."""
    told = set(codes)
    return _list(said(labels, current()) for code, labels in programmes.need_labels().items() if code in told)


def _chosen(choices: Iterable[Mapping[str, str]], values: Iterable[str | None] | None) -> str:
    held = set(values or ())
    return _list(str(choice["text"]) for choice in choices if choice["value"] in held)


def _list(texts: Iterable[str]) -> str:
    texts = list(texts)
    return ", ".join([*texts[:1], *map(within, texts[1:])])


def missing(names: Iterable[str]) -> str:
    """Which facts are still asked."""
    return ", ".join(str(MISSING.get(name, name)) for name in names)


def added(programmes: Programmes, request: Request, addition: Addition) -> list[str]:
    """What a sender added later, line by line: the text, then the facts."""
    told = what(programmes, request.model_copy(update={"facts": addition.facts or Facts()}))
    return [
        *([addition.text] if addition.text else []),
        *(f"{term}: {answer}" for term, answer, field in told if field.startswith("facts.")),
        *([gettext("Vraagt dat iemand van de zone meekijkt")] if addition.human_check else []),
    ]


def moment(at: datetime, now: datetime) -> str:
    """When, near dates by name."""
    return formats.moment_text(at, now)
