"""Requests that another site, another session or a guess makes: none of them changes anything, and each is told why."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from pydantic import BaseModel, ConfigDict
from starlette.routing import Route

from shared.access.rules import Action
from shared.web import form_key, own_sessions, pages, sign_in
from shared.web.app import build_app
from shared.web.call import Call
from shared.web.routing import JsonEndpoint, Operation, Page, PageEndpoint
from tests.unit.web.conftest import ID, Configure, Kernel, a_session, bearer, browsing, handler, real_routes

OWN = {"Sec-Fetch-Site": "same-origin"}
FORM = "application/x-www-form-urlencoded"


class Note(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "a"}]})
    text: str


async def change(call: Call) -> Any:
    await call.submit(handler, "changed")
    return call.redirect("/intake/changed")


async def change_as_json(call: Call) -> Any:
    return (await call.submit(handler, "changed")).answer


PAGES = [Page("POST", "/intake/change", change)]
OPERATIONS = [
    Operation("POST", "/intake/api/notes", change_as_json, "x", body=Note),
    Operation("POST", "/intake/api/acts", change_as_json, "x"),
]


def word_of(persona: str | None) -> str:
    return form_key.of_credential(a_session(persona) if persona else None)


FORGED: list[tuple[str, dict[str, str], Any, str]] = [  # what, headers, the field `_form` (a function of the right word), code
    ("another site, with the right word", {"Sec-Fetch-Site": "cross-site"}, lambda right: right, "cross_site"),
    ("a neighbouring site", {"Sec-Fetch-Site": "same-site"}, lambda right: right, "cross_site"),
    (
        "a site that lies about its origin",
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1:8080"},
        lambda right: right,
        "cross_site",
    ),
    ("an older browser on another site", {"Origin": "https://evil.example"}, lambda right: right, "cross_site"),
    ("a host that begins like ours", {"Origin": "http://127.0.0.1:8080.evil.example"}, lambda right: right, "cross_site"),
    ("another port of this host", {"Origin": "http://127.0.0.1:9999"}, lambda right: right, "cross_site"),
    ("a sandboxed frame", {"Origin": "null"}, lambda right: right, "cross_site"),
    ("an empty origin", {"Origin": ""}, lambda right: right, "cross_site"),
    ("an origin that is none", {"Origin": "http://["}, lambda right: right, "cross_site"),
    ("a made-up value of the browser's word", {"Sec-Fetch-Site": "Same-Origin "}, lambda right: right, "cross_site"),
    ("no word, from nowhere", {}, lambda right: None, "form_key_missing"),
    ("no word, from our own page", OWN, lambda right: None, "form_key_missing"),
    ("an empty word", OWN, lambda right: "", "form_key_missing"),
    ("a guess", OWN, lambda right: "0" * 64, "form_key_stale"),
    ("the beginning of the word", OWN, lambda right: right[:-1], "form_key_stale"),
    ("the word and more", OWN, lambda right: right + "0", "form_key_stale"),
    ("the word in capitals", OWN, lambda right: right.upper(), "form_key_stale"),
    ("the word twice", OWN, lambda right: [right, right], "form_key_stale"),
    ("the word of somebody else", OWN, lambda right: word_of("coordinator-2"), "form_key_stale"),
    ("the word of nobody", OWN, lambda right: word_of(None), "form_key_stale"),
    ("letters that are no ASCII", OWN, lambda right: "é" * 64, "form_key_stale"),
    ("a list of words", OWN, lambda right: ["a", "b"], "form_key_stale"),
    ("text instead of a form", {**OWN, "Content-Type": "text/plain"}, lambda right: right, "unsupported_media_type"),
    ("a form of files", {**OWN, "Content-Type": "multipart/form-data; boundary=x"}, lambda right: right, "unsupported_media_type"),
]


@pytest.mark.parametrize(("what", "headers", "made", "code"), FORGED, ids=[entry[0] for entry in FORGED])
async def test_a_forged_form_changes_nothing_and_is_told_why(
    configured: Configure, what: str, headers: dict[str, str], made: Any, code: str
) -> None:
    kernel = Kernel()
    async with browsing(pages=PAGES, kernel=kernel, persona="coordinator", action=Action.SEE_DAY) as client:
        right = client.headers.pop("X-Form-Key")
        field = made(right)
        data = {"reason": "x"} | ({} if field is None else {"_form": field})
        answer = await client.post("/intake/change", data=data, headers={"Content-Type": FORM} | headers)
        assert answer.status_code in (403, 415)
        assert problem_page(answer) == code
        assert kernel.commands == []
        assert (await client.post("/intake/change", data={"_form": right}, headers=OWN)).status_code == 303, "the same, sent by its page"


def problem_page(answer: httpx.Response) -> str:
    """The code of the problem that a page explains."""
    found = [code for code, (title, _) in pages.texts.PAGES.items() if f'<h1 id="probleem">{title}</h1>' in answer.text]
    return "unsupported_media_type" if "malformed_form" in found else found[0]


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "form_key_missing"),
        (OWN, "form_key_missing"),
        ({"X-Form-Key": "0" * 64}, "form_key_stale"),
        ({"X-Form-Key": ""}, "form_key_missing"),
        ({"Sec-Fetch-Site": "cross-site"}, "cross_site"),
        ({"Origin": "https://evil.example"}, "cross_site"),
    ],
    ids=str,
)
@pytest.mark.parametrize("path", ["notes", "acts"])
async def test_a_forged_call_with_somebodys_cookie_changes_nothing(
    configured: Configure, headers: dict[str, str], code: str, path: str
) -> None:
    kernel = Kernel()
    async with browsing(OPERATIONS, kernel=kernel, persona="coordinator", action=Action.SEE_DAY) as client:
        right = client.headers.pop("X-Form-Key")
        answer = await client.post(f"/intake/api/{path}", json={"text": "a"}, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, code)
        assert kernel.commands == []
        assert (await client.post(f"/intake/api/{path}", json={"text": "a"}, headers={"X-Form-Key": right})).status_code == 200


async def test_who_sends_a_token_needs_no_word(configured: Configure) -> None:
    kernel = Kernel()
    async with browsing(OPERATIONS, PAGES, kernel=kernel, action=Action.SEE_DAY) as client:
        del client.headers["X-Form-Key"]
        assert (await client.post("/intake/api/acts", headers=bearer("coordinator"))).status_code == 200
        assert (await client.post("/intake/change", data={"a": "1"}, headers=bearer("coordinator"))).status_code == 303
    assert len(kernel.commands) == 2


@pytest.mark.parametrize("path", ["/organisation", "/sign-out", "/sign-out/everywhere"])
async def test_signing_somebody_in_or_out_takes_the_word_too(configured: Configure, path: str) -> None:
    async with browsing(persona="coordinator") as client:
        client.headers.pop("X-Form-Key")
        answer = await client.post(path, data={"persona": "ops"}, headers=OWN)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


async def test_what_was_typed_before_the_session_changed_can_be_sent_again(configured: Configure) -> None:
    kernel = Kernel()
    async with browsing(pages=PAGES, kernel=kernel, persona="coordinator", action=Action.SEE_DAY) as client:
        right = client.headers.pop("X-Form-Key")
        typed = {"reason": 'Zoë "<', "needs": ["a", "b"], "_form": word_of("coordinator-2")}
        page = (await client.post("/intake/change", data=typed, headers=OWN)).text
        for name, value in (("reason", "Zoë &#34;&lt;"), ("needs", "a"), ("needs", "b"), ("_form", right)):
            assert f'<input type="hidden" name="{name}" value="{value}">' in page
        assert page.count('name="_form"') == page.count("<form "), "one word per form, and not the stale one"
        silent = (await client.post("/intake/change", data=typed)).text
        assert "Zoë" not in silent, "a page that anyone may have sent is no page to send again with one click"


async def test_what_was_typed_before_the_session_ended_waits_for_signing_in(configured: Configure) -> None:
    async with browsing(pages=PAGES, action=Action.SEE_DAY) as client:
        answer = await client.post("/intake/change", data={"reason": "Zoë"}, headers=OWN)
    assert answer.status_code == 401
    assert '<input type="hidden" name="reason" value="Zoë">' in answer.text
    assert 'target="_blank">Inloggen in een nieuw venster' in answer.text


def test_every_form_of_every_template_has_the_word() -> None:
    found = 0
    for file in [*pages.OWN.glob("*.html"), *pages.SERVICES.glob("*/*/templates/*.html")]:
        source = file.read_text()
        made = form_key.InEveryForm(pages.environment()).preprocess(source, None)
        sent = source.count("<form") - source.count('method="get"')  # an address holds no word
        assert sent == made.count(form_key.HIDDEN), file.name
        found += sent
    assert found > 20


def test_nothing_that_changes_something_is_reached_without_a_form_or_a_token(configured: Configure) -> None:
    """GET answers pages and lists; what a page's POST does is behind `PageEndpoint`, which asks for the word."""
    unsafe = [route for route in real_routes() if (route.methods or set()) - {"GET", "HEAD"}]
    assert len(unsafe) > 30
    elsewhere = {route.path for route in unsafe if not isinstance(route.endpoint, (JsonEndpoint, PageEndpoint))}
    signing_in = {
        route.path for route in [*sign_in.routes(), *own_sessions.routes()] if isinstance(route, Route)
    }  # asked for the word below
    assert elsewhere - signing_in == {"/oauth/token"}, "a machine's assertion is a word of its own"


async def test_every_page_that_changes_something_refuses_a_forged_form(configured: Configure) -> None:
    routes = real_routes()
    app = build_app(routes)
    checked = 0
    transport = httpx.ASGITransport(app)
    for persona in ("sender", "coordinator", "zone-lead", "zone-intake", "ops"):
        token = a_session(persona)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080", cookies={"zorgspoor_session": token}) as client:
            for route in routes:
                if isinstance(route.endpoint, JsonEndpoint) or route.path == "/oauth/token" or "POST" not in (route.methods or ()):
                    continue
                path = route.path_format.format(**dict.fromkeys(route.param_convertors, ID))
                answer = await client.post(path, data={"a": "1"}, headers=OWN)
                assert answer.status_code == 403, (path, answer.status_code)
                checked += problem_page(answer) == "form_key_missing"
    assert checked >= 20
