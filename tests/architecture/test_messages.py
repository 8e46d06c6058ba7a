"""Every text of a page is in every language, and no page has a text that no language can change."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from jinja2 import nodes

from services.commands.messages import KEYWORDS, Message, bring_up_to_date, extracted
from shared.web import languages, pages
from shared.web.languages import LANGUAGES, PROJECT, SOURCE
from tests.architecture import tree

CATALOGUES = [(place, language) for place in languages.places() for language in LANGUAGES if language != SOURCE]
TEMPLATES = sorted(path for folder in ("shared", "services", "deploy/demo/identity") for path in (PROJECT / folder).rglob("*.html"))
PLACEHOLDER = re.compile(r"%\(\w+\)s|%%|\{\w*\}|</?\w+[^>]*>")
ATTRIBUTE = re.compile(r'[\w-]+="[^"]*"')  # what a macro adds to a tag
LETTERS = re.compile(r"[^\W\d_]{2,}")
READ_ALOUD = {"title", "aria-label", "placeholder", "alt", "label", "data-label"}
# names and signs that are the same in every language
SAME = {"Zorgspoor", "ADL", "IADL", "cm", "kg", "pt", "API"}
DUTCH = re.compile(r"\b(de|het|een|niet|wordt|voor|van|naar|wacht|geen|deze|dit|kies|vul|uw|iemand|aanmelding|dossiers?)\b", re.IGNORECASE)
# examples of what senders write, in the description of the API
NOT_SAID = {
    "Liefst na 10 uur. Niet via haar ouders.",
    "Ze is verhuisd naar haar zus in Eeklo.",
    "Opgenomen op de spoed, kent de buurt niet.",
}


def name(value: object) -> str:
    return str(value.relative_to(PROJECT)) if isinstance(value, Path) else str(value)


def read(place: Path, language: str) -> Catalog:
    with (place / f"{language}.po").open("rb") as file:
        return read_po(file, language, abort_invalid=True)


def held(catalogue: Catalog) -> dict[Message, tuple[str, ...]]:
    """Texts and their translations."""
    found: dict[Message, tuple[str, ...]] = {}
    for message in catalogue:
        if message.id:
            key: Message = (message.id[0], message.id[1]) if isinstance(message.id, tuple | list) else message.id
            found[key] = tuple(message.string) if isinstance(message.string, tuple | list) else (message.string or "",)
    return found


def test_there_are_catalogues() -> None:
    assert PROJECT / "shared/web/locale" in languages.places()


@pytest.mark.parametrize(("place", "language"), CATALOGUES, ids=name)
def test_a_catalogue_has_every_text_and_no_other(place: Path, language: str) -> None:
    wanted, there = extracted(place).keys(), held(read(place, language)).keys()
    assert sorted(map(str, wanted - there)) == [], "missing: ./zorgspoor messages adds them"
    assert sorted(map(str, there - wanted)) == [], "unused: ./zorgspoor messages removes them"


@pytest.mark.parametrize(("place", "language"), CATALOGUES, ids=name)
def test_every_text_is_translated_and_nobody_doubts_it(place: Path, language: str) -> None:
    catalogue = read(place, language)
    assert [message for message, strings in held(catalogue).items() if not all(strings)] == []
    assert [message.id for message in catalogue if message.id and message.fuzzy] == []
    assert list(catalogue.obsolete) == []


@pytest.mark.parametrize(("place", "language"), CATALOGUES, ids=name)
def test_a_translation_has_the_same_values_and_markup(place: Path, language: str) -> None:
    for message, strings in held(read(place, language)).items():
        sources = message if isinstance(message, tuple) else (message,)
        for string in strings:
            assert any(sorted(PLACEHOLDER.findall(string)) == sorted(PLACEHOLDER.findall(source)) for source in sources), (message, string)


@pytest.mark.parametrize(("place", "language"), CATALOGUES, ids=name)
def test_a_catalogue_is_as_the_command_writes_it(place: Path, language: str, tmp_path: Path) -> None:
    file = tmp_path / f"{language}.po"
    file.write_text((place / file.name).read_text(encoding="utf-8"), encoding="utf-8")
    bring_up_to_date(file, language, extracted(place))
    assert file.read_text(encoding="utf-8") == (place / file.name).read_text(encoding="utf-8")


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != SOURCE])
def test_a_text_says_the_same_everywhere(language: str) -> None:
    said = defaultdict(set)
    for place in languages.places():
        for message, strings in held(read(place, language)).items():
            if all(strings):
                said[message].add(strings)
    assert {message: strings for message, strings in said.items() if len(strings) > 1} == {}


class Texts(HTMLParser):
    """What a reader reads or hears of markup: texts, and the attributes that browsers show or read aloud."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._in_code = False
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_code = tag == "code"
        self.found += [value or "" for attribute, value in attrs if attribute in READ_ALOUD]

    def handle_endtag(self, tag: str) -> None:
        self._in_code = False

    def handle_data(self, data: str) -> None:
        if not self._in_code:
            self.found.append(data)


def untranslatable(template: Path) -> Iterator[str]:
    """Texts of a template that stand outside `_()` and `{% trans %}`."""
    source = template.read_text(encoding="utf-8")
    markup, depth = [], 0
    for _, kind, value in pages.environment().lex(pages.environment().preprocess(source)):
        if kind == "data" and depth == 0:
            markup.append(value)
        elif kind == "variable_begin":
            markup.append("·")
        elif kind == "name" and value in ("trans", "endtrans"):
            depth += 1 if value == "trans" else -1
    for found in Texts("".join(markup)).found:
        text = ATTRIBUTE.sub("", found)
        if LETTERS.search(text) and not set(LETTERS.findall(text)) <= SAME:
            yield text.strip()
    for const in _outside(pages.environment().parse(source)):
        if DUTCH.search(const) or re.match(r"[A-ZÀ-Ý][a-zà-ÿ]+( [a-zà-ÿ]+)*[.…?!]?$", const):
            yield const


def _outside(node: nodes.Node) -> Iterator[str]:
    """Constant texts that no call marks for translation."""
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name in KEYWORDS:
        return
    if isinstance(node, nodes.Const) and isinstance(node.value, str):
        yield node.value
    for child in node.iter_child_nodes():
        yield from _outside(child)


@pytest.mark.parametrize("template", TEMPLATES, ids=name)
def test_a_template_has_no_text_that_no_language_can_change(template: Path) -> None:
    assert list(untranslatable(template)) == []


def test_such_a_text_is_seen(tmp_path: Path) -> None:
    template = tmp_path / "page.html"
    template.write_text(
        '<p title="Naam">{{ _("Goed") }} Fout</p>{% trans %}Goed{% endtrans %}{{ parts.note("Ook fout", _("Goed")) }}{{ "dossier" if x }}'
    )
    assert list(untranslatable(template)) == ["Naam", "· Fout", "Ook fout", "dossier"]


def spoken(module: Path) -> Iterator[str]:
    """Dutch sentences in Python that nothing marks for translation; docstrings are English, though some mention Dutch."""
    marked: set[int] = set()
    for node in ast.walk(tree.parsed(module)):
        is_mark = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KEYWORDS
        if is_mark or isinstance(node, ast.Expr):
            marked |= {id(inside) for inside in ast.walk(node)}
        text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in marked else ""
        if len(DUTCH.findall(text)) > 1 and text not in NOT_SAID:
            yield text


@pytest.mark.parametrize("module", tree.modules("services/intake", "services/coordination", "shared"), ids=name)
def test_a_module_has_no_dutch_that_no_language_can_change(module: Path) -> None:
    assert list(spoken(module)) == []
