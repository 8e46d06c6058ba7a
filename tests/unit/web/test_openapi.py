from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from shared.web import openapi
from shared.web.call import LONGEST_BODY
from shared.web.routing import Operation
from tests.unit.web.conftest import Configure, actions_of, browsing
from tests.unit.web.test_routing import OPERATIONS, Note

METHODS = {"get", "post", "put", "patch", "delete"}


def described() -> dict[str, Any]:
    return openapi.document("intake", OPERATIONS, actions_of(OPERATIONS))


def test_the_document_has_the_structure_of_openapi_3_1() -> None:
    document = described()
    assert document["openapi"] == "3.1.0"
    assert document["info"].keys() >= {"title", "version"}
    ids = []
    for path, methods in document["paths"].items():
        assert path.startswith("/")
        assert methods.keys() <= METHODS
        for operation in methods.values():
            ids.append(operation["operationId"])
            assert operation["summary"]
            for parameter in operation["parameters"]:
                assert parameter["in"] in ("path", "query", "header")
                assert "schema" in parameter
                assert parameter["in"] != "path" or (parameter["required"] and f"{{{parameter['name']}}}" in path)
            for status, response in operation["responses"].items():
                assert status.isdecimal()
                assert response["description"]
    assert len(set(ids)) == len(ids) == len(OPERATIONS)


def test_every_reference_leads_somewhere() -> None:
    document = described()
    references = list(_references(document))
    assert references
    for reference in references:
        place: Any = document
        for part in reference.removeprefix("#/").split("/"):
            place = place[part]


def _references(part: Any) -> Any:
    if isinstance(part, dict):
        yield from [part["$ref"]] if isinstance(part.get("$ref"), str) else []
        for inside in part.values():
            yield from _references(inside)
    elif isinstance(part, list):
        for inside in part:
            yield from _references(inside)


def test_every_example_is_accepted_by_its_model() -> None:
    body = described()["paths"]["/intake/api/notes"]["post"]["requestBody"]["content"]["application/json"]
    assert body["schema"] == {"$ref": "#/components/schemas/Note"}
    for example in body["examples"].values():
        Note.model_validate(example["value"])


def test_roles_keys_and_problems_are_described() -> None:
    paths = described()["paths"]
    post = paths["/intake/api/notes"]["post"]
    assert post["x-allowed-roles"] == ["sender"]
    assert [parameter["name"] for parameter in post["parameters"]] == ["Idempotency-Key"]
    assert post["responses"].keys() == {"201", "400", "401", "403", "409", "413", "415", "422", "503"}
    assert "full" in post["responses"]["409"]["description"]
    one = paths["/intake/api/notes/{id}"]["get"]
    assert one["parameters"] == [{"name": "id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}]
    assert one["responses"].keys() == {"200", "401", "403", "404", "503"}
    every = paths["/intake/api/notes"]["get"]
    assert every["security"] == []
    assert {parameter["name"]: parameter["required"] for parameter in every["parameters"]} == {
        "status": True,
        "limit": False,
        "zones": False,
    }


def test_the_security_scheme_is_a_bearer_token() -> None:
    document = described()
    assert document["security"] == [{"bearer": []}]
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"


def test_the_body_limit_is_256_kib() -> None:
    assert LONGEST_BODY == 262_144


async def test_a_service_serves_its_own_description(configured: Configure) -> None:
    async with browsing(OPERATIONS) as client:
        answer = await client.get("/intake/api/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == described()


def test_models_of_the_same_name_are_told_apart() -> None:
    first = type("Same", (BaseModel,), {"__module__": "first", "__annotations__": {"a": int}})
    second = type("Same", (BaseModel,), {"__module__": "second", "__annotations__": {"b": int}})

    async def nothing(call: Any) -> None: ...

    operations = [Operation("GET", f"/intake/api/{name}", nothing, name, answer=answer) for name, answer in (("a", first), ("b", second))]
    document = openapi.document("intake", operations, actions_of(operations))
    schemas = document["components"]["schemas"]
    for path, field in (("/intake/api/a", "a"), ("/intake/api/b", "b")):
        reference = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
        assert list(schemas[reference.rpartition("/")[2]]["properties"]) == [field]
