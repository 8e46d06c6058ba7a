"""The languages of pages. Dutch is the source; the others stand in `locale/<code>.po` beside the code and are read when a process starts."""

from __future__ import annotations

import gettext as plural_rules
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

from babel.messages.pofile import read_po
from babel.support import LazyProxy

SOURCE = "nl"
LANGUAGES = {"nl": "Nederlands", "fr": "Français", "de": "Deutsch", "en": "English"}
PROJECT = Path(__file__).parents[2]

_current: ContextVar[str] = ContextVar("language", default=SOURCE)


@dataclass(frozen=True)
class Catalogue:
    """All texts in one language: by Dutch text, and those with a number by Dutch singular."""

    texts: dict[str, str]
    plurals: dict[str, tuple[str, ...]]
    form: Callable[[int], int]


def current() -> str:
    """The language of the request at hand."""
    return _current.get()


def speak(language: str) -> None:
    """From here on the request at hand is in this language."""
    _current.set(language)


def gettext(message: str, **values: Any) -> str:
    """A text in the language of the request, its names in braces filled."""
    text = message if current() == SOURCE else catalogue(current()).texts.get(message) or message
    return text.format_map(values) if values else text


def ngettext(singular: str, plural: str, number: int, **values: Any) -> str:
    """A text that counts something, in the language of the request. `{number}` is the number."""
    if current() == SOURCE:
        text = singular if number == 1 else plural
    else:
        known = catalogue(current())
        forms = known.plurals.get(singular) or (singular, plural)
        text = forms[known.form(number)]
    return text.format_map({"number": number, **values}) if values or "{number}" in text else text


def lazy(message: str) -> str:
    """A text that stands in a module and is read in the language of each request. Not a `str` to the interpreter: fill it in, do not join it."""
    return cast(str, LazyProxy(gettext, message, enable_cache=False))


def within(text: str) -> str:
    """A text as it stands inside a sentence: without its capital, except in German, where nouns keep it."""
    return str(text) if current() == "de" or text[:2].isupper() else text[:1].lower() + text[1:]


def capital(text: str) -> str:
    """A text as it stands at the start of a sentence."""
    return text[:1].upper() + text[1:]


def accepted(header: str) -> str | None:
    """The first of our languages that an `Accept-Language` header asks for, the most wanted first (RFC 9110 §12.5.4)."""
    wanted = []
    for place, part in enumerate(header.split(",")[:20]):
        name, _, weight = part.strip().partition(";q=")
        try:
            wanted.append((-float(weight or 1), place, name[:2].lower()))
        except ValueError:
            continue
    return next((name for weight, _, name in sorted(wanted) if weight and name in LANGUAGES), None)


def places() -> list[Path]:
    """The folders of catalogues: `shared/web/locale`, `services/<service>/locale` and so on."""
    return sorted(PROJECT.glob("*/*/locale"))


def read() -> None:
    """Read all catalogues, so that no page has to wait for one."""
    for language in LANGUAGES:
        if language != SOURCE:
            catalogue(language)


@cache
def catalogue(language: str) -> Catalogue:
    """What all folders have in one language. A text that has no translation yet is left out and stays Dutch."""
    texts: dict[str, str] = {}
    plurals: dict[str, tuple[str, ...]] = {}
    rule = "n != 1"
    for place in places():
        with (place / f"{language}.po").open("rb") as file:
            found = read_po(file, language)
        rule = found.plural_expr
        for message in found:
            if not message.id or message.fuzzy:
                continue
            if isinstance(message.id, tuple | list) and isinstance(message.string, tuple | list):
                if all(message.string):
                    plurals[message.id[0]] = tuple(message.string)
            elif message.string:
                texts[str(message.id)] = str(message.string)
    return Catalogue(texts, plurals, plural_rules.c2py(rule))
