"""Rendering pages: templates of the nouns beside the nouns, frame and components here. Everything is escaped, nothing may be undefined."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse

from shared.access.actors import Actor
from shared.clock import new_id
from shared.settings import settings
from shared.web import assets, form_key, formats, language_choice, languages, shortcuts, texts
from shared.web.menu import USER_MENU, initials, menu_for
from shared.web.problems import Problem
from shared.web.security import is_shown_to_be_own

OWN = Path(__file__).parent / "templates"
SERVICES = Path(__file__).parents[2] / "services"


class NounLoader(jinja2.BaseLoader):
    """Finds `<noun>/x.html` in `services/<service>/<noun>/templates/x.html`, and a bare name among the shared templates."""

    def get_source(self, environment: jinja2.Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        files = [file for file in _places(template) if file.is_file()]
        if not files:
            raise jinja2.TemplateNotFound(template)
        if len(files) > 1:
            raise jinja2.TemplateError(f"template {template} exists more than once: {', '.join(map(str, files))}")
        return files[0].read_text(encoding="utf-8"), str(files[0]), lambda: True


def _places(template: str) -> list[Path]:
    parts = jinja2.loaders.split_template_path(template)
    if len(parts) == 1:
        return [OWN / parts[0]]
    return [service / parts[0] / "templates" / Path(*parts[1:]) for service in sorted(SERVICES.iterdir())]


@cache
def environment() -> jinja2.Environment:
    """The one Jinja environment of the process."""
    made = jinja2.Environment(
        loader=NounLoader(),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=[form_key.InEveryForm],
    )
    translate(made)
    made.filters |= {
        "date": formats.full_date,
        "long_day": formats.long_day,
        "capital": languages.capital,
        "within": languages.within,
        "clock": formats.clock,
        "number": formats.number,
        "points": formats.points,
        "percent": formats.percent,
        "iso": lambda moment: moment.isoformat(timespec="seconds") if isinstance(moment, datetime) else moment.isoformat(),
        "day": _with_now(formats.short_date),
        "weekday": _with_now(formats.weekday),
        "moment": _with_now(formats.moment_text),
    }
    made.globals |= {"once": lambda: str(new_id()), "keys": shortcuts.OF_PAGES}
    return made


def translate(made: jinja2.Environment) -> None:
    """Give the templates of an environment `_()` and `{% trans %}`."""
    made.add_extension("jinja2.ext.i18n")
    made.policies["ext.i18n.trimmed"] = True
    extended: Any = made
    extended.install_gettext_callables(languages.gettext, languages.ngettext, newstyle=True)


def _with_now(format_: Callable[[Any, datetime], str]) -> Callable[..., str]:
    @jinja2.pass_context
    def filter_(context: jinja2.runtime.Context, moment: datetime) -> str:
        now: datetime = context["now"]
        return format_(moment, now)

    return filter_


def render(
    request: Request,
    template: str,
    context: Mapping[str, Any],
    *,
    actor: Actor | None,
    service: str | None,
    now: datetime,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    position: int | None = None,
) -> HTMLResponse:
    """A page in the frame: menu of the actor's roles, language, footer. `now` is what the page calls now; `position`, of the changes before it."""
    path = request.scope["path"]
    languages.speak(language_choice.of(request, actor))
    frame: dict[str, Any] = {
        "actor": actor,
        "now": now,
        "path": path,
        "language": languages.current(),
        "language_names": languages.LANGUAGES,
        "back": language_choice.back_to(request),
        "demo": settings().demo,
        "mailbox_url": settings().mailbox_url,
        "menu": menu_for(actor.roles, path) if actor else [],
        "user_menu": menu_for(actor.roles, path, USER_MENU) if actor else [],
        "initials": initials(actor.name) if actor else "",
        "asset": lambda name: assets.address(service, name),
        "can_sign_in": bool(settings().identity_issuer),
        "sign_in_url": sign_in_url(request),
        "form_key": form_key.key_of(request),
        "live": _live(request, service, status, position),
    }
    frame["parts"] = environment().get_template("parts.html").make_module(frame)
    html = environment().get_template(template).render({**frame, **context})
    return HTMLResponse(html, status, headers)


def _live(request: Request, service: str | None, status: int, position: int | None) -> dict[str, Any] | None:
    """What a page needs to refresh itself; None where it cannot, as after a form that was not as expected."""
    if service is None or position is None or status != 200 or request.method != "GET":
        return None
    return {"service": service, "position": position, "address": address_of(request)}


def render_problem(
    request: Request, problem: Problem, *, actor: Actor | None, service: str | None, now: datetime, typed: Mapping[str, Any] | None = None
) -> HTMLResponse:
    """A page that says what went wrong, what is kept and what to do; what was typed stays in it, to be sent again."""
    title, words = texts.PAGES.get(problem.code, texts.OTHER_PAGE)
    again = request.method == "GET" or typed is not None
    context = {
        "title": title,
        "words": words,
        "code": problem.code,
        "number": problem.number,
        "typed": {name: value for name, value in (typed or {}).items() if name != form_key.FIELD},
        "method": request.method,
        "retry": again and _can_be_sent_again(request, problem),
        "address": address_of(request),
    }
    return render(request, "problem.html", context, actor=actor, service=service, now=now, status=problem.status, headers=problem.headers)


def _can_be_sent_again(request: Request, problem: Problem) -> bool:
    """Whether the page offers to send the same once more: only to who shows to have sent it from a page of ours, where the session was the matter."""
    if problem.code in ("unavailable", "internal", "too_many_requests"):
        return True
    mended = ("form_key_stale", "unauthenticated", "other_organisation")
    return problem.code in mended and request.method == "POST" and is_shown_to_be_own(request.scope)


def address_of(request: Request) -> str:
    """The local address of a request: path and query."""
    query = request.scope["query_string"].decode("latin-1")  # `request.url` needs a Host that can be read
    return str(request.scope["path"]) + (f"?{query}" if query else "")


def sign_in_url(request: Request) -> str:
    """Where to sign in so as to come back here; what cannot be asked with GET comes back at the start."""
    back = address_of(request) if request.method in ("GET", "HEAD") else "/"
    return "/sign-in?" + urlencode({"next": back})
