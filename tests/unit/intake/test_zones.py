"""Which zone serves an address, and zone lists as people deliver them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.intake.zones import domain, places
from services.intake.zones.domain import Candidates, Served, ZoneMap
from services.intake.zones.zone_file import ZoneImport, read_zone_file, zone_code
from shared.items import Refusal

MAP = ZoneMap(domain.shipped_zones())


def found(postcode: str, municipality: str | None = None, zones: ZoneMap = MAP) -> Candidates:
    candidates = zones.candidates(postcode, municipality)
    assert isinstance(candidates, Candidates)
    return candidates


@pytest.mark.parametrize(
    ("postcode", "zones"),
    [
        ("9900", ["meetjesland-oost"]),
        ("9060", ["meetjesland-oost"]),
        ("9940", ["meetjesland-oost"]),
        ("9968", ["meetjesland-oost"]),
        ("9880", ["meetjesland-west"]),
        ("9991", ["meetjesland-west"]),
        ("9930", ["meetjesland-west"]),
        ("1000", ["brussel-centrum-west", "brussel-zuid"]),
        ("1020", ["brussel-noord"]),
        ("1120", ["brussel-noord"]),
        ("1130", ["brussel-noord"]),
        ("1090", ["brussel-noord"]),
        ("1030", ["brussel-noord-oost"]),
        ("1200", ["brussel-zuid-oost"]),
        ("1180", ["brussel-zuid"]),
        ("1080", ["brussel-centrum-west"]),
        ("1050", ["brussel-centrum-west", "brussel-zuid"]),
        ("1040", ["brussel-centrum-west", "brussel-zuid", "brussel-zuid-oost"]),
    ],
)
def test_candidates_of_a_postcode(postcode: str, zones: list[str]) -> None:
    assert [zone.code for zone in found(postcode).zones] == zones


def test_all_of_brussels_is_served() -> None:
    brussels = [each for each in places.municipalities().values() if each.region == places.BRUSSELS]
    assert len(brussels) == 19
    assert all(found(postcode, each.nis).zones for each in brussels for postcode in each.postcodes)


def test_a_postcode_of_two_municipalities_offers_both_and_narrows() -> None:
    assert [each.name("nl") for each in found("1040").municipalities] == ["Brussel", "Etterbeek"]
    assert [zone.code for zone in found("1040", "21005").zones] == ["brussel-zuid-oost"]


@pytest.mark.parametrize(("postcode", "says"), [("2000", "eigen eerstelijnszone"), ("4000", "OCMW")])
def test_outside_every_zone_it_says_where_to_go(postcode: str, says: str) -> None:
    candidates = found(postcode)
    assert candidates.zones == ()
    assert candidates.elsewhere is not None
    assert says in candidates.elsewhere.text("nl")
    refusal = MAP.served(postcode)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "outside_served_zones"


@pytest.mark.parametrize(
    ("postcode", "municipality", "zone", "code", "field"),
    [
        ("9999", None, None, "postcode_unknown", "postcode"),
        ("", None, None, "postcode_unknown", "postcode"),
        ("9900", "43018", None, "municipality_not_at_postcode", "municipality"),
        ("1040", None, None, "municipality_choice_needed", "municipality"),
        ("1000", None, None, "zone_choice_needed", "zone"),
        ("1000", None, "brussel-noord", "zone_does_not_serve_address", "zone"),
        ("9900", None, "meetjesland-west", "zone_does_not_serve_address", "zone"),
    ],
)
def test_an_address_without_one_zone_is_refused_by_field(
    postcode: str, municipality: str | None, zone: str | None, code: str, field: str
) -> None:
    refusal = MAP.served(postcode, municipality, zone)
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.field, refusal.status) == (code, field, 422)


@pytest.mark.parametrize(
    ("postcode", "municipality", "zone", "expected"),
    [
        ("9900", None, None, ("meetjesland-oost", "43005")),
        ("9900", "43005", "meetjesland-oost", ("meetjesland-oost", "43005")),
        ("1000", None, "brussel-zuid", ("brussel-zuid", "21004")),
        ("1040", "21005", None, ("brussel-zuid-oost", "21005")),
    ],
)
def test_a_chosen_address_has_one_zone(postcode: str, municipality: str | None, zone: str | None, expected: tuple[str, str]) -> None:
    served = MAP.served(postcode, municipality, zone)
    assert isinstance(served, Served)
    assert (served.zone.code, served.nis) == expected


def test_references_of_zones_never_share_a_beginning() -> None:
    prefixes = [zone.prefix for zone in domain.shipped_zones()]
    assert len(set(prefixes)) == len(prefixes)


def test_statbel_is_credited() -> None:
    assert all("Statbel" in line and "CC BY 4.0" in line for line in places.CREDIT.values())


HEADER = "nis_2025,name_nl_2025,nis_2019,name_in_source,elz_name,elz_ambiguous_after_merger"
VINTAGE_2022 = [
    HEADER,
    "11002,Antwerpen,11002,Antwerpen,Antwerpen Centrum-Noord-Oost-Zuid,yes",
    "11002,Antwerpen,11007,Borsbeek,ZORA,yes",
    "11004,Boechout,11004,Boechout,ZORA,no",
    "43005,Eeklo,43005,Eeklo,Oost-Meetjesland,no",
    "44085,Lievegem,44085,Lievegem,West-Meetjesland,no",
    "41002,Aalst,41002,Aalst,Dender,no",
    "11022,Kalmthout,11022,Kalmthout,Denderland,no",
    "73110,Bilzen-Hoeselt,73006,Bilzen,Haspengouw é,no",
]


def imported(lines: list[str], encoding: str = "utf-8", delimiter: str = ",") -> ZoneImport:
    return read_zone_file("\r\n".join(lines).replace(",", delimiter).encode(encoding))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_a_list_of_zones_is_read_as_it_comes(encoding: str, delimiter: str) -> None:
    read = imported(VINTAGE_2022, encoding, delimiter)
    assert read.problems == ()
    assert {zone.code: sorted(zone.municipalities) for zone in read.zones} == {
        "antwerpen-centrum-noord-oost-zuid": ["11002"],
        "zora": ["11002", "11004"],
        "meetjesland-oost": ["43005"],
        "meetjesland-west": ["44085"],
        "dender": ["41002"],
        "denderland": ["11022"],
        "haspengouw-e": ["73110"],
    }
    assert {zone.prefix for zone in read.zones} == {"ACNO", "ZO", "OM", "WM", "DE", "DE2", "HE"}
    assert "Haspengouw é" in [zone.name_nl for zone in read.zones]


def test_a_merged_municipality_has_both_zones_as_candidates() -> None:
    zones = ZoneMap(imported(VINTAGE_2022).zones)
    assert [zone.code for zone in found("2000", zones=zones).zones] == ["antwerpen-centrum-noord-oost-zuid", "zora"]
    assert [zone.code for zone in found("2850", "11005", zones=zones).zones] == []


def test_parts_of_a_municipality_are_read_from_their_postcodes() -> None:
    read = imported(
        [
            "zone_fr,zone_nl,nis,postcode,coverage",
            "Nord,Noord,21004,1020,part: Laken",
            "Nord,Noord,21010,1090,whole",
            "Sud,Zuid,21004,1000,part",
        ]
    )
    zones = ZoneMap(read.zones)
    assert list(zones.zones) == ["brussel-noord", "brussel-zuid"]
    assert zones.zones["brussel-noord"].name("fr") == "Bruxelles Nord"
    assert zones.zones["brussel-noord"].entity == "brussels"
    assert [zone.code for zone in found("1020", zones=zones).zones] == ["brussel-noord"]
    assert [zone.code for zone in found("1000", zones=zones).zones] == ["brussel-zuid"]


def test_a_postcode_that_no_part_lists_has_every_zone_of_the_municipality() -> None:
    zones = ZoneMap(imported(["zone,nis,postcode,coverage", "Noord,21004,1020,part", "Zuid,21004,1000,part"]).zones)
    assert [zone.code for zone in found("1120", zones=zones).zones] == ["brussel-noord", "brussel-zuid"]


@pytest.mark.parametrize(
    ("lines", "line", "column"),
    [
        (["nis_2025,elz_name,elz_name", "43005,Oost,Oost"], 1, "elz_name"),
        (["name,elz_name", "Eeklo,Oost"], 1, "nis"),
        (["nis_2025,name", "43005,Eeklo"], 1, "zone"),
        ([HEADER, "43005,Eeklo,43005,Eeklo,Oost-Meetjesland,no", "43011,Assenede,43011,Assenede,Oost-Meetjesland,no"], 3, "nis_2025"),
        ([HEADER, "43005,Eeklo,43005,Eeklo,,no"], 2, "elz_name"),
        ([HEADER, "43005,Eeklo,43005,Eeklo,***,no"], 2, "elz_name"),
        ([HEADER, f"43005,Eeklo,43005,Eeklo,{'x' * 81},no"], 2, "elz_name"),
        ([HEADER, "43005,Eeklo,43005,Eeklo,Oost\u202eMeetjesland,no"], 2, "elz_name"),
        ([HEADER, "43005,Eeklo"], 2, None),
        (["zone,nis,coverage,postcode", "Noord,21004,part,9900"], 2, "postcode"),
        (["zone,nis,zone_code", "Noord,21004,Noord!"], 2, "zone_code"),
        ([HEADER], 2, None),
        ([""], 1, None),
    ],
)
def test_a_wrong_file_names_line_and_column_and_gives_no_zones(lines: list[str], line: int, column: str | None) -> None:
    read = imported(lines)
    assert read.zones == ()
    assert (line, column) in [(problem.line, problem.column) for problem in read.problems]


def test_sixty_zones_all_get_their_own_prefix() -> None:
    flemish = [each.nis for each in places.municipalities().values() if each.region == places.FLANDERS][:60]
    read = imported(["nis,zone", *(f"{nis},Zone {chr(65 + index % 26)}{index}" for index, nis in enumerate(flemish))])
    assert len({zone.prefix for zone in read.zones}) == len(read.zones) == 60


def test_a_new_zone_gives_way_to_a_prefix_in_use_and_an_existing_one_keeps_its_own() -> None:
    east, west = (MAP.zones[code] for code in ("meetjesland-oost", "meetjesland-west"))
    again, other = replace(east, prefix="XX"), replace(west, code="omloop", prefix="OM")
    assert [zone.prefix for zone in domain.with_free_prefixes([again, other], [east, west])] == ["OM", "OM2"]


@pytest.mark.parametrize(
    ("name", "entity", "code"),
    [
        ("Oost-Meetjesland", "flanders", "meetjesland-oost"),
        ("Leuven Noord", "flanders", "leuven-noord"),
        ("Westkust & Polder", "flanders", "westkust-polder"),
        ("Noord-Oost", "brussels", "brussel-noord-oost"),
        ("Zuid", "brussels", "brussel-zuid"),
        ("Brussel Zuid", "brussels", "brussel-zuid"),
    ],
)
def test_codes_of_zones(name: str, entity: str, code: str) -> None:
    assert zone_code(name, entity) == code


def test_only_postcodes_that_a_zone_serves_are_suggested() -> None:
    suggested = dict(MAP.postcodes("nl"))
    assert suggested["9060"] == "Zelzate"
    assert "2630" not in suggested
    assert list(suggested) == sorted(suggested)
