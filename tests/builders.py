"""Test data: whole and valid, with what matters to a test said by the test."""

from __future__ import annotations

import itertools
from copy import deepcopy
from typing import Any

from services.intake.referrals.requests import AMINA

_numbers = itertools.count(1)


def a_referral(postcode: str = "9060", **changes: Any) -> dict[str, Any]:
    """The body of an eligible referral for a new person in Oost-Meetjesland; `changes` replace whole top-level parts."""
    body: dict[str, Any] = deepcopy(dict(AMINA))
    number = next(_numbers)
    body["person"] |= {"given_name": f"Amina{number}", "address": {"street": "Kastanjelaan", "number": str(number), "postcode": postcode}}
    body.update(changes)
    return body


def a_frail_elder(postcode: str = "9060", **changes: Any) -> dict[str, Any]:
    """The body of an eligible referral of a frail older person."""
    body = a_referral(
        postcode,
        programme="frail",
        facts={"belrai": {"iadl": 3.5, "adl": 3, "total": 14}, "coordination_now": "none", "providers": "several", "has_plan": False},
    )
    body["person"] |= {"birth_date": "1941-05-09", "sex": "male", "language": "nl"}
    body.update(changes)
    return body
