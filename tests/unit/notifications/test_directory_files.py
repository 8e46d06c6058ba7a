"""Reading files of providers and workers."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from services.notifications.directory import domain
from services.notifications.directory.domain import Contact, Kind, Listed
from shared import csv_files

AN, BART = UUID("018f6d5e-7a31-7cc2-9d37-0a5b6a1f2c01"), UUID("018f6d5e-7a31-7cc2-9d37-0a5b6a1f2c02")
PRACTICE = UUID("018f6d5e-7a31-7cc2-9d37-0a5b6a1f2c09")
HEADER = "id,kind,name,organisation_id,organisation,email,phone,language,municipality,zones"
ROW = f"{AN},provider,An Peeters,{PRACTICE},Praktijk 't Veld,an@praktijk.be,09 000 00 01,nl,43005,meetjesland-oost|meetjesland-west"
WORKERS = "id;name;email;phone;language;organisation_id;organisation;zones;roles;fte;languages;programmes;municipalities;started_on"
WORKER = f"{BART};Bart Wouters;bart@zone.be;;fr;{PRACTICE};Zone;meetjesland-oost;care_coordinator|zone_intake;0,8;nl|fr;frail;;2024-01-01"


def a_file(*lines: str) -> bytes:
    return "\n".join(lines).encode()


def problems(*lines: str) -> list[tuple[int, str | None, str]]:
    return [(problem.line, problem.column, problem.code) for problem in domain.read(a_file(*lines)).problems]


def test_a_file_of_providers() -> None:
    reading = domain.read(a_file(HEADER, ROW))
    assert [entry.contact for entry in reading.listed] == [
        Contact(
            AN,
            Kind.PROVIDER,
            "An Peeters",
            PRACTICE,
            "Praktijk 't Veld",
            "an@praktijk.be",
            "09 000 00 01",
            "nl",
            "43005",
            zones=("meetjesland-oost", "meetjesland-west"),
        )
    ]
    assert reading.problems == ()


def test_the_workforce_file_is_told_by_its_columns_and_what_only_coordination_reads_is_no_surprise() -> None:
    reading = domain.read(a_file(WORKERS, WORKER))
    assert [entry.contact for entry in reading.listed] == [
        Contact(
            BART,
            Kind.WORKER,
            "Bart Wouters",
            PRACTICE,
            "Zone",
            "bart@zone.be",
            "",
            "fr",
            roles=("care_coordinator", "zone_intake"),
            zones=("meetjesland-oost",),
        )
    ]
    assert (reading.problems, reading.table.ignored) == ((), ())


def test_a_column_nobody_knows_is_named_not_refused() -> None:
    assert domain.read(a_file(HEADER + ",remarks", ROW + ",x")).table.ignored == ("remarks",)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (str(AN), "17", (2, "id", "uuid")),
        (str(AN), "", (2, "id", "required")),
        ("provider", "worker", (2, "kind", "choice")),
        ("An Peeters", "", (2, "name", "required")),
        ("An Peeters", "An\u202eretseeP", (2, "name", "text_direction")),
        ("An Peeters", "An\x07Peeters", (2, "name", "text_control")),
        ("An Peeters", "A" * 201, (2, "name", "text_too_long")),
        ("an@praktijk.be", "an@praktijk", (2, "email", "email")),
        ("an@praktijk.be", "an peeters", (2, "email", "email")),
        (",nl,", ",es,", (2, "language", "choice")),
        (",nl,", ",,", (2, "language", "required")),
    ],
)
def test_a_bad_cell_is_named_by_line_and_column(old: str, new: str, problem: tuple[int, str, str]) -> None:
    assert problems(HEADER, ROW.replace(old, new, 1)) == [problem]
    assert not domain.read(a_file(HEADER, ROW.replace(old, new, 1))).listed


def test_a_problem_says_what_is_expected_and_not_what_stood_there() -> None:
    (problem,) = domain.read(a_file(HEADER, ROW.replace("an@praktijk.be", "geheim"))).problems
    assert str(problem) == "line 2, column email: expected an e-mail address such as naam@praktijk.be, or nothing"


def test_a_provider_may_lack_an_address() -> None:
    (entry,) = domain.read(a_file(HEADER, ROW.replace("an@praktijk.be", ""))).listed
    assert entry.contact.email is None


def test_an_id_stands_once_in_a_file() -> None:
    assert problems(HEADER, ROW, ROW) == [(3, "id", "duplicate_id")]


def test_unknown_roles_of_workers_are_named() -> None:
    assert problems(WORKERS, WORKER.replace("zone_intake", "director")) == [(2, "roles", "choice")]


def test_a_worker_does_not_become_an_organisation() -> None:
    (entry,) = domain.read(a_file(HEADER, ROW)).listed
    worker = replace(entry.contact, kind=Kind.WORKER)
    assert [(p.line, p.column, p.code) for p in domain.changed_kind({AN: worker}, [entry])] == [(2, "id", "other_kind")]
    assert domain.changed_kind({AN: entry.contact}, [entry]) == []


def test_what_a_file_does_not_hold_stays_as_it_was() -> None:
    (entry,) = domain.read(a_file(HEADER, ROW)).listed
    known = replace(entry.contact, phone="old", channels=(), active=False)
    assert domain.merge(known, entry) == replace(entry.contact, channels=(), active=False)
    assert domain.merge(known, Listed(2, entry.contact, active=True)).active


def test_an_export_reads_back_to_the_same_contacts() -> None:
    (entry,) = domain.read(a_file(HEADER, ROW.replace("An Peeters", "=cmd()").replace("09 000", "+32 9 000"))).listed
    content = csv_files.write((*domain.PROVIDER_COLUMNS, domain.ACTIVE), [domain.row_of(entry.contact)])
    assert b'"\'=cmd()"' in content
    assert [again.contact for again in domain.read(content).listed] == [entry.contact]
