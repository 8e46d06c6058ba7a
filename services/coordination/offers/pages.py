"""The coordinator's day: offers, own cases by next step, own points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
from starlette.responses import Response

from services.coordination import cards, persons, words
from services.coordination.cases import queries as case_rows
from services.coordination.cases.domain import HELD
from services.coordination.cases.queries import Wanted
from services.coordination.offers import answers, handlers, loads, queries
from services.coordination.offers.bodies import Decline
from services.coordination.persons import UNKNOWN, Person
from services.coordination.sight import facts_of, offer_seen, seen, undo_window
from services.coordination.workforce import store as workforce_rows
from shared.access.rules import Action, bounds, may
from shared.clock import new_id
from shared.items import Decision
from shared.web import formats
from shared.web.call import Call
from shared.web.forms import Errors, check
from shared.web.languages import capital, gettext, lazy, ngettext, within
from shared.web.routing import Page
from shared.working_time import BRUSSELS, HOURS_A_DAY, working_time_between

DAY = "/coordination/day"
SOON = timedelta(hours=3)
OPENS, HOURS_SHOWN = 8, 10  # the line of today runs from 8:00 to 18:00


async def day(call: Call) -> Response:
    """What a coordinator does today."""
    return await _day(call)


async def _day(call: Call, status: int = 200, wrong: UUID | None = None, errors: Mapping[str, str] | None = None) -> Response:
    me, today = call.actor.id, call.now.astimezone(BRUSSELS).date()
    async with call.read() as connection:
        open_offers = await queries.offers_to(connection, me, open_only=True)
        undoable = await queries.undoable(connection, me)
        bounds_ = bounds(call.actor, Action.SEE_CASE)
        rows = await case_rows.cases_seen(connection, bounds_, Wanted(coordinator=me, limit=500))
        covered = await case_rows.cases_seen(connection, replace(bounds_, zones=[], holder_id=None, offered_to=None), Wanted(limit=500))
        latest = await case_rows.latest_cards(connection, [offer["case_id"] for offer in open_offers])
        explained = await case_rows.explained(connection, latest.values())
        points = await _points(connection, call, today)
        await call.looked_over(
            connection,
            [
                *((offer_seen(row, call.actor), row) for row in (*open_offers, *undoable)),
                *((seen(row, may(call.actor, Action.SEE_CASE, facts_of(row, me))), row) for row in (*rows, *covered)),
            ],
        )
    held, covered = [[row for row in each if row["status"] in HELD] for each in (rows, covered)]
    known = await persons.known(call, [row["person_id"] for row in (*held, *covered)])
    summaries = await persons.offered(call, [offer["person_id"] for offer in open_offers])
    groups = _groups(call.now, held, known)
    offers = [_offer(call, offer, summaries.get(offer["person_id"], UNKNOWN), explained[offer["case_id"]], points) for offer in open_offers]
    return call.page(
        "offers/day.html",
        status,
        offers=offers,
        groups=groups,
        points=points,
        line=_line(call.now, open_offers, held),
        held=len(held),
        covered=[_step(row, known.get(row["person_id"], UNKNOWN)) for row in covered],
        undoable=[answer for answer in undoable if answer["final_at"] > call.now],
        declines=words.DECLINES,
        wrong=wrong,
        errors=Errors(errors or {}),
        problems={f"{field}-{wrong}": message for field, message in (errors or {}).items()},
        typed=call.typed or {},
        said=words.REFUSALS.get(call.request.query_params.get("let_op", "")),
    )


async def accept(call: Call) -> Response:
    """Take the case, and back to the day."""
    await call.form()
    return _back(
        call, "aanvaard", await call.decide(handlers.accept, answers.AcceptOffer(new_id(), call.path["id"], call.actor, undo_window(call)))
    )


async def decline(call: Call) -> Response:
    """Say no; a form that is not as expected comes back with what was typed."""
    checked = check(Decline, await call.form())
    if checked.value is None:
        return await _day(call, 422, call.path["id"], checked.errors)
    said = checked.value
    decision = await call.decide(
        handlers.decline,
        answers.DeclineOffer(new_id(), call.path["id"], call.actor, said.reason, said.away_from, said.away_to, undo_window(call)),
    )
    if decision.refusal is not None and decision.refusal.field:
        return await _day(call, 422, call.path["id"], {decision.refusal.field: words.REFUSALS[decision.refusal.code]})
    return _back(call, "geweigerd", decision)


async def undo(call: Call) -> Response:
    """Take an answer back."""
    await call.form()
    return _back(
        call, "terug", await call.decide(handlers.undo, answers.UndoAnswer(new_id(), call.path["id"], call.actor, undo_window(call)))
    )


def _back(call: Call, done: str, decision: Decision) -> Response:
    return call.redirect(f"{DAY}#{done}" if decision.refusal is None else f"{DAY}?let_op={decision.refusal.code}")


def _offer(call: Call, offer: asyncpg.Record, person: Person, card: Mapping[str, Any], points: Mapping[str, Any]) -> dict[str, Any]:
    left = working_time_between(call.now, offer["deadline"])
    whole = working_time_between(offer["offered_at"], offer["deadline"])
    programmes = words.programmes(offer["programmes"])
    need = person.need or gettext("{programmes} (gegevens laden niet, probeer het straks opnieuw)", programmes=programmes)
    return {
        "id": offer["id"],
        "title": f"{capital(person.age_text)}, {within(need)}" if person is not UNKNOWN else need,
        "note": " · ".join(
            [
                gettext("Ontvangen op {day}", day=formats.short_date(offer["received_at"], call.now)),
                gettext("dossier {reference}", reference=offer["reference"]),
                *([gettext("hoge voorrang")] if offer["urgency"] == "high" else []),
            ]
        ),
        "left": _left(left),
        "soon": left < SOON,
        "share": left / whole if whole else 0,
        "deadline": offer["deadline"],
        "facts": [
            {"term": gettext("Programma"), "value": programmes},
            {"term": gettext("Rol"), "value": words.ROLES[offer["role"]]},
            {"term": gettext("Gemeente"), "value": person.municipality or "—"},
            {"term": gettext("Taal"), "value": words.spoken(offer["languages"], offer["interpreter"])},
            {"term": gettext("Gewicht"), "value": gettext("{points} punten", points=formats.points(offer["points"]))},
            {
                "term": gettext("U komt dan op"),
                "value": gettext("{used} van {capacity}", used=formats.points(points["used"]), capacity=formats.points(points["capacity"])),
            },
        ],
        "card": cards.in_words(card, call.actor.id),
    }


def _left(left: timedelta) -> str:
    """`Nog 2 u 10 min`, in working time; days of eight hours."""
    minutes = int(left.total_seconds()) // 60
    days, minutes = divmod(minutes, HOURS_A_DAY * 60)
    hours, minutes = divmod(minutes, 60)
    parts = [
        ngettext("{number} werkdag", "{number} werkdagen", days) if days else "",
        gettext("{hours} u", hours=hours) if hours else "",
        f"{minutes} min" if minutes and not days else "",
    ]
    left_ = " ".join(part for part in parts if part)
    return gettext("Nog {left}", left=left_) if left_ else gettext("Nog minder dan een minuut")


async def _points(connection: Any, call: Call, today: Any) -> dict[str, Any]:
    """Own points in parts, and the average of the zones worked in."""
    team = [worker for worker in await workforce_rows.workers_in(connection, call.actor.zones) if worker.holds_cases() and worker.active]
    carried = await loads.count(connection, [worker.id for worker in team] or [call.actor.id], today)
    own = await connection.fetchrow(
        """select coalesce(sum(points) filter (where status = 'accepted'), 0)::int as cases, count(*) filter (where status = 'accepted') as held,
               coalesce(sum(points) filter (where status = 'offered'), 0)::int as offers, count(*) filter (where status = 'offered') as open
           from offers where coordinator_id = $1 and status in ('offered', 'accepted')""",
        call.actor.id,
    )
    me = next((worker for worker in team if worker.id == call.actor.id), None)
    capacity = sum(worker.capacity(today) for worker in team)
    used = sum(worker.fixed + carried[worker.id][0] for worker in team)
    fixed = me.fixed if me else 0
    return {
        "capacity": me.capacity(today) if me else 0,
        "fte": me.fte if me else 0,
        "used": fixed + own["cases"] + own["offers"],
        "carried": fixed + own["cases"],
        "average": round(used / capacity * me.capacity(today)) if me and capacity else None,
        "shares": [
            {"text": gettext("Vast: overleg, vorming"), "points": fixed, "fill": "fill-fixed"},
            {"text": ngettext("{number} dossier", "{number} dossiers", own["held"]), "points": own["cases"], "fill": "fill"},
            {"text": ngettext("{number} aanbieding", "{number} aanbiedingen", own["open"]), "points": own["offers"], "fill": "fill-mid"},
        ],
    }


GROUPS = {
    "late": lazy("Te laat"),
    "today": lazy("Vandaag"),
    "week": lazy("Deze week"),
    "later": lazy("Later"),
    "undated": lazy("Zonder datum"),
}


def _groups(now: datetime, held: Sequence[asyncpg.Record], known: Mapping[UUID, Person]) -> list[dict[str, Any]]:
    today = formats.day_of(now)
    groups: dict[str, list[dict[str, Any]]] = {code: [] for code in GROUPS}
    for row in held:
        step = _step(row, known.get(row["person_id"], UNKNOWN))
        due = step["due"]
        if due is None:
            name = "undated"
        elif due < now:
            name = "late"
        else:
            days = (formats.day_of(due) - today).days
            name = "today" if days == 0 else "week" if days < 7 - today.weekday() else "later"
        groups[name].append(step | {"late": name == "late"})
    return [
        {"code": code, "title": GROUPS[code], "steps": sorted(steps, key=lambda step: (step["due"] or now, step["reference"]))}
        for code, steps in groups.items()
        if steps
    ]


def _step(row: asyncpg.Record, person: Person) -> dict[str, Any]:
    """The next step of a case that is held."""
    step, due = {
        "assigned": (gettext("Eerste contact"), row["first_contact_due"]),
        "first_contact": (gettext("Plan loopt"), None),
        "paused": (gettext("Opnieuw kijken na een pauze"), row["paused_until"]),
    }[row["status"]]
    return {
        "id": row["id"],
        "reference": row["reference"],
        "name": person.name or gettext("Dossier {reference}", reference=row["reference"]),
        "note": person.note if person is not UNKNOWN else gettext("Naam laadt niet, probeer het straks opnieuw"),
        "step": step,
        "programme": words.programmes(row["programmes"]),
        "due": due,
        "points": row["points"],
        "holder": row["holder"],
    }


def _line(now: datetime, offers: Sequence[asyncpg.Record], held: Sequence[asyncpg.Record]) -> dict[str, Any]:
    """What falls on today, as percentages of the line."""
    dots = [(offer["deadline"], gettext("aanbod vervalt")) for offer in offers]
    dots += [(row["first_contact_due"], gettext("eerste contact")) for row in held if row["status"] == "assigned"]
    today = formats.day_of(now)
    return {
        "now": _place(now),
        "dots": [{"x": _place(at), "at": at, "text": text} for at, text in sorted(dots) if formats.day_of(at) == today],
    }


def _place(moment: datetime) -> float:
    local = formats.local(moment)
    return round(min(max((local.hour + local.minute / 60 - OPENS) / HOURS_SHOWN * 100, 0), 100), 1)


PAGES = [
    Page("GET", DAY, day),
    Page("POST", "/coordination/offers/{id:uuid}/accept", accept),
    Page("POST", "/coordination/offers/{id:uuid}/decline", decline),
    Page("POST", "/coordination/offers/{id:uuid}/undo", undo),
]
