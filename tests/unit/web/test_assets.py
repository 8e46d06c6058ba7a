from __future__ import annotations

import hashlib
import json
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


async def test_scripts_and_style_go_over_the_wire_packed_to_who_can_unpack_them(configured: Configure) -> None:
    async with browsing() as client:
        packed = await client.get(assets.address(None, "htmx.min.js"), headers={"Accept-Encoding": "gzip"})
        plain = await client.get(assets.address(None, "htmx.min.js"), headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
    assert "content-encoding" not in plain.headers
    assert packed.content == plain.content


def test_scripts_of_others_are_those_of_the_locked_packages() -> None:
    vendor = assets.FOLDER.parent / "vendor"
    asked = json.loads((vendor / "package.json").read_text())["dependencies"]
    locked = json.loads((vendor / "package-lock.json").read_text())["packages"]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in (vendor / "README.md").read_text().splitlines() if ".js |" in line]
    assert {package: version for _, package, version, *_ in rows} == asked
    for file, package, version, _, licence, digest in rows:
        assert (locked[f"node_modules/{package}"]["version"], locked[f"node_modules/{package}"]["license"]) == (version, licence)
        assert "resolved" not in locked[f"node_modules/{package}"]
        assert hashlib.sha256((assets.FOLDER / file).read_bytes()).hexdigest() == digest
    assert {file.name for file in assets.FOLDER.glob("*.js")} == {"zorgspoor.js", "combobox.js", *(row[0] for row in rows)}
