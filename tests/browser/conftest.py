from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright, expect

from deploy.embedded.processes import free_port
from services.commands import chromium
from tests.browser.filled import fill
from tests.browser.looking import Looks
from tests.browser.people import Site
from tests.databases import Databases
from tests.house import a_house, house, sink
from tests.servers import Servers
from tests.stack import Stack

__all__ = ["house", "sink"]

HERE = Path(__file__).parent
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
]

expect.set_options(timeout=15_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.timeout(240))  # the first has servers, services and browser to start


@pytest.fixture(scope="session")
async def chrome() -> AsyncIterator[Browser]:
    """The Chromium of the system."""
    program = chromium.find()
    assert program, chromium.MISSING
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=FLAGS, timeout=60_000)
        yield browser
        await browser.close()


@pytest.fixture(scope="session")
async def empty_house(infrastructure: Servers, databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """The same, on its first morning: nobody was referred yet. Whoever asks notifications gets no answer."""
    nowhere = f"http://127.0.0.1:{free_port()}"
    async with a_house(infrastructure, databases, tmp_path_factory.mktemp("empty-house"), notifications_url=nowhere) as stack:
        yield stack


@pytest.fixture(scope="session")
def site(house: Stack, chrome: Browser) -> Site:
    return Site(house, chrome)


@pytest.fixture(scope="session")
def empty_site(empty_house: Stack, chrome: Browser) -> Site:
    return Site(empty_house, chrome)


@pytest.fixture(scope="session")
async def filled(house: Stack) -> dict[str, str]:
    """Ids of something of every kind, by name."""
    return await fill(house)


@pytest.fixture(scope="session")
async def looks(site: Site, empty_site: Site, filled: dict[str, str]) -> AsyncIterator[Looks]:
    looks = Looks(site, empty_site, filled)
    async with AsyncExitStack() as windows:
        await looks.open(windows)
        yield looks
        await looks.close()
