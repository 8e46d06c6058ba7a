"""Who fits what was typed, and that what finds somebody tells little to who has it without the key."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.intake.keys.domain import IndexKey
from services.intake.persons.likeness import words
from services.intake.searches import domain
from services.intake.searches.domain import Sought, sought

INDEX = IndexKey(bytes(range(32)))
OURS, THEIRS = UUID(int=1), UUID(int=2)


def told(given: str = "Amina", family: str = "Lahsaini", **person: Any) -> domain.Told:
    found = domain.told({"person": {"given_name": given, "family_name": family, "birth_date": "1999-03-14", **person}})
    assert found is not None
    return found


AMINA = told()
WALLE = told("Jean-Pierre", "Van de Walle", birth_date="1941-05-09", national_number="41050900242")


@pytest.mark.parametrize(
    ("typed", "person", "fits"),
    [
        ("lahsa", AMINA, True),
        ("Amina Lahsaini", AMINA, True),
        ("lahsaini amina", AMINA, True),
        ("ÀMI", AMINA, True),
        ("am la", AMINA, False),
        ("am lah", AMINA, True),
        ("mina", AMINA, False),
        ("amina lahsaini peeters", AMINA, False),
        ("a", AMINA, False),
        ("", AMINA, False),
        ("van", WALLE, True),
        ("van de", WALLE, True),
        ("Van de Walle", WALLE, True),
        ("vandewal", WALLE, True),
        ("de walle", WALLE, True),
        ("walle jean", WALLE, True),
        ("pierre", WALLE, True),
        ("41.05.09-002.42", WALLE, True),
        ("41050900242", WALLE, True),
        ("41050900242", AMINA, False),
        ("41050900341", WALLE, False),
        ("dhondt", told("Leyla", "D'hondt-Özdemir"), True),
        ("ozd", told("Leyla", "D'hondt-Özdemir"), True),
        ("li", told("Li", "Wang"), True),
        ("li", told("Lieve", "Wang"), False),
        ("li wan", told("Lieve", "Wang"), True),
    ],
)
def test_beginnings_of_names_in_any_order_and_the_number_find_somebody(typed: str, person: domain.Told, fits: bool) -> None:
    looked_for = sought(typed)
    assert domain.fits(looked_for, person) is fits
    if fits:
        assert set(domain.marks_for(looked_for, OURS, INDEX)) <= set(domain.marks_of(person, OURS, INDEX)), "who fits is found by the marks"


def test_a_birth_date_finds_alone_and_narrows_a_name() -> None:
    assert domain.fits(sought("", date(1999, 3, 14)), AMINA)
    assert not domain.fits(sought("", date(1999, 3, 15)), AMINA)
    assert not domain.fits(sought("lahsa", date(1999, 3, 15)), AMINA)
    assert not domain.fits(sought("lahsa", date(1999, 3, 14)), told(birth_date=None)), "what was not told is not known"
    assert set(domain.marks_for(sought("", date(1999, 3, 14)), OURS, INDEX)) <= set(domain.marks_of(AMINA, OURS, INDEX))


def test_who_was_erased_is_nobody() -> None:
    assert domain.told({"erased": True, "person": {"given_name": "Gewiste", "family_name": "persoon"}}) is None


def test_nothing_typed_looks_for_nobody() -> None:
    assert not Sought().is_enough
    assert not domain.fits(Sought(), AMINA)


def test_beginnings_hold_the_words_by_which_persons_are_compared() -> None:
    for name in ("Van de Walle", "El Amrani", "D'hondt-Özdemir", "de", "Jean-Pierre", "van der"):
        assert set(words(name)) <= domain.beginnings(name), name


def test_marks_of_one_organisation_say_nothing_of_another() -> None:
    names = [told(f"Naam{number}", f"Familie{number:04}", birth_date=None) for number in range(300)]
    ours, theirs = ([tuple(domain.marks_of(one, whose, INDEX)) for one in names] for whose in (OURS, THEIRS))
    assert sum(one == other for one, other in zip(ours, theirs, strict=True)) <= 3
    assert domain.marks_of(AMINA, OURS, IndexKey(bytes(reversed(range(32))))) != domain.marks_of(AMINA, OURS, INDEX)


def test_several_beginnings_share_a_mark() -> None:
    starts = [f"{a}{b}{c}" for a in "abcdefghijklmnopqrstuvwxyz" for b in "aeiouhlr" for c in "abcdefghijklmnopqrstuvwxyz"]
    marks = Counter(domain.marks_for(Sought((start,)), OURS, INDEX)[0] for start in starts)
    assert len(starts) > domain.MARKS
    assert max(marks) < domain.MARKS
    assert sum(count > 1 for count in marks.values()) > len(marks) / 4


def test_marks_fit_the_column() -> None:
    assert all(0 <= mark < 1 << 15 for _ in range(50) for mark in domain.marks_of(WALLE, uuid4(), INDEX))
