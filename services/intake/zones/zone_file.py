"""Reading a list of zones from a CSV file as found in the wild: `,` or `;`, UTF-8 or CP1252, differently named columns."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from services.intake.zones import places
from services.intake.zones.domain import Entity, Part, Zone, with_free_prefixes

MOST_BYTES = 2_000_000
COLUMNS: Mapping[str, tuple[str, ...]] = {              # the first name that is present counts
    "nis": ("nis_2025", "nis", "nis_code", "niscode", "refnis", "nis_gemeente"),
    "zone": ("elz_name", "zone_nl", "zone", "zone_name", "elz", "eerstelijnszone", "zorgzone", "naam_zone", "name_nl"),
    "name_fr": ("zone_fr", "name_fr", "zone_name_fr"),
    "code": ("zone_code", "code"),
    "postcode": ("postcode", "postal_code"),
    "coverage": ("coverage", "dekking"),
}
REQUIRED = ("nis", "zone")
DIRECTIONS = ("noord", "oost", "zuid", "west", "midden")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a file. `line` counts from 1, the header; `column` as the file calls it, or what was looked for."""

    line: int
    column: str
    expected: str

    def text(self) -> str:
        return f"line {self.line}, column {self.column}: {self.expected}" if self.column else f"line {self.line}: {self.expected}"


@dataclass(frozen=True, slots=True)
class ZoneImport:
    """What a file holds. With problems nothing of it should be stored."""

    zones: tuple[Zone, ...]
    problems: tuple[Problem, ...]


@dataclass(slots=True)
class _Found:
    name_nl: str
    name_fr: str
    code: str
    whole: set[str] = field(default_factory=set)
    parts: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


def read_zone_file(content: bytes) -> ZoneImport:
    """Zones from a CSV with one row per municipality (NIS code of 2025) and zone name. A municipality may stand in several zones."""
    if len(content) > MOST_BYTES:
        return _refused(1, "", f"expected a file of at most {MOST_BYTES // 1_000_000} MB")
    text = _decoded(content)
    if "\0" in text:
        return _refused(1, "", "expected a text file with comma or semicolon separated values")
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        header = [_heading(name) for name in next(lines, [])]
        rows = [(lines.line_num, row) for row in lines if any(cell.strip() for cell in row)]
    except csv.Error:
        return _refused(lines.line_num, "", "expected comma or semicolon separated values, quotes closed")
    columns, problems = _columns(header)
    if problems:
        return ZoneImport((), tuple(problems))
    return _zones(header, columns, rows)


def _zones(header: Sequence[str], columns: Mapping[str, int], rows: Sequence[tuple[int, list[str]]]) -> ZoneImport:
    problems: list[Problem] = []
    found: dict[str, _Found] = {}
    for line, row in rows:
        if len(row) != len(header):
            problems.append(Problem(line, "", f"expected {len(header)} values as in the header, found {len(row)}"))
        else:
            cells = {name: row[index].strip() for name, index in columns.items()}
            wrong = _wrong(cells)
            problems.extend(Problem(line, header[columns[name]], expected) for name, expected in wrong)
            if not wrong:
                _add(found, cells)
    if not rows:
        problems.append(Problem(2, "", "expected at least one row below the header"))
    if problems:
        return ZoneImport((), tuple(problems))
    return ZoneImport(tuple(with_free_prefixes([_zone(code, each) for code, each in sorted(found.items())], ())), ())


def _wrong(cells: Mapping[str, str]) -> list[tuple[str, str]]:
    wrong = []
    if cells["nis"] not in places.municipalities():
        wrong.append(("nis", "expected the five-digit NIS code of a municipality as of 1 January 2025"))
    if not cells["zone"] or len(cells["zone"]) > 80 or not all(char.isprintable() for char in cells["zone"]):
        wrong.append(("zone", "expected the name of a zone, 1 to 80 printable characters"))
    elif not _slug(cells["zone"]):
        wrong.append(("zone", "expected a name with at least one letter from a to z or digit"))
    if "code" in cells and cells["code"] and not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", cells["code"]):
        wrong.append(("code", "expected small letters, digits and single hyphens, or nothing"))
    if not wrong and _is_part(cells) and cells.get("postcode") not in places.municipalities()[cells["nis"]].postcodes:
        wrong.append(("postcode" if "postcode" in cells else "coverage", "expected a postcode of this municipality, since only a part is covered"))
    return wrong


def _is_part(cells: Mapping[str, str]) -> bool:
    return cells.get("coverage", "").casefold().startswith(("part", "deel"))


def _add(found: dict[str, _Found], cells: Mapping[str, str]) -> None:
    entity = _entity(cells["nis"])
    code = cells.get("code") or zone_code(cells["zone"], entity)
    name_nl, name_fr = cells["zone"], cells.get("name_fr") or cells["zone"]
    if entity == "brussels" and not _slug(name_nl).startswith("brussel"):
        name_nl, name_fr = f"Brussel {name_nl}", f"Bruxelles {name_fr}"
    zone = found.setdefault(code, _Found(name_nl, name_fr, code))
    if _is_part(cells):
        zone.parts[cells["nis"]].add(cells["postcode"])
    else:
        zone.whole.add(cells["nis"])


def _zone(code: str, found: _Found) -> Zone:
    parts = tuple(Part(nis, tuple(sorted(postcodes))) for nis, postcodes in sorted(found.parts.items()))
    entity = _entity(next(iter(sorted(found.whole | found.parts.keys()))))
    return Zone(code, found.name_nl, found.name_fr, entity, _prefix(found.name_nl), frozenset(found.whole), parts)


def _entity(nis: str) -> Entity:
    return "brussels" if places.municipalities()[nis].region == places.BRUSSELS else "flanders"


def zone_code(name: str, entity: str) -> str:
    """`Oost-Meetjesland` → `meetjesland-oost`, so that neighbours stand together; a Brussels zone begins with `brussel-`."""
    slug = _slug(name)
    first, _, rest = slug.partition("-")
    if first in DIRECTIONS and rest and rest not in DIRECTIONS:
        slug = f"{rest}-{first}"
    return f"brussel-{slug}" if entity == "brussels" and not slug.startswith("brussel") else slug


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def _prefix(name: str) -> str:
    """Two to four letters: the capitals and first letters of the words, or the first letters of a single word."""
    words = re.findall(r"[A-Z]+[a-z]*|[a-z]+", re.sub(r"[^A-Za-z]", " ", unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()))
    letters = "".join(word[0] for word in words) if len(words) > 1 else "".join(words)[:2]
    return (letters.upper() + "ZZ")[:max(2, min(4, len(letters)))]


def _columns(header: Sequence[str]) -> tuple[dict[str, int], list[Problem]]:
    problems = [Problem(1, name, "expected each column once") for name in dict.fromkeys(header) if name and header.count(name) > 1]
    columns = {}
    for wanted, names in COLUMNS.items():
        present = next((name for name in names if name in header), None)
        if present is not None:
            columns[wanted] = header.index(present)
        elif wanted in REQUIRED:
            problems.append(Problem(1, wanted, f"expected a column named one of {', '.join(names)}"))
    return columns, problems


def _heading(name: str) -> str:
    return re.sub(r"[\s\-.]+", "_", name.strip().casefold())


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _delimiter(text: str) -> str:
    first = text.partition("\n")[0]
    return max(",;\t", key=first.count)


def _refused(line: int, column: str, expected: str) -> ZoneImport:
    return ZoneImport((), (Problem(line, column, expected),))
