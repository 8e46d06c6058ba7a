"""Suggestions of organisations for who types a name on screen 2. Without a script the button of the screen does the same."""

from __future__ import annotations

from starlette.responses import Response

from services.intake.organisations import asking
from shared.web.call import Call
from shared.web.problems import Problem
from shared.web.routing import Page


async def suggest(call: Call) -> Response:
    """The list alone. Raises a 503 problem when the directory does not answer."""
    answer = await asking.look(call, asking.words_of(await call.form()))
    if answer is None:
        raise Problem(503, "unavailable", "The provider directory does not answer.", "Try it again in a moment.", retry_after=5)
    return call.page("organisations/suggestions.html", found=answer.found, more=answer.more)


PAGES = [Page("POST", "/intake/organisations/search", suggest)]
