"""The zone board: who waits, why and with whom; and what each coordinator carries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import asyncpg
from starlette.responses import Response

from services.coordination import persons, words
from services.coordination.cases import queries as case_rows
from services.coordination.cases import shapes
from services.coordination.cases.queries import Wanted
from services.coordination.figures import charts
from services.coordination.figures import domain as figures
from services.coordination.figures import queries as figure_rows
from services.coordination.leave import store as leave_rows
from services.coordination.leave.shown import days as leave_days
from services.coordination.offers import loads
from services.coordination.offers import queries as offer_rows
from services.coordination.rule import RULE
from services.coordination.sight import in_zone, seen
from services.coordination.tasks import queries as task_rows
from services.coordination.workforce import carried, store
from services.coordination.workforce.domain import Absence, Filter, Worker
from shared.access.rules import Action, may
from shared.items import Entry
from shared.web import formats, lists
from shared.web.call import Call
from shared.web.languages import gettext, ngettext
from shared.web.problems import Problem
from shared.web.routing import Page
from shared.working_time import BRUSSELS, HOURS_A_DAY, working_time_between

DOT = 2.2  # percent of the strip between two dots of one day
DAYS_SHOWN = 15  # the strip of waiting days; who waits longer stands at its end


async def zones(call: Call) -> Response:
    """The zones of who asks; the board itself where there is one."""
    codes = sorted(call.actor.zones)
    if len(codes) == 1:
        return call.redirect(f"/coordination/zones/{codes[0]}")
    names = await persons.zone_names(call, codes)
    async with call.read() as connection:
        waiting = Counter(row["zone"] for row in await case_rows.cases_seen(connection, call.bounds, Wanted("waiting", limit=None)))
    rows = [[{"text": names[code], "url": f"/coordination/zones/{code}"}, waiting[code]] for code in codes]
    return call.page("workforce/zones.html", rows=rows)


async def zone(call: Call) -> Response:
    """One zone."""
    code: str = call.path["code"]
    ground = call.may(in_zone(code))
    if not ground:
        raise Problem(404, "not_found", "There is nothing at this address.")
    today = call.now.astimezone(BRUSSELS).date()
    asked, load_asked = lists.together(f"/coordination/zones/{code}", call.request.query_params, shapes.WAITING, carried.SHAPE)
    wanted = Wanted("waiting", code, limit=asked.limit, programme=asked.of("programma"), reason=asked.of("reden"), order=asked.order)
    async with call.read() as connection:
        waiting = await case_rows.cases_seen(connection, call.bounds, Wanted("waiting", code, limit=None))
        leaf = asked.leaf(await case_rows.cases_counted(connection, call.bounds, wanted))
        if last := lists.elsewhere((asked, leaf)):
            return call.redirect(last)
        listed = await case_rows.cases_seen(connection, call.bounds, replace(wanted, offset=leaf.offset))
        assigned = await case_rows.cases_seen(connection, call.bounds, Wanted("assigned", code, limit=None))
        offers = await offer_rows.open_in(connection, [code])
        everyone = [worker for worker in await store.workers_in(connection, [code]) if worker.active]
        team = [worker for worker in everyone if worker.holds_cases()]
        away = await leave_rows.away_from(connection, [worker.id for worker in everyone], today)
        counted = await loads.count(connection, [worker.id for worker in team], today)
        courses = await figure_rows.courses(connection, code, figures.begins(figures.first_monday(call.now)))
        to_do = await task_rows.tasks_in(connection, [code])
        tasks = [(Entry(None, task["case_id"], task["id"], code, ground.relation), task) for task in to_do]
        await call.looked_over(connection, [*((seen(row, ground), row) for row in listed), *tasks])
    load = carried.ordered([carried.bar(worker, *counted[worker.id], call.now) for worker in team], load_asked.order)
    list_ = [_waiting(row, call.now) for row in waiting]
    late_contact = sum(row["first_contact_due"] < call.now for row in assigned)
    return call.page(
        "workforce/zone.html",
        code=code,
        name=(await persons.zone_names(call, [code]))[code],
        leads=bool(may(call.actor, Action.DO_TASK, in_zone(code))),
        waiting=[_waiting(row, call.now) for row in listed],
        anybody_waits=bool(waiting),
        asked=asked,
        leaf=leaf,
        heads=shapes.WAITING_HEADS,
        orders=shapes.WAITING_ORDERS,
        fields=shapes.fields(asked, {}),
        strips=_strips(list_),
        load=load,
        load_asked=load_asked,
        load_heads=carried.heads(),
        load_orders=carried.ORDERS,
        total=carried.total(load),
        figures=charts.of(figures.weeks(courses, call.now), RULE.late_days) if courses else None,
        limit=round(RULE.late_days / DAYS_SHOWN * 100, 1),
        late_days=RULE.late_days,
        recent_days=RULE.recent_days,
        tiles=_tiles(list_, offers, late_contact, load, call.now),
        workers=everyone,
        away=[_away(row, everyone, today) for row in away],
        tasks=[
            {
                "id": task["id"],
                "reference": task["reference"],
                "case_id": task["case_id"],
                "text": words.TASKS[task["kind"]],
                "owner": task["owner"] or gettext("nog geen zoneverantwoordelijke"),
                "at": task["asked_at"],
            }
            for task in to_do
        ],
    )


def _away(row: asyncpg.Record, workers: Sequence[Worker], today: date) -> dict[str, Any]:
    return {
        "worker_id": row["coordinator_id"],
        "name": next(worker.name for worker in workers if worker.id == row["coordinator_id"]),
        "days": leave_days(Absence(row["starts_on"], row["ends_on"])),
        "now": row["starts_on"] <= today,
        "covered": row["covered"],
        "left": row["left"],
    }


def _waiting(row: asyncpg.Record, now: datetime) -> dict[str, Any]:
    days = _working_days(row["waiting_since"], now)
    return {
        "id": row["id"],
        "reference": row["reference"],
        "days": days,
        "reason": str(words.WAITING.get(row["reason"], row["reason"])),
        "language": row["reason"] == Filter.LANGUAGE,
        "owner": row["owner"] or gettext("nog geen zoneverantwoordelijke"),
        "urgency": words.URGENCIES[row["urgency"]],
        "programmes": words.programmes(row["programmes"]),
        "role": words.ROLES[row["role"]],
        "kind": "late" if days >= RULE.late_days else "soon" if days >= RULE.late_days - 2 else "",
    }


def _working_days(since: datetime, now: datetime) -> int:
    return int(working_time_between(since, now).total_seconds() // 3600) // HOURS_A_DAY


def _strips(waiting: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Per reason, the owners and a dot per case."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in waiting:
        found.setdefault(row["reason"], []).append(row)
    return [
        {"reason": reason, "owners": ", ".join(sorted({row["owner"] for row in rows})), "count": len(rows), "dots": _dots(rows)}
        for reason, rows in sorted(found.items(), key=lambda entry: -len(entry[1]))
    ]


def _dots(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A dot per case on the line of days; those of the same day stand a little apart, as far as there is room."""
    found, same_day = [], Counter[int]()
    for row in rows:
        day = min(row["days"], DAYS_SHOWN)
        x = min(day / DAYS_SHOWN * 100 + DOT * same_day[day], 100)
        same_day[day] += 1
        found.append({"x": round(x, 1), "fill": f"fill-{row['kind']}" if row["kind"] else "fill"})
    return found


def _tiles(
    waiting: Sequence[Mapping[str, Any]],
    offers: Sequence[asyncpg.Record],
    late_contact: int,
    load: Sequence[Mapping[str, Any]],
    now: datetime,
) -> list[dict[str, Any]]:
    oldest = max((row["days"] for row in waiting), default=0)
    ending = sum(formats.day_of(offer["deadline"]) == formats.day_of(now) for offer in offers)
    total = carried.total(load)
    return [
        {"label": gettext("wachten zonder aanbod"), "value": len(waiting)},
        {"label": gettext("werkdagen wacht de oudste"), "value": oldest if waiting else "–", "late": oldest >= RULE.late_days},
        {
            "label": ngettext("aanbiedingen lopen, {number} vervalt vandaag", "aanbiedingen lopen, {number} vervallen vandaag", ending),
            "value": len(offers),
        },
        {"label": gettext("eerste contact te laat"), "value": late_contact, "late": late_contact > 0},
        {"label": gettext("gemiddelde belasting van {fte} VTE", fte=total["fte"]), "value": total["share"]},
    ]


PAGES = [Page("GET", "/coordination/zones", zones), Page("GET", "/coordination/zones/{code}", zone)]
