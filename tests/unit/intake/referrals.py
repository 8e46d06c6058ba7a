"""Referrals and what surrounds them for the tests of intake; what a test does not say does not matter to it."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from services.intake.persons.domain import Person, PersonDetails
from services.intake.programmes.domain import EligibilityDecision, Outcome
from services.intake.referrals.book import Book, Care, Judgement, Referral
from services.intake.referrals.domain import SubmitReferral
from services.intake.referrals.requests import AMINA, Request
from services.intake.referrals.states import Status

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
TODAY = date(2026, 11, 24)
CHECK_DUE = NOW + timedelta(days=2)
ZONE = "meetjesland-oost"
COLLEAGUE = uuid4()


def details(**changes: Any) -> dict[str, Any]:
    return {**deepcopy(dict(AMINA))["person"], **changes}


def a_person(**changes: Any) -> PersonDetails:
    return PersonDetails.model_validate(details(**changes))


def a_request(**changes: Any) -> Request:
    return Request.model_validate({**deepcopy(dict(AMINA)), **changes})


def an_eligibility(outcome: Outcome = Outcome.ELIGIBLE, **changes: Any) -> EligibilityDecision:
    values: dict[str, Any] = {
        "programme": "perinatal",
        "entity": "flanders",
        "rule_version": "perinatal-1",
        "on": TODAY,
        "reasons": (),
        "role": "case_manager",
        "level": "complex",
    }
    return EligibilityDecision(outcome=outcome, **{**values, **changes})


def a_submission(**changes: Any) -> SubmitReferral:
    values: dict[str, Any] = {
        "id": uuid4(),
        "person_id": uuid4(),
        "sender_id": uuid4(),
        "sender_organisation_id": uuid4(),
        "request": a_request(),
        "eligibility": an_eligibility(),
        "zone": ZONE,
        "reference_prefix": "OM",
        "nis": "43018",
    }
    return SubmitReferral(**{**values, **changes})


def a_book(*referrals: Referral) -> Book:
    book = Book(NOW, CHECK_DUE)
    for referral in referrals:
        book.referrals.rows[referral.id] = referral
        book.care[referral.id] = Care(("nl",), False, None, (referral.sender_organisation_id,))
    return book


def a_referral(status: Status = Status.RECEIVED, **changes: Any) -> Referral:
    judged = Judgement("eligible", (), "perinatal-1", "case_manager", "complex", NOW)
    values: dict[str, Any] = {
        "id": uuid4(),
        "reference": "OM-26-1947-K",
        "person_id": uuid4(),
        "sender_id": uuid4(),
        "sender_organisation_id": uuid4(),
        "programme": "perinatal",
        "zone": ZONE,
        "nis": "43018",
        "urgency": "normal",
        "needs": (),
        "received_at": NOW - timedelta(hours=1),
        "judgement": judged,
    }
    return Referral(status=status, **{**values, **changes})


def a_person_row(id: UUID | None = None, **changes: Any) -> Person:
    return Person(id or uuid4(), a_person(**changes), "43018", None)
