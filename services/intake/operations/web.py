"""`/operations`: count-in = count-out over the three services, what waits, what is parked, and what to do about it. No names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from starlette.responses import Response

from services.intake.operations import counting, domain
from services.intake.operations.counting import Report
from services.intake.referrals import sentences, zone_map
from services.intake.zones.domain import ZoneMap
from shared.settings import SERVICES
from shared.web import formats
from shared.web.ask import ask
from shared.web.call import Call
from shared.web.problems import Problem
from shared.web.routing import Operation, Page

OPS = frozenset({"ops"})
STATES = {
    "received": "Ontvangen, wordt nagekeken",
    "handed_over": "Doorgegeven, nog niet bevestigd",
    "information_needed": "Informatie nodig",
    "not_eligible": "Niet in aanmerking, met reden",
    "waiting": "Wacht, met reden en eigenaar",
    "offered": "Aangeboden",
    "assigned": "Toegewezen",
    "first_contact": "In begeleiding",
    "paused": "Gepauzeerd",
    "closed": "Afgesloten",
    "withdrawn": "Ingetrokken",
    "entered_in_error": "Fout ingevoerd",
    "returned": "Terug naar de intake van de zone",
}
MESSAGES = {
    "waiting": "Wacht op verzending",
    "sending": "Wordt verzonden",
    "delivered": "Afgeleverd",
    "failed": "Niet te bezorgen, met reden",
    "skipped": "Niet gewenst door de ontvanger",
}
NAMES = {"intake": "Intake", "coordination": "Coördinatie", "notifications": "Berichten"}
SHOWN = 8  # characters of an id that people compare


class DifferenceView(BaseModel):
    referral_id: str
    intake: str | None
    coordination: str | None


class ReconciliationView(BaseModel):
    """`agree`: every referral accepted before `until` is in the same state everywhere, or what differs is on its way (`in_flight`)."""

    agree: bool
    until: datetime
    states: dict[str, dict[str, int]]
    in_flight: int
    untold: int
    differences: list[DifferenceView]


async def reconciliation(call: Call) -> ReconciliationView:
    """Count-in = count-out."""
    report = await counting.count(call)
    if report.verdict is None:
        raise Problem(
            503,
            "service_away",
            "Not every service answers.",
            f"No answer from {', '.join(report.away)}; count again in a moment.",
            retry_after=5,
        )
    verdict = report.verdict
    listed = [
        DifferenceView(referral_id=str(each.referral_id), intake=each.intake, coordination=each.coordination)
        for each in verdict.differences[: domain.MOST_LISTED]
    ]
    return ReconciliationView(
        agree=verdict.agree,
        until=report.until,
        states={state: dict(row) for state, row in verdict.states.items()},
        in_flight=verdict.in_flight,
        untold=verdict.untold,
        differences=listed,
    )


async def operations(call: Call) -> Response:
    """The page of operations."""
    report = await counting.count(call)
    shown = _counted(report) if report.verdict else {}
    return call.page(
        "operations/operations.html",
        until=report.until,
        away=report.away,
        verdict=report.verdict,
        flows=list(report.flows.values()),
        parked=_parked(report),
        state_names=STATES,
        message_names=MESSAGES,
        service_names=NAMES,
        oldest=_oldest(report, await zone_map.of(call.kernel)),
        **shown,
    )


def _counted(report: Report) -> dict[str, Any]:
    assert report.verdict is not None  # noqa: S101 - asked for only then
    coordination = report.counts["coordination"]["states"]
    total = sum(row["intake"] for row in report.verdict.states.values())
    return {
        "states": _in_order(report.verdict.states),
        "came_in": "1 aanmelding kwam binnen" if total == 1 else f"{formats.number(total)} aanmeldingen kwamen binnen",
        "total": total,
        "coordination_total": sum(told["count"] for told in coordination.values()),
        "coordination_only": [(state, told["count"]) for state, told in coordination.items() if state in domain.ENDED and told["count"]],
        "messages": dict(_in_order(report.counts["notifications"]["states"], MESSAGES)),
    }


def _in_order(counted: Mapping[str, Any], names: Mapping[str, str] = STATES) -> list[tuple[str, Any]]:
    """In the order in which things go, not of the alphabet."""
    order = list(names)
    return sorted(counted.items(), key=lambda entry: order.index(entry[0]))


def _parked(report: Report) -> list[dict[str, Any]]:
    items = []
    for service, flow in report.flows.items():
        items += [
            {
                **item,
                "service": service,
                "kind": "parked",
                "shown": f"{item['event_id'][:SHOWN]}…",
                "since": datetime.fromisoformat(item["parked_at"]),
            }
            for item in flow["parked"]
        ]
        items += [
            {
                **item,
                "service": service,
                "kind": "stopped-timers",
                "shown": f"{item['id'][:SHOWN]}…",
                "type": f"termijn: {item['kind']}",
                "state": "stopped",
                "behind": 0,
                "since": datetime.fromisoformat(item["due_at"]),
            }
            for item in flow["stopped_timers"]
        ]
    return sorted(items, key=lambda item: item["since"])


def _oldest(report: Report, zones: ZoneMap) -> dict[str, Any] | None:
    oldest = report.counts.get("coordination", {}).get("oldest_waiting")
    if not oldest:
        return None
    zone = zones.zones.get(oldest["zone"])
    return {
        **oldest,
        "since": datetime.fromisoformat(oldest["waiting_since"]),
        "zone_name": zone.name_nl if zone else oldest["zone"],
        "why": sentences.BLOCKED.get(oldest["reason"], ""),
    }


async def repair(call: Call) -> Response:
    """Replay or discard, in the service that parked it."""
    service, kind, id, act = (call.path[name] for name in ("service", "kind", "id", "act"))
    if service not in SERVICES or (kind, act) not in {("parked", "replay"), ("parked", "discard"), ("stopped-timers", "replay")}:
        raise Problem(404, "not_found", "There is no such act.")
    await ask(call, service, "POST", f"/{service}/api/{kind}/{id}/{act}", timeout=counting.SECONDS)
    return call.redirect("/operations#geparkeerd")


async def ask_discard(call: Call) -> Response:
    """Discarding cannot be undone: ask first."""
    if call.path["service"] not in SERVICES:
        raise Problem(404, "not_found", "There is no such service.")
    return call.page("operations/discard.html", service=call.path["service"], service_name=NAMES[call.path["service"]], id=call.path["id"])


OPERATIONS = [
    Operation(
        "GET",
        "/operations/api/reconciliation",
        reconciliation,
        "Count-in = count-out over the three services",
        OPS,
        answer=ReconciliationView,
    )
]
PAGES = [
    Page("GET", "/operations", operations, OPS),
    Page("GET", "/operations/{service}/parked/{id:int}/discard", ask_discard, OPS),
    Page("POST", "/operations/{service}/{kind}/{id}/{act}", repair, OPS),
]
