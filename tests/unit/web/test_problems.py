from __future__ import annotations

from datetime import date
from enum import Enum
from typing import Any, Literal
from uuid import UUID

import orjson
import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from shared.items import Refusal
from shared.text import Line, PersonName
from shared.web import problems, texts
from shared.web.problems import Problem

SECRET = "Vanhoeckel"


class Colour(Enum):
    RED = "red"


class Person(BaseModel):
    name: PersonName
    born: date | None = None


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")

    person: Person
    programme: Literal["perinatal", "frail"]
    weeks: int = Field(ge=1, le=42)
    id: UUID
    colour: Colour = Colour.RED
    languages: list[str] = Field(max_length=3)
    note: Line | None = None
    consent: bool

    @model_validator(mode="after")
    def _together(self) -> Body:
        if self.weeks == 13:
            raise ValueError("thirteen weeks is not possible together with anything")
        return self


GOOD: dict[str, Any] = {
    "person": {"name": "Amina"},
    "programme": "frail",
    "weeks": 31,
    "id": "0193e0a0-0000-7000-8000-000000000001",
    "languages": ["nl"],
    "consent": True,
}


def problem(body: bytes | dict[str, Any]) -> Problem:
    with pytest.raises(ValidationError) as caught:
        Body.model_validate_json(body if isinstance(body, bytes) else orjson.dumps(body), strict=True)
    return problems.of_validation(caught.value)


@pytest.mark.parametrize(
    ("changed", "field", "expected"),
    [
        ({"programme": SECRET}, "programme", "Expected one of: 'perinatal' or 'frail'."),
        ({"weeks": "31"}, "weeks", "Expected a whole number."),
        ({"weeks": 310}, "weeks", "Expected 42 or less."),
        ({"weeks": 1.5}, "weeks", "Expected a whole number."),
        ({"id": SECRET}, "id", "Expected an id in the form of a UUID."),
        ({"colour": SECRET}, "colour", "Expected one of: 'red'."),
        ({"languages": SECRET}, "languages", "Expected a list."),
        ({"languages": [SECRET] * 4}, "languages", "Expected at most 3 items."),
        ({"languages": [3]}, "languages.0", "Expected text."),
        ({"person": SECRET}, "person", "Expected an object."),
        ({"person": {"name": "Amina", "born": SECRET}}, "person.born", "Expected a date that exists, as YYYY-MM-DD."),
        ({"person": {"name": "Amina", "born": "2026-02-30"}}, "person.born", "Expected a date that exists, as YYYY-MM-DD."),
        ({"person": {"name": "Amina", "born": 0}}, "person.born", "Expected a date that exists, as YYYY-MM-DD."),
        ({"person": {}}, "person.name", "This field is required."),
        ({"note": f"{SECRET}\u202e"}, "note", None),
        ({"note": 5}, "note", "Expected text."),
        ({"consent": "yes"}, "consent", "Expected true or false."),
        ({"surprise": SECRET}, "surprise", "This field is not known here; leave it out."),
        ({"weeks": 13}, "body", "thirteen weeks is not possible together with anything"),
    ],
    ids=str,
)
def test_each_mistake_names_its_field_and_what_is_expected_and_never_the_input(
    changed: dict[str, Any], field: str, expected: str | None
) -> None:
    found = problem(GOOD | changed)
    assert found.status == 422
    assert [error.field for error in found.errors] == [field]
    assert expected is None or found.errors[0].message == expected
    assert SECRET not in found.response().body.decode()


def test_every_field_that_is_wrong_gets_one_entry() -> None:
    found = problem({"weeks": "x", "programme": 3})
    assert {error.field for error in found.errors} == {"person", "programme", "weeks", "id", "languages", "consent"}
    assert found.detail == "6 fields are not as expected; see errors."


def test_a_name_of_a_field_that_is_no_name_is_not_repeated() -> None:
    assert [error.field for error in problem({**GOOD, f"{SECRET} \u202e <b>": 1}).errors] == ["?"]


def test_a_flood_of_mistakes_is_cut() -> None:
    assert len(problem({**GOOD, **{f"x{at}": 1 for at in range(500)}}).errors) == problems.MOST_ERRORS


@pytest.mark.parametrize("body", [b"", b"{", b'{"person": }', b"\xff\xfe", b'{"a": "\\ud800"}', b"[" * 5_000, b'{"weeks": NaN}x'])
def test_what_is_not_json_is_a_400_with_the_position(body: bytes) -> None:
    found = problem(body)
    assert (found.status, found.code) == (400, "malformed_json")
    assert found.detail is not None
    assert "line 1 column" in found.detail


def test_the_document_has_the_members_of_rfc_9457() -> None:
    document = orjson.loads(problem({}).response().body)
    assert document["type"] == "urn:zorgspoor:problem:invalid"
    assert document["status"] == 422
    assert document["title"]
    assert document["errors"][0].keys() == {"field", "code", "message"}


def test_the_table_of_sentences_speaks_both_languages_of_the_same_mistakes() -> None:
    assert texts.ENGLISH.keys() == texts.ON_PAGES.keys()


def test_every_mistake_the_library_knows_has_a_sentence_without_the_input() -> None:
    for kind in problems.LIBRARY_KINDS - set(texts.OWN_WORDS):

        class Anything(dict[str, str]):
            def __missing__(self, name: str) -> str:
                return "limit"

        for on_page in (False, True):
            assert SECRET not in texts.sentence(kind, Anything(), SECRET, on_page=on_page)


def test_a_refusal_becomes_its_sentence_filled_with_its_values() -> None:
    refusal = Refusal("not_on_offer", values={"reference": "2026-0001"})
    found = problems.of_refusal(refusal, {"not_on_offer": "Case {reference} is no longer on offer."})
    assert (found.status, found.code, found.detail) == (409, "not_on_offer", "Case 2026-0001 is no longer on offer.")


def test_a_refusal_of_one_field_names_it() -> None:
    found = problems.of_refusal(Refusal("unknown_postcode", status=422, field="address.postcode"), {})
    assert [(error.field, error.code) for error in found.errors] == [("address.postcode", "unknown_postcode")]


def test_a_reused_key_is_explained_without_a_sentence_of_the_service() -> None:
    assert "Idempotency-Key" in str(problems.of_refusal(Refusal("idempotency_key_reused", status=422), {}).detail)
