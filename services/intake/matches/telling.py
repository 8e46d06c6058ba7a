"""Two tellings about a person laid beside each other, in words. Pure."""

from __future__ import annotations

from typing import NamedTuple

from services.intake.persons.domain import Person
from services.intake.persons.likeness import differences
from services.intake.referrals.choices import SPOKEN
from services.intake.zones import places
from shared.web import formats
from shared.web.languages import current, gettext, lazy

LABELS = {
    "given_name": lazy("Voornaam"),
    "family_name": lazy("Naam"),
    "birth_date": lazy("Geboren"),
    "due_date": lazy("Uitgerekend"),
    "sex": lazy("Geslacht"),
    "national_number": lazy("Rijksregisternummer"),
    "address": lazy("Adres"),
    "phone": lazy("Telefoon"),
    "email": lazy("E-mail"),
    "language": lazy("Taal"),
    "reach": lazy("Wanneer of via wie"),
    "voicemail": lazy("Bericht inspreken"),
}
SEXES = {"female": lazy("Vrouw"), "male": lazy("Man"), "other": lazy("Anders"), "unknown": ""}


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
        "sex": str(SEXES[told.sex]),
        "national_number": told.national_number or "",
        "address": ", ".join(part for part in (street, f"{address.postcode} {place.name(current()) if place else ''}".strip()) if part),
        "phone": told.phone or "",
        "email": told.email or "",
        "language": str(SPOKEN.get(told.language, told.language)),
        "reach": told.reach or "",
        "voicemail": gettext("Mag") if told.voicemail else gettext("Niet doen"),
    }
