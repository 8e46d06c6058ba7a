"""What the rules propose for what a sender tells: which zone, which outcome; or what is still expected, field by field."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from services.intake.persons.domain import OLDEST_YEARS, Dated, as_unborn, implausible
from services.intake.programmes import domain as programmes
from services.intake.programmes.definitions import Programmes, load_programmes
from services.intake.programmes.domain import EligibilityDecision
from services.intake.programmes.facts import Facts
from services.intake.referrals.requests import Addition, ConsentBy, Request
from services.intake.zones import places
from services.intake.zones.domain import Served, Zone, ZoneMap
from shared.items import Refusal
from shared.web.languages import current, gettext, lazy


@dataclass(frozen=True, slots=True)
class Expected:
    """Something else is expected in this field. `choices`: code and name of what can be chosen."""

    field: str
    code: str
    english: str
    on_page: str  # the same in the language of the page
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """The zone and municipality of an address, and the decision of the rules on that day."""

    zone: Zone
    nis: str
    eligibility: EligibilityDecision


SENTENCES = {
    "postcode_unknown": ("Expected a Belgian postcode that exists.", lazy("Deze postcode bestaat niet. Vul vier cijfers in.")),
    "municipality_not_at_postcode": (
        "Expected the NIS code of a municipality with this postcode: {choices}.",
        lazy("Deze gemeente heeft een andere postcode. Kies er een."),
    ),
    "municipality_choice_needed": (
        "Several municipalities have this postcode. Expected the NIS code of one of them: {choices}.",
        lazy("Verschillende gemeenten hebben deze postcode. Kies er een."),
    ),
    "outside_served_zones": (
        "No zone here serves this address. Where to go: {elsewhere}",
        lazy("Geen zone hier werkt op dit adres. Waar wel: {elsewhere}"),
    ),
    "zone_choice_needed": (
        "Several zones serve this address. Expected one of them: {choices}.",
        lazy("Verschillende zones werken op dit adres. Kies er een."),
    ),
    "zone_does_not_serve_address": (
        "This zone does not serve the address. Expected one of: {choices}.",
        lazy("Deze zone werkt niet op dit adres. Kies een andere."),
    ),
}
FIELD = {"postcode": "address.postcode", "municipality": "address.municipality", "zone": "zone"}
NO_PROGRAMME = (
    "There is no such programme in this zone today. Expected one of: {choices}.",
    lazy("Dit programma bestaat niet in deze zone."),
)
NO_CONSENT = Expected(
    "consent.given",
    "consent_missing",
    "Expected true: without consent nothing is sent and nothing is kept. Ask again later; in acute danger call 112.",
    lazy("Zonder toestemming versturen we niets. U kunt wel bewaren."),
)
REFUSED = Expected("consent.given", "consent_refused", NO_CONSENT.english, lazy("De persoon weigert: we versturen niets."))


def propose(zones: ZoneMap, looked_up: Served | Refusal, programme: str, facts: Facts, today: date) -> Proposal | Expected:
    """Zone and eligibility at an address that the zone map looked up, or what is expected first."""
    served = place(zones, looked_up)
    if isinstance(served, Expected):
        return served
    known, entity = load_programmes(today), served.zone.entity
    try:
        eligibility = programmes.decide(known, programme, facts, entity=entity, today=today)
    except programmes.UnknownProgramme:
        choices = tuple((rule.programme.code, rule.label(current())) for rule in known.of_entity(entity))
        return Expected("programme", "no_such_programme", NO_PROGRAMME[0].format(choices=_codes(choices)), NO_PROGRAMME[1], choices)
    return Proposal(served.zone, served.nis, eligibility)


def place(zones: ZoneMap, served: Served | Refusal) -> Served | Expected:
    """The one zone and municipality of an address, or what is expected to know them."""
    return _what_is_expected(zones, served) if isinstance(served, Refusal) else served


def dates(told: Dated, today: date, path: str = "") -> list[Expected]:
    """Dates that cannot be true on this day."""
    return [
        Expected(f"{path}{each.field}", "implausible", each.expected, gettext(each.expected_nl, years=OLDEST_YEARS))
        for each in implausible(told, today)
    ]


def added_dates(added: Addition, today: date) -> list[Expected]:
    """Dates in an addition that cannot be true on this day."""
    return dates(added.facts, today, "facts.") if added.facts else []


def sendable(request: Request, today: date) -> tuple[Request, list[Expected]]:
    """The request as it can be sent, with a birth date to come read as a due date; and what stands in the way of sending it."""
    wrong = dates(request.person, today, "person.")
    if not request.consent.given:
        wrong.append(NO_CONSENT)
    person = as_unborn(request.person, today)
    return (request if person is request.person else request.model_copy(update={"person": person})), wrong


def consent_by(known: Programmes, programme: str, entity: str, age: int | None) -> ConsentBy:
    """Who is proposed as the one who consents: a parent below the age that the programme names, else the person."""
    below = known.parent_consents_below(programme, entity)
    return "parent" if below is not None and age is not None and age < below else "person"


def _what_is_expected(zones: ZoneMap, refusal: Refusal) -> Expected:
    english, on_page = SENTENCES[refusal.code]
    named = zones.zones if refusal.field == "zone" else places.municipalities()
    choices = tuple((code, named[code].name(current())) for code in refusal.values.get("choices", ()))
    elsewhere = refusal.values.get("elsewhere")
    return Expected(
        FIELD[str(refusal.field)],
        refusal.code,
        english.format(choices=_codes(choices), elsewhere=f"{elsewhere.text('en')} {elsewhere.url}" if elsewhere else ""),
        str(on_page).format(elsewhere=f"{elsewhere.text(current())} {elsewhere.url}" if elsewhere else ""),
        choices,
    )


def _codes(choices: Iterable[tuple[str, str]]) -> str:
    return ", ".join(code for code, _ in choices)
