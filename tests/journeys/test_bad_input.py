"""What people and machines send that cannot be right: a sentence that names the field, nothing stored."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx
import pytest

from tests.builders import a_frail_elder, a_referral
from tests.stack import Stack

REFERRALS = "/intake/api/referrals"


def person(**changes: Any) -> dict[str, Any]:
    body = a_referral()
    body["person"] |= changes
    return body


def address(**changes: Any) -> dict[str, Any]:
    body = a_referral()
    body["person"]["address"] |= changes
    return body


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (a_referral(programme="homeless"), "programme"),
        (person(birth_date="2031-01-01"), "person.birth_date"),
        (person(birth_date="1880-01-01"), "person.birth_date"),
        (person(birth_date="31/02/1990"), "person.birth_date"),
        (person(birth_date=7), "person.birth_date"),
        (person(birth_date=None, due_date="2029-01-01"), "person.due_date"),
        (person(given_name=["Amina"]), "person.given_name"),
        (person(given_name=""), "person.given_name"),
        (person(given_name="Am\u0000ina"), "person.given_name"),
        (person(family_name="Lahsaini\u202e"), "person.family_name"),
        (person(family_name="x" * 500), "person.family_name"),
        (person(national_number="99999999999"), "person.national_number"),
        (person(national_number="123"), "person.national_number"),
        (person(surname="unknown field"), "person.surname"),
        (address(postcode="9999"), "person.address.postcode"),
        (address(postcode="99O0"), "person.address.postcode"),
        (a_referral(facts={"weeks_pregnant": 310}), "facts.weeks_pregnant"),
        (a_frail_elder(facts={"belrai": {"iadl": 40, "adl": 3}}), "facts.belrai.iadl"),
        (a_referral(consent={"given": False}), "consent.given"),
        (a_referral(urgency={"level": "high"}), "urgency"),
        (a_referral("1000"), "zone"),
        (a_referral("4000"), "person.address.postcode"),
        (a_referral(zone="nowhere"), "zone"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_wrong_field_is_named_with_what_is_expected_and_nothing_is_stored(house: Stack, body: dict[str, Any], field: str) -> None:
    before = await house.query("intake", "select count(*) from referrals")
    async with house.client("sender") as client:
        answer = await client.post(REFERRALS, json=body)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    named = {error["field"]: error["message"] for error in problem.get("errors", [])}
    assert any(name == field or name.startswith(f"{field}.") for name in named), problem
    assert all(message for message in named.values())
    assert "Lahsaini" not in answer.text
    assert await house.query("intake", "select count(*) from referrals") == before


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b'{"person": ', {}, 400),
        (b"\xff\xfe\x00", {}, 400),
        (b"[]", {}, 422),
        (b"null", {}, 422),
        (b"", {}, 400),
        (b'"' + b"x" * 1_000_000 + b'"', {}, 413),
        (b"{}", {"Content-Type": "text/plain"}, 415),
        (b"{}", {"Idempotency-Key": "x" * 300}, 400),
    ],
    ids=["cut off", "not UTF-8", "a list", "null", "empty", "1 MB", "not JSON", "key too long"],
)
async def test_what_is_not_a_referral_at_all_is_refused_with_a_problem(
    house: Stack, content: bytes, headers: dict[str, str], status: int
) -> None:
    async with house.client("sender") as client:
        answer = await client.post(REFERRALS, content=content, headers={"Content-Type": "application/json", **headers})
    assert answer.status_code in {status, 422} if status == 400 else answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["title"]


async def test_names_of_all_kinds_are_taken_as_they_are(house: Stack) -> None:
    async with house.client("sender") as client:
        for name in ("D'hondt-Özdemir", "Łukasz", "محمد", "Nguyễn", "O’Brien"):
            answer = await client.post(REFERRALS, json=person(family_name=name) | {"worries": "Ze lacht weinig 😟\nen slaapt slecht."})
            assert answer.status_code == 201, (name, answer.text)


@pytest.mark.parametrize("content", [b"id;name\n1;Jan", b"naam,naam,id\nx,y,z", b"id;kind;name;name\n1;provider;a;b", b"", b"\x00\x01"])
async def test_a_file_with_wrong_columns_is_refused_by_line_and_column(house: Stack, content: bytes) -> None:
    async with house.client("ops", "notifications") as client:
        answer = await client.post("/notifications/api/directory/import", content=content, headers={"Content-Type": "text/csv"})
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"]


async def test_a_file_in_cp1252_with_semicolons_is_read(house: Stack) -> None:
    rows = (
        "id;kind;name;organisation_id;organisation;email;phone;language;municipality;zones\n"
        "0e000000-0000-4000-8000-000000000001;organisation;Praktijk Café à Côté;;Praktijk Café à Côté;cafe@zorg.example;09 1;nl;Eeklo;meetjesland-oost\n"
    )
    async with house.client("ops", "notifications") as client:
        answer = await client.post(
            "/notifications/api/directory/import", content=rows.encode("cp1252"), headers={"Content-Type": "text/csv"}
        )
        assert answer.status_code == 200, answer.text
        found = await client.post("/notifications/api/directory/search", json={"words": "Café"})
    assert "Café à Côté" in found.text


ROLES = ("sender", "coordinator", "zone_lead", "zone_intake", "ops", "privacy_officer")
PERSONAS = {role: role.replace("_", "-") for role in ROLES}
NOT_THERE = {"uuid": "0190a3c2-7a53-7c1e-9f7b-3f1f2f6fffff", "integer": "999999"}


@pytest.mark.parametrize("service", ["intake", "coordination", "notifications"])
async def test_every_example_of_the_description_is_accepted_as_it_stands(house: Stack, service: str) -> None:
    """About something that is not there the answer is that it is not there (404), never that the body is wrong. Files are only tried."""
    async with house.client("sender", service) as client:
        document = (await client.get(f"/{service}/api/openapi.json")).json()
    sent = set()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            for media, described in operation.get("requestBody", {"content": {}})["content"].items():
                examples = [example["value"] for example in described["examples"].values()]
                assert examples, (method, path)
                for example in examples:
                    answer = await tried(house, service, path, operation, media, example)
                    assert answer.is_success or (answer.status_code == 404 and answer.json()["code"].endswith("not_found")), (
                        path,
                        media,
                        answer.text,
                    )
                    sent.add((path, media))
    assert {media for _, media in sent} == {"application/json", "text/csv"}


async def tried(house: Stack, service: str, path: str, operation: dict[str, Any], media: str, example: Any) -> httpx.Response:
    for parameter in operation["parameters"]:
        if parameter["in"] == "path":
            kind = parameter["schema"].get("format", parameter["schema"]["type"])
            path = path.replace(f"{{{parameter['name']}}}", NOT_THERE[kind])
    content = example.encode() if isinstance(example, str) else json.dumps(example).encode()
    async with house.client(next(PERSONAS[role] for role in operation["x-allowed-roles"] if role in PERSONAS), service) as client:
        query = {"dry_run": "true"} if media == "text/csv" else {}
        answer = await client.post(path, params=query, content=content, headers={"Content-Type": media})
    assert not (answer.is_success and media == "text/csv" and answer.json().get("problems")), answer.text
    return answer


FILES = (
    ("intake", "/intake/api/zones/import"),
    ("coordination", "/coordination/api/workforce/import"),
    ("notifications", "/notifications/api/directory/import"),
)


@pytest.mark.parametrize(("service", "path"), FILES)
async def test_a_file_may_be_five_megabytes_and_no_more(house: Stack, service: str, path: str) -> None:
    async with house.client("ops", service) as client:
        for size, status, code in ((5_000_000, 422, "file_problems"), (5_000_001, 413, "body_too_large")):
            answer = await client.post(path, content=b"x" * size, headers={"Content-Type": "text/csv"})
            assert (answer.status_code, answer.json()["code"]) == (status, code)

        async def in_pieces() -> AsyncIterator[bytes]:
            for _ in range(6):
                yield b"x" * 1_000_000

        answer = await client.post(path, content=in_pieces(), headers={"Content-Type": "text/csv"})
        assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large"), "without a Content-Length too"


WORKER = (
    "id,name,email,phone,language,organisation_id,organisation,zones,roles,fte,languages,programmes,municipalities,started_on\n"
    "{id},An Claes,an@zorg.example,09 1,nl,0e000000-0000-4000-8000-000000000009,Zorgraad,{zone},zone_lead,0.5,nl,,,\n"
)
IN_OWN, IN_OTHER = "0e000000-0000-4000-8000-000000000011", "0e000000-0000-4000-8000-000000000012"


@pytest.mark.parametrize("dry_run", ["true", "false"])
async def test_a_zone_lead_imports_workers_of_the_own_zones_only(house: Stack, dry_run: str) -> None:
    async def imported(client: httpx.AsyncClient, id: str, zone: str) -> httpx.Response:
        file = WORKER.format(id=id, zone=zone)
        query = {"dry_run": dry_run}
        return await client.post("/coordination/api/workforce/import", params=query, content=file, headers={"Content-Type": "text/csv"})

    async def zones(id: str) -> list[Any]:
        return await house.query("coordination", "select zones from coordinators where id = $1", UUID(id))

    async with house.client("ops", "coordination") as ops:
        await ops.post(
            "/coordination/api/workforce/import", content=WORKER.format(id=IN_OTHER, zone="antwerpen"), headers={"Content-Type": "text/csv"}
        )
    async with house.client("zone-lead", "coordination") as lead:
        assert (await imported(lead, IN_OWN, "meetjesland-oost")).status_code == 200
        for id, zone in ((IN_OWN, "antwerpen"), (IN_OWN, "meetjesland-oost|antwerpen"), (IN_OTHER, "meetjesland-oost")):
            refused = await imported(lead, id, zone)
            assert (refused.status_code, refused.json()["code"]) == (403, "not_your_zone"), (id, zone)
    assert await zones(IN_OTHER) == [(["antwerpen"],)], "nobody is taken from another zone"
    async with house.client("zone-lead", "intake") as lead:
        assert (await lead.post("/intake/api/zones/import", content=b"", headers={"Content-Type": "text/csv"})).status_code == 403
    async with house.client("coordinator", "coordination") as coordinator:
        assert (await imported(coordinator, IN_OWN, "meetjesland-oost")).status_code == 403
