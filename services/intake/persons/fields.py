"""A person's columns: sealed as they are kept, and opened again. Pure but for the random bytes of each sealing."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from services.intake.keys.domain import NONCE_BYTES, DataKey
from services.intake.persons.domain import Address, Person, PersonDetails
from services.intake.persons.likeness import likeness

SEALED = (
    "given_name",
    "family_name",
    "birth_date",
    "due_date",
    "sex",
    "national_number",
    "street",
    "house_number",
    "postcode",
    "phone",
    "email",
    "reach",
)
COLUMNS = ("id", *SEALED, "nis", "language", "interpreter", "voicemail", "household_id")
PLACES = tuple(f"persons.{column}".encode() for column in SEALED)
STARTS = tuple(range(0, NONCE_BYTES * len(SEALED), NONCE_BYTES))


def sealed(person: Person, key: DataKey) -> tuple[object, ...]:
    """The row of a person, in the order of `COLUMNS`."""
    told, address, id = person.details, person.details.address, person.id
    texts = (
        told.given_name,
        told.family_name,
        told.birth_date.isoformat() if told.birth_date else None,
        told.due_date.isoformat() if told.due_date else None,
        told.sex,
        told.national_number,
        address.street,
        address.number,
        address.postcode,
        told.phone,
        told.email,
        told.reach,
    )
    nonces = os.urandom(NONCE_BYTES * len(texts))
    return (
        id,
        *[
            None if text is None else key.seal(place, id, text, nonces[start : start + NONCE_BYTES])
            for text, place, start in zip(texts, PLACES, STARTS, strict=True)
        ],
        person.nis,
        told.language,
        told.interpreter,
        told.voicemail,
        person.household_id,
    )


def opened(row: Mapping[str, Any], key: DataKey | None) -> Person:
    """The person of a row; without a key one who says to be erased. Raises Damaged where a row was tampered with."""
    id: UUID = row["id"]
    if key is None:
        return erased(id, row["nis"], row["language"])
    said: dict[str, Any] = {
        column: None if row[column] is None else key.open(place, id, row[column]) for column, place in zip(SEALED, PLACES, strict=True)
    }
    # built without checks: what was accepted once stays readable when the checks become stricter
    details = PersonDetails.model_construct(
        given_name=said["given_name"],
        family_name=said["family_name"],
        birth_date=_day(said["birth_date"]),
        due_date=_day(said["due_date"]),
        sex=said["sex"],
        national_number=said["national_number"],
        address=Address.model_construct(
            street=said["street"], number=said["house_number"], postcode=said["postcode"], municipality=row["nis"]
        ),
        phone=said["phone"],
        email=said["email"],
        language=row["language"],
        interpreter=row["interpreter"],
        reach=said["reach"],
        voicemail=row["voicemail"],
    )
    return Person(id, details, row["nis"], row["household_id"], likeness(details))


def erased(id: UUID, nis: str, language: str) -> Person:
    """What is left of a person whose data key was destroyed, in words that a page can show."""
    given_name, family_name = ERASED_NAME
    address = Address.model_construct(street=None, number=None, postcode="", municipality=nis)
    details = PersonDetails.model_construct(given_name=given_name, family_name=family_name, address=address, language=language)
    return Person(id, details, nis, None, None, erased=True)


ERASED_NAME = ("Gewiste", "persoon")


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
