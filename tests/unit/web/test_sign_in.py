from __future__ import annotations

import pytest

from shared.access.personas import PERSONAS
from shared.access.start import UnsafeStart
from shared.web.app import build_app
from tests.unit.web.conftest import Configure, browsing


async def test_the_page_lists_every_persona(configured: Configure) -> None:
    async with browsing() as client:
        page = (await client.get("/sign-in")).text
    for key, actor in PERSONAS.items():
        assert f'name="persona" value="{key}"' in page
        assert actor.name.replace("'", "&#39;") in page


async def test_choosing_signs_in_and_goes_back_to_where_one_came_from(configured: Configure) -> None:
    async with browsing() as client:
        page = await client.get("/sign-in", params={"next": "/intake/referrals?a=1"})
        assert '<input type="hidden" name="next" value="/intake/referrals?a=1">' in page.text
        answer = await client.post("/sign-in", data={"persona": "zone-lead", "next": "/intake/referrals?a=1"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/intake/referrals?a=1")
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("zorgspoor_session=")
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert "Secure" not in cookie
        assert "Griet Baetslé" in (await client.get("/intake/nothing")).text


async def test_over_https_the_cookie_is_bound_to_the_host(configured: Configure) -> None:
    configured(public_url="https://localhost:8443")
    async with browsing() as client:
        cookie = (await client.post("/sign-in", data={"persona": "ops"})).headers["set-cookie"]
    assert cookie.startswith("__Host-zorgspoor=")
    assert "Secure" in cookie
    assert "Path=/" in cookie


@pytest.mark.parametrize("back", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a\nb", ""])
async def test_one_never_comes_back_somewhere_else(configured: Configure, back: str) -> None:
    async with browsing() as client:
        answer = await client.post("/sign-in", data={"persona": "ops", "next": back})
        assert answer.headers["location"] == "/"
        assert 'name="next" value="/"' in (await client.get("/sign-in", params={"next": back})).text


async def test_signing_out_takes_the_session_away(configured: Configure) -> None:
    async with browsing(persona="ops") as client:
        answer = await client.post("/sign-out", headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert answer.status_code == 303
    assert 'zorgspoor_session=""' in answer.headers["set-cookie"]
    assert "Max-Age=0" in answer.headers["set-cookie"]


async def test_an_unknown_persona_is_nobody(configured: Configure) -> None:
    async with browsing() as client:
        answer = await client.post("/sign-in", data={"persona": "king"})
    assert answer.status_code == 404
    assert "set-cookie" not in answer.headers


async def test_without_the_demonstration_there_is_no_such_page(configured: Configure) -> None:
    configured(demo="false")
    async with browsing() as client:
        assert (await client.get("/sign-in")).status_code == 404
        assert (await client.post("/sign-in", data={"persona": "ops"})).status_code == 404


async def test_a_name_of_another_site_that_points_here_signs_nobody_in(configured: Configure) -> None:
    async with browsing() as client:
        answer = await client.post("/sign-in", data={"persona": "ops"}, headers={"Host": "evil.example:8080"})
    assert answer.status_code == 404


def test_an_application_does_not_start_with_unsafe_settings(configured: Configure) -> None:
    configured(public_url="http://192.168.1.4")
    with pytest.raises(UnsafeStart):
        build_app([])
