"""Two tellings about a person laid beside each other, in words. Pure, in Dutch."""

from __future__ import annotations

from typing import NamedTuple

from services.intake.persons.domain import Person
from services.intake.persons.likeness import differences
from services.intake.referrals.choices import SPOKEN
from services.intake.zones import places
from shared.web import formats

LABELS = {
    "given_name": "Voornaam",
    "family_name": "Naam",
    "birth_date": "Geboren",
    "due_date": "Uitgerekend",
    "sex": "Geslacht",
    "national_number": "Rijksregisternummer",
    "address": "Adres",
    "phone": "Telefoon",
    "email": "E-mail",
    "language": "Taal",
    "reach": "Wanneer of via wie",
    "voicemail": "Bericht inspreken",
}
SEXES = {"female": "Vrouw", "male": "Man", "other": "Anders", "unknown": ""}


class Line(NamedTuple):
    """One field as both tellings have it."""

    field: str
    label: str
    known: str
    told: str
    differs: bool


def lines(known: Person, told: Person) -> list[Line]:
    """Every field that one of them says something about."""
    before, after, differ = _said(known), _said(told), differences(known, told)
    return [
        Line(field, label, before[field], after[field], field in differ) for field, label in LABELS.items() if before[field] or after[field]
    ]


def _said(person: Person) -> dict[str, str]:
    told, address = person.details, person.details.address
    place = places.municipalities().get(person.nis)
    street = " ".join(part for part in (address.street, address.number) if part)
    return {
        "given_name": told.given_name,
        "family_name": told.family_name,
        "birth_date": formats.full_date(told.birth_date) if told.birth_date else "",
        "due_date": formats.full_date(told.due_date) if told.due_date else "",
        "sex": SEXES[told.sex],
        "national_number": told.national_number or "",
        "address": ", ".join(part for part in (street, f"{address.postcode} {place.name_nl if place else ''}".strip()) if part),
        "phone": told.phone or "",
        "email": told.email or "",
        "language": SPOKEN.get(told.language, told.language),
        "reach": told.reach or "",
        "voicemail": "Mag" if told.voicemail else "Niet doen",
    }
