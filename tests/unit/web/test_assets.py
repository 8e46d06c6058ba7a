from __future__ import annotations

import re

import pytest

from shared.web import assets
from tests.unit.web.conftest import Configure, browsing


@pytest.mark.parametrize("service", [None, "intake"])
@pytest.mark.parametrize(("name", "media_type"), [("zorgspoor.css", "text/css"), ("zorgspoor.js", "text/javascript")])
async def test_a_static_file_may_be_kept_forever(configured: Configure, service: str | None, name: str, media_type: str) -> None:
    async with browsing() as client:
        answer = await client.get(assets.address(service, name))
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(media_type)
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.content == (assets.FOLDER / name).read_bytes()


async def test_the_address_of_another_version_is_not_answered_with_this_one(configured: Configure) -> None:
    async with browsing() as client:
        assert (await client.get("/static/0000000000000000/zorgspoor.css")).status_code == 404
        assert (await client.get(assets.address(None, "zorgspoor.css").replace(".css", ".py"))).status_code == 404


def test_the_stylesheet_keeps_to_the_content_policy() -> None:
    css = (assets.FOLDER / "zorgspoor.css").read_text()
    assert not re.search(r"@import|url\(|expression", css)
