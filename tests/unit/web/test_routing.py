from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

import pytest
from pydantic import BaseModel, ConfigDict
from structlog.testing import CapturingLogger

from shared.access.personas import PERSONAS, PRACTICE
from shared.items import Decision, Refusal
from shared.messaging.kernel import Unavailable
from shared.text import Line
from shared.web import problems
from shared.web.call import LONGEST_BODY, Call
from shared.web.routing import NoExample, Operation, Page
from tests.unit.web.conftest import Configure, Kernel, bearer, browsing, handler

CASE = "0193e0a0-0000-7000-8000-000000000001"


class Note(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"text": "Slaapt slecht.", "weeks": 31}]})

    text: Line
    weeks: int


class Search(BaseModel):
    status: Line
    limit: int = 20
    zones: list[str] = []


class Stored(BaseModel):
    id: UUID
    text: str


async def store(call: Call) -> Any:
    decision = await call.submit(handler, call.body)
    return decision.answer


async def show(call: Call) -> Any:
    return Stored(id=call.path["id"], text=call.actor.name)


async def search(call: Call) -> Any:
    return call.query.model_dump()


async def fail(call: Call) -> Any:
    raise RuntimeError(" ".join(["secret", "words"]))  # in two parts: a traceback shows the line


OPERATIONS = [
    Operation("POST", "/intake/api/notes", store, "Store a note", body=Note, status=201, refusals={"full": "There are {count} already."}),
    Operation("GET", "/intake/api/notes/{id:uuid}", show, "One note", answer=Stored),
    Operation("GET", "/intake/api/notes", search, "Notes", query=Search),
    Operation("POST", "/intake/api/fail", fail, "Fail"),
]
NOTE = {"text": "Slaapt slecht.", "weeks": 31}


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> CapturingLogger:
    """What is logged about requests."""
    logger = CapturingLogger()
    monkeypatch.setattr(problems, "log", logger)
    return logger


async def test_a_command_reaches_the_kernel_and_its_answer_the_asker(configured: Configure) -> None:
    kernel = Kernel(Decision(answer={"id": UUID(CASE), "status": "received"}))
    async with browsing(OPERATIONS, kernel=kernel) as client:
        answer = await client.post("/intake/api/notes", json=NOTE, headers=bearer("sender"))
    assert (answer.status_code, answer.json()) == (201, {"id": CASE, "status": "received"})
    item, key, correlation = kernel.commands[0]
    assert item == Note(text="Slaapt slecht.", weeks=31)
    assert key is None
    assert isinstance(correlation, UUID)


async def test_the_idempotency_key_belongs_to_the_organisation_and_to_exactly_this_request(configured: Configure) -> None:
    kernel = Kernel()
    async with browsing(OPERATIONS, kernel=kernel) as client:
        for body in (b'{"text":"a","weeks":1}', b'{"text":"b","weeks":1}'):
            sent = {**bearer("sender"), "Content-Type": "application/json; charset=utf-8", "Idempotency-Key": "once/1"}
            await client.post("/intake/api/notes", content=body, headers=sent)
    (_, first, _), (_, second, _) = kernel.commands
    assert first is not None
    assert second is not None
    assert (first.client, first.key) == (str(PRACTICE), "once/1")
    assert first.request_hash == hashlib.sha256(b'POST /intake/api/notes\n{"text":"a","weeks":1}').digest()
    assert first.request_hash != second.request_hash


@pytest.mark.parametrize("key", ["", "with space", "x" * 256, "caf\u00e9"])
async def test_a_malformed_idempotency_key_is_refused_and_nothing_is_done(configured: Configure, key: str) -> None:
    kernel = Kernel()
    async with browsing(OPERATIONS, kernel=kernel) as client:
        answer = await client.post("/intake/api/notes", json=NOTE, headers={**bearer("sender"), "Idempotency-Key": key.encode("latin-1")})
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_idempotency_key")
    assert kernel.commands == []


async def test_nobody_is_asked_to_say_who_they_are(configured: Configure) -> None:
    async with browsing(OPERATIONS) as client:
        answer = await client.post("/intake/api/notes", json=NOTE)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="zorgspoor"')
        answer = await client.post("/intake/api/notes", json=NOTE, headers={"Authorization": "Bearer x"})
        assert answer.headers["www-authenticate"].endswith('error="invalid_token"')
        assert answer.headers["content-type"] == "application/problem+json"


async def test_another_role_is_refused(configured: Configure) -> None:
    kernel = Kernel()
    async with browsing(OPERATIONS, kernel=kernel) as client:
        answer = await client.post("/intake/api/notes", json=NOTE, headers=bearer("coordinator"))
    assert answer.status_code == 403
    assert kernel.commands == []


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        (b'{"text": "a", "weeks": }', "application/json", 400, "malformed_json"),
        (b'{"text": "a", "weeks": "1"}', "application/json", 422, "invalid"),
        (b'{"text": "a", "weeks": 1}', "text/plain", 415, "unsupported_media_type"),
        (b'{"text": "a", "weeks": 1}', "", 415, "unsupported_media_type"),
        (b'{"text": "' + b"a" * 1_000_000 + b'", "weeks": 1}', "application/json", 413, "body_too_large"),
        (b" " * (LONGEST_BODY + 1), "application/json", 413, "body_too_large"),
        (b"[]", "application/json", 422, "invalid"),
        (b"", "application/json", 400, "malformed_json"),
    ],
    ids=lambda value: str(value)[:20],
)
async def test_bad_bodies_are_refused_and_nothing_is_done(
    configured: Configure, body: bytes, content_type: str, status: int, code: str
) -> None:
    kernel = Kernel()
    async with browsing(OPERATIONS, kernel=kernel) as client:
        answer = await client.post("/intake/api/notes", content=body, headers={**bearer("sender"), "Content-Type": content_type})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert kernel.commands == []


async def test_a_large_body_without_a_declared_length_is_refused_too_and_the_limit_is_said(configured: Configure) -> None:
    async def chunks() -> Any:
        for _ in range(40):
            yield b" " * 10_000

    async with browsing(OPERATIONS) as client:
        answer = await client.post("/intake/api/notes", content=chunks(), headers={**bearer("sender"), "Content-Type": "application/json"})
    assert answer.status_code == 413
    assert "256 KiB" in answer.json()["detail"]


async def test_a_body_of_exactly_the_limit_is_read(configured: Configure) -> None:
    body = b'{"text": "a", "weeks": 1}'.ljust(LONGEST_BODY)
    async with browsing(OPERATIONS) as client:
        answer = await client.post("/intake/api/notes", content=body, headers={**bearer("sender"), "Content-Type": "application/json"})
    assert answer.status_code == 201


async def test_a_refusal_of_the_handler_is_a_problem_with_its_sentence(configured: Configure) -> None:
    kernel = Kernel(Decision(refusal=Refusal("full", status=409, values={"count": 3})))
    async with browsing(OPERATIONS, kernel=kernel) as client:
        answer = await client.post("/intake/api/notes", json=NOTE, headers=bearer("sender"))
    assert (answer.status_code, answer.json()["code"], answer.json()["detail"]) == (409, "full", "There are 3 already.")


async def test_without_its_database_the_service_says_when_to_come_back(configured: Configure) -> None:
    async with browsing(OPERATIONS, kernel=Kernel(Unavailable("x"))) as client:
        answer = await client.post("/intake/api/notes", json=NOTE, headers=bearer("sender"))
    assert (answer.status_code, answer.headers["retry-after"], answer.json()["code"]) == (503, "2", "unavailable")


async def test_a_fault_is_answered_with_the_number_it_is_logged_under_and_neither_tells_what_was_sent(
    configured: Configure, logged: CapturingLogger
) -> None:
    async with browsing(OPERATIONS) as client:
        answer = await client.post("/intake/api/fail", json={"name": "Vanhoeckel"})
    assert answer.status_code == 500
    assert answer.json()["number"] == logged.calls[0].kwargs["number"]
    assert logged.calls[0].kwargs["error"] == "RuntimeError"
    assert "fail" in "".join(logged.calls[0].kwargs["where"])
    assert "secret words" not in str(logged.calls) + answer.text


async def test_who_is_refused_is_logged_with_what_they_wanted_and_why_and_never_what_they_sent(
    configured: Configure, logged: CapturingLogger
) -> None:
    who = str(PERSONAS["ops"].id)
    async with browsing(OPERATIONS) as client:
        await client.post("/intake/api/notes", json=NOTE, headers=bearer("ops"))
        await client.post("/intake/api/notes", json={"text": 7, "secret": "secret words"}, headers=bearer("sender"))
        await client.post("/intake/api/notes", json=NOTE, headers={"Authorization": "Bearer nonsense"})
        await client.post("/intake/api/notes", json=NOTE)
        await client.post("/intake/api/notes", json=NOTE, headers={"Sec-Fetch-Site": "cross-site"})
    said = [(call.kwargs["who"], call.kwargs["status"], call.kwargs["code"]) for call in logged.calls]
    assert said == [
        (who, 403, "forbidden"),
        (str(PERSONAS["sender"].id), 422, "invalid"),
        (None, 401, "unauthenticated"),
        (None, 403, "cross_site"),
    ]
    assert all(call.args == ("refused",) and "." in call.kwargs["does"] for call in logged.calls)
    assert "secret" not in str(logged.calls)


async def test_a_path_parameter_comes_as_its_type_and_an_answer_as_its_model(configured: Configure) -> None:
    async with browsing(OPERATIONS) as client:
        answer = await client.get(f"/intake/api/notes/{CASE}", headers=bearer("sender"))
        assert answer.json() == {"id": CASE, "text": PERSONAS["sender"].name}
        assert (await client.get("/intake/api/notes/7", headers=bearer("sender"))).status_code == 404


async def test_a_query_is_validated_like_a_body(configured: Configure) -> None:
    async with browsing(OPERATIONS) as client:
        answer = await client.get("/intake/api/notes?status=waiting&zones=a&zones=b&limit=5")
        assert answer.json() == {"status": "waiting", "limit": 5, "zones": ["a", "b"]}
        answer = await client.get("/intake/api/notes?limit=many")
        assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (422, ["status", "limit"])


async def test_unknown_addresses_and_methods_of_the_api_are_problems(configured: Configure) -> None:
    async with browsing(OPERATIONS) as client:
        answer = await client.get("/intake/api/nothing")
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
        answer = await client.delete("/intake/api/notes")
        assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
        assert "POST" in answer.headers["allow"]


async def test_health_is_alive_always_and_ready_with_a_database(configured: Configure) -> None:
    kernel = Kernel()
    async with browsing(kernel=kernel) as client:
        kernel.state = {"database": "ok", "kafka": "degraded", "kafka_problem": "host:9092 refused"}
        ready = await client.get("/intake/readyz")
        assert (ready.status_code, ready.json()) == (200, {"service": "intake", "ready": True, "database": "ok", "kafka": "degraded"})
        kernel.state = {"database": "away", "kafka": "ok", "kafka_problem": None}
        assert (await client.get("/intake/readyz")).status_code == 503
        assert (await client.get("/intake/livez")).status_code == 200


def test_an_operation_without_an_example_of_its_body_does_not_start() -> None:
    class Silent(BaseModel):
        text: Line

    class Lying(BaseModel):
        model_config = ConfigDict(json_schema_extra={"examples": [{"text": 3}]})
        text: Line

    for model in (Silent, Lying):
        with pytest.raises(NoExample, match=model.__name__):
            Operation("POST", "/intake/api/x", store, "x", body=model)


async def greet(call: Call) -> Any:
    return call.page(
        "problem.html", title=f"Dag <b>{call.actor.name}", words="", code="", number=None, typed={}, method="GET", retry=False, address="/"
    )


async def receive(call: Call) -> Any:
    typed = await call.form()
    decision = await call.decide(handler, typed["name"])
    return call.redirect("/intake/done" if decision.refusal is None else "/intake/refused")


PAGES = [Page("GET", "/intake/greet", greet), Page("POST", "/intake/greet", receive), Page("GET", "/intake/fail", fail)]


async def test_a_page_is_rendered_in_the_frame_and_escaped(configured: Configure) -> None:
    async with browsing(pages=PAGES, persona="sender") as client:
        answer = await client.get("/intake/greet")
    assert answer.status_code == 200
    assert '<h1 id="probleem">Dag &lt;b&gt;dr. Tine Vlaeminckx</h1>' in answer.text
    assert 'href="/intake/referrals"' in answer.text


async def test_who_is_not_signed_in_is_sent_to_sign_in_and_back(configured: Configure) -> None:
    async with browsing(pages=PAGES) as client:
        answer = await client.get("/intake/greet?a=1&b=2")
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=%2Fintake%2Fgreet%3Fa%3D1%26b%3D2")
        configured(identity_issuer="")
        answer = await client.get("/intake/greet")
        assert answer.status_code == 401
        assert "Log opnieuw in" in answer.text


async def test_a_page_of_another_role_says_so(configured: Configure) -> None:
    async with browsing(pages=PAGES, persona="ops") as client:
        answer = await client.get("/intake/greet")
    assert answer.status_code == 403
    assert "U ziet deze pagina niet" in answer.text


async def test_a_form_does_its_work_and_redirects_and_its_key_makes_it_count_once(configured: Configure) -> None:
    kernel = Kernel()
    async with browsing(pages=PAGES, kernel=kernel, persona="sender") as client:
        answer = await client.post("/intake/greet", data={"name": "Zoë", "_once": CASE})
        assert (answer.status_code, answer.headers["location"]) == (303, "/intake/done")
        await client.post("/intake/greet", data={"name": "Zoë"})
    (item, key, _), (_, no_key, _) = kernel.commands
    assert item == "Zoë"
    assert key is not None
    assert key.key == CASE
    assert no_key is None


async def test_a_form_that_meets_a_fault_keeps_all_that_was_typed_to_be_sent_again(configured: Configure) -> None:
    async with browsing(pages=PAGES, kernel=Kernel(Unavailable("x")), persona="sender") as client:
        answer = await client.post("/intake/greet?step=2", data={"name": 'Zoë "<', "needs": ["a", "b"], "_once": CASE})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert '<form action="/intake/greet?step=2" method="post" data-unsent><input type="hidden" name="_form"' in answer.text
    for name, value in (("name", "Zoë &#34;&lt;"), ("needs", "a"), ("needs", "b"), ("_once", CASE)):
        assert f'<input type="hidden" name="{name}" value="{value}">' in answer.text


async def test_a_fault_of_a_page_is_a_page_with_the_number(configured: Configure, logged: CapturingLogger) -> None:
    async with browsing(pages=PAGES) as client:
        answer = await client.get("/intake/fail")
    assert answer.status_code == 500
    assert logged.calls[0].kwargs["number"] in answer.text
    assert "secret words" not in answer.text


async def test_an_unknown_address_is_a_page(configured: Configure) -> None:
    async with browsing(pages=PAGES) as client:
        answer = await client.get("/intake/nothing")
    assert answer.status_code == 404
    assert "Deze pagina bestaat niet" in answer.text


@pytest.mark.parametrize("url", ["//evil.example", "https://evil.example", "/\\evil.example", "/a\r\nSet-Cookie: x", "", "a"])
async def test_a_page_never_redirects_elsewhere(configured: Configure, url: str) -> None:
    async def away(call: Call) -> Any:
        return call.redirect(url)

    async with browsing(pages=[Page("GET", "/intake/away", away)]) as client:
        assert (await client.get("/intake/away")).status_code == 500
