"""How heavy a first page is for a browser that has nothing of it yet, compressed; with everything on it that the other tests left there."""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Mapping

import pytest
from playwright.async_api import Response

from tests.browser.people import Site

KB = 1024
PAGES = (("sender", "/intake/referrals"), ("coordinator", "/coordination/day"), ("zone-lead", "/coordination/zones/meetjesland-oost"))


async def weighed(site: Site, persona: str, address: str) -> tuple[Counter[str], Counter[str]]:
    """Bytes by kind (document, script, stylesheet, …) of what a page loads: over the wire, and compressed."""
    answers: list[Response] = []
    async with site.browser(persona) as context:
        page = await context.new_page()
        page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 - a method of a built-in cannot be a handler
        await page.goto(address, wait_until="load")
        wire: Counter[str] = Counter()
        compressed: Counter[str] = Counter()
        for answer in answers:
            kind = answer.request.resource_type
            if kind in ("eventsource", "fetch", "xhr"):
                continue
            sizes = await answer.request.sizes()
            wire[kind] += sizes["responseHeadersSize"] + sizes["responseBodySize"]
            compressed[kind] += len(gzip.compress(await answer.body(), mtime=0))
    return wire, compressed


@pytest.mark.parametrize(("persona", "address"), PAGES)
async def test_a_first_page_is_light(site: Site, filled: Mapping[str, str], persona: str, address: str) -> None:
    wire, compressed = await weighed(site, persona, address)
    print(f"{address}: {wire.total()} bytes over the wire {dict(wire)}, compressed {compressed.total()} {dict(compressed)}")
    assert {"document", "script", "stylesheet"} <= set(wire)
    assert compressed.total() <= 80 * KB
    assert compressed["script"] <= 25 * KB
    assert compressed["stylesheet"] <= 20 * KB
