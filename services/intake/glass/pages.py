"""The form of an emergency, and the list of those for the privacy officer."""

from __future__ import annotations

from starlette.responses import Response

from services.intake.glass import handlers, store
from services.intake.glass.domain import Emergency
from services.intake.glass.web import command, opened, seen
from services.intake.referrals.contacts import of as contacts_of
from shared.access.glass import LASTS, Reason
from shared.web import lists
from shared.web.call import Call
from shared.web.forms import Errors, Typed, check
from shared.web.languages import gettext, lazy
from shared.web.lists import Shape
from shared.web.routing import Page

REASONS = {
    Reason.DANGER: lazy("Acuut gevaar voor de persoon of iemand anders"),
    Reason.NOBODY_REACHABLE: lazy("Niemand bereikbaar die het dossier kent, en het kan niet wachten"),
    Reason.ASKED_BY_RESCUE: lazy("Hulpdiensten of politie vragen het nu"),
}
LABELS = {"reference": lazy("Referentie"), "reason": lazy("Reden"), "text": lazy("Wat er gebeurt")}


async def emergency(call: Call) -> Response:
    """The form."""
    return _show(call, Typed(), Errors())


def _show(call: Call, typed: Typed, errors: Errors, problem: str | None = None, status: int = 200) -> Response:
    return call.page(
        "glass/emergency.html",
        status,
        typed=typed,
        errors=errors,
        labels=LABELS,
        problem=problem,
        reasons=[{"value": reason.value, "text": text} for reason, text in REASONS.items()],
        hours=int(LASTS.total_seconds()) // 3600,
    )


async def break_glass(call: Call) -> Response:
    """To the referral, or why not."""
    checked = check(Emergency, await call.form())
    if checked.value is None:
        return _show(call, checked.typed, checked.errors, status=422)
    decision = await call.decide(handlers.break_glass, command(call, checked.value))
    if decision.refusal is not None:
        return _show(call, checked.typed, Errors(), gettext("Er is geen aanmelding met deze referentie."), 404)
    return call.redirect(f"/intake/referrals/{(await opened(call, decision)).referral_id}")


async def broken(call: Call) -> Response:
    """Who looked without a relation."""
    asked = lists.read(Shape(), "/intake/glass", call.request.query_params)
    async with call.read() as connection:
        leaf = asked.leaf(await store.count(connection))
        if last := lists.elsewhere((asked, leaf)):
            return call.redirect(last)
        rows = await store.listed(connection, asked.limit, leaf.offset)
        await seen(call, connection, rows)
    known = await contacts_of(call, (), [row["actor_id"] for row in rows])
    return call.page(
        "glass/broken.html",
        asked=asked,
        leaf=leaf,
        entries=[
            {
                "who": known[row["actor_id"]].name if row["actor_id"] in known else str(row["actor_id"]),
                "referral": str(row["referral_id"]),
                "reason": REASONS[Reason(row["reason"])],
                "at": row["broken_at"],
                "until": row["until"],
            }
            for row in rows
        ],
    )


PAGES = [Page("GET", "/intake/emergency", emergency), Page("POST", "/intake/emergency", break_glass), Page("GET", "/intake/glass", broken)]
