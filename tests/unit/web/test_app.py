from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from shared.web import menu
from shared.web.app import build_app
from shared.web.routing import service_routes
from tests.unit.web.conftest import Configure, Kernel, browsing


async def test_the_application_lives_inside_the_lifespan_it_is_given(configured: Configure) -> None:
    story: list[str] = []

    @asynccontextmanager
    async def lifespan() -> AsyncIterator[None]:
        story.append("start")
        yield
        story.append("stop")

    received = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])

    async def receive() -> Any:
        return next(received)

    async def send(message: Any) -> None:
        story.append(message["type"])

    await build_app([], lifespan=lifespan)({"type": "lifespan", "state": {}}, receive, send)
    assert story == ["start", "lifespan.startup.complete", "stop", "lifespan.shutdown.complete"]


async def test_several_services_live_in_one_application(configured: Configure) -> None:
    import httpx

    other = Kernel()
    other.service = "coordination"
    app = build_app([*service_routes("intake", Kernel(), [], []), *service_routes("coordination", other, [], [])])  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8080") as client:
        for service in ("intake", "coordination"):
            assert (await client.get(f"/{service}/livez")).json()["service"] == service


async def test_the_menu_is_that_of_the_role_and_marks_the_page(configured: Configure) -> None:
    async with browsing(persona="coordinator") as client:
        page = (await client.get("/coordination/cases/unknown")).text
    assert '<a href="/coordination/cases" aria-current="page">Dossiers</a>' in page
    assert '<a href="/coordination/day">Mijn dag</a>' in page
    assert "/operations" not in page


@pytest.mark.parametrize(
    ("persona", "shown"), [("coordinator", 1), ("zone-lead", 1), ("zone-intake", 1), ("sender-brussels", 0), ("ops", 0)]
)
async def test_emergency_access_stands_once_in_the_menu_of_who_may_take_it(configured: Configure, persona: str, shown: int) -> None:
    async with browsing(persona=persona) as client:
        page = (await client.get("/coordination/cases/unknown")).text
    assert page.count('<a href="/intake/emergency">Noodtoegang</a>') == shown


def test_an_address_in_two_menus_is_shown_once() -> None:
    urls = [item["url"] for item in menu.menu_for(["zone_lead", "coordinator"], "/")]
    assert len(set(urls)) == len(urls) == 3


def test_initials_stand_for_a_name_where_there_is_little_room() -> None:
    assert [menu.initials(name) for name in ("Hanne Wijffels", "Praktijk De Vlierbes", "dr. Tine Vlaeminckx", "beheer")] == [
        "HW",
        "PD",
        "TV",
        "B",
    ]


async def test_the_demonstration_says_that_it_is_one(configured: Configure) -> None:
    configured(mailbox_url="/mailbox")
    async with browsing() as client:
        page = (await client.get("/sign-in")).text
        assert "alle namen en cijfers zijn verzonnen" in page
        assert '<a href="/mailbox">' in page
        configured(demo="false")
        assert "verzonnen" not in (await client.get("/nothing")).text
