"""What senders send, by API and by page."""

from __future__ import annotations

import orjson
import pytest
from pydantic import ValidationError

from services.intake.drafts import forms
from services.intake.programmes.definitions import load_programmes
from services.intake.referrals import choices, proposals, words
from services.intake.referrals.requests import AMINA, Addition, Question, Request, known_facts
from services.intake.zones.domain import ZoneMap, shipped_zones
from shared.items import Refusal
from tests.unit.intake.referrals import TODAY, a_person, a_request, details

ZONES = ZoneMap(shipped_zones())
TYPED = {
    "person.given_name": "Amina",
    "person.family_name": "Lahsaini",
    "person.birth_date": "14/03/1999",
    "person.address.postcode": "9060",
    "person.phone": "0400 00 18 77",
    "person.language": "fr",
    "person.interpreter": "nee",
    "person.voicemail": "ja",
    "programme": "perinatal",
    "facts.weeks_pregnant": "31",
    "facts.needs": ["housing", "violence"],
    "facts.coordination_now": "none",
    "consent.given": "ja",
    "consent.by": "person",
    "consent.how": "written",
    "urgency.level": "normal",
    "human_check": "nee",
}


def refused(**changes) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        Request.model_validate_json(orjson.dumps({**AMINA, **changes}), strict=True)
    return [".".join(str(part) for part in mistake["loc"]) for mistake in caught.value.errors()]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"programme": "cancer"}, "programme"),
        ({"sent_by": "me"}, "sent_by"),
        ({"consent": {}}, "consent.given"),
        ({"consent": {"given": "yes"}}, "consent.given"),
        ({"consent": {"given": True, "how": "oral"}}, "consent.by"),
        ({"consent": {"given": True, "by": "neighbour"}}, "consent.by"),
        ({"facts": {"needs": ["sadness"]}}, "facts.needs.0"),
        ({"person": details(birth_date=None, birth_year=19)}, "person.birth_year"),
        ({"urgency": {"level": "high"}}, "urgency"),
        ({"worries": "a\x00b"}, "worries"),
        ({"worries": "a\u202eb"}, "worries"),
        ({"worries": "x" * 4001}, "worries"),
        ({"facts": {"weeks_pregnant": 43}}, "facts.weeks_pregnant"),
        ({"caring_organisations": ["x"]}, "caring_organisations.0"),
        ({"languages": ["klingon"]}, "languages.0"),
        ({"person": details(given_name=1)}, "person.given_name"),
        ({"person": []}, "person"),
    ],
)
def test_bad_input_is_refused_by_its_field(changes, field):
    assert field in refused(**changes)


def test_no_mistake_repeats_what_was_typed():
    secret = "99999999999"
    with pytest.raises(ValidationError) as caught:
        Request.model_validate({**AMINA, "person": details(national_number=secret)})
    assert secret not in str(caught.value)


def test_without_consent_nothing_can_be_sent():
    _, wrong = proposals.sendable(a_request(consent={"given": False}), TODAY)
    assert [each.field for each in wrong] == ["consent.given"]


def test_who_refuses_is_told_apart_from_who_was_not_asked_and_neither_is_sent():
    for answer in ("nee", forms.REFUSED):
        assert list(forms.whole({**TYPED, "consent.given": answer, "consent.by": ""}, TODAY).errors) == ["consent.given"]


@pytest.mark.parametrize(
    ("programme", "age", "by"),
    [
        ("obesity", 15, "parent"),
        ("obesity", 16, "person"),
        ("perinatal", 0, "parent"),
        ("perinatal", 15, "person"),
        ("frail", 86, "person"),
        ("unknown", 11, "parent"),
        ("obesity", None, "person"),
    ],
)
def test_who_consents_is_proposed_by_programme_and_age(programme, age, by):
    assert proposals.consent_by(load_programmes(TODAY), programme, "flanders", age) == by


@pytest.mark.parametrize(
    ("year", "wrong"),
    [("1941", []), ("2026", []), ("1896", ["person.birth_date"]), ("2027", ["person.birth_date"]), ("0041", ["person.birth_date"])],
)
def test_a_year_in_the_field_of_the_birth_date_is_kept_as_a_year(year, wrong):
    checked = forms.whole({**TYPED, "person.birth_date": year}, TODAY)
    assert list(checked.errors) == wrong
    if not wrong:
        assert (checked.value.person.birth_date, checked.value.person.birth_year) == (None, int(year))
        assert known_facts(checked.value.person, checked.value.facts).birth_year == int(year)


def test_a_year_that_is_not_of_the_date_is_refused():
    _, wrong = proposals.sendable(a_request(person=details(birth_year=1998)), TODAY)
    assert [each.field for each in wrong] == ["person.birth_year"]


@pytest.mark.parametrize("code", ["vgt", "sfb", "und"])
def test_sign_languages_and_another_language_are_codes_with_a_note(code):
    told = forms.whole(
        {**TYPED, "person.language": code, "person.language_note": "Tarifit", "person.interpreter": "ja"}, TODAY
    ).value.person
    assert told.language == code
    assert words.language(told) == f"{choices.SPOKEN[code]} (Tarifit), met tolk"


def test_impossible_dates_are_named_by_their_path():
    _, wrong = proposals.sendable(a_request(person=details(birth_date="1890-01-01")), TODAY)
    assert [each.field for each in wrong] == ["person.birth_date"]


def test_a_birth_date_to_come_is_sent_as_a_due_date():
    request, wrong = proposals.sendable(a_request(person=details(birth_date="2027-03-01")), TODAY)
    assert not wrong
    assert (request.person.birth_date, str(request.person.due_date)) == (None, "2027-03-01")


def test_on_dates_and_sex_the_persons_details_win_over_the_facts():
    known = known_facts(a_person(sex="female"), Request.model_validate({**AMINA, "facts": {"sex": "male", "weeks_pregnant": 31}}).facts)
    assert (known.sex, known.weeks_pregnant, str(known.birth_date)) == ("female", 31, "1999-03-14")


def test_an_unknown_sex_is_no_fact():
    assert known_facts(a_person(sex="unknown"), a_request(facts={}).facts).sex is None


@pytest.mark.parametrize(
    ("postcode", "zone", "field", "choices"),
    [
        ("1000", None, "zone", 2),
        ("1000", "brussel-noord-oost", "zone", 2),
        ("4000", None, "address.postcode", 0),
        ("9999", None, "address.postcode", 0),
    ],
)
def test_an_address_without_its_one_zone_says_what_is_expected(postcode, zone, field, choices):
    found = proposals.place(ZONES, ZONES.served(postcode, None, zone))
    assert isinstance(found, proposals.Expected)
    assert (found.field, len(found.choices)) == (field, choices)


def test_every_way_in_which_an_address_can_be_refused_has_its_sentences():
    for code in proposals.SENTENCES:
        for field in proposals.FIELD:
            found = proposals.place(ZONES, Refusal(code, 422, field))
            assert isinstance(found, proposals.Expected)
            assert found.english
            assert found.on_page


def test_a_programme_that_does_not_exist_there_is_named():
    found = proposals.propose(ZONES, ZONES.served("9060"), "dementia", a_request().facts, TODAY)
    assert isinstance(found, proposals.Expected)
    assert found.field == "programme"
    assert "frail" in dict(found.choices)


def test_an_eligible_person_is_proposed_a_zone_and_a_role():
    request = a_request()
    found = proposals.propose(ZONES, ZONES.served("9060"), "perinatal", known_facts(request.person, request.facts), TODAY)
    assert isinstance(found, proposals.Proposal)
    assert (found.zone.code, found.nis, found.eligibility.outcome, found.eligibility.role) == (
        "meetjesland-oost",
        "43018",
        "eligible",
        "case_manager",
    )


def test_an_addition_that_adds_nothing_is_refused():
    with pytest.raises(ValidationError):
        Addition()
    assert Addition(human_check=True).human_check


def test_the_examples_are_accepted_as_they_stand():
    for model in (Request, Question, Addition):
        for example in model.model_config["json_schema_extra"]["examples"]:
            model.model_validate_json(orjson.dumps(example), strict=True)


def test_what_is_typed_on_the_screens_is_the_request():
    request = forms.whole(TYPED, TODAY).value
    assert request is not None
    assert (str(request.person.birth_date), request.person.voicemail, request.consent.how) == ("1999-03-14", True, "written")
    assert request.facts.needs == ("housing", "violence")


def test_none_of_these_is_an_answer_and_no_answer_is_none():
    assert forms.whole({**TYPED, "facts.needs": "nothing"}, TODAY).value.facts.needs == ()
    unanswered = {name: value for name, value in TYPED.items() if name != "facts.needs"}
    assert forms.whole(unanswered, TODAY).value.facts.needs is None


def test_one_vulnerability_alone_is_a_list_of_one():
    assert forms.whole({**TYPED, "facts.needs": "violence"}, TODAY).value.facts.needs == ("violence",)


@pytest.mark.parametrize(
    ("typed", "field", "word"),
    [
        ({"person.birth_date": "31/02/1999"}, "person.birth_date", "dd/mm/jjjj"),
        ({"person.birth_date": "01/01/1890"}, "person.birth_date", "130"),
        ({"person.birth_date": ""}, "person.birth_date", "uitgerekende"),
        ({"person.phone": ""}, "person.phone", "telefoonnummer"),
        ({"facts.weeks_pregnant": "310"}, "facts.weeks_pregnant", "42"),
        ({"consent.given": "nee"}, "consent.given", "toestemming"),
        ({"urgency.level": "high"}, "urgency.reason", "dringend"),
    ],
)
def test_a_mistake_on_a_page_stands_in_dutch_beside_its_field_and_what_was_typed_stays(typed, field, word):
    checked = forms.whole({**TYPED, **typed}, TODAY)
    assert checked.value is None
    assert word in checked.errors[field]
    assert checked.typed == {**TYPED, **typed}


def test_an_unticked_box_is_gone_after_its_screen_is_sent_and_other_screens_stay():
    after = forms.merged(TYPED, ("facts.", "programme"), {"programme": "frail", "facts.dementia": "ja", "_action": "next"})
    assert "facts.needs" not in after
    assert (after["facts.dementia"], after["person.given_name"]) == ("ja", "Amina")
    assert "_action" not in after


def test_a_character_that_the_database_cannot_hold_is_left_out():
    assert forms.merged({}, ("worries",), {"worries": "a\x00b"})["worries"] == "ab"
