"""Pages about Zorgspoor itself, open to anybody: how accessible it is, and where there is help."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from shared import clock
from shared.access import sessions
from shared.access.actors import Actor, who_is_asking
from shared.settings import Settings, settings
from shared.web import helplines, pages

STATED = date(2026, 11, 22)  # when the statement was made, by the checks of tests/browser
REVIEWED = STATED
DATA = Path(__file__).parent / "data" / "ombudsmen.toml"


class UnknownOmbudsman(ValueError):
    """The chosen ombudsman is not in the data; nothing is started with a statement that sends complaints nowhere."""


@dataclass(frozen=True)
class Ombudsman:
    """Who judges when a body does not help about accessibility, and the law that made it so; by language, as inside a sentence."""

    name: Mapping[str, str]
    url: str
    phone: str
    address: Mapping[str, str]
    source: str
    law: Mapping[str, str] | None = None
    mail: str | None = None


@cache
def ombudsmen() -> dict[str, Ombudsman]:
    """All that are known, by code."""
    return {code: Ombudsman(**told) for code, told in tomllib.loads(DATA.read_text(encoding="utf-8")).items()}


def ombudsman(chosen: Settings) -> Ombudsman | None:
    """The one of this installation, if it was said. Raises UnknownOmbudsman for a code without data."""
    if not chosen.ombudsman:
        return None
    if chosen.ombudsman not in ombudsmen():
        raise UnknownOmbudsman(f"ZORGSPOOR_OMBUDSMAN is {chosen.ombudsman!r}; known are {', '.join(ombudsmen())}.")
    return ombudsmen()[chosen.ombudsman]


async def accessibility(request: Request) -> Response:
    """The statement that public bodies owe (Directive (EU) 2016/2102, article 7; model: Implementing Decision (EU) 2018/1523)."""
    chosen = settings()
    context = {
        "operator": chosen.operator,
        "site": urlsplit(chosen.public_url).netloc,
        "contact": _contact(chosen),
        "ombudsman": ombudsman(chosen),
        "idle_minutes": int(sessions.IDLE.total_seconds() / 60),
        "stated": STATED,
        "reviewed": REVIEWED,
    }
    return await _page(request, "accessibility.html", context)


async def help_(request: Request) -> Response:
    """Whom to call: in danger, about a referral, when something does not work; and the shortcuts."""
    return await _page(request, "help.html", {"contact": _contact(settings()), "helplines": helplines.told})


def _contact(chosen: Settings) -> Mapping[str, str]:
    return {"mail": chosen.help_mail, "phone": chosen.help_phone}


async def _page(request: Request, template: str, context: Mapping[str, Any]) -> Response:
    return pages.render(request, template, context, actor=await _reader(request), service=None, now=clock.now())


async def _reader(request: Request) -> Actor | None:
    try:
        return await who_is_asking(request)
    except Exception:  # these pages open whatever is broken
        return None


def routes() -> list[BaseRoute]:
    """`/accessibility` and `/help`. Raises UnknownOmbudsman for a setting that no data is known for."""
    ombudsman(settings())
    return [Route("/accessibility", accessibility, methods=["GET"]), Route("/help", help_, methods=["GET"])]
