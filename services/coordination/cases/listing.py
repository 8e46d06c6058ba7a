"""The page that lists cases."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import asyncpg
from starlette.responses import Response

from services.coordination import persons, words
from services.coordination.cases import queries, shapes
from services.coordination.cases.domain import HELD
from services.coordination.cases.queries import Wanted
from services.coordination.persons import UNKNOWN, Person
from services.coordination.sight import facts_of, seen
from shared.web import formats, lists
from shared.web.call import Call
from shared.web.languages import gettext


async def listing(call: Call) -> Response:
    """Cases of who asks: own ones, or those of the zone."""
    asked = lists.read(shapes.cases(call.bounds.zones), "/coordination/cases", call.request.query_params)
    async with call.read() as connection:
        leaf = asked.leaf(await queries.cases_counted(connection, call.bounds, _wanted(asked)))
        if last := lists.elsewhere((asked, leaf)):
            return call.redirect(last)
        rows = await queries.cases_seen(connection, call.bounds, _wanted(asked, leaf.offset))
        await call.looked_over(connection, [(seen(row, call.may(facts_of(row, call.actor.id))), row) for row in rows])
    known = await persons.known(call, [row["person_id"] for row in rows if row["status"] in HELD])
    return call.page(
        "cases/list.html",
        asked=asked,
        leaf=leaf,
        heads=shapes.HEADS,
        orders=shapes.ORDERS,
        fields=shapes.fields(asked, await persons.zone_names(call, call.bounds.zones)),
        cases=[_entry(row, known.get(row["person_id"], UNKNOWN), call.now) for row in rows],
    )


def _wanted(asked: lists.Asked, offset: int = 0) -> Wanted:
    """What an address asks, as the questions to the database take it."""
    status, zone, programme = asked.of("stand"), asked.of("zone"), asked.of("programma")
    return Wanted(status, zone, limit=asked.limit, programme=programme, order=asked.order, offset=offset)


def _entry(row: asyncpg.Record, person: Person, now: datetime) -> dict[str, Any]:
    kind, text = words.STATUSES[row["status"]]
    if row["status"] == "offered" and row["offer_status"] == "accepted":
        text = gettext("Aanvaard, telt vanaf {clock}", clock=formats.clock(row["final_at"]))
    elif row["status"] == "offered" and row["holder"] is None:
        text = gettext("Geweigerd, volgende komt")
    return {
        "id": row["id"],
        "reference": row["reference"],
        "name": person.name,
        "note": person.note if person is not UNKNOWN else "",
        "programmes": words.programmes(row["programmes"]),
        "role": words.ROLES[row["role"]],
        "holder": row["holder"] or row["owner"] or "—",
        "kind": kind,
        "status": text,
        "points": row["points"],
        "received_at": row["received_at"],
        "due": row["due"],
        "late": row["due"] is not None and row["due"] < now,
    }
