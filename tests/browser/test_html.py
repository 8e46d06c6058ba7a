"""The HTML of every page is valid in every language: vnu has no error and no warning."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.browser import tools
from tests.browser.looking import PLACES, Looks


async def test_vnu_has_nothing_to_say_of_any_page(looks: Looks, tmp_path: Path) -> None:
    shown: dict[str, str] = {}
    for number, (scene, language) in enumerate(PLACES):
        name = f"{number:03}.html"
        shown[name] = f"{scene} ({language})"
        (tmp_path / name).write_text((await looks.at((scene, language))).seen.html, encoding="utf-8")
    remarks = await asyncio.to_thread(tools.html_remarks, tmp_path)
    assert not remarks, "\n".join(f"{shown[each.file]}, line {each.line}: {each.text}" for each in remarks)


async def test_vnu_sees_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "wrong.html").write_text('<!doctype html><html lang="nl"><title>x</title><p><div id="a"></div><p id="a">', encoding="utf-8")
    assert {each.text.partition(" ")[0] for each in await asyncio.to_thread(tools.html_remarks, tmp_path)}
