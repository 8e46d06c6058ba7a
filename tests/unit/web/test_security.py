from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from starlette.convertors import IntegerConvertor

from shared.web import about, assets, pages
from shared.web.app import build_app
from shared.web.call import Call
from shared.web.routing import Page
from shared.web.security import CONTENT_POLICY, HEADERS
from tests.unit.web.conftest import ID, Configure, bearer, browsing, real_routes


async def change(call: Call) -> Any:
    await call.form()
    return call.redirect("/intake/changed")


PAGES = [Page("POST", "/intake/change", change)]


@pytest.mark.parametrize("path", ["/sign-in", "/intake/nothing", "/intake/api/nothing", "/intake/livez", "/intake/api/openapi.json"])
async def test_every_answer_carries_the_headers(configured: Configure, path: str) -> None:
    async with browsing() as client:
        headers = (await client.get(path)).headers
    assert headers["content-security-policy"] == (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"


@pytest.mark.parametrize("path", ["/sign-in", "/intake/nothing", "/intake/api/nothing", "/intake/livez"])
async def test_over_https_a_browser_is_told_to_come_back_by_https_only(configured: Configure, path: str) -> None:
    async with browsing() as client:
        assert "strict-transport-security" not in (await client.get(path)).headers
    configured(demo="false", public_url="https://zorgspoor.example")
    async with browsing() as client:
        assert (await client.get(path)).headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"


@pytest.mark.parametrize(
    ("headers", "taken"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1:8080"}, False),
        ({"Origin": "http://127.0.0.1:8080"}, True),
        ({"Origin": "http://127.0.0.1:9999"}, False),
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "http://127.0.0.1:8080.evil.example"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": ""}, False),
        ({"Origin": "http://["}, False),
        ({"Origin": "http://[", "Host": "["}, False),
        ({"Host": "["}, True),
        ({}, True),
        ({"Sec-Fetch-Site": "cross-site", "Authorization": "Bearer x"}, True),
    ],
    ids=str,
)
async def test_a_form_that_another_site_sent_is_not_taken(configured: Configure, headers: dict[str, str], taken: bool) -> None:
    async with browsing(pages=PAGES, persona="sender") as client:
        answer = await client.post("/intake/change", data={"a": "1"}, headers=headers)
    assert answer.status_code == (303 if taken else 403)


@pytest.mark.parametrize("path", ["/intake/nothing", "/intake/api/nothing", "/sign-in", "/intake/page"])
async def test_a_host_that_cannot_be_read_is_no_fault(configured: Configure, path: str) -> None:
    async def shown(call: Call) -> Any:
        return call.page("problem.html", title="", words="", code="", typed={})

    async with browsing(pages=[Page("GET", "/intake/page", shown)]) as client:
        answer = await client.get(path, headers={"Host": "["})
    assert answer.status_code in {200, 303, 404}, answer.text


async def test_signing_someone_in_from_another_site_is_not_taken_either(configured: Configure) -> None:
    async with browsing() as client:
        answer = await client.post("/sign-in", data={"persona": "ops"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


async def test_a_form_of_another_type_is_not_taken(configured: Configure) -> None:
    async with browsing(pages=PAGES) as client:
        assert (await client.post("/intake/change", content=b"a=1", headers={"Content-Type": "text/plain"})).status_code == 415


def is_of_its_type(answer: httpx.Response) -> bool:
    """Whether an answer says what it holds, texts with their character set."""
    kind = answer.headers.get("content-type")
    if not answer.content:
        return True
    if kind in ("application/json", "application/problem+json"):  # always UTF-8 (RFC 8259)
        return answer.json() is not None
    return (kind == "text/html; charset=utf-8" and answer.text.startswith("<!doctype html>")) or kind == "text/csv; charset=utf-8"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("zorgspoor.css", "text/css; charset=utf-8"),
        ("zorgspoor.js", "text/javascript; charset=utf-8"),
        ("mark.svg", "image/svg+xml; charset=utf-8"),
    ],
)
async def test_a_static_file_says_what_it_holds(configured: Configure, name: str, kind: str) -> None:
    async with browsing() as client:
        assert (await client.get(assets.address("intake", name))).headers["content-type"] == kind


async def test_every_route_of_every_service_answers_with_the_headers_whoever_asks(configured: Configure) -> None:
    routes = real_routes()
    asked = 0
    async with httpx.AsyncClient(transport=httpx.ASGITransport(build_app(routes)), base_url="http://127.0.0.1:8080") as client:
        for route in [*routes, *about.routes()]:
            values = {name: "7" if isinstance(kind, IntegerConvertor) else ID for name, kind in route.param_convertors.items()}
            for method in [*(route.methods or ()), "DELETE", "TRACE"]:
                for headers in ({}, bearer("sender"), bearer("ops")):
                    answer = await client.request(method, route.path_format.format(**values), headers=headers)
                    missing = {name for name, value in HEADERS if answer.headers.get_list(name.decode()) != [value.decode()]}
                    assert not missing, (method, route.path, missing)
                    assert answer.headers["cache-control"] == "no-store", (method, route.path)
                    assert "access-control-allow-origin" not in answer.headers
                    assert is_of_its_type(answer), (method, route.path, answer.headers.get("content-type"), answer.content[:80])
                    asked += 1
    assert asked > 500


def test_every_page_stands_in_the_frame_where_one_can_sign_out() -> None:
    files = {file.name: file.read_text() for file in [*pages.OWN.glob("*.html"), *pages.SERVICES.glob("*/*/templates/*.html")]}
    outside = {name for name, source in files.items() if not source.startswith('{% extends "frame.html" %}')}
    parts = set(re.findall(r'{% (?:include|import|from) "(?:[a-z_]+/)*([a-z_]+\.html)"', "".join(files.values())))
    assert outside - parts == {"frame.html", "suggestions.html"}  # the second is a list that a script puts into its page
    assert 'action="/sign-out"' in files["frame.html"]


def test_no_page_needs_a_script_or_style_that_the_policy_forbids() -> None:
    assert "unsafe" not in CONTENT_POLICY
    for file in [*pages.OWN.glob("*.html"), *pages.SERVICES.glob("*/*/templates/*.html")]:
        source = file.read_text()
        assert not re.search(r"<style|\bstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\bsrc=)", source), file.name


async def test_trace_is_not_answered(configured: Configure) -> None:
    async with browsing() as client:
        for path in ("/sign-in", "/intake/livez", "/nothing"):
            answer = await client.request("TRACE", path, headers={"X-Mine": "echo"})
            assert answer.status_code in {404, 405}
            assert "echo" not in answer.text
