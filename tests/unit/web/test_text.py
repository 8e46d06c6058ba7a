from __future__ import annotations

import unicodedata
from typing import Annotated

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from shared.text import Line, Paragraph, PersonName, Text

LINE: TypeAdapter[str] = TypeAdapter(Line)
PARAGRAPH: TypeAdapter[str] = TypeAdapter(Paragraph)
NAME: TypeAdapter[str] = TypeAdapter(PersonName)


def refused(kind: TypeAdapter[str], text: str) -> str:
    with pytest.raises(ValidationError) as caught:
        kind.validate_python(text)
    return caught.value.errors()[0]["type"]


@pytest.mark.parametrize(
    "name",
    [
        "Amina Lahsaini",
        "Dirk D'Hondt",
        "Sean O’Neill",
        "Zoë",
        "Maurits De Kesel-Rombaut",
        "Hatice Arslanoğlu",
        "Đặng Thị Ánh",
        "ሰማር",
        "محمد",
        "d`Aspremont",
        "Jan (Jean) Peeters",
        "Sint-Niklaas, Jr.",
        "N'Golo",
    ],
)
def test_names_as_people_have_them_are_taken_as_they_are(name: str) -> None:
    assert NAME.validate_python(name) == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize("name", ["Amina 🙂", "12345", "...", "Jan <b>", "€mma", "a+b"])
def test_what_is_no_name_is_refused(name: str) -> None:
    assert refused(NAME, name) == "name_characters"


def test_every_character_gets_one_form_and_space_around_goes() -> None:
    assert LINE.validate_python("  Zoe\u0308 ") == "Zoë"
    assert len(LINE.validate_python("e\u0301")) == 1


@pytest.mark.parametrize("kind", [LINE, PARAGRAPH, NAME])
@pytest.mark.parametrize("text", ["a\u202eb", "a\u202a", "\u2066a\u2069", "a\u2067b"])
def test_turning_the_reading_direction_is_refused(kind: TypeAdapter[str], text: str) -> None:
    assert refused(kind, text) == "text_direction"


@pytest.mark.parametrize("kind", [LINE, PARAGRAPH, NAME])
@pytest.mark.parametrize("character", ["\x00", "\x07", "\x1b", "\x7f", "\x85", "\x9f", "\u2028", "\x0b"])
def test_control_characters_are_refused(kind: TypeAdapter[str], character: str) -> None:
    assert refused(kind, f"a{character}b") == "text_control"


def test_a_line_is_one_line_and_a_paragraph_may_have_more() -> None:
    assert refused(LINE, "a\nb") == "text_control"
    assert PARAGRAPH.validate_python("slaapt slecht 😔\r\n\tis bang") == "slaapt slecht 😔\n\tis bang"


def test_a_family_of_joined_emoji_stays_whole() -> None:
    assert PARAGRAPH.validate_python("👩‍👧‍👦") == "👩‍👧‍👦"


@pytest.mark.parametrize("text", ["", "   ", "\u00a0\u3000"])
def test_nothing_but_space_is_empty(text: str) -> None:
    assert refused(LINE, text) == "text_empty"


def test_lengths_count_after_cleaning() -> None:
    five: TypeAdapter[str] = TypeAdapter(Annotated[str, Text(5)])
    assert five.validate_python("  abcde  ") == "abcde"
    assert refused(five, "abcdef") == "text_too_long"


def test_the_schema_says_how_long_it_may_be() -> None:
    class Form(BaseModel):
        name: PersonName

    assert Form.model_json_schema()["properties"]["name"] == {"title": "Name", "type": "string", "minLength": 1, "maxLength": 120}
