"""`zorgspoor messages`: what pages say, found in templates and Python, and the catalogues brought up to date with it."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import click
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from jinja2.ext import extract_from_ast

from shared.web import languages, pages
from shared.web.languages import LANGUAGES, PROJECT, SOURCE

# name of the function → which of its arguments are texts
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "gettext": None,
    "lazy": None,
    "_": None,
    "ngettext": (1, 2),
    "refusal": (3,),
    "Implausible": (3,),
}
HEADER = 'msgid ""\nmsgstr ""\n"Language: {language}\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: {plural}\\n"\n'

Message = str | tuple[str, str]


@click.command()
def messages() -> None:
    """Bring `locale/<language>.po` up to date: new texts are added untranslated, texts that are gone are removed."""
    for place in languages.places():
        wanted = extracted(place)
        for language in LANGUAGES:
            if language != SOURCE:
                untranslated = bring_up_to_date(place / f"{language}.po", language, wanted)
                if untranslated:
                    click.echo(f"{place.relative_to(PROJECT) / language}.po: {untranslated} of {len(wanted)} to translate")


def extracted(place: Path) -> dict[Message, list[str]]:
    """The texts that belong to one folder of catalogues, in the order of files, each with the files that have it."""
    found: dict[Message, list[str]] = {}
    for file in _sources(_folder(place)):
        for message in texts_of(file):
            files = found.setdefault(message, [])
            name = str(file.relative_to(PROJECT))
            if name not in files:
                files.append(name)
    return found


def texts_of(file: Path) -> Iterator[Message]:
    """The texts of one template or module."""
    if file.suffix == ".html":
        parsed = pages.environment().parse(file.read_text(encoding="utf-8"))
        for _, _, message in extract_from_ast(parsed, list(KEYWORDS)):
            yield _plain(message)
        return
    for _, message, _, _ in extract("python", BytesIO(file.read_bytes()), KEYWORDS):
        yield _plain(message)


def _plain(message: object) -> Message:
    """A text, or singular and plural: what counts is not a text."""
    texts = [str(part) for part in message if part is not None] if isinstance(message, tuple | list) else [str(message)]
    return (texts[0], texts[1]) if len(texts) > 1 else texts[0]


def _folder(place: Path) -> Path:
    """What a folder of catalogues is about: `shared` as a whole, a service, or the folder around it."""
    return place.parents[1] if place.parents[1].name == "shared" else place.parent


def _sources(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix in (".html", ".py"))


def bring_up_to_date(file: Path, language: str, wanted: dict[Message, list[str]]) -> int:
    """Write the catalogue anew with the translations that it has; how many texts have none."""
    before = Catalog(language)
    if file.exists():
        with file.open("rb") as held:
            before = read_po(held, language)
    after = Catalog(language)
    for message, files in wanted.items():
        known = before.get(message[0] if isinstance(message, tuple) else message)
        same = known is not None and (tuple(known.id) if isinstance(known.id, tuple | list) else known.id) == message
        after.add(message, known.string if known is not None and same else "", [(name, 0) for name in files])
    written = BytesIO()
    write_po(written, after, width=140, omit_header=True, include_lineno=False)
    header = HEADER.format(language=language, plural=after.plural_forms)
    file.write_text(header + "\n" + written.getvalue().decode().strip() + "\n", encoding="utf-8")
    return sum(not (all(each.string) if isinstance(each.string, tuple | list) else each.string) for each in after if each.id)
