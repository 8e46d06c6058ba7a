"""The page that asks the zone's intake whether the person of a referral is somebody known."""

from __future__ import annotations

from starlette.responses import Response

from services.intake.drafts import forms
from services.intake.matches import handlers
from services.intake.matches.domain import MatchAnswer
from services.intake.matches.web import command, question
from services.intake.referrals import zone_map
from shared.web.call import Call
from shared.web.forms import Errors, Typed
from shared.web.languages import current, gettext, lazy
from shared.web.routing import Page

REFUSED = {
    "already_answered": lazy("Iemand anders beantwoordde deze vraag al."),
    "not_found": lazy("Deze vraag is er niet."),
    "person_erased": lazy("Deze persoon is gewist. Niemand kan dezelfde persoon zijn."),
}


async def match(call: Call) -> Response:
    """Both tellings beside each other, and the question."""
    return await _show(call, Typed(), Errors())


async def _show(call: Call, typed: Typed, errors: Errors, problem: str | None = None, status: int = 200) -> Response:
    asked = await question(call)
    zones = await zone_map.of(call.kernel)
    return call.page(
        "matches/match.html",
        status,
        asked=asked,
        row=asked.row,
        match=asked.match,
        name=asked.told.details.name,
        zone=zones.zones[asked.match.zone].name(current()),
        differing=[line for line in asked.lines if line.differs],
        typed=typed,
        errors=errors,
        problem=problem,
    )


async def answer_match(call: Call) -> Response:
    """A worker of the zone says who it is."""
    checked = forms.check(MatchAnswer, await call.form())
    if checked.value is None:
        errors = Errors({"answer" if field == "body" else field: message for field, message in checked.errors.items()})
        return await _show(call, checked.typed, errors, status=422)
    decision = await call.decide(handlers.answer_match, command(call, checked.value))
    if decision.refusal is None:
        return call.redirect("/intake/checks#beantwoord")
    return await _show(
        call, checked.typed, Errors(), str(REFUSED.get(decision.refusal.code) or gettext("Dit lukte niet.")), decision.refusal.status
    )


PAGES = [Page("GET", "/intake/referrals/{id:uuid}/match", match), Page("POST", "/intake/referrals/{id:uuid}/match-answer", answer_match)]
