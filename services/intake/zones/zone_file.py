"""Reading a list of zones from a CSV file as found in the wild: `,` or `;`, UTF-8 or CP1252, differently named columns."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from services.intake.zones import places
from services.intake.zones.domain import Entity, Part, Zone, with_free_prefixes
from shared import csv_files
from shared.csv_files import Cells, Problem, Row

COLUMNS: Mapping[str, tuple[str, ...]] = {  # the first name that is present counts
    "nis": ("nis_2025", "nis", "nis_code", "niscode", "refnis", "nis_gemeente"),
    "zone": ("elz_name", "zone_nl", "zone", "zone_name", "elz", "eerstelijnszone", "zorgzone", "naam_zone", "name_nl"),
    "name_fr": ("zone_fr", "name_fr", "zone_name_fr"),
    "code": ("zone_code", "code"),
    "postcode": ("postcode", "postal_code"),
    "coverage": ("coverage", "dekking"),
}
REQUIRED = ("nis", "zone")
LONGEST_NAME = 80
DIRECTIONS = ("noord", "oost", "zuid", "west", "midden")


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
    columns = _columns(csv_files.columns_of(content))
    table = csv_files.read(content, required=[columns.get(name, name) for name in REQUIRED], optional=columns.values())
    problems = list(table.problems)
    found: dict[str, _Found] = {}
    for row in table.rows:
        cells = _cells(row, columns, problems)
        if cells is not None:
            _add(found, cells)
    if not table.rows and not problems:
        problems.append(Problem(2, None, "empty", "at least one row below the names of the columns"))
    if problems:
        return ZoneImport((), tuple(problems))
    return ZoneImport(tuple(with_free_prefixes([_zone(code, each) for code, each in sorted(found.items())], ())), ())


def _cells(row: Row, columns: Mapping[str, str], problems: list[Problem]) -> Mapping[str, str] | None:
    """The row's cells by our names; None when one of them is wrong, with what is expected added to the problems."""
    before = len(problems)
    read = Cells(row, problems)
    cells = {
        name: read.text(column, required=name in REQUIRED, longest=LONGEST_NAME if name == "zone" else 200)
        for name, column in columns.items()
    }
    municipality = places.municipalities().get(cells["nis"])
    if cells["nis"] and municipality is None:
        read.problem(columns["nis"], "nis", "the five-digit NIS code of a municipality as of 1 January 2025")
    if cells["zone"] and not _slug(cells["zone"]):
        read.problem(columns["zone"], "name", "a name with at least one letter from a to z or one digit")
    if cells.get("code") and not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", cells["code"]):
        read.problem(columns["code"], "code", "small letters, digits and single hyphens, or nothing")
    if municipality is not None and _is_part(cells) and cells.get("postcode") not in municipality.postcodes:
        read.problem(
            columns.get("postcode", columns["coverage"]), "postcode", "a postcode of this municipality, since only a part is covered"
        )
    return cells if len(problems) == before else None


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
    words = re.findall(
        r"[A-Z]+[a-z]*|[a-z]+", re.sub(r"[^A-Za-z]", " ", unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode())
    )
    letters = "".join(word[0] for word in words) if len(words) > 1 else "".join(words)[:2]
    return (letters.upper() + "ZZ")[: max(2, min(4, len(letters)))]


def _columns(present: Collection[str]) -> dict[str, str]:
    """What the file calls the columns we know; a blank, hyphen or point in a name counts as an underscore."""
    called = {re.sub(r"[\s\-.]+", "_", name): name for name in present}
    return {
        wanted: called[next(name for name in names if name in called)]
        for wanted, names in COLUMNS.items()
        if any(name in called for name in names)
    }
