"""Which zone serves an address: zones, their municipalities or parts of one, and an index to look addresses up in."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from services.intake.zones import places
from services.intake.zones.places import Municipality
from shared.items import Refusal

Entity = Literal["flanders", "brussels"]

SHIPPED = "shipped"
DATA = Path(__file__).parent / "data" / "zones-2026-11.toml"


@dataclass(frozen=True, slots=True)
class Part:
    """Of a municipality only these postcodes."""

    nis: str
    postcodes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Zone:
    """An area with its own coordination team. `prefix` begins the references of its referrals and never changes once used."""

    code: str
    name_nl: str
    name_fr: str
    entity: Entity
    prefix: str
    municipalities: frozenset[str]  # NIS codes served whole
    parts: tuple[Part, ...] = ()
    valid_from: date = date(2025, 1, 1)
    source: str = SHIPPED

    def name(self, language: str) -> str:
        """The French name in French, else the Dutch one."""
        return self.name_fr if language == "fr" else self.name_nl


@dataclass(frozen=True, slots=True)
class Direction:
    """Where to go from an address that no zone serves."""

    labels: Mapping[str, str]
    url: str

    def text(self, language: str) -> str:
        """In the language asked, or Dutch."""
        return self.labels.get(language, self.labels["nl"])


@dataclass(frozen=True, slots=True)
class Candidates:
    """What serves an address. Several municipalities or zones: the sender chooses. No zone: `elsewhere` says where to go."""

    postcode: str
    municipalities: tuple[Municipality, ...]
    zones: tuple[Zone, ...]
    elsewhere: Direction | None


@dataclass(frozen=True, slots=True)
class Served:
    """An address resolved to its one zone."""

    zone: Zone
    nis: str


class ZoneMap:
    """An immutable index of zones by address, built once. `revision` tells whether the stored zones have changed since."""

    __slots__ = ("_by_address", "_by_postcode", "revision", "zones")

    def __init__(self, zones: Iterable[Zone], revision: int = 0) -> None:
        self.zones: Mapping[str, Zone] = MappingProxyType({zone.code: zone for zone in sorted(zones, key=lambda zone: zone.code)})
        self.revision = revision
        serving = _serving(self.zones.values())
        by_postcode: dict[str, list[Municipality]] = defaultdict(list)
        for municipality in places.municipalities().values():
            for postcode in municipality.postcodes:
                by_postcode[postcode].append(municipality)
        self._by_postcode = {postcode: _candidates(postcode, found, serving) for postcode, found in by_postcode.items()}
        self._by_address = {
            (postcode, each.nis): _candidates(postcode, [each], serving) for postcode, found in by_postcode.items() for each in found
        }

    def candidates(self, postcode: str, municipality: str | None = None) -> Candidates | Refusal:
        """The zones that serve a postcode, or a municipality (NIS code) within it. Refuses what does not exist, naming the field."""
        of_postcode = self._by_postcode.get(postcode)
        if of_postcode is None:
            return Refusal("postcode_unknown", 422, "postcode")
        if municipality is None:
            return of_postcode
        found = self._by_address.get((postcode, municipality))
        if found is None:
            return Refusal(
                "municipality_not_at_postcode", 422, "municipality", {"choices": [each.nis for each in of_postcode.municipalities]}
            )
        return found

    def postcodes(self, language: str) -> list[tuple[str, str]]:
        """Every postcode that some zone serves, with the names of its municipalities: to choose from."""
        return [
            (postcode, ", ".join(each.name(language) for each in found.municipalities))
            for postcode, found in sorted(self._by_postcode.items())
            if found.zones
        ]

    def served(self, postcode: str, municipality: str | None = None, zone: str | None = None) -> Served | Refusal:
        """The one zone and municipality of an address, given what the sender chose; refuses while a choice is open, naming its field."""
        found = self.candidates(postcode, municipality)
        if isinstance(found, Refusal):
            return found
        if found.elsewhere is not None:
            return Refusal("outside_served_zones", 422, "postcode", {"elsewhere": found.elsewhere})
        if len(found.municipalities) > 1:
            return Refusal("municipality_choice_needed", 422, "municipality", {"choices": [each.nis for each in found.municipalities]})
        for each in found.zones:
            if each.code == zone or (zone is None and len(found.zones) == 1):
                return Served(each, found.municipalities[0].nis)
        code = "zone_choice_needed" if zone is None else "zone_does_not_serve_address"
        return Refusal(code, 422, "zone", {"choices": [each.code for each in found.zones]})


@dataclass(frozen=True, slots=True)
class _Serving:
    whole: Mapping[str, list[Zone]]  # by municipality
    part: Mapping[tuple[str, str], list[Zone]]  # by municipality and postcode
    some: Mapping[str, list[Zone]]  # by municipality: zones with any part of it


def _serving(zones: Iterable[Zone]) -> _Serving:
    serving = _Serving(defaultdict(list), defaultdict(list), defaultdict(list))
    for zone in zones:
        for nis in zone.municipalities:
            serving.whole[nis].append(zone)
        for part in zone.parts:
            serving.some[part.nis].append(zone)
            for postcode in part.postcodes:
                serving.part[part.nis, postcode].append(zone)
    return serving


def _candidates(postcode: str, found: Sequence[Municipality], serving: _Serving) -> Candidates:
    zones: dict[str, Zone] = {}
    for municipality in found:
        nis = municipality.nis
        here = [*serving.whole.get(nis, ()), *serving.part.get((nis, postcode), ())]
        # a postcode of a divided municipality that no zone lists belongs to one of those that share the municipality
        for zone in here or serving.some.get(nis, []):
            zones[zone.code] = zone
    elsewhere = None if zones else _shipped()[1][found[0].region]
    return Candidates(postcode, tuple(found), tuple(sorted(zones.values(), key=lambda zone: zone.code)), elsewhere)


def shipped_zones() -> Sequence[Zone]:
    """The zones that come with the product."""
    return _shipped()[0]


@cache
def _shipped() -> tuple[Sequence[Zone], Mapping[str, Direction]]:
    data: dict[str, Any] = tomllib.loads(DATA.read_text(encoding="utf-8"))
    zones = tuple(
        Zone(
            row["code"],
            row["name_nl"],
            row["name_fr"],
            row["entity"],
            row["prefix"],
            frozenset(row["municipalities"]),
            tuple(Part(part["nis"], tuple(part["postcodes"])) for part in row.get("parts", ())),
            data["valid_from"],
        )
        for row in data["zones"]
    )
    return zones, {region: Direction(labels, labels.pop("url")) for region, labels in data["outside"].items()}


def with_free_prefixes(zones: Sequence[Zone], existing: Iterable[Zone]) -> list[Zone]:
    """The zones, each with its own prefix: one that exists keeps what it has, a new one gives way to those that exist."""
    kept = {zone.code: zone.prefix for zone in existing}
    taken = set(kept.values())
    free = []
    for zone in zones:
        prefix = kept.get(zone.code)
        if prefix is None:
            prefix = next(each for each in _prefixes(zone.prefix) if each not in taken)
            taken.add(prefix)
        free.append(replace(zone, prefix=prefix))
    return free


def _prefixes(wanted: str) -> Iterable[str]:
    yield wanted
    for number in range(2, 1000):
        yield f"{wanted}{number}"
