"""What is kept of a request is enough to show it and to judge it again."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
import pytest
from pydantic import ValidationError

from services.intake.persons.web import need_sentence
from services.intake.programmes.definitions import load_programmes
from services.intake.programmes.known import NAMED
from services.intake.referrals import domain, views, words
from services.intake.referrals.handlers import request_from, with_facts
from services.intake.referrals.proposals import propose
from services.intake.referrals.requests import Addition, known_facts
from services.intake.zones.domain import ZoneMap, shipped_zones
from tests.unit.intake.referrals import NOW, TODAY, a_book, a_person_row, a_request, a_submission, details

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
    both = with_facts(a_request(), added.facts, TODAY)
    assert (both.facts.weeks_pregnant, both.facts.needs) == (33, ("housing", "mental_health"))
    assert with_facts(a_request(), None, TODAY) == a_request()


def test_a_score_that_is_added_leaves_the_other_scores():
    sent = a_request(programme="frail", facts={"belrai": {"iadl": 3}})
    both = with_facts(sent, Addition.model_validate({"facts": {"belrai": {"adl": 2.5}}}).facts, TODAY)
    assert (both.facts.belrai.iadl, both.facts.belrai.adl) == (3, 2.5)


def test_what_was_not_known_of_the_person_is_known_from_then_on_whenever_it_is_read_again():
    sent = a_request(person=details(birth_date=None, due_date="2026-11-20", sex="unknown"))
    added = Addition.model_validate({"facts": {"birth_date": "2026-11-27", "sex": "male"}})  # born after the referral came
    both = with_facts(sent, added.facts, TODAY)
    assert (str(both.person.birth_date), both.person.sex) == ("2026-11-27", "male")
    assert request_from(both.model_dump(mode="json", exclude_none=True), NOW) == both
    assert known_facts(both.person, both.facts).sex == "male"


def test_what_is_known_of_the_person_stays():
    both = with_facts(a_request(), Addition.model_validate({"facts": {"birth_date": "1990-01-01", "sex": "male"}}).facts, TODAY)
    assert both.person == a_request().person
    assert both.facts.birth_date is None


def test_facts_that_cannot_be_true_together_are_refused_before_they_are_kept():
    sent = a_request(programme="obesity", facts={"height_cm": 150})
    with pytest.raises(ValidationError):
        with_facts(sent, Addition.model_validate({"facts": {"weight_kg": 3}}).facts, TODAY)


def test_every_fact_that_can_be_asked_has_a_name_in_words():
    asked = {path for named in NAMED.values() for path in named.asks}
    asked |= {path.partition(".")[0] for path in asked}
    assert asked - words.MISSING.keys() == set()


def test_an_addition_is_told_in_lines_of_words():
    added = Addition.model_validate({"text": "Verhuisd.", "facts": {"weeks_pregnant": 33, "dementia": False}, "human_check": True})
    assert words.added(PROGRAMMES, a_request(), added) == [
        "Verhuisd.",
        "Zwangerschap: 33 weken",
        "Dementie: Geen diagnose",
        "Vraagt dat iemand van de zone meekijkt",
    ]


def test_a_need_is_said_in_words_without_a_name():
    assert need_sentence(PROGRAMMES, "perinatal", ["housing", "mental_health"]) == "Zwanger of jong gezin: huisvesting, psychisch welzijn"
    assert need_sentence(PROGRAMMES, "frail", []) == "Kwetsbare oudere"
    assert need_sentence(PROGRAMMES, "unknown", []) == "Programma nog te bepalen"
