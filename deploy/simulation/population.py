"""Who lives where, by age band: a population file, and what has to be assumed where it has no figures. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from shared import csv_files
from shared.csv_files import Problem

BANDS: Mapping[str, tuple[int, int]] = {  # column → first and last age
    "0-4": (0, 4),
    "5-11": (5, 11),
    "12-17": (12, 17),
    "18-29": (18, 29),
    "30-39": (30, 39),
    "40-49": (40, 49),
    "50-59": (50, 59),
    "60-69": (60, 69),
    "70-79": (70, 79),
    "80-89": (80, 89),
    "90-100+": (90, 100),
}
NIS = "nis_2019"
BRUSSELS_PEOPLE = 1_219_970  # assumption: Brussels-Capital Region on 1-1-2021, recalled from Statbel; no file at hand has it

Ages = Mapping[str, float]  # people by column of BANDS


@dataclass(frozen=True, slots=True)
class Doorstep:
    """A postcode of a municipality. `named`: several municipalities have it, so a sender names which. Several zones: the sender chooses."""

    postcode: str
    zones: tuple[str, ...]
    named: bool = False


@dataclass(frozen=True, slots=True)
class Town:
    """A municipality, or the whole of its parts, with its people. `entity` is flanders or brussels."""

    nis: str
    name: str
    entity: str
    doorsteps: tuple[Doorstep, ...]
    ages: Ages


class WrongFile(Exception):
    """The population file is not as expected; each problem names line and column."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        super().__init__("; ".join(map(str, problems)))


def read_population(content: bytes) -> dict[str, Ages]:
    """People by age band and municipality (NIS code of the file). Raises WrongFile."""
    table = csv_files.read(content, required=[NIS, *BANDS])
    problems = list(table.problems)
    found: dict[str, Ages] = {}
    for row in table.rows:
        counts = {band: row.cells[band] for band in BANDS}
        problems += [
            Problem(row.line, band, "number", "a number of people")
            for band, count in counts.items()
            if not (count.isascii() and count.isdigit())
        ]
        if not problems:
            found[row.cells[NIS]] = {band: float(count) for band, count in counts.items()}
    if problems or not found:
        raise WrongFile(problems or [Problem(2, None, "empty", "at least one municipality")])
    return found


def between(ages: Ages, first: int, last: int) -> float:
    """People from one age up to and including another, taking a band's people as spread evenly over its years."""
    people = 0.0
    for band, (youngest, oldest) in BANDS.items():
        years = min(last, oldest) - max(first, youngest) + 1
        people += ages[band] * max(0, years) / (oldest - youngest + 1)
    return people


def summed(all_ages: Iterable[Ages]) -> Ages:
    """Several municipalities together."""
    total = dict.fromkeys(BANDS, 0.0)
    for ages in all_ages:
        for band, people in ages.items():
            total[band] += people
    return total


def equal_share(pattern: Ages, people: float, municipalities: int) -> Ages:
    """The people of one of so many municipalities, with the ages of another region."""
    everyone = sum(pattern.values())
    return {band: count / everyone * people / municipalities for band, count in pattern.items()}


def with_people(towns: Sequence[Town], known: Mapping[str, Ages]) -> list[Town]:
    """The towns with their people: Flemish ones from the file, those of Brussels in equal shares with the ages of all Flanders.

    Raises WrongFile when the file lacks a Flemish town.
    """
    if absent := [town for town in towns if town.entity != "brussels" and town.nis not in known]:
        raise WrongFile([Problem(1, NIS, "missing", f"a row for {town.nis} {town.name}") for town in absent])
    in_brussels = sum(town.entity == "brussels" for town in towns)
    assumed = equal_share(summed(known.values()), BRUSSELS_PEOPLE, max(1, in_brussels))
    return [
        Town(town.nis, town.name, town.entity, town.doorsteps, assumed if town.entity == "brussels" else known[town.nis]) for town in towns
    ]
