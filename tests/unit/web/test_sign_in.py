"""What of signing in needs no provider and no database; the rest is in tests/integration/access."""

from __future__ import annotations

import pytest

from shared.access.personas import PERSONAS, memberships
from shared.access.start import UnsafeStart
from shared.web.app import build_app
from tests.unit.web.conftest import Configure, browsing


async def test_without_a_provider_the_page_says_so(configured: Configure) -> None:
    configured(identity_issuer="")
    async with browsing() as client:
        answer = await client.get("/sign-in")
    assert answer.status_code == 503
    assert "Inloggen kan hier nog niet" in answer.text


async def test_a_provider_that_is_away_is_said_to_be(configured: Configure) -> None:
    configured(identity_issuer="http://127.0.0.1:1")
    async with browsing() as client:
        answer = await client.get("/sign-in")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


async def test_in_the_demonstration_one_goes_on_under_its_one_name(configured: Configure) -> None:
    async with browsing() as client:
        answer = await client.get("/sign-in?next=/x", headers={"Host": "localhost:8080"})
    assert (answer.status_code, answer.headers["location"]) == (303, "http://127.0.0.1:8080/sign-in?next=/x")


async def test_who_signed_in_is_named_and_can_sign_out_here_and_everywhere(configured: Configure) -> None:
    async with browsing(persona="zone-lead") as client:
        page = (await client.get("/intake/nothing")).text
    assert PERSONAS["zone-lead"].name in page
    assert 'action="/sign-out"' in page
    assert 'action="/sign-out/everywhere"' in page
    assert "/organisation" not in page
    assert len(memberships("zone-lead")) == 1


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_only_who_signed_in_chooses_an_organisation(configured: Configure, method: str) -> None:
    async with browsing() as client:
        answer = await client.request(method, "/organisation", data={} if method == "POST" else None)
    assert answer.status_code == 401


def test_an_application_does_not_start_with_unsafe_settings(configured: Configure) -> None:
    configured(public_url="http://192.168.1.4")
    with pytest.raises(UnsafeStart):
        build_app([])
