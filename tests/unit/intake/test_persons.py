"""Who is the same person, what may be told about one, and what cannot be true. The day is 24 November 2026."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.intake.persons import domain
from services.intake.persons.domain import Address, PersonDetails
from tests.unit.intake.referrals import TODAY, a_person, details


def refused(**changes: Any) -> str:
    """The field that is refused."""
    with pytest.raises(ValidationError) as caught:
        PersonDetails.model_validate(details(**changes))
    return ".".join(str(part) for part in caught.value.errors()[0]["loc"])


@pytest.mark.parametrize("written", ["85.07.30-033 28", " 85073003328 ", "850730 033 28"])
def test_a_national_number_is_kept_as_its_eleven_digits(written):
    assert a_person(national_number=written).national_number == "85073003328"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("national_number", "99999999999"),
        ("national_number", "8507300332"),
        ("phone", "12"),
        ("phone", "0470 ABCDEF"),
        ("email", "amina@"),
        ("language", "french"),
        ("birth_date", "1999-02-30"),
        ("birth_date", "30/01/1999"),
        ("birth_date", 915148800),
        ("given_name", "Am\u202eina"),
        ("family_name", "\x07"),
        ("given_name", "🙂"),
        ("reach", "na\u2028tien"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(field, value):
    assert refused(**{field: value}) == field


@pytest.mark.parametrize("name", ["D'Hondt", "Van der Straeten-Ngô", "O’Brien", "Ünal"])
def test_names_are_what_people_are_called(name):
    assert a_person(family_name=name).family_name == name


@pytest.mark.parametrize("postcode", ["906", "90600", "O060", "0123", "٩٠٦٠"])
def test_a_postcode_has_four_digits(postcode):
    assert refused(address={"postcode": postcode}) == "address.postcode"


def test_somebody_without_birth_date_is_expected_or_refused():
    assert refused(birth_date=None) == ""
    assert a_person(birth_date=None, due_date="2027-01-05").due_date == date(2027, 1, 5)


def test_somebody_whom_nobody_can_reach_is_refused():
    assert refused(phone=None, email=None, reach=None) == ""
    assert a_person(phone=None, email=None, reach="via het OCMW").phone is None


@pytest.mark.parametrize(
    ("told", "wrong"),
    [
        ({"birth_date": TODAY}, []),
        ({"birth_date": TODAY + timedelta(days=280)}, []),
        ({"birth_date": TODAY + timedelta(days=281)}, ["birth_date"]),
        ({"birth_date": TODAY + timedelta(days=1), "due_date": TODAY + timedelta(days=1)}, ["birth_date"]),
        ({"birth_date": date(1896, 11, 25)}, []),
        ({"birth_date": date(1896, 11, 24)}, ["birth_date"]),
        ({"due_date": TODAY - timedelta(days=21)}, []),
        ({"due_date": TODAY - timedelta(days=22)}, ["due_date"]),
        ({"due_date": TODAY + timedelta(days=281)}, ["due_date"]),
    ],
)
def test_dates_that_cannot_be_true_are_named(told, wrong):
    assert [each.field for each in domain.implausible(a_person(**{"birth_date": None, **told}), TODAY)] == wrong


def test_a_birth_date_still_to_come_is_a_due_date():
    unborn = domain.as_unborn(a_person(birth_date="2027-03-01"), TODAY)
    assert (unborn.birth_date, unborn.due_date) == (None, date(2027, 3, 1))
    assert domain.as_unborn(a_person(), TODAY) == a_person()


def test_one_household_however_the_address_is_typed():
    one = domain.household(Address(street="Café-straat", number="14 b", postcode="9060"))
    assert one == domain.household(Address(street="cafe  Straat", number="14B", postcode="9060"))
    assert one != domain.household(Address(street="Café-straat", number="14 c", postcode="9060"))
    assert one != domain.household(Address(street="Café-straat", number="14 b", postcode="9900"))


def test_without_a_street_nobody_shares_a_household():
    assert domain.household(Address(postcode="9060")) is None
    assert domain.household(Address(postcode="9060", street="Markt")) is None


@given(born=st.dates(date(1900, 1, 1), date(2026, 11, 24)))
def test_age_grows_by_one_each_birthday_and_never_before(born):
    completed = domain.age(born, TODAY)
    had_birthday = (TODAY.month, TODAY.day) >= (born.month, born.day)
    assert completed == TODAY.year - born.year - (not had_birthday)
    assert domain.age(born, TODAY - timedelta(days=1)) in {completed, completed - 1}
