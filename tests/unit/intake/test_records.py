"""What is kept of a request is enough to show it and to judge it again."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
import pytest
from pydantic import ValidationError

from services.intake.persons.web import need_sentence
from services.intake.programmes.definitions import load_programmes
from services.intake.referrals import domain, views
from services.intake.referrals.handlers import request_from, with_facts
from services.intake.referrals.proposals import propose
from services.intake.referrals.requests import Addition, known_facts
from services.intake.zones.domain import ZoneMap, shipped_zones
from tests.unit.intake.referrals import NOW, TODAY, a_book, a_person_row, a_request, a_submission

PROGRAMMES = load_programmes(TODAY)


def sent_and_kept(request):
    zones = ZoneMap(shipped_zones())
    found = propose(zones, zones.served("9060"), request.programme, known_facts(request.person, request.facts), TODAY)
    item = a_submission(request=request, eligibility=found.eligibility)
    book = a_book()
    domain.receive(book, item, a_person_row(item.person_id), "OM-26-1947-K")
    judged = book.referrals[item.id].judgement
    row = {"outcome": judged.outcome, "rule_version": judged.rule_version, "judged_at": judged.judged_at}
    return orjson.loads(book.records[0].body), row, found.eligibility


def test_the_reasons_follow_again_from_what_is_kept():
    kept, row, first = sent_and_kept(a_request())
    again = views.reasons(PROGRAMMES, row, request_from(kept, NOW), "flanders")
    assert again is not None
    assert [(reason.code, reason.state) for reason in again.reasons] == [(reason.code, reason.state) for reason in first.reasons]
    assert (again.outcome, again.role) == (first.outcome, first.role)


def test_a_request_is_read_as_of_the_day_it_came_however_long_ago():
    kept, _, _ = sent_and_kept(a_request())
    long_ago = {**kept, "facts": {"due_date": "2024-03-01"}}
    assert str(request_from(long_ago, datetime(2024, 1, 15, tzinfo=UTC)).facts.due_date) == "2024-03-01"
    with pytest.raises(ValidationError):
        request_from(long_ago, NOW)


def test_reasons_of_a_rule_that_is_no_longer_shipped_are_not_invented():
    kept, row, _ = sent_and_kept(a_request())
    assert views.reasons(PROGRAMMES, {**row, "rule_version": "perinatal-1996"}, request_from(kept, NOW), "flanders") is None


def test_newer_facts_come_over_the_older_and_leave_the_rest():
    added = Addition.model_validate({"facts": {"weeks_pregnant": 33}})
    both = with_facts(a_request(), added.facts)
    assert (both.facts.weeks_pregnant, both.facts.needs) == (33, ("housing", "mental_health"))
    assert with_facts(a_request(), None) == a_request()


def test_a_need_is_said_in_words_without_a_name():
    assert need_sentence(PROGRAMMES, "perinatal", ["housing", "mental_health"]) == "Zwanger of jong gezin: huisvesting, psychisch welzijn"
    assert need_sentence(PROGRAMMES, "frail", []) == "Kwetsbare oudere"
    assert need_sentence(PROGRAMMES, "unknown", []) == "Programma nog te bepalen"
