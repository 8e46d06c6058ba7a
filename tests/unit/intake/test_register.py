"""Who a referral is about: joined, new, or asked of a human. What was told first stays, and nothing unsafe takes its place."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from services.intake.persons import register as entering
from services.intake.persons.domain import Person
from services.intake.persons.likeness import differences, is_far, likeness
from services.intake.persons.register import Register, newcomer
from tests.unit.intake.referrals import a_person

NUMBER, OTHER = "85073003328", "17073003384"
SAFE = {"phone": "0470 11 11 11", "reach": None, "voicemail": True}


def told(**changes: Any) -> Person:
    return newcomer(uuid4(), a_person(**changes), "43018")


def entered(known: Person, new: Person) -> tuple[entering.Entered, Register]:
    register = Register.of([known])
    return entering.enter(register, new), register


def test_a_person_without_a_number_is_new_and_asked_about_when_somebody_is_like_them():
    register = Register()
    first, second = (entering.enter(register, told()) for _ in range(2))
    assert first.person.id != second.person.id
    assert (first.doubt, second.doubt.known_id) == (None, first.person.id)
    assert set(register.added) == {first.person.id, second.person.id}


def test_the_same_number_and_the_same_details_join_without_a_question():
    known = told(national_number=NUMBER)
    (person, doubt), register = entered(known, told(national_number=NUMBER))
    assert (person.id, doubt, register.added) == (known.id, None, {})


def test_the_same_number_in_one_batch_is_one_person_with_the_details_told_first():
    register = Register()
    first = entering.enter(register, told(national_number=NUMBER, phone="0470 11 11 11"))
    second = entering.enter(register, told(national_number=NUMBER, phone="0470 22 22 22"))
    assert second.person.id == first.person.id == second.doubt.known_id
    assert [person.details.phone for person in register.added.values()] == ["0470 11 11 11"]
    assert not register.changed


def test_two_numbers_are_two_persons_however_alike():
    (person, doubt), _ = entered(told(national_number=NUMBER), told(national_number=OTHER))
    assert (person.details.national_number, doubt) == (OTHER, None)


@pytest.mark.parametrize(
    "newer",
    [
        {"phone": "0499 66 66 66"},
        {"email": "van.hem@example.be"},
        {"address": {"street": "Zijn straat", "number": "1", "postcode": "9060"}},
        {"address": {"postcode": "9900"}},
        {"given_name": "Amine"},
        {"sex": "male"},
    ],
)
@pytest.mark.parametrize("before", [SAFE, {"phone": None, "address": {"postcode": "9060"}, "reach": "Via de school"}])
def test_what_a_newer_telling_says_differently_never_takes_the_place_of_what_was_known(newer, before):
    known = told(**{**before, "national_number": NUMBER})
    (person, doubt), _ = entered(known, told(**{**before, **newer, "national_number": NUMBER}))
    assert person.id == known.id
    assert (doubt is None) is ("phone" not in newer and not differences(known, told(**{**before, **newer})))
    for name in ("given_name", "sex", "address", "phone", "email"):
        assert getattr(person.details, name) == getattr(known.details, name), name


def test_wishes_on_how_to_be_reached_hold_at_once_whoever_tells_them():
    known = told(national_number=NUMBER, voicemail=True, reach="Na 10 uur")
    (person, doubt), _ = entered(known, told(national_number=NUMBER, voicemail=False, reach="Niet thuis bellen", phone="0499 66 66 66"))
    assert (person.details.voicemail, person.details.reach) == (False, "Na 10 uur / Niet thuis bellen")
    assert doubt.reach_added
    (person, _), _ = entered(person, told(national_number=NUMBER, voicemail=True, reach=None))
    assert (person.details.voicemail, person.details.reach) == (False, "Na 10 uur / Niet thuis bellen")


@pytest.mark.parametrize(("own", "added"), [("A", "B"), (None, "B"), ("A / B", "B"), ("B / A", "A / B")])
def test_words_of_somebody_else_are_taken_out_again_and_only_theirs(own, added):
    known = told(reach=own) if own else told(reach=None)
    with_both = entering.with_wishes(known, told(reach=added))
    assert entering.without_words(with_both, added).details.reach == own


def test_what_was_not_known_is_filled_but_for_ways_to_reach_the_person():
    known = told(national_number=NUMBER, birth_date=None, due_date="2027-01-05", sex="unknown", language="fr", interpreter=True)
    (person, doubt), _ = entered(known, told(national_number=NUMBER, sex="female", due_date="2027-01-12", language="nl", interpreter=False))
    told_now = person.details
    assert (str(told_now.birth_date), str(told_now.due_date), told_now.sex) == ("1999-03-14", "2027-01-12", "female")
    assert (told_now.language, told_now.interpreter, doubt) == ("fr", True, None)
    assert person.likeness == likeness(told_now)


@pytest.mark.parametrize(
    "newer",
    [
        {"birth_date": "1999-03-15"},
        {"family_name": "Vandewalle"},
        {"given_name": "Yasmina-Lou"},  # a twin has the family name and the birth date
        {"given_name": "Lotte"},
    ],
)
def test_who_is_told_of_very_differently_under_a_number_is_somebody_apart_until_a_human_says_otherwise(newer):
    known = told(national_number=NUMBER)
    (person, doubt), register = entered(known, told(**{**newer, "national_number": NUMBER}))
    if newer == {"given_name": "Yasmina-Lou"}:
        assert not is_far(known.details, a_person(**newer)), "letters in common: asked after, joined"
        return
    assert (person.id != known.id, doubt.known_id, person.details.national_number) == (True, known.id, None)
    assert not register.changed


@pytest.mark.parametrize(
    "newer",
    [
        {"given_name": "AMINA"},
        {"given_name": "Lahsaini", "family_name": "Amina"},
        {"family_name": "Lahsaïni"},
        {"birth_date": "1999-14-03"[:4] + "-03-14"},
    ],
)
def test_the_same_person_however_written(newer):
    assert likeness(a_person(**newer)) == likeness(a_person())
    assert not is_far(a_person(), a_person(**newer))


@pytest.mark.parametrize(
    ("one", "other"),
    [("Van de Walle", "Vandewalle"), ("D'hondt", "D hondt"), ("De Smet-El Idrissi", "Desmet Elidrissi"), ("Yılmaz", "Yilmaz")],
)
def test_particles_and_accents_make_no_other_name(one, other):
    assert likeness(a_person(family_name=one)) == likeness(a_person(family_name=other))


def test_day_and_month_in_the_other_order_are_the_same_likeness_and_another_day_is_not():
    assert likeness(a_person(birth_date="1999-03-04")) == likeness(a_person(birth_date="1999-04-03"))
    assert likeness(a_person(birth_date="1999-03-04")) != likeness(a_person(birth_date="1999-03-05"))
    assert likeness(a_person(birth_date=None, due_date="2027-01-05")) is None


def test_one_phone_however_dialled():
    assert differences(told(phone="0470 12 34 56"), told(phone="+32 470 12.34.56")) == ()
    assert differences(told(phone="0470 12 34 56"), told(phone="0470 12 34 57")) == ("phone",)


def test_only_what_is_taken_over_changes():
    known, new = told(phone="0470 11 11 11"), told(phone="0470 22 22 22", email="a@example.be", address={"postcode": "9900"})
    taken = entering.taking(known, new, ["address", "sex"])
    assert (taken.details.address.postcode, taken.nis, taken.household_id) == ("9900", new.nis, None)
    assert (taken.details.phone, taken.details.email) == ("0470 11 11 11", None)
