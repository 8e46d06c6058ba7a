"""When two tellings may be of one person, and in what they differ. Pure."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from difflib import SequenceMatcher

from services.intake.persons.domain import Person, PersonDetails, letters

FIELDS = ("given_name", "family_name", "birth_date", "sex", "address", "phone", "email", "language")
NOT_ASKED = frozenset({"language"})  # shown beside the others: alone it is no reason to doubt
FAMILY_ALIKE, GIVEN_ALIKE = 0.7, 0.5  # share of letters in common; a typing error in a short name leaves 0.75 (an assumption)
PARTICLES = frozenset(
    ["van", "von", "de", "den", "der", "ten", "ter", "te", "'t", "t", "d", "el", "al", "la", "le", "du", "des", "di", "da", "ben", "bin"]
)
WORD = re.compile(r"[^\W_]+")
APOSTROPHES = re.compile("['’‘`´]")
SINGLE = str.maketrans({"ı": "i", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe"})  # letters that no accent was taken from


def likeness(details: PersonDetails) -> str | None:
    """The same for tellings with the same names, in whatever order, and the same birth date, day and month in whatever order; None without one."""
    born = details.birth_date
    if born is None:
        return None
    names = sorted(words(details.given_name) + words(details.family_name))
    return f"{' '.join(names)}|{'-'.join(map(str, _day(born)))}"


def _day(born: date) -> tuple[int, int, int]:
    return born.year, min(born.day, born.month), max(born.day, born.month)


def words(name: str) -> list[str]:
    """The words of a name without case, accents and apostrophes, a particle as one with the word behind it: `Van de Walle` is `vandewalle`."""
    found, before = [], ""
    for word in plain_words(name):
        if word in PARTICLES:
            before += word
        else:
            found.append(before + word)
            before = ""
    return [*found, before] if before else found


def plain_words(name: str) -> list[str]:
    """The words of a name without case, accents and apostrophes, each by itself."""
    plain = name.casefold()
    if not plain.isascii():
        plain = "".join(each for each in unicodedata.normalize("NFKD", plain.translate(SINGLE)) if not unicodedata.combining(each))
    return WORD.findall(APOSTROPHES.sub("", plain))


def differences(known: Person, told: Person) -> tuple[str, ...]:
    """In which fields a newer telling says something else. A way to reach the person that was not known yet is something else too: it may be unsafe."""
    before, after = known.details, told.details
    differ = {
        "given_name": words(before.given_name) != words(after.given_name),
        "family_name": words(before.family_name) != words(after.family_name),
        "birth_date": None not in (before.birth_date, after.birth_date) and before.birth_date != after.birth_date,
        "sex": "unknown" not in (before.sex, after.sex) and before.sex != after.sex,
        "address": _moved(known, told),
        "phone": after.phone is not None and _digits(before.phone) != _digits(after.phone),
        "email": after.email is not None and (before.email or "").casefold() != after.email.casefold(),
        "language": before.language != after.language,
    }
    return tuple(field for field in FIELDS if differ[field])


def is_asked(fields: tuple[str, ...]) -> bool:
    """Whether these differences are a reason to ask a human."""
    return not NOT_ASKED.issuperset(fields)


def _moved(known: Person, told: Person) -> bool:
    before, after = known.details.address, told.details.address
    if (before.postcode, known.nis) != (after.postcode, told.nis):
        return True
    return after.street is not None and _door(before.street, before.number) != _door(after.street, after.number)


def _door(street: str | None, number: str | None) -> tuple[str, str]:
    return letters(street or ""), letters(number or "")


def _digits(phone: str | None) -> str:
    """A number as it is dialled in Belgium."""
    digits = re.sub("[^0-9]", "", phone or "")
    return "0" + digits.removeprefix("00").removeprefix("32") if digits.startswith(("32", "0032")) else digits


def is_far(known: PersonDetails, told: PersonDetails) -> bool:
    """Whether two tellings under one national number are so different that somebody else may be meant: a twin, or a wrong number."""
    born = (known.birth_date, told.birth_date)
    if born[0] is not None and born[1] is not None and _day(born[0]) != _day(born[1]):
        return True
    if sorted(words(known.given_name) + words(known.family_name)) == sorted(words(told.given_name) + words(told.family_name)):
        return False
    return _unlike(known.family_name, told.family_name, FAMILY_ALIKE) or _unlike(known.given_name, told.given_name, GIVEN_ALIKE)


def _unlike(one: str, other: str, floor: float) -> bool:
    first, second = words(one), words(other)
    if set(first) & set(second):
        return False
    return SequenceMatcher(None, "".join(first), "".join(second), autojunk=False).ratio() < floor
