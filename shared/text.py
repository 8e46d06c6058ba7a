"""Text that people type: one form of every character, nothing invisible that deceives a reader, and a length."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069]")  # Unicode UAX 9: embeddings, overrides, isolates
CONTROL_IN_LINE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
CONTROL_IN_PARAGRAPH = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")  # new line and tab are fine
PLAIN_NAME = re.compile("[A-Za-z][A-Za-z .'-]*")  # most names, without a look at each character
TYPED_AS_APOSTROPHE = "`´"  # symbols to Unicode, apostrophes to who types them


def refusal(code: str, english: str, dutch: str, **values: int) -> PydanticCustomError:
    """What a validator raises: a code, what is expected in English (the API), and in Dutch (the text that pages translate, beside the field)."""
    return PydanticCustomError(code, english, {"nl": dutch, **values})


@dataclass(frozen=True)
class Text:
    """The rule of one kind of text, for use in `Annotated[str, Text(80)]`. Lengths are in characters, after cleaning."""

    max_length: int
    lines: bool = False  # more than one line
    name: bool = False  # of a person: letters and what stands between them

    def clean(self, value: str) -> str:
        """The text in form NFC without space around it. Refuses what is empty, too long, invisible or turns the reading direction."""
        text = value.replace("\r\n", "\n") if self.lines else value
        if not (text.isascii() and text.isprintable()):
            text = self._legible(unicodedata.normalize("NFC", text))
        text = text.strip()
        if not text:
            raise refusal("text_empty", "Expected text that is not empty.", "Vul dit in.")
        if len(text) > self.max_length:
            raise refusal(
                "text_too_long", "Expected at most {max_length} characters.", "Hoogstens {max_length} tekens.", max_length=self.max_length
            )
        if self.name:
            _check_name(text)
        return text

    def _legible(self, text: str) -> str:
        if DIRECTION.search(text):
            raise refusal(
                "text_direction",
                "Expected text without characters that turn the reading direction (U+202A to U+202E, U+2066 to U+2069).",
                "Deze tekst bevat onzichtbare tekens die de leesrichting omkeren. Typ hem opnieuw.",
            )
        if (CONTROL_IN_PARAGRAPH if self.lines else CONTROL_IN_LINE).search(text):
            raise refusal(
                "text_control",
                "Expected text without control characters{kind}.".replace("{kind}", "" if self.lines else ", on one line"),
                "Deze tekst bevat stuurtekens die niemand kan lezen. Typ hem opnieuw.",
            )
        return text

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.clean, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {**handler(schema), "minLength": 1, "maxLength": self.max_length}


def _check_name(text: str) -> None:
    if PLAIN_NAME.fullmatch(text):
        return
    kinds = {unicodedata.category(character)[0] for character in text if character not in TYPED_AS_APOSTROPHE}
    if "L" not in kinds or "S" in kinds:
        raise refusal(
            "name_characters",
            "Expected a name: letters, spaces, hyphens and apostrophes.",
            "Een naam bestaat uit letters, spaties, koppeltekens en weglatingstekens.",
        )


Line = Annotated[str, Text(200)]
Paragraph = Annotated[str, Text(4_000, lines=True)]
PersonName = Annotated[str, Text(120, name=True)]
