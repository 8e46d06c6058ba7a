"""References that people read and say."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from services.intake.referrals.references import LETTERS, reference

NUMBERS = st.integers(1, 9_999_999)


def letter(number: int) -> str:
    return reference("OM", 2026, number)[-1]


def test_a_reference_names_zone_year_and_number():
    assert reference("OM", 2026, 1947)[:-1] == "OM-26-1947-"
    assert reference("BZ", 2027, 7)[:-1] == "BZ-27-0007-"


@given(NUMBERS)
def test_its_letter_cannot_be_read_as_a_digit(number):
    assert letter(number) in LETTERS
    assert not set("IOQ") & set(LETTERS)


@given(st.integers(1_000_000, 9_999_999), st.integers(1, 6), st.integers(1, 9))
def test_one_wrong_digit_is_noticed(number, place, off_by):
    written = str(number)
    wrong = (int(written[place]) + off_by) % 10
    assert letter(int(f"{written[:place]}{wrong}{written[place + 1 :]}")) != letter(number)


@given(st.integers(1_000_000, 9_999_999), st.integers(1, 5))
def test_two_swapped_digits_are_noticed(number, place):
    written = str(number)
    assume(written[place] != written[place + 1])
    assert letter(int(written[:place] + written[place + 1] + written[place] + written[place + 2 :])) != letter(number)
