"""What the ledger says, and which drafts are about whom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from services.intake.erasures import domain
from services.intake.erasures.domain import Erasure
from services.intake.persons.domain import PersonDetails
from shared.ids import pseudonym
from tests.builders import a_referral

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


def an_erasure(**changes) -> Erasure:
    person = uuid4()
    return Erasure(pseudonym(person), person, pseudonym(person), "asked", uuid4(), NOW, NOW)._replace(**changes)


def test_a_pseudonym_is_the_same_for_ever_and_says_nothing_of_the_id():
    person = uuid4()
    assert pseudonym(person) == pseudonym(str(person)) != person
    assert pseudonym(person) != pseudonym(uuid4())


def test_it_is_done_when_every_service_confirmed():
    assert domain.answer(an_erasure())["confirmed"] == {"intake": NOW.isoformat(), "coordination": None, "notifications": None}
    assert not an_erasure(coordination_at=NOW).done
    assert an_erasure(coordination_at=NOW, notifications_at=NOW).done


def test_it_is_announced_again_only_when_somebody_is_silent_for_a_while():
    later = NOW + domain.ANNOUNCE_AGAIN
    assert not domain.is_stuck(an_erasure(), later - timedelta(seconds=1))
    assert domain.is_stuck(an_erasure(coordination_at=NOW), later)
    assert not domain.is_stuck(an_erasure(coordination_at=NOW, notifications_at=NOW), later)


@pytest.mark.parametrize(
    ("typed", "about"),
    [
        ({"person.national_number": "93.05.18-223 61"}, True),
        ({"person.national_number": "93051822361", "person.family_name": "Somebody"}, True),
        ({"person.national_number": "99031410273", "person.family_name": "Lahsaini", "person.given_name": "Amina"}, False),
        ({"person.family_name": " lahsaini ", "person.given_name": "AMINA"}, True),
        ({"person.family_name": "Lahsaini", "person.given_name": "Yasmina"}, False),
        ({}, False),
    ],
)
def test_a_draft_is_about_the_person_by_number_or_else_by_name(typed, about):
    body = a_referral()["person"] | {"given_name": "Amina", "national_number": "93051822361"}
    assert domain.is_about(typed, PersonDetails.model_validate(body)) is about
