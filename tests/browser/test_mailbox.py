"""The mailbox of the demonstration is as fit to be read as the pages it stands beside: in every language, without mails, with some, and one mail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from email.message import EmailMessage
from pathlib import Path

import pytest
import uvicorn
from playwright.async_api import Browser

from deploy.embedded import mailbox
from deploy.embedded.processes import free_port
from tests.browser import looking, tools
from tests.browser.hands import WIDTH
from tests.browser.languages import LANGUAGES, in_language
from tests.eventually import eventually

TITLES = {"nl": "Postvak", "fr": "Boîte aux lettres", "de": "Postfach", "en": "Mailbox"}


@asynccontextmanager
async def served(box: mailbox.Box) -> AsyncIterator[str]:
    """The pages of a box, as `up` serves them; their address."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(mailbox.pages(box), port=port, log_level="warning", lifespan="off"))
    serving = asyncio.create_task(server.serve())
    await eventually(_started(server))
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await serving


def _started(server: uvicorn.Server) -> Callable[[], Awaitable[bool]]:
    async def look() -> bool:
        return server.started

    return look


def a_mail(subject: str) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Zorgspoor <geen-antwoord@zorgspoor.example>", "zuster.jansen@praktijk.example", subject
    mail.set_content("Dossier OM-26-1947-K: nieuw aanbod.\n\nhttp://127.0.0.1:8080/coordination/day\n")
    return mail.as_bytes()


@pytest.mark.parametrize("state", ["empty", "full"])
async def test_the_mailbox_can_be_read_by_everybody(chrome: Browser, tmp_path: Path, state: str) -> None:
    box = mailbox.Box(tmp_path / "mails")
    if state == "full":
        for subject in ("Aanmelding OM-26-1947-K ontvangen", ""):
            box.add(a_mail(subject), ["zuster.jansen@praktijk.example"])
    paths = ["/", *(f"/messages/{mail.id}" for mail in box.newest()[:1])]
    async with served(box) as address:
        context = await chrome.new_context(reduced_motion="reduce")
        await context.add_init_script(tools.axe())
        page = await context.new_page()
        for language in LANGUAGES:
            await in_language(page, language)
            for path in paths:
                answer = await page.goto(address + path)
                assert answer is not None
                html = await answer.text()
                (tmp_path / f"{language}{len(path)}.html").write_text(html, encoding="utf-8")
                assert f'<html lang="{language}"' in html
                assert f"</svg>{TITLES[language]}</a>" in html
                assert await looking.judged(page, {"type": "tag", "values": looking.TAGS}) == []
                await page.set_viewport_size({"width": WIDTH, "height": 640})
                assert await page.evaluate("document.documentElement.scrollWidth") <= WIDTH
        await context.close()
    assert await asyncio.to_thread(tools.html_remarks, tmp_path) == []
