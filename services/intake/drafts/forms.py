"""What was typed on the three screens, and what is expected beside each field. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import date
from hashlib import sha256
from typing import Literal, TypeVar

from pydantic import BaseModel, ValidationError

from services.intake.persons.domain import PersonDetails
from services.intake.programmes import facts as facts_domain
from services.intake.programmes.facts import Facts
from services.intake.referrals import proposals
from services.intake.referrals.proposals import Expected
from services.intake.referrals.requests import CaringOrganisations, Consent, Model, Request, Urgency
from shared.text import Line, Paragraph
from shared.web import forms, problems
from shared.web.forms import Checked, Errors, Typed
from shared.web.languages import current, lazy

Checkable = TypeVar("Checkable", bound=BaseModel)

# a mistake of several fields together is shown beside the first of them
BESIDE = {"birth_or_due_date": "person.birth_date", "unreachable": "person.phone", "reason_missing": "urgency.reason"}
# a part that is missing as a whole, or is wrong as a whole, is shown beside its first field
FIRST_OF = {
    "person.address": "person.address.postcode",
    "person.birth_year": "person.birth_date",
    "consent": "consent.given",
    "facts.belrai": "facts.belrai.total",
}
YEAR = re.compile(r"\d{4}")  # in the field of the date, where only the year is known
OF_A_LIST = re.compile(r"\.\d+$")  # a mistake in one of several answers is shown beside their question
REFUSED = "geweigerd"  # the third answer to "does the person consent?": asked, and no
LABELS = {
    "person.given_name": lazy("Voornaam"),
    "person.family_name": lazy("Naam"),
    "person.birth_date": lazy("Geboortedatum"),
    "person.due_date": lazy("Uitgerekende datum"),
    "person.national_number": lazy("Rijksregisternummer"),
    "person.address.street": lazy("Straat"),
    "person.address.number": lazy("Nummer"),
    "person.address.postcode": lazy("Postcode"),
    "person.address.municipality": lazy("Gemeente"),
    "zone": lazy("Zone"),
    "person.phone": lazy("Telefoon"),
    "person.email": lazy("E-mail"),
    "person.reach": lazy("Wanneer of via wie"),
    "person.voicemail": lazy("Bericht inspreken"),
    "person.language": lazy("Taal"),
    "person.language_note": lazy("Welke taal"),
    "programme": lazy("Programma"),
    "facts.referred_as": lazy("Wie u aanmeldt"),
    "facts.weeks_pregnant": lazy("Weken zwangerschap"),
    "facts.child_birth_date": lazy("Geboortedatum van het kind"),
    "facts.needs": lazy("Wat er speelt"),
    "facts.coordination_now": lazy("Afstemming"),
    "facts.belrai.total": lazy("BelRAI totaal"),
    "facts.belrai.iadl": lazy("BelRAI IADL"),
    "facts.belrai.adl": lazy("BelRAI ADL"),
    "facts.dementia": lazy("Dementie"),
    "facts.height_cm": lazy("Lengte"),
    "facts.weight_kg": lazy("Gewicht"),
    "facts.eossp": lazy("EOSS-P"),
    "facts.providers": lazy("Hulpverleners"),
    "facts.has_plan": lazy("Plan"),
    "facts.alignment": lazy("Af te stemmen"),
    "caring_organisations": lazy("Organisaties die al helpen"),
    "urgency.reason": lazy("Waarom dringend"),
    "worries": lazy("Wat u zorgen baart"),
    "consent.given": lazy("Toestemming"),
    "consent.by": lazy("Wie toestemming gaf"),
    "text": lazy("Aanvulling"),
}
NOTHING = "nothing"  # the check box that says: none of these
CHOOSE = {
    "programme": lazy("Kies een programma, of ‘Ik weet het niet’."),
    "consent.given": lazy("Kies een antwoord. Zonder toestemming versturen we niets."),
}


class PersonScreen(Model):
    """Screen 1."""

    person: PersonDetails
    zone: Line | None = None


class NeedScreen(Model):
    """Screen 2."""

    programme: Literal["perinatal", "frail", "obesity", "unknown"]
    facts: Facts = Facts()
    caring_organisations: CaringOrganisations = ()
    consent: Consent
    urgency: Urgency = Urgency()
    worries: Paragraph | None = None
    human_check: bool = False


class Answers(Model):
    """What the proposal on screen 2 needs."""

    programme: Literal["perinatal", "frail", "obesity", "unknown"]
    facts: Facts = Facts()


CONTRADICTION = lazy("U duidde ‘Niets hiervan’ aan samen met iets anders. Kies een van beide.")


def check(model: type[Checkable], typed: Mapping[str, str | list[str]]) -> Checked[Checkable]:
    """The part of what was typed that a screen asks, checked; each mistake beside its field."""
    kept = Typed(typed)
    asked = {name: value for name, value in kept.items() if name.partition(".")[0] in model.model_fields}
    shaped = forms.arranged(model, asked)
    if (year := YEAR.fullmatch(str(kept["person.birth_date"]).strip())) and "person" in shaped:
        shaped["person"] |= {"birth_date": None, "birth_year": year[0]}
    marked = _list(kept["facts.needs"])
    contradiction = Errors({"facts.needs": str(CONTRADICTION)} if NOTHING in marked and len(marked) > 1 else {})
    if NOTHING in marked and "facts" in shaped:
        shaped["facts"]["needs"] = []
    try:
        valid = model.model_validate(shaped)
    except ValidationError as error:
        return Checked(None, kept, Errors(_errors(error) | contradiction))
    return Checked(None, kept, contradiction) if contradiction else Checked(valid, kept)


def _errors(error: ValidationError) -> Errors:
    found = Errors()
    for mistake in problems.field_errors(error.errors(include_url=False, include_input=False), on_page=True):
        own_words = facts_domain.messages().get(mistake.code, {}).get(current())
        named = OF_A_LIST.sub("", mistake.field)
        field = BESIDE.get(mistake.code) or FIRST_OF.get(named, named)
        asked = CHOOSE.get(field) if mistake.code == "missing" else None
        found.setdefault(field, own_words or str(asked or mistake.message))
    return in_order(found)


def in_order(errors: Mapping[str, str]) -> Errors:
    """As the fields stand on the page."""
    order = [*LABELS, *errors]
    return Errors({field: errors[field] for field in sorted(errors, key=order.index)})


def errors_of(expected: Iterable[Expected]) -> Errors:
    """What else is expected, by field. Of the address it is the person's."""
    return Errors({_beside(each.field): str(each.on_page) for each in expected})


def _beside(field: str) -> str:
    return f"person.{field}" if field.startswith("address.") else FIRST_OF.get(field, field)


def whole(typed: Mapping[str, str | list[str]], today: date) -> Checked[Request]:
    """The request that the screens together make, as it can be sent."""
    checked = check(Request, typed)
    if checked.value is None:
        return checked
    request, wrong = proposals.sendable(checked.value, today)
    return Checked(None if wrong else request, checked.typed, errors_of(wrong))


def person_typed(told: PersonDetails, zone: str | None, today: date) -> Typed:
    """Screen 1 filled in with what was told of a person before; not with a due date that has passed."""
    address, due = told.address, told.due_date
    born = f"{told.birth_date:%d/%m/%Y}" if told.birth_date else str(told.birth_year or "")
    values = {
        "person.given_name": told.given_name,
        "person.family_name": told.family_name,
        "person.birth_date": born,
        "person.due_date": f"{due:%d/%m/%Y}" if due and due >= today else "",
        "person.sex": told.sex if told.sex != "unknown" else "",
        "person.national_number": told.national_number,
        "person.address.street": address.street,
        "person.address.number": address.number,
        "person.address.postcode": address.postcode,
        "person.address.municipality": address.municipality,
        "zone": zone,
        "person.phone": told.phone,
        "person.email": told.email,
        "person.reach": told.reach,
        "person.voicemail": "ja" if told.voicemail else "nee",
        "person.language": told.language,
        "person.language_note": told.language_note,
        "person.interpreter": "ja" if told.interpreter else "nee",
    }
    return Typed({name: value for name, value in values.items() if value})


def merged(before: Mapping[str, str | list[str]], screen: Iterable[str], posted: Mapping[str, str | list[str]]) -> Typed:
    """What stands in the draft after a screen was sent: its fields as they are now (an unticked box is not sent), the others as they were."""
    own = tuple(screen)
    kept = {name: value for name, value in before.items() if not name.startswith(own)}
    sent = {name: _clean(value) for name, value in posted.items() if name.startswith(own)}
    return Typed(kept | sent)


def version(typed: Mapping[str, str | list[str]]) -> str:
    """Another one whenever something else stands in the draft: who sends says with it what was seen."""
    return sha256(json.dumps(typed, sort_keys=True).encode()).hexdigest()


def _clean(value: str | list[str]) -> str | list[str]:
    # PostgreSQL keeps no NUL; everything else is kept as typed
    return value.replace("\x00", "") if isinstance(value, str) else [each.replace("\x00", "") for each in value]


def _list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
